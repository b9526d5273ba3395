// How far it is: a bar of what became of the keys, and where the total is known, of what is left.

import { count } from "./format.js";

const { createElement: h } = globalThis.React;

export function Bar({ view }) {
  const { counts, outcomes, settled, total_keys: total, status } = view;
  const known = total !== null && total > 0;
  const all = known ? total : settled;
  const percent = known ? Math.floor((100 * settled) / total) : undefined;
  const open = !known && ["running", "retrying", "waiting"].includes(status);
  const said = known ? `${count(settled)} of ${count(total)} objects, ${percent} %` : `${count(settled)} objects so far`;
  return h("div", {
    className: `s3c-bar${open ? " s3c-open" : ""}`,
    role: "progressbar",
    "aria-label": "Objects settled",
    "aria-valuemin": 0,
    "aria-valuemax": known ? 100 : undefined,
    "aria-valuenow": percent,
    "aria-valuetext": said,
    "data-settled": settled,
  },
  outcomes.filter(([name]) => counts[name]).map(([name]) =>
    h("span", { key: name, className: `s3c-part s3c-${name}`, style: { flexGrow: counts[name] / all } })),
  known && settled < total && h("span", { style: { flexGrow: 1 - settled / total } }),
  open && h("span", { className: "s3c-more" }));
}
