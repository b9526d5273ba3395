"""The style and the script of the page: constants, so that its policy can name the script by its hash.

Contrast is 4.5 to 1 at least for every text in both colour schemes, which tests/browser holds against axe.
"""

from __future__ import annotations

import base64
import hashlib

STYLE = """
:root { color-scheme: light dark; --ground: #fff; --panel: #f4f6f8; --text: #1b1f24; --quiet: #4d5761;
  --line: #c9d1d9; --accent: #0b5cad; --bar: #2f7ec7; --good: #14652b; --bad: #a4221a; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #10151b; --panel: #1a212a; --text: #e6edf3; --quiet: #a5b1bd; --line: #3a4550;
    --accent: #7cbcff; --bar: #4f9be0; --good: #6fdc8c; --bad: #ff9d94; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
header, main, footer { max-width: 70rem; margin: 0 auto; padding: 0 1.25rem; }
h1 { font-size: 1.7rem; margin: 1.5rem 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.25rem 0 .5rem; }
a { color: var(--accent); } p { margin: .4rem 0; max-width: 60rem; overflow-wrap: anywhere; }
code, th.long { font-family: ui-monospace, monospace; font-size: .92em; overflow-wrap: anywhere; }
.skip { position: absolute; left: -999rem; } .skip:focus { left: 1rem; top: .5rem; background: var(--ground); }
.when { color: var(--quiet); }
.verdict { font-size: 1.15rem; font-weight: 600; border-left: .35rem solid; padding: .3rem .8rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
nav ul { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; list-style: none; padding: 0; margin: .75rem 0; }
dl.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1rem 0; }
dl.figures div { background: var(--panel); border-radius: .4rem; padding: .6rem .8rem; }
dl.figures dt { color: var(--quiet); font-size: .9rem; }
dl.figures dd { margin: 0; font-size: 1.35rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; } table { border-collapse: collapse; margin: .5rem 0; font-size: .93rem; }
caption { text-align: left; color: var(--quiet); padding: .2rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .75rem .3rem 0; border-bottom: 1px solid var(--line); }
td.long, th.long { min-width: 14rem; overflow-wrap: anywhere; }
th.long { font-weight: 400; } .tall { max-height: 36rem; overflow: auto; }
.tall thead th { position: sticky; top: 0; background: var(--ground); }
tbody th { font-weight: 500; } .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer;
  text-decoration: underline dotted; }
th[aria-sort=ascending] button::after { content: " \\2191"; }
th[aria-sort=descending] button::after { content: " \\2193"; }
figure { margin: .75rem 0 1.5rem; } figcaption { color: var(--quiet); } figcaption strong { color: var(--text); }
svg { width: 100%; height: auto; max-width: 45rem; display: block; } .bar { fill: var(--bar); }
.grid { stroke: var(--line); stroke-width: 1; } .tick { fill: var(--quiet); font-size: 12px; }
.tools { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: center; margin: .5rem 0; }
.tools[hidden] { display: none; }
input, select { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--quiet);
  border-radius: .25rem; padding: .2rem .4rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.away { position: absolute; clip-path: inset(50%); height: 1px; width: 1px; overflow: hidden; }
footer { color: var(--quiet); margin-top: 3rem; padding-bottom: 2rem; font-size: .9rem; }
@media print {
  :root { --ground: #fff; --panel: #fff; --text: #000; --quiet: #333; --line: #999; --bar: #555; --accent: #000;
    --good: #000; --bad: #000; }
  nav, .tools, .skip, figure details { display: none; } .wide { overflow: visible; max-height: none; }
  .tall thead th { position: static; } body { font-size: 10pt; }
  h2 { break-after: avoid; } tr, figure { break-inside: avoid; } thead { display: table-header-group; } }
"""

SCRIPT = """
"use strict";
document.querySelectorAll("[data-filters]").forEach((tools) => {
  const rows = Array.from(document.getElementById(tools.dataset.filters).tBodies[0].rows);
  const text = tools.querySelector("input"), kind = tools.querySelector("select");
  const output = tools.querySelector("output");
  const show = () => {
    const wanted = text.value.toLowerCase();
    let shown = 0;
    rows.forEach((row) => {
      const fits = (!kind.value || row.dataset.kind === kind.value) && row.textContent.toLowerCase().includes(wanted);
      row.hidden = !fits;
      shown += fits;
    });
    output.textContent = `${shown} of ${rows.length} shown`;
  };
  text.addEventListener("input", show);
  kind.addEventListener("change", show);
  tools.hidden = false;
  show();
});
document.querySelectorAll("th[data-sorts]").forEach((head) => {
  const button = document.createElement("button");
  button.type = "button";
  button.append(...head.childNodes);
  head.append(button);
  const value = (row) => {
    const cell = row.cells[head.cellIndex];
    return cell.dataset.value === undefined ? cell.textContent : Number(cell.dataset.value);
  };
  const compare = (a, b) => (a === b ? 0 : typeof a === typeof b ? (a < b ? -1 : 1) : typeof a === "string" ? -1 : 1);
  button.addEventListener("click", () => {
    const up = head.getAttribute("aria-sort") !== "ascending";
    Array.from(head.parentNode.cells).forEach((one) => one.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const body = head.closest("table").tBodies[0];
    body.append(...Array.from(body.rows).sort((a, b) => compare(value(a), value(b)) * (up ? 1 : -1)));
  });
});
"""


def policy() -> str:
    """The page's Content-Security-Policy: nothing from anywhere, and of scripts only the one above."""
    return f"default-src 'none'; style-src {_hash(STYLE)}; script-src {_hash(SCRIPT)}"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
