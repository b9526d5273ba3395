"""`make bench`: measure every row of the table, keep the figures, write the page and the plot.

A whole run replaces bench/results/latest.json and the docs; a smoke test (`--quick`), one of fewer rounds or rows, and
one that was interrupted leave theirs below .bench/.
"""

from __future__ import annotations

import argparse
import datetime
import os
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench import machine
from bench.canned_server import Shape, ensure_nginx, serving
from bench.cases.case import Measured, Row
from bench.cases_table import ROWS
from bench.peers import FRESH, ROOT, ours
from bench.plot import plot
from bench.results import Record, dump, load
from bench.results_page import page, table
from bench.runner import Bench
from bench.timing import SERVER_CPU, Failed, pin
from s3_crosscopy.model.option_table import NAMES

KEPT, DOCS, TRIED = ROOT / "bench" / "results", ROOT / "docs", ROOT / ".bench"


def main() -> None:
    given = _arguments()
    if given.page:
        record = load(KEPT / "latest.json")
        _write(record, KEPT, DOCS)
        return
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("bench: needs two cores, one for the client and one for the server")
    # Ended by another, it ends its servers too, and keeps what it has.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ensure_nginx()
    pin()
    rows = [row for row in ROWS if not given.only or row.name in given.only]
    with tempfile.TemporaryDirectory(prefix="s3-bench-") as home:
        record = measure(Bench(Path(home), quick=given.quick, rounds=given.rounds), rows, tuple(given.transport or ()))
    whole = len(record.measured) == len(ROWS) and not (given.quick or given.rounds or given.transport)
    folder, docs = (KEPT, DOCS) if whole else (TRIED, TRIED)
    _write(record, folder, docs)
    print("\n".join(["", *table(record), *(f"note: {note}" for note in record.notes)]))
    if given.quick:
        print("bench: a smoke test: what is met or missed with so few objects says little")
    print(f"bench: {record.seconds:.0f} s; figures in {(folder / 'latest.json').relative_to(ROOT)}")


def measure(bench: Bench, rows: Sequence[Row], wished: tuple[str, ...]) -> Record:
    """Every row, one after the other; one that breaks is a note, and an interrupt keeps those before it."""
    began = time.monotonic()
    date = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    bench.transports = tuple(one for one in _transports(bench) if not wished or one in wished)
    measured: dict[str, Measured] = {}
    for row in rows:
        bench.tell(f"== {row.what}")
        try:
            measured[row.name] = row.measure(bench)
        except (Failed, ValueError, ZeroDivisionError) as error:
            bench.note(f"{row.what}: is missing: {error}")
        except KeyboardInterrupt:
            bench.note(f"interrupted at: {row.what}")
            break
    return Record(
        date=date,
        quick=bench.quick,
        seconds=round(time.monotonic() - began, 1),
        machine=machine.facts(),
        versions=machine.versions(),
        noise=machine.noise(bench.runs),
        notes=tuple(bench.notes),
        measured=measured,
    )


def _transports(bench: Bench) -> tuple[str, ...]:
    """boto3, and the fast one where it works: a plan of ten keys tells."""
    if "transport" not in NAMES:
        bench.note("fast: there is no such transport in this version")
        return ("boto3",)
    with serving(Shape(10), SERVER_CPU) as front:
        try:
            bench.run(ours("fast", "plan", FRESH), front)
        except Failed as error:
            bench.note(f"fast: its figures are missing: {error}")
            return ("boto3",)
    return ("boto3", "fast")


def _write(record: Record, folder: Path, docs: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "latest.json").write_text(dump(record), encoding="utf-8")
    (docs / "performance.md").write_text(page(record), encoding="utf-8")
    (docs / "performance.svg").write_text(plot(record), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure the table of docs/performance.md.")
    parser.add_argument("--quick", action="store_true", help="a smoke test: a tenth of the objects, one round")
    parser.add_argument("--rounds", type=int, help="so many rounds of everything (default: three of what is fast)")
    parser.add_argument("--only", action="append", choices=[row.name for row in ROWS], help="this row; may be repeated")
    parser.add_argument("--transport", action="append", choices=("boto3", "fast"), help="measure only this transport")
    parser.add_argument("--page", action="store_true", help="write the page and the plot anew from the kept figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
