// The lower parts of the page: failures, mapped instances, sources and destinations, reasons.

import { bytes, count } from "./format.js";
import { taskUrl } from "./links.js";

const { createElement: h } = globalThis.React;

const LETTERS = { w: "waiting", r: "running", q: "asking", a: "retrying", d: "done", f: "failed", s: "skipped", l: "not-run" };
const NAMES = { asking: "waiting for approval", "not-run": "not run" };
const nameOf = (status) => NAMES[status] ?? status;

export function Missed({ missed, failed }) {
  if (!missed.length) return null;
  return h("section", null,
    h("h3", null, failed > missed.length ? `Last ${missed.length} of ${count(failed)} failed objects` : "Failed objects"),
    h("table", null,
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Reason"), h("th", { scope: "col" }, "Key"))),
      h("tbody", null, missed.map(({ key, reason, detail }, at) =>
        h("tr", { key: at },
          h("td", { className: "s3c-reason" }, reason),
          h("td", null, h("code", null, key), detail && h("div", { className: "s3c-muted" }, detail)))))));
}

/** A row for each task, a cell for each of its mapped instances. */
export function Instances({ view, where }) {
  const counted = view.dry_run ? ["would_copy", "skipped", "failed"] : ["copied", "skipped", "failed"];
  const heads = ["Task", "Instances", view.dry_run ? "Would copy" : "Copied", "Skipped", "Failed", "Bytes"];
  return h("section", null,
    h("h3", null, "Tasks"),
    h("table", null,
      h("thead", null, h("tr", null, heads.map((head, at) => h("th", { key: head, scope: "col", className: at > 1 ? "s3c-number" : "" }, head)))),
      h("tbody", null, view.tasks.map((task) => h("tr", { key: task.task_id },
        h("th", { scope: "row" }, h("a", { href: taskUrl(where, task), className: "s3c-link" }, task.task_id)),
        h("td", null, h(Strip, { letters: task.statuses })),
        counted.map((name) => h("td", { key: name, className: "s3c-number" }, task.heard ? count(task.counts[name] ?? 0) : "–")),
        h("td", { className: "s3c-number" }, task.heard ? bytes(task.counts.bytes ?? 0) : "–"))))),
    view.more_tasks > 0 && h("p", { className: "s3c-muted" }, `and ${count(view.more_tasks)} more tasks`));
}

function Strip({ letters }) {
  const tally = {};
  for (const letter of letters) tally[letter] = (tally[letter] ?? 0) + 1;
  const texts = Object.entries(LETTERS).filter(([letter]) => tally[letter]).map(([letter, name]) => `${tally[letter]} ${nameOf(name)}`);
  return h("div", null,
    h("div", { className: "s3c-strip", "aria-hidden": true },
      [...letters].map((letter, at) => h("span", { key: at, className: `s3c-is-${LETTERS[letter]}`, title: `${at}: ${nameOf(LETTERS[letter])}` }))),
    h("span", { className: "s3c-muted" }, texts.join(", ")));
}

/** Sources and destinations in pairs, and the reports. */
export function Pairs({ view: { pairs, more_pairs: more, reports } }) {
  if (!pairs.length && !reports.length) return null;
  return h("section", null,
    h("h3", null, "In S3"),
    pairs.length > 0 && h("table", { className: "s3c-pairs" },
      h("thead", null, h("tr", null, ["Source", "Destination"].map((head) => h("th", { key: head, scope: "col" }, head)))),
      h("tbody", null, pairs.map(({ source, dest }, at) => h("tr", { key: at },
        h("td", null, source && h(Place, { ...source, name: "source" })),
        h("td", null, dest && h(Place, { ...dest, name: "dest" })))))),
    more > 0 && h("p", { className: "s3c-muted" }, `and ${count(more)} more`),
    reports.map((report) => h("p", { key: report.url, className: "s3c-report" },
      h("span", { className: "s3c-muted" }, "Report "), h(Place, { ...report, name: "report" }))));
}

function Place({ url, href, name }) {
  if (!href) return h("code", null, url);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer", className: "s3c-link", "data-place": name, title: "Open in the S3 console" },
    url, h("span", { "aria-hidden": true }, " ↗"));
}

export function Reasons({ decisions }) {
  const rows = Object.entries(decisions).sort(([, one], [, other]) => other - one);
  if (!rows.length) return null;
  return h("details", null,
    h("summary", null, "Why: objects by reason"),
    h("table", null,
      h("thead", null, h("tr", null, h("th", { scope: "col" }, "Reason"), h("th", { scope: "col", className: "s3c-number" }, "Objects"))),
      h("tbody", null, rows.map(([reason, number]) =>
        h("tr", { key: reason }, h("td", null, reason), h("td", { className: "s3c-number" }, count(number)))))));
}
