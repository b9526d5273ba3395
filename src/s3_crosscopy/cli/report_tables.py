"""Prints a finished report to a terminal: the sections of its page as tables, with colours."""

from __future__ import annotations

from typing import TextIO

from rich import box
from rich.console import Console
from rich.table import Table as RichTable
from rich.text import Text

from s3_crosscopy.cli.report_text import numbers_of, shown_bars, shown_rows
from s3_crosscopy.model.humanize import printable
from s3_crosscopy.report.page.blocks import Chart, Table
from s3_crosscopy.report.page.outcome_sections import verdict
from s3_crosscopy.report.page.page import sections
from s3_crosscopy.report.page.run_sections import figures
from s3_crosscopy.report.report_reader import FinishedReport


def show(report: FinishedReport, stream: TextIO) -> None:
    """Print a finished report to a terminal."""
    console = Console(file=stream)
    ok, headline = verdict(report)
    console.print(Text(printable(headline), style="bold green" if ok else "bold red"))
    console.print(Text(printable(f"{report.summary.get('source')} to {report.summary.get('dest')}")))
    console.print(_pairs(figures(report)))
    for section in sections(report):
        console.print(Text(f"\n{section.title}", style="bold underline"))
        for note in section.notes:
            console.print(Text(printable(note)))
        for chart in section.charts:
            console.print(_chart(chart, "#" if console.options.ascii_only else "━"))
        for table in section.tables:
            console.print(_table(table))


def _pairs(rows: tuple[tuple[str, str], ...]) -> RichTable:
    table = RichTable(box=None, show_header=False, padding=(0, 2, 0, 0))
    for _ in rows:
        table.add_column()
    table.add_row(*(Text(printable(value), style="bold") for _, value in rows))
    table.add_row(*(Text(name, style="dim") for name, _ in rows))
    return table


def _chart(chart: Chart, mark: str) -> RichTable:
    table = RichTable(title=Text(f"{chart.title}: {chart.says}"), box=None, show_header=False, title_justify="left")
    table.add_column()
    table.add_column()
    table.add_column(justify="right")
    for label, bar, value in shown_bars(chart):
        table.add_row(Text(label, style="dim"), Text(bar.replace("#", mark), style="cyan"), Text(value))
    return table


def _table(table: Table) -> RichTable:
    rows, more = shown_rows(table)
    caption = Text(f"and {more:,} more on the page") if more else None
    shown = RichTable(title=Text(table.caption), title_justify="left", caption=caption, box=box.SIMPLE_HEAD)
    for head, number in zip(table.head, numbers_of(table), strict=True):
        shown.add_column(head, justify="right" if number else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(Text(printable(cell)) for cell in row))
    return shown
