// The page of the tab, for a DAG run, a task or one mapped instance: what `feed` brings, top down.

import { Bar } from "./bar.js";
import { Chart } from "./chart.js";
import { useFeed } from "./feed.js";
import { bytes, count, rate, span, time } from "./format.js";
import { Instances, Missed, Places, Reasons } from "./parts.js";

const { createElement: h } = globalThis.React;

const STATUSES = {
  waiting: "Waiting to start",
  running: "Copying",
  retrying: "Waiting for its next try",
  done: "Done",
  failed: "Failed",
  "left out": "Not run",
};

export function Page(where) {
  const { data, error, at } = useFeed(where);
  return h("section", { className: "s3c", "aria-label": "S3 copy", "data-at": at },
    error && h("p", { className: "s3c-note s3c-error", role: "alert" }, error),
    !data && !error && h("p", { className: "s3c-muted", role: "status" }, "Asking Airflow…"),
    data && (data.view ? h(View, { data, at }) : h(Nothing, { data, where })));
}

function Nothing({ data, where }) {
  const what = where.taskId === undefined ? "This DAG run has no S3 copy task." : "This task has left nothing of an S3 copy.";
  return h("p", { className: "s3c-muted", role: "status" }, what, !data.has_store && !data.over && ` ${NO_STORE}`);
}

const NO_STORE =
  "Progress while a copy runs needs Airflow 3.3, which keeps it in its task state store. " +
  "Here a copy shows its summary when it has ended.";

const NO_PROGRESS =
  "No progress is stored yet. It is every ten seconds, unless durable or progress_to_store is off.";

function View({ data, at }) {
  const { view } = data;
  return h("div", { className: "s3c-view", "data-status": view.status },
    h(Head, { data, at }),
    h(Bar, { view }),
    h(Legend, { view }),
    h(Notes, { data }),
    h(Figures, { data }),
    view.curve && h(Chart, { curve: view.curve }),
    h(Missed, { missed: view.missed, failed: view.counts.failed }),
    view.instances > 1 && h(Instances, { view }),
    h(Places, { view }),
    h(Reasons, { decisions: view.decisions }));
}

function Head({ data: { view, over }, at }) {
  const total = view.total_keys;
  const objects = total !== null && total > view.settled ? `${count(view.settled)} of ${count(total)}` : count(view.settled);
  const name = view.dry_run && view.status === "running" ? "Planning" : STATUSES[view.status];
  return h("header", { className: "s3c-head" },
    h("span", { className: `s3c-badge s3c-is-${view.status.replace(" ", "-")}` }, name, view.dry_run && " (dry run)"),
    h("strong", null, objects, " objects"),
    h("span", null, bytes(view.counts.bytes), view.dry_run ? " to copy" : " copied"),
    h("span", { className: "s3c-muted s3c-end" }, over ? "" : `updated ${time(at / 1000)}`));
}

function Legend({ view: { counts, outcomes } }) {
  const shown = outcomes.filter(([name]) => counts[name] || name === "copied" || name === "skipped" || name === "failed");
  return h("ul", { className: "s3c-legend", "aria-label": "Objects by outcome" },
    shown.map(([name, label]) => h("li", { key: name },
      h("span", { className: `s3c-dot s3c-${name}`, "aria-hidden": true }),
      h("b", { "data-field": name }, count(counts[name])), " ", label)));
}

function Notes({ data: { view, has_store: hasStore } }) {
  const notes = [
    ...view.stopped.map((why) => `Stopped early: ${why}`),
    ...view.paused.map((why) => `${why[0].toUpperCase()}${why.slice(1)}. It goes on when S3 answers again.`),
  ];
  if (view.unreadable) notes.push(`What ${count(view.unreadable)} of ${count(view.instances)} copies left is damaged and cannot be shown.`);
  if (!hasStore) notes.push(NO_STORE);
  // Of several, those that have not begun are no news.
  else if (view.status === "running" && !view.heard && !view.unreadable) notes.push(NO_PROGRESS);
  return notes.map((note) => h("p", { className: "s3c-note", key: note }, note));
}

function Figures({ data: { view } }) {
  const runs = view.status === "running";
  const average = view.seconds ? view.counts.copied / view.seconds : 0;
  const figures = [
    runs ? ["Objects per second", rate(view.objects_per_second), "objects_per_second"] : ["Copies per second", rate(average), "average"],
    runs && ["Bytes per second", `${bytes(view.bytes_per_second)}/s`, "bytes_per_second"],
    runs && ["Time left", view.eta_s === null ? "not known" : `about ${span(view.eta_s)}`, "eta"],
    ["Time taken", span(view.seconds), "seconds"],
    runs && ["Requests in flight", `${count(view.in_flight)} of ${count(view.window)}`, "window"],
    ["Throttled", count(view.throttled), "throttled"],
    view.extraneous && ["Only at the destination", `${view.extraneous.at_least ? "at least " : ""}${count(view.extraneous.keys)}`, "extraneous"],
    view.extraneous && view.extraneous.deleted !== null && ["Deleted there", count(view.extraneous.deleted), "deleted"],
    view.looks && view.looks.length > 0 && ["Look", view.looks.join("; "), "looks"],
  ].filter(Boolean);
  return h("dl", { className: "s3c-figures" },
    figures.map(([label, value, field]) => h("div", { key: field }, h("dt", null, label), h("dd", { "data-field": field }, value))));
}
