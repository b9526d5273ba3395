"""Formats a finished report as text for people: the sections of its page, one below the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from s3_crosscopy.model.humanize import printable
from s3_crosscopy.report.page.blocks import Bar, Chart, Section, Table
from s3_crosscopy.report.page.outcome_sections import verdict
from s3_crosscopy.report.page.page import sections
from s3_crosscopy.report.page.run_sections import figures
from s3_crosscopy.report.report_reader import FinishedReport

MOST_BARS = 12
"""Maximum number of bars of a chart in text; neighbouring bars are merged into their average."""
BAR_CHARS = 30
"""Length of the longest bar."""
MOST_ROWS = 20
"""Maximum number of rows of a table of keys; the page and --json have all that are recorded."""


def report_text(report: FinishedReport) -> str:
    """All sections, as plain text."""
    _, headline = verdict(report)
    lines = [
        f"{headline}: {report.summary.get('source')} to {report.summary.get('dest')}",
        ", ".join(f"{name} {value}" for name, value in figures(report)),
    ]
    for section in sections(report):
        lines += ["", section.title, *_section(section)]
    return "\n".join(map(printable, lines))


def shown_rows(table: Table) -> tuple[list[tuple[str, ...]], int]:
    """The rows of a table that are shown, and the number of the others."""
    rows = [tuple(cell.text for cell in row) for row in table.rows]
    limit = MOST_ROWS if table.kinds else len(rows)
    return rows[:limit], max(0, len(rows) - limit)


def numbers_of(table: Table) -> list[bool]:
    """For each column, True if it has numbers."""
    return [any(row[column].value is not None for row in table.rows) for column in range(len(table.head))]


def shown_bars(chart: Chart) -> list[tuple[str, str, str]]:
    """A chart as lines: the label of each bar, the bar and its value."""
    bars = list(_fewer(chart.bars)) if chart.kind == "time" else list(chart.bars)
    top = max(bar.value for bar in bars) or 1.0
    return [(bar.label, "#" * round(BAR_CHARS * bar.value / top), bar.text) for bar in bars]


def _section(section: Section) -> Iterator[str]:
    yield from (f"  {note}" for note in section.notes)
    for chart in section.charts:
        yield f"  {chart.title}: {chart.says}"
        yield from (f"    {line}" for line in _aligned(shown_bars(chart), (False, False, True)))
    for table in section.tables:
        rows, more = shown_rows(table)
        yield f"  {table.caption}:"
        yield from (f"    {line}" for line in _aligned([table.head, *rows], numbers_of(table)))
        if more:
            yield f"    and {more:,} more on the page"


def _fewer(bars: tuple[Bar, ...]) -> Iterator[Bar]:
    group_size = -(-len(bars) // MOST_BARS)
    if group_size == 1:
        yield from bars
        return
    for start in range(0, len(bars), group_size):
        group = bars[start : start + group_size]
        highest = max(group, key=lambda bar: bar.value)
        label = f"{group[0].label.split(' to ')[0]} to {group[-1].label.split(' to ')[-1]}"
        yield Bar(label, sum(bar.value for bar in group) / len(group), f"at most {highest.text}")


def _aligned(rows: Iterable[tuple[str, ...]], numbers: Iterable[bool]) -> Iterator[str]:
    """Rows as lines, with the columns of numbers aligned right. Control characters are escaped before measuring."""
    table, right = [tuple(map(printable, row)) for row in rows], list(numbers)
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        cells = (
            cell.rjust(width) if flush else cell.ljust(width)
            for cell, width, flush in zip(row, widths, right, strict=True)
        )
        yield "  ".join(cells).rstrip()
