// The page of the tab, for a DAG run, a task or one mapped instance: what `feed` brings, top down.

import { Bar } from "./bar.js";
import { Chart } from "./chart.js";
import { Figures, Verified } from "./figures.js";
import { useFeed } from "./feed.js";
import { bytes, count, time } from "./format.js";
import { instanceUrl, questionUrl } from "./links.js";
import { Instances, Missed, Pairs, Reasons } from "./parts.js";

const { createElement: h } = globalThis.React;

export function Page(where) {
  const { data, error, at } = useFeed(where);
  return h("section", { className: "s3c", "aria-label": "S3 copy", "data-at": at },
    error && h("p", { className: "s3c-note s3c-error", role: "alert" }, error),
    !data && !error && h("p", { className: "s3c-muted", role: "status" }, "Asking Airflow…"),
    data && (data.view ? h(View, { data, at, where }) : h(Nothing, { where })));
}

function Nothing({ where }) {
  const text = where.taskId === undefined ? "This DAG run has no S3 copy task." : "This task copies nothing in S3.";
  return h("p", { className: "s3c-muted", role: "status" }, text);
}

const NO_STORE =
  "Progress while a copy runs needs Airflow 3.3, which keeps it in its task state store. " +
  "Here a copy shows its summary when it has ended.";

const NO_PROGRESS =
  "No progress is stored yet. It is every ten seconds, unless durable or progress_to_store is off.";

function View({ data, at, where }) {
  const { view } = data;
  return h("div", { className: "s3c-view", "data-status": view.status },
    h(Head, { data, at }),
    h(Whys, { view, where }),
    view.heard > 0 && h(Bar, { view }),
    view.heard > 0 && h(Legend, { view }),
    h(Verified, { view }),
    h(Notes, { data }),
    view.heard > 0 && h(Figures, { view }),
    view.curve && h(Chart, { curve: view.curve }),
    h(Missed, { missed: view.missed, failed: view.counts.failed }),
    view.instances > 1 && h(Instances, { view, where }),
    h(Pairs, { view }),
    h(Reasons, { decisions: view.decisions }));
}

function Head({ data: { view, over }, at }) {
  const { text, tone } = view.headline;
  return h("header", { className: "s3c-head" },
    h("span", { className: `s3c-badge s3c-tone-${tone}`, "data-field": "headline" }, text),
    view.heard > 0 ? h(Amount, { view }) : h("span", { className: "s3c-muted", "data-field": "amount" }, NO_FIGURES[view.status]),
    view.instances > 1 && h("span", { className: "s3c-muted", "data-field": "ended" }, `${count(view.ended)} of ${count(view.instances)} tasks ended`),
    h("span", { className: "s3c-muted s3c-end" }, over ? "" : `updated ${time(at / 1000)}`));
}

const NO_FIGURES = { running: "no figures yet", failed: "no figures", retrying: "no figures", done: "no figures" };

function Amount({ view }) {
  const { counts, total_keys: total, done, dry_run: dry } = view;
  if (dry && view.status !== "running") {
    return h("span", { "data-field": "amount" }, h("strong", null, count(counts.would_copy), " objects"), ` of ${count(done)} would be copied, ${bytes(counts.bytes)}`);
  }
  const objects = total !== null && total > done ? `${count(done)} of ${count(total)}` : count(done);
  return h("span", { "data-field": "amount" }, h("strong", null, objects, " objects"), ` ${bytes(counts.bytes)} ${dry ? "to copy" : "copied"}`);
}

/** Why it failed, was skipped or waits, in one line each. */
function Whys({ view, where }) {
  const link = (href, text) => h("a", { href, className: "s3c-link" }, text);
  if (view.status === "asking") {
    return h("p", { className: "s3c-note", "data-field": "why" },
      "A person has to approve the plan. ",
      link(questionUrl(where, view.tasks), "Answer the question"));
  }
  const tone = { failed: "s3c-error", retrying: "" }[view.status] ?? "";
  const lines = view.whys.map(({ text, task_id: taskId, map_index: mapIndex, others }) =>
    h("p", { className: `s3c-note ${tone}`, key: text, "data-field": "why" },
      text,
      where.taskId === undefined && h("span", { className: "s3c-of" }, " ", link(instanceUrl(where, taskId, mapIndex), mapIndex < 0 ? taskId : `${taskId} ${mapIndex}`),
        others > 0 && ` and ${count(others)} more`)));
  if (lines.length || view.status !== "failed" || view.stopped.length) return lines;
  return h("p", { className: "s3c-note s3c-error", "data-field": "why" }, "It left no reason here. The task's log tells why it failed.");
}

function Legend({ view: { counts, outcomes, dry_run: dry } }) {
  const always = dry ? ["would_copy", "skipped"] : ["copied", "skipped", "failed"];
  const shown = outcomes.filter(([name]) => counts[name] || always.includes(name));
  return h("ul", { className: "s3c-legend", "aria-label": "Objects by outcome" },
    shown.map(([name, label]) => h("li", { key: name },
      h("span", { className: `s3c-dot s3c-${name}`, "aria-hidden": true }),
      h("b", { "data-field": name }, count(counts[name])), " ", label)));
}

function Notes({ data: { view, has_store: hasStore, over } }) {
  const notes = [
    ...view.stopped.map((why) => `Stopped early: ${why}`),
    ...view.paused.map((why) => `${why[0].toUpperCase()}${why.slice(1)}. It goes on when S3 answers again.`),
  ];
  if (view.unreadable) notes.push(`What ${count(view.unreadable)} of ${count(view.instances)} copies left is damaged and cannot be shown.`);
  if (!hasStore && !over && view.status !== "asking") notes.push(NO_STORE);
  // Of several, those that have not begun are no news.
  else if (view.status === "running" && !view.heard && !view.unreadable) notes.push(NO_PROGRESS);
  return notes.map((note) => h("p", { className: "s3c-note", key: note }, note));
}
