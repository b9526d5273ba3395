// The progress bar: a part for each outcome, and one for the remaining keys if the total is known.

import { count } from "./format.js";

const { createElement: h } = globalThis.React;

export function Bar({ view }) {
  const { counts, outcomes, total_keys: total, status } = view;
  const done = view.settled;
  const known = total !== null && total > 0;
  const all = known ? total : done;
  const percent = known ? Math.floor((100 * done) / total) : undefined;
  const open = !known && ["running", "retrying", "waiting"].includes(status);
  const text = known ? `${count(done)} of ${count(total)} objects, ${percent} %` : `${count(done)} objects so far`;
  return h("div", {
    className: `s3c-bar${open ? " s3c-open" : ""}`,
    role: "progressbar",
    "aria-label": "Objects done",
    "aria-valuemin": 0,
    "aria-valuemax": known ? 100 : undefined,
    "aria-valuenow": percent,
    "aria-valuetext": text,
    "data-done": done,
  },
  outcomes.filter(([name]) => counts[name]).map(([name]) =>
    h("span", { key: name, className: `s3c-part s3c-${name}`, style: { flexGrow: counts[name] / all } })),
  known && done < total && h("span", { style: { flexGrow: 1 - done / total } }),
  open && h("span", { className: "s3c-more" }));
}
