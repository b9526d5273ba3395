"""`make bench`: measure every row of the table, keep the figures, write the page and the plot.

A whole run replaces bench/results/latest.json and the docs. Each row is kept below .bench/ as soon as it is measured,
so that `--continue` goes on where a run ended. `--only` measures rows of bench/results/latest.json anew. A trial takes
the machine as it is, and leaves its figures below .bench/trial/.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from bench import results
from bench.canned_server import ensure_nginx
from bench.cases_table import ROWS
from bench.measuring import Ended, empty_record, measure
from bench.peers import ROOT
from bench.plot import plot
from bench.results import Record, comparable, load
from bench.results_page import page, table
from bench.runner import Bench
from bench.timing import pin

KEPT, DOCS, TRIED = ROOT / "bench" / "results", ROOT / "docs", ROOT / ".bench" / "trial"
UNFINISHED = ROOT / ".bench" / "unfinished.json"
GO_ON = "make bench BENCH_FLAGS=--continue"
OTHER_MACHINE = (
    "{} is of another machine, or of other versions of the clients: its rows do not go together with those of today;"
    " run the whole `make bench`, or BENCH_FLAGS=--trial"
)


def main() -> None:
    given = _arguments()
    if given.page:
        _write(load(KEPT / "latest.json"), KEPT, DOCS)
        return
    if (os.cpu_count() or 1) < 2:
        raise SystemExit("bench: needs two cores, one for the client and one for the server")
    # Ended by another, it ends its servers too, and keeps what it has.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    ensure_nginx()
    pin()
    trial = given.trial or given.quick or given.rounds is not None or bool(given.transport)
    base = empty_record(quick=given.quick) if trial else _base(given)
    rows = [row for row in ROWS if (row.name in given.only if given.only else row.name not in base.measured)]
    with tempfile.TemporaryDirectory(prefix="s3-bench-") as home:
        bench = Bench(Path(home), quick=given.quick, rounds=given.rounds, trial=trial)
        keep = _keep if not (trial or given.only) else lambda record: None
        ended = measure(bench, rows, base, tuple(given.transport or ()), keep)
    print("\n".join(["", *table(ended.record), *(f"note: {note}" for note in ended.record.notes)]))
    for why in dict.fromkeys(ended.failures.values()):
        print(
            f"bench: not measured: {', '.join(name for name in ended.failures if ended.failures[name] == why)}: {why}"
        )
    print(f"bench: {_tried(ended) if trial else _kept(ended, only=bool(given.only))}")
    sys.exit(1 if ended.failures else 0)


def _base(given: argparse.Namespace) -> Record:
    """What was measured before and stays. SystemExit if it is of another machine, or of other versions."""
    new, file = empty_record(), KEPT / "latest.json" if given.only else UNFINISHED
    if not (given.only or given.go_on) or not file.exists():
        return new
    base = load(file)
    if not comparable(base, new):
        raise SystemExit(f"bench: {OTHER_MACHINE.format(file.relative_to(ROOT))}")
    return base


def _keep(record: Record) -> None:
    """Have the rows so far on disk, never half of them."""
    UNFINISHED.parent.mkdir(parents=True, exist_ok=True)
    new = UNFINISHED.with_suffix(".new")
    new.write_text(results.dump(record), encoding="utf-8")
    new.replace(UNFINISHED)


def _tried(ended: Ended) -> str:
    _write(ended.record, TRIED, TRIED)
    file = (TRIED / "latest.json").relative_to(ROOT)
    return f"{ended.record.seconds:.0f} s; a trial, which does not count; figures in {file}"


def _kept(ended: Ended, *, only: bool) -> str:
    """Write the results of a whole run, or the rows measured anew. Returns what to tell."""
    missing = [row.name for row in ROWS if row.name not in ended.record.measured]
    if missing and not only:
        kept = len(ROWS) - len(missing)
        return f"{len(missing)} rows are missing, the other {kept} are kept in .bench/; go on with {GO_ON}"
    _write(ended.record, KEPT, DOCS)
    if not only:
        UNFINISHED.unlink(missing_ok=True)
    return f"{ended.record.seconds:.0f} s; figures in {(KEPT / 'latest.json').relative_to(ROOT)}"


def _write(record: Record, folder: Path, docs: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "latest.json").write_text(results.dump(record), encoding="utf-8")
    (docs / "performance.md").write_text(page(record), encoding="utf-8")
    (docs / "performance.svg").write_text(plot(record), encoding="utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Measure the table of docs/performance.md.")
    parser.add_argument("--quick", action="store_true", help="a smoke test: a tenth of the objects, one round; a trial")
    parser.add_argument("--trial", action="store_true", help="take a busy machine too; what is measured does not count")
    parser.add_argument("--rounds", type=int, help="so many rounds of everything (default: as the row says); a trial")
    parser.add_argument("--only", action="append", choices=[row.name for row in ROWS], help="this row; may be repeated")
    parser.add_argument("--continue", dest="go_on", action="store_true", help="only what the last whole run has left")
    parser.add_argument("--transport", action="append", choices=("boto3", "fast"), help="only this transport; a trial")
    parser.add_argument("--page", action="store_true", help="write the page and the plot anew from the kept figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
