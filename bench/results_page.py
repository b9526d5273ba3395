"""The table as text and docs/performance.md, made of a record and of what is known to bound a row. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from bench.bounds import BOUNDS
from bench.cases.case import Row
from bench.cases_table import ROWS
from bench.figures import Spread, written
from bench.results import Record, reached

HEAD = """\
# Performance

<!-- Written by `make bench` from bench/results/latest.json. Do not edit. -->

Whole processes, client and server on a core each, against a canned S3 (nginx) on the same machine: what is measured is
the client. A figure per object is the slope between two sizes, so that start-up does not hide in it; clients run in
turn, and a figure is the median of its rounds, with the least and the most behind it where there were several. S3
itself is slower than this server; where a latency counts, the row names it.
"""


def page(record: Record) -> str:
    """docs/performance.md."""
    parts = [HEAD, *_where(record), "![CPU an object, keys a CPU-second](performance.svg)\n"]
    parts += ["## The table\n", "".join(f"{line}\n" for line in _markdown(record)), *_bounded(record)]
    parts += ["## What the rows rest on\n", "".join(f"{line}\n" for line in _figures(record)), *_notes(record)]
    return "\n".join(parts)


def table(record: Record) -> list[str]:
    """The table for a terminal."""
    lines = []
    for row in ROWS:
        measured = record.measured.get(row.name)
        if measured is None:
            continue
        lines.append(f"{row.what}{f': reach {row.target.text}' if row.target else ''}")
        for transport, one in measured.reached.items():
            lines.append(f"    {transport:6} {_spread(one, row.unit):32} {_verdict(row, one)}".rstrip())
        lines += [f"           {figure.label}: {_spread(figure.spread, figure.unit)}" for figure in measured.figures]
        if not measured.reached and row.target:
            lines.append("    not measured")
    return lines


def _where(record: Record) -> Iterator[str]:
    machine = record.machine
    yield (
        f"Measured on {record.date}: {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB, "
        f"{machine['system']}, Python {machine['python']}; "
        f"{', '.join(f'{name} {number}' for name, number in record.versions.items())}.\n"
    )
    later = {row.what: record.measured[row.name].taken for row in ROWS if row.name in record.measured}
    dates = {what: taken.date for what, taken in later.items() if taken and taken.date != record.date}
    if dates:
        yield f"Measured anew since: {'; '.join(f'{what} ({date})' for what, date in dates.items())}.\n"
    if record.noise:
        yield (
            f"While the clients ran, other processes had {record.noise['median'] * 100:.0f} % of the machine's CPU in "
            f"the median run, and {record.noise['most'] * 100:.0f} % in the worst.\n"
        )


def _markdown(record: Record) -> Iterator[str]:
    yield "| what | reach | boto3 | fast | |"
    yield "| --- | --- | --- | --- | --- |"
    for row in ROWS:
        measured = record.measured.get(row.name)
        if row.target is None:
            continue
        figures = measured.reached if measured else {}
        cells = [_spread(figures[name], row.unit) if name in figures else "" for name in ("boto3", "fast")]
        best = reached(row, record)
        verdict = _verdict(row, best[1]) if best else "not measured"
        yield f"| {row.what} | {row.target.text} | {cells[0]} | {cells[1]} | {verdict} |"


def _bounded(record: Record) -> Iterator[str]:
    """Every figure that is missed, and whatever else somebody looked into."""
    lines = []
    for row in ROWS:
        best = reached(row, record)
        if row.target is None or best is None:
            continue
        transport, figure = best
        if (row.name, transport) in BOUNDS or not row.target.is_met_by(figure.median):
            lines.append(f"- **{row.what}** ({transport}): {_bound(row, record, transport)}\n")
    if lines:
        yield "## What bounds it\n"
        yield "".join(lines)


def _bound(row: Row, record: Record, transport: str) -> str:
    """What a person found out about the row, and what the run itself saw: which core had nothing left."""
    told = [BOUNDS[row.name, transport]] if (row.name, transport) in BOUNDS else []
    busy = record.measured[row.name].busy.get(transport)
    if busy is not None:
        told.append(f"the client's core was {busy[0] * 100:.0f} % busy, the server's {busy[1] * 100:.0f} %")
    return "; ".join(told) + "." if told else "not looked into."


def _figures(record: Record) -> Iterator[str]:
    yield "| figure | median | least | most |"
    yield "| --- | --- | --- | --- |"
    for row in ROWS:
        measured = record.measured.get(row.name)
        if measured is None or not (measured.figures or measured.reached):
            continue
        yield f"| **{row.what}** | | | |"
        for one in measured.figures:
            write = written(one.unit)
            cells = (one.spread.median, one.spread.least, one.spread.most)
            yield f"| {one.label} | {' | '.join(write(value) for value in cells)} |"


def _notes(record: Record) -> Iterator[str]:
    missing = [f"{row.what}: not measured yet" for row in ROWS if row.name not in record.measured]
    if missing or record.notes:
        yield "## What is not there\n"
        yield "".join(f"- {line}\n" for line in (*record.notes, *missing))


def _spread(one: Spread, unit: str) -> str:
    write = written(unit)
    if write(one.least) == write(one.most):
        return write(one.median)
    return f"{write(one.median)} ({write(one.least)} to {write(one.most)})"


def _verdict(row: Row, one: Spread) -> str:
    if row.target is None:
        return ""
    return "met" if row.target.is_met_by(one.median) else "missed"
