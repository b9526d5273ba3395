// Objects a second over time, as one area: SVG drawn here.

import { rate, time } from "./format.js";

const { createElement: h } = globalThis.React;

const WIDTH = 720;
const HEIGHT = 120;

export function Chart({ curve }) {
  const { since, until, objects_per_second: rates } = curve;
  const most = Math.max(...rates);
  const top = niceAbove(most);
  const step = WIDTH / rates.length;
  const y = (value) => (HEIGHT * (1 - value / top)).toFixed(1);
  // Steps, not slopes: each rate is the mean of its span.
  const stairs = rates.map((value, at) => `${(at * step).toFixed(1)},${y(value)} ${((at + 1) * step).toFixed(1)},${y(value)}`);
  const label = `Objects a second from ${time(since)} until ${time(until)}: at most ${rate(most)}, last ${rate(rates.at(-1))}`;
  return h("figure", { className: "s3c-chart" },
    h("figcaption", null, "Objects per second"),
    h("div", { className: "s3c-plot" },
      h("div", { className: "s3c-axis s3c-axis-y", "aria-hidden": true }, h("span", null, rate(top)), h("span", null, "0")),
      h("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": label },
        [0, 0.5, 1].map((share) => h("line", { key: share, className: "s3c-grid", x1: 0, x2: WIDTH, y1: HEIGHT * share, y2: HEIGHT * share })),
        h("polygon", { className: "s3c-area", points: `0,${HEIGHT} ${stairs.join(" ")} ${WIDTH},${HEIGHT}` }),
        h("polyline", { className: "s3c-line", points: stairs.join(" ") })),
      h("div", { className: "s3c-axis s3c-axis-x", "aria-hidden": true }, h("span", null, time(since)), h("span", null, time(until)))));
}

/** 1, 2 or 5 times a power of ten, so that the axis reads well. */
function niceAbove(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1)));
  return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= value);
}
