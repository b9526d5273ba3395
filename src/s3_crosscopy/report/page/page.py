"""The page of a report: one self-contained HTML file, complete without its script, in which all text is escaped."""

from __future__ import annotations

from s3_crosscopy.report.page import outcome_sections as outcome
from s3_crosscopy.report.page import run_sections as course
from s3_crosscopy.report.page.blocks import Cell, Section, Table
from s3_crosscopy.report.page.charts import figure
from s3_crosscopy.report.page.extraneous_section import extraneous
from s3_crosscopy.report.page.html import Html, element, joined, raw
from s3_crosscopy.report.page.plan_section import plan
from s3_crosscopy.report.page.since_section import since
from s3_crosscopy.report.page.style import SCRIPT, STYLE, policy
from s3_crosscopy.report.report_reader import FinishedReport

FILTERED_FROM = 2
"""A table with at least so many rows has a filter."""
LONG = {"key", "message", "value", "who", "what is wrong", "first key"}
"""Columns with long texts."""


def page(report: FinishedReport) -> str:
    """The text of the file. Equal reports give equal texts."""
    shown = sections(report)
    title = f"{_name(report)}: {report.summary.get('source')} to {report.summary.get('dest')}"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", http_equiv="Content-Security-Policy", content=policy()),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", raw(STYLE)),
    )
    body = element(
        "body",
        element("a", "Skip to the report", href="#outcomes", class_="skip"),
        _header(report, shown),
        element("main", joined(map(_section, shown)), id="report"),
        element("footer", element("p", "Made by s3-crosscopy; the rows are in the files that index.json names.")),
        element("script", raw(SCRIPT)),
    )
    return f"<!doctype html>\n{element('html', head, body, lang='en')}\n"


def sections(report: FinishedReport) -> tuple[Section, ...]:
    """The sections of a report that have content, in order."""
    plan_first = (plan, outcome.outcomes) if report.summary.get("dry_run") else (outcome.outcomes, plan)
    first = (*plan_first, since, extraneous, outcome.failed, course.over_time, course.sizes, outcome.slowest)
    made = (make(report) for make in (*first, outcome.reasons, outcome.verification, course.data_path, course.run))
    return tuple(section for section in made if not section.empty)


def _name(report: FinishedReport) -> str:
    return "Copy plan" if report.summary.get("dry_run") else "Copy report"


def _header(report: FinishedReport, shown: tuple[Section, ...]) -> Html:
    good, says = outcome.verdict(report)
    links = joined(element("li", element("a", section.title, href=f"#{section.name}")) for section in shown)
    figures = joined(
        element("div", element("dt", name), element("dd", value)) for name, value in course.figures(report)
    )
    source, dest = (element("code", str(report.summary.get(name))) for name in ("source", "dest"))
    return element(
        "header",
        element("h1", _name(report)),
        element("p", source, " to ", dest),
        element("p", line, class_="when") if (line := course.run_line(report)) else "",
        element("p", says, class_=f"verdict {'good' if good else 'bad'}"),
        element("nav", element("ul", links), aria_label="Sections"),
        element("dl", figures, class_="figures"),
    )


def _section(section: Section) -> Html:
    return element(
        "section",
        element("h2", section.title, id=f"{section.name}-title"),
        joined(element("p", note) for note in section.notes),
        joined(map(figure, section.charts)),
        joined(map(_table, section.tables)),
        id=section.name,
        aria_labelledby=f"{section.name}-title",
    )


def _table(table: Table) -> Html:
    kinds = table.head.index(table.kinds) if table.kinds else None
    several = kinds is not None and len(table.rows) >= FILTERED_FROM
    numbers = [all(row[n].value is not None or not row[n].text for row in table.rows) for n in range(len(table.head))]
    heads = joined(
        element("th", name, scope="col", class_="number" if numbers[n] else "text", data_sorts=several)
        for n, name in enumerate(table.head)
    )
    rows = joined(
        element(
            "tr",
            _first(row[0], long=table.head[0] in LONG),
            joined(_cell(cell, table.head[n], number=numbers[n]) for n, cell in enumerate(row[1:], 1)),
            data_kind=row[kinds].text if several and kinds is not None else False,
        )
        for row in table.rows
    )
    caption = element("caption", table.caption, id=f"{table.name}-caption")
    name = f"{table.name}-table"
    whole = element("table", caption, element("thead", element("tr", heads)), element("tbody", rows), id=name)
    filters = _filters(table, kinds) if several and kinds is not None else Html("")
    box = element(
        "div",
        whole,
        class_="wide tall" if several else "wide",
        tabindex="0",
        role="region",
        aria_labelledby=f"{table.name}-caption",
    )
    return joined((filters, box))


def _first(cell: Cell, *, long: bool) -> Html:
    """The first cell of a row, as its heading."""
    return element("th", cell.text, scope="row", class_="long" if long else "text")


def _cell(cell: Cell, head: str, *, number: bool) -> Html:
    value = f"{cell.value:.10g}" if cell.value is not None else False
    kind = "number" if number else "long" if head in LONG else False
    return element("td", cell.text, class_=kind, data_value=value)


def _filters(table: Table, kinds: int) -> Html:
    """The filters of a table, hidden until the script runs."""
    values = sorted({row[kinds].text for row in table.rows})
    options = joined(element("option", value, value=value) for value in values)
    text, kind = f"{table.name}-text", f"{table.name}-kind"
    return element(
        "div",
        element("label", "Filter", for_=text),
        element("input", type="search", id=text),
        element("label", table.kinds.capitalize(), for_=kind),
        element("select", element("option", "all", value=""), options, id=kind),
        element("output", for_=f"{text} {kind}"),
        class_="tools",
        hidden=True,
        data_filters=f"{table.name}-table",
    )
