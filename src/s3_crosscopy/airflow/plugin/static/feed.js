// Asks for the data: one small request every few seconds while something runs and somebody looks.

const { useEffect, useState } = globalThis.React;

const RUNNING_MS = 4000; // A copy tells where it stands every 5 s and has it stored every 10 s.
const OVER_MS = 30_000; // A task that ended may be cleared.
const LOST_MS = 10_000;

const MEANINGS = {
  401: "Your login has ended. Reload the page to log in again.",
  403: "You may not see this DAG's task instances and XComs, so the copy cannot be shown.",
};

/** The latest answer, as `{ data, error, at }`; `data` stays while an error passes. */
export function useFeed({ dagId, runId, taskId, mapIndex }) {
  const [feed, setFeed] = useState({ data: undefined, error: undefined, at: 0 });

  useEffect(() => {
    const address = new URL(`../dags/${encodeURIComponent(dagId)}/progress`, import.meta.url);
    const wanted = { run_id: runId, task_id: taskId, map_index: mapIndex };
    for (const [name, value] of Object.entries(wanted)) {
      if (value !== undefined) address.searchParams.set(name, value);
    }
    const gone = new AbortController();
    let timer;

    const ask = async () => {
      clearTimeout(timer);
      const answer = await get(address, gone.signal);
      if (gone.signal.aborted) return;
      setFeed((before) => ({ data: answer.keep ? before.data : answer.data, error: answer.error, at: Date.now() }));
      if (answer.wait && !document.hidden) timer = setTimeout(ask, answer.wait);
    };
    // What is not looked at does not ask; whoever comes back sees the present at once.
    const seen = () => (document.hidden ? clearTimeout(timer) : ask());
    document.addEventListener("visibilitychange", seen);
    ask();
    return () => {
      gone.abort();
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", seen);
    };
  }, [dagId, runId, taskId, mapIndex]);

  return feed;
}

async function get(address, signal) {
  try {
    const response = await fetch(address, { signal, headers: { accept: "application/json" } });
    if (response.ok) {
      const data = await response.json();
      return { data, wait: data.over ? OVER_MS : RUNNING_MS };
    }
    const meaning = MEANINGS[response.status];
    if (meaning) return { error: meaning };
    return { error: `Airflow answered ${response.status}; asking again.`, keep: true, wait: LOST_MS };
  } catch {
    return { error: "Airflow cannot be reached; asking again.", keep: true, wait: LOST_MS };
  }
}
