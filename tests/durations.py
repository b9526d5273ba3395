"""Writes what the tests of each folder take into CONTRIBUTING.md, from the records of the last `make test`.

`python -m tests.durations [RECORD ...]`: a record is JUnit XML of pytest. A test's seconds are wall time with its setup
and teardown: a server or an Airflow that many tests share counts for the first of them.
"""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "CONTRIBUTING.md"
RECORDS = (ROOT / ".durations" / "decisions.xml", ROOT / ".durations" / "rest.xml")
BEGIN, END = "<!-- durations -->\n", "<!-- end of durations -->\n"


class Folder(NamedTuple):
    """The tests of a folder below tests/: how many, their seconds, and those of the longest."""

    name: str
    tests: int
    seconds: float
    longest: float


def durations(record: str) -> Iterator[tuple[str, float]]:
    """Folder and seconds of each test of a record."""
    for case in ElementTree.fromstring(record).iter("testcase"):
        yield case.get("classname", "").split(".")[1], float(case.get("time", "0"))


def folders(taken: Iterable[tuple[str, float]]) -> list[Folder]:
    """Sum up the tests by folder; the longest folder comes first."""
    seconds = defaultdict(list)
    for name, duration in taken:
        seconds[name].append(duration)
    found = [Folder(name, len(each), sum(each), max(each)) for name, each in seconds.items()]
    return sorted(found, key=lambda folder: (-folder.seconds, folder.name))


def table(found: Iterable[Folder]) -> str:
    """Draw the folders, and their sum, as a table of a page."""
    rows = list(found)
    longest = max((row.longest for row in rows), default=0.0)
    rows.append(Folder("together", sum(row.tests for row in rows), sum(row.seconds for row in rows), longest))
    lines = [f"| {row.name} | {row.tests:,} | {row.seconds:,.0f} | {row.longest:.0f} |" for row in rows]
    return "\n".join(["| tests/ | tests | seconds | the longest |", "|---|---|---|---|", *lines]) + "\n"


def renewed(page: str, drawn: str) -> str:
    """Replace the table of a page."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"no place for the table: {BEGIN.strip()} and {END.strip()} mark it")
    return f"{before}{begin}\n{drawn}\n{end}{after}"


def main(records: Iterable[Path]) -> None:
    taken = [test for record in records for test in durations(record.read_text(encoding="utf-8"))]
    PAGE.write_text(renewed(PAGE.read_text(encoding="utf-8"), table(folders(taken))), encoding="utf-8")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]] or RECORDS)
