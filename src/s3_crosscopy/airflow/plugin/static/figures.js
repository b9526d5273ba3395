// The figures of the page: how the copies were verified, rates, times, and what a dry run plans.

import { bytes, count, rate, span } from "./format.js";

const { createElement: h } = globalThis.React;

const WAYS = { etag: "by ETag", checksum: "by checksum", size: "by size alone", none: "not verified" };
const WEAK = ["size", "none"];

/** How the copies were verified: what a copy promises above all. */
export function Verified({ view: { verified_by: ways, counts, checked, status } }) {
  const rows = Object.entries(ways);
  if (!rows.length) return null;
  const sum = (weak) => rows.filter(([way]) => WEAK.includes(way) === weak).reduce((total, [, number]) => total + number, 0);
  const [proven, weak] = [sum(false), sum(true)];
  const all = status === "done" && proven >= counts.copied && proven > 1 ? "All " : "";
  const copies = proven + weak === 1 ? "copy" : "copies";
  const text = weak ? `${count(proven)} of ${count(proven + weak)} ${copies} verified` : `${all}${count(proven)} ${copies} verified`;
  return h("p", { className: `s3c-verified${weak ? " s3c-weak" : ""}`, "data-field": "verified" },
    h("span", { "aria-hidden": true }, weak ? "! " : "✓ "),
    h("b", null, text), ": ",
    rows.map(([way, number]) => `${count(number)} ${WAYS[way]}`).join(", "),
    checked !== null && `; ${count(checked)} compared once more in the listings`);
}

export function Figures({ view }) {
  return h("dl", { className: "s3c-figures" },
    [...plan(view), ...rates(view), ...others(view)].map(([label, value, field]) =>
      h("div", { key: field }, h("dt", null, label), h("dd", { "data-field": field }, value))));
}

function rates(view) {
  const taken = ["Time taken", span(view.seconds), "seconds"];
  if (view.status !== "running") {
    const average = view.seconds ? view.counts.copied / view.seconds : 0;
    return view.counts.copied ? [["Copies per second", rate(average), "average"], taken] : [taken];
  }
  // A copy that tells its progress has room for a request at least: without any, nobody knows the rates.
  if (!view.window) return [taken];
  return [
    ["Objects per second", rate(view.objects_per_second), "objects_per_second"],
    ["Bytes per second", `${bytes(view.bytes_per_second)}/s`, "bytes_per_second"],
    ["Time left", view.eta_s === null ? "not known" : `about ${span(view.eta_s)}`, "eta"],
    taken,
    ["Requests in flight", `${count(view.in_flight)} of ${count(view.window)}`, "window"],
  ];
}

function plan({ planned }) {
  if (!planned) return [];
  return [
    ["Requests of the copy", count(planned.requests), "requests"],
    planned.cost && ["Their cost", planned.cost, "cost"],
    planned.seconds > 0 && ["It would take", `about ${span(planned.seconds)}`, "duration"],
  ].filter(Boolean);
}

function others(view) {
  const { extraneous } = view;
  return [
    ["Throttled", count(view.throttled), "throttled"],
    extraneous && ["Only at the destination", `${extraneous.at_least ? "at least " : ""}${count(extraneous.keys)}`, "extraneous"],
    extraneous && extraneous.deleted !== null && ["Deleted there", count(extraneous.deleted), "deleted"],
    view.looks.length > 0 && ["Look", view.looks.join("; "), "looks"],
  ].filter(Boolean);
}
