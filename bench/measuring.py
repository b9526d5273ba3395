"""Measures rows one after the other: a row that breaks, or that others disturbed, does not end the others."""

from __future__ import annotations

import datetime
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bench import machine
from bench.canned_server import Shape, serving
from bench.cases.case import Row, Taken
from bench.other_load import Busy, noise
from bench.peers import FRESH, ours
from bench.results import Record, with_row
from bench.runner import Bench
from bench.timing import SERVER_CPU, Failed
from s3_crosscopy.model.option_table import NAMES


class Ended(NamedTuple):
    """`failures`: why a row was not measured, by its name."""

    record: Record
    failures: dict[str, str]


def empty_record(*, quick: bool = False) -> Record:
    """The record of this machine without a row."""
    return Record(today(), quick, 0.0, machine.facts(), machine.versions(), {}, {})


def measure(
    bench: Bench, rows: Sequence[Row], base: Record, wished: tuple[str, ...], keep: Callable[[Record], None]
) -> Ended:
    """Every row, put into `base`, which `keep` gets after each. An interrupt, or a machine that stays busy, ends it."""
    record = base
    failures: dict[str, str] = {}
    try:
        bench.transports = tuple(one for one in _transports(bench) if not wished or one in wished)
        for row in rows:
            bench.tell(f"== {row.what}")
            try:
                record = _with(bench, row, record)
            except (Failed, ValueError, ZeroDivisionError) as error:
                failures[row.name] = str(error)
                bench.tell(f"is missing: {error}")
            else:
                keep(record)
    except (Busy, KeyboardInterrupt) as error:
        left = [row.name for row in rows if row.name not in failures and row.name not in _measured(record, base)]
        failures |= dict.fromkeys(left, str(error) or "interrupted")
    return Ended(record, failures)


def _measured(record: Record, base: Record) -> set[str]:
    return {name for name, one in record.measured.items() if one is not base.measured.get(name)}


def _with(bench: Bench, row: Row, record: Record) -> Record:
    """The record with this row measured. Raises Failed, also if others had too much of the machine meanwhile."""
    began = time.monotonic()
    bench.runs.clear()
    bench.notes.clear()
    bench.patience.wait_for_quiet()
    measured = row.measure(bench)
    load = noise(bench.runs)
    refusal = bench.patience.refusal(load)
    if refusal is not None:
        raise Failed(refusal)
    taken = Taken(today(), round(time.monotonic() - began, 1), load)
    return with_row(record, row, measured._replace(taken=taken, notes=tuple(bench.notes)))


def _transports(bench: Bench) -> tuple[str, ...]:
    """boto3, and the fast one where it works: a plan of ten keys tells, and leaves compiled modules to later starts."""
    with serving(Shape(10), SERVER_CPU) as front:
        bench.run(ours("boto3", "plan", FRESH), front)
        if "transport" not in NAMES:
            bench.note("fast: there is no such transport in this version")
            return ("boto3",)
        try:
            bench.run(ours("fast", "plan", FRESH), front)
        except Failed as error:
            bench.note(f"fast: its figures are missing: {error}")
            return ("boto3",)
    return ("boto3", "fast")


def today() -> str:
    return datetime.datetime.now(datetime.timezone.utc).date().isoformat()
