// The lower parts of the page: failures, mapped instances, places to look at, reasons.

import { bytes, count } from "./format.js";

const { createElement: h } = globalThis.React;

const LETTERS = { w: "waiting", r: "running", a: "retrying", d: "done", f: "failed", l: "left-out" };
const PLACES = { source: "Source", dest: "Destination", report: "Report" };

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
export function Instances({ view }) {
  const heads = ["Task", "Instances", "Copied", "Skipped", "Failed", "Bytes"];
  return h("section", null,
    h("h3", null, "Tasks"),
    h("table", null,
      h("thead", null, h("tr", null, heads.map((head, at) => h("th", { key: head, scope: "col", className: at > 1 ? "s3c-number" : "" }, head)))),
      h("tbody", null, view.tasks.map((task) => h("tr", { key: task.task_id },
        h("th", { scope: "row" }, task.task_id),
        h("td", null, h(Strip, { letters: task.statuses })),
        ["copied", "skipped", "failed"].map((name) => h("td", { key: name, className: "s3c-number" }, count(task.counts[name] ?? 0))),
        h("td", { className: "s3c-number" }, bytes(task.counts.bytes ?? 0)))))),
    view.more_tasks > 0 && h("p", { className: "s3c-muted" }, `and ${count(view.more_tasks)} more tasks`));
}

function Strip({ letters }) {
  const tally = {};
  for (const letter of letters) tally[letter] = (tally[letter] ?? 0) + 1;
  const texts = Object.entries(LETTERS).filter(([letter]) => tally[letter]).map(([letter, name]) => `${tally[letter]} ${name.replace("-", " ")}`);
  return h("div", null,
    h("div", { className: "s3c-strip", "aria-hidden": true },
      [...letters].map((letter, at) => h("span", { key: at, className: `s3c-is-${LETTERS[letter]}`, title: `${at}: ${LETTERS[letter]}` }))),
    h("span", { className: "s3c-muted" }, texts.join(", ")));
}

export function Places({ view: { places, more_places: more } }) {
  if (!places.length) return null;
  return h("section", null,
    h("h3", null, "In S3"),
    h("ul", { className: "s3c-places" },
      places.map(({ what, url, href }) => h("li", { key: what + url },
        h("span", { className: "s3c-what" }, PLACES[what]),
        href ? h("a", { href, target: "_blank", rel: "noopener noreferrer", "data-place": what, title: "Open in the S3 console" }, url, h("span", { "aria-hidden": true }, " ↗"))
          : h("code", null, url)))),
    more > 0 && h("p", { className: "s3c-muted" }, `and ${count(more)} more`));
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
