// The progress bar: a part for each outcome, and one for the remaining keys. Without a total nobody knows the parts'
// widths, so it only moves.

import { count } from "./format.js";

const { createElement: h } = globalThis.React;

const OPEN = ["running", "retrying", "waiting", "asking", "failed"];

export function Bar({ view }) {
  const { counts, outcomes, total_keys: total, status, done } = view;
  const known = total !== null && total > 0;
  const open = total === null && OPEN.includes(status);
  const all = known ? total : done;
  const attributes = {
    className: `s3c-bar${open ? " s3c-open" : ""}${status === "running" ? " s3c-moves" : ""}`,
    role: "progressbar",
    "aria-label": "Objects done",
    "aria-valuemin": 0,
    "aria-valuetext": known ? `${count(done)} of ${count(total)} objects, ${Math.floor((100 * done) / total)} %` : `${count(done)} objects so far`,
    "data-done": done,
  };
  if (open) return h("div", attributes, h("span", { className: "s3c-more" }));
  const percent = known ? { "aria-valuemax": 100, "aria-valuenow": Math.floor((100 * done) / total) } : {};
  return h("div", { ...attributes, ...percent },
    outcomes.filter(([name]) => counts[name]).map(([name]) =>
      h("span", { key: name, className: `s3c-part s3c-${name}`, style: { flexGrow: counts[name] / all } })),
    known && done < total && h("span", { style: { flexGrow: 1 - done / total } }));
}
