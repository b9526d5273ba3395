"""The digest of a report's rows: sums, sizes, copies over time, some failed rows and the slowest ones.

Its size is limited whatever the number of rows: the page of a hundred million objects is as small as one of a thousand.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from s3_crosscopy.model.dry_run import Sum, total
from s3_crosscopy.model.option_parsers import show_bytes
from s3_crosscopy.model.report_row import MOST_BYTES, MOST_SECONDS, ReportRow, row_of

FORMAT = 1
MOST_CELLS = 240
"""The cells of a timeline, as many as a chart can show. For a longer time the cells become twice as wide."""
LEAST_WIDTH_S = 0.01
MOST_ROWS = 2_000
"""The limit of failed rows in a digest that is read; a `Digester` keeps 1,100."""
MOST_KINDS = 500
"""The limit of reasons, over all outcomes; a copy has 30."""
MOST_SUM = 2**80
"""The limit of rows and of bytes: far above a billion objects of the largest size, and exact enough as a float."""


class Timeline(NamedTuple):
    """Copies over the run's time: cell `n` is the sum of those done from `n * width_s` to `(n + 1) * width_s`."""

    width_s: float
    cells: tuple[Sum, ...] = ()


@dataclass(frozen=True)
class Digest:
    """The digest of `rows` rows.

    whole: False if the report has more rows, which were not read.
    outcomes: outcome -> reason -> sum.
    sizes: the copies (in a dry run, what would be copied) by power of two, see `size_span`.
    failed: some of the failed rows, of every reason and code.
    slowest: the rows that took longest, the slowest first.
    """

    rows: int
    whole: bool
    outcomes: Mapping[str, Mapping[str, Sum]]
    sizes: Mapping[int, Sum]
    timeline: Timeline
    failed: tuple[ReportRow, ...] = ()
    slowest: tuple[ReportRow, ...] = ()

    def of_outcome(self, outcome: str) -> Sum:
        """The sum of all rows of one outcome."""
        return total(self.outcomes.get(outcome, {}).values())

    def of_reason(self, reason: str) -> Sum:
        """The sum of all rows of one reason, of any outcome."""
        return total(reasons[reason] for reasons in self.outcomes.values() if reason in reasons)


def size_span(row: int) -> str:
    """The label of an entry of `Digest.sizes`: entry `n` has the sizes of `n` binary digits."""
    if row == 0:
        return "empty"
    return f"{show_bytes(2 ** (row - 1))} to below {show_bytes(2**row)}"


def to_json(digest: Digest) -> dict[str, Any]:
    """The digest as JSON values."""
    return {
        "format": FORMAT,
        "rows": digest.rows,
        "whole": digest.whole,
        "outcomes": {
            outcome: {reason: list(amount) for reason, amount in reasons.items()}
            for outcome, reasons in digest.outcomes.items()
        },
        "sizes": {str(row): list(amount) for row, amount in digest.sizes.items()},
        "timeline": {"width_s": digest.timeline.width_s, "cells": [list(cell) for cell in digest.timeline.cells]},
        "failed": [row._asdict() for row in digest.failed],
        "slowest": [row._asdict() for row in digest.slowest],
    }


def from_json(raw: Mapping[str, Any]) -> Digest:
    """The digest from the values of `to_json`. Raises ValueError for any others."""
    try:
        digest = Digest(
            rows=int(raw["rows"]),
            whole=bool(raw["whole"]),
            outcomes={
                outcome: {reason: _sum(amount) for reason, amount in reasons.items()}
                for outcome, reasons in raw["outcomes"].items()
            },
            sizes={_size(row): _sum(amount) for row, amount in raw["sizes"].items()},
            timeline=Timeline(float(raw["timeline"]["width_s"]), tuple(map(_sum, raw["timeline"]["cells"]))),
            failed=tuple(map(row_of, raw["failed"])),
            slowest=tuple(map(row_of, raw["slowest"])),
        )
    except (AttributeError, KeyError, TypeError, OverflowError) as error:
        raise ValueError(str(error)) from error
    if to_json(digest) != raw:
        raise ValueError("of another form")
    _check(digest)
    return digest


def _sum(raw: Iterable[Any]) -> Sum:
    amount = Sum(*map(int, raw))
    if not all(0 <= number <= MOST_SUM for number in amount):
        raise ValueError("a sum below zero or over the limit")
    return amount


def _size(row: str) -> int:
    if not (row.isascii() and row.isdigit() and len(row) < 3 and int(row) <= MOST_BYTES.bit_length()):
        raise ValueError("a size that no object has")
    return int(row)


def _check(digest: Digest) -> None:
    """Raise ValueError for values that the page cannot show."""
    if not 0 <= digest.rows <= MOST_SUM:
        raise ValueError("a number of rows that no report has")
    if not (LEAST_WIDTH_S <= digest.timeline.width_s <= MOST_SECONDS and len(digest.timeline.cells) <= MOST_CELLS):
        raise ValueError("a timeline of another kind")
    if len(digest.outcomes) > MOST_KINDS or sum(map(len, digest.outcomes.values())) > MOST_KINDS:
        raise ValueError("more reasons than a digest has")
    if len(digest.failed) > MOST_ROWS or len(digest.slowest) > MOST_ROWS:
        raise ValueError("more rows than a digest has")


FIRST_WIDTH_S = 0.25
"""The width of a timeline's cells at first."""
SLOWEST = 50
"""The number of slowest rows that are kept."""
OF_A_KIND, KINDS = 100, 10
"""The failed rows that are kept of each pair of reason and code, and the pairs; all others count as one more."""
FOREVER_S = MOST_SECONDS
"""Times from here on are not recorded ones."""
OTHER = "other"
"""The outcome and reason of all rows beyond `MOST_KINDS`: our own reports have fewer, a damaged one may have any."""


class Digester:
    """Makes a digest of rows. `add` gets every row of a run, so it has to take about a microsecond a row."""

    def __init__(self) -> None:
        self._rows = 0
        self._sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._sizes: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        self._width_s = FIRST_WIDTH_S
        self._cells: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        self._failed: dict[tuple[str, str], list[ReportRow]] = {}
        # With a serial number, so that rows of equal times are never compared, and the first one stays.
        self._slowest: list[tuple[float, int, ReportRow]] = []
        self._floor_s = 0.0
        self._serial = 0

    def add(self, rows: Iterable[ReportRow]) -> None:
        """Add rows."""
        for row in rows:
            self._rows += 1
            outcome, size = row.outcome, row.size
            self._count(outcome, row.reason, 1, size)
            if outcome in ("copied", "would_copy"):
                _add(self._sizes[size.bit_length()], 1, size)
                if 0 < row.at_s < FOREVER_S:
                    self._add_to_timeline(row.at_s, 1, size)
            elif outcome == "failed":
                self._add_failed(row)
            if self._floor_s < row.took_s < FOREVER_S:
                self._add_slow(row)

    def include(self, digest: Digest) -> None:
        """Add the rows of another digest: of another part of the same run, or of a parallel run."""
        self._rows += digest.rows
        for outcome, reasons in digest.outcomes.items():
            for reason, amount in reasons.items():
                self._count(outcome, reason, *amount)
        for row, amount in digest.sizes.items():
            _add(self._sizes[row], *amount)
        for cell_number, amount in enumerate(digest.timeline.cells):
            if amount.objects:
                self._add_to_timeline((cell_number + 0.5) * digest.timeline.width_s, *amount)
        for failed in digest.failed:
            self._add_failed(failed)
        for slowest in digest.slowest:
            if slowest.took_s > self._floor_s:
                self._add_slow(slowest)

    def digest(self, *, whole: bool = True) -> Digest:
        """The digest of all rows so far. `whole`: False if not all rows of the report could be added."""
        outcomes: dict[str, dict[str, Sum]] = {}
        for (outcome, reason), amount in sorted(self._sums.items()):
            outcomes.setdefault(outcome, {})[reason] = Sum(*amount)
        end = max(self._cells, default=-1) + 1
        return Digest(
            rows=self._rows,
            whole=whole,
            outcomes=outcomes,
            sizes={row: Sum(*amount) for row, amount in sorted(self._sizes.items())},
            timeline=Timeline(self._width_s, tuple(Sum(*self._cells.get(number, ())) for number in range(end))),
            failed=tuple(sorted(_rounded(row) for rows in self._failed.values() for row in rows)),
            slowest=tuple(_rounded(row) for _, _, row in sorted(self._slowest, reverse=True)),
        )

    def _count(self, outcome: str, reason: str, objects: int, size: int) -> None:
        kind = (outcome, reason)
        if kind not in self._sums and len(self._sums) >= MOST_KINDS - 1:
            kind = (OTHER, OTHER)
        _add(self._sums[kind], objects, size)

    def _add_to_timeline(self, at_s: float, objects: int, size: int) -> None:
        while at_s >= self._width_s * MOST_CELLS:
            self._width_s *= 2
            narrow_cells, self._cells = self._cells, defaultdict(lambda: [0, 0])
            for number, cell in narrow_cells.items():
                _add(self._cells[number // 2], *cell)
        _add(self._cells[int(at_s / self._width_s)], objects, size)

    def _add_failed(self, row: ReportRow) -> None:
        kind = (row.reason, row.code)
        if kind not in self._failed and len(self._failed) >= KINDS:
            kind = ("", "")
        rows = self._failed.setdefault(kind, [])
        if len(rows) < OF_A_KIND:
            rows.append(row)

    def _add_slow(self, row: ReportRow) -> None:
        self._serial -= 1
        heapq.heappush(self._slowest, (row.took_s, self._serial, row))
        if len(self._slowest) > SLOWEST:
            heapq.heappop(self._slowest)
        if len(self._slowest) == SLOWEST:
            self._floor_s = self._slowest[0][0]


def _add(sums: list[int], objects: int, size: int) -> None:
    sums[0] += objects
    sums[1] += size


def _rounded(row: ReportRow) -> ReportRow:
    """The row with its times rounded like those in a report's lines."""
    return row._replace(at_s=round(row.at_s, 3), took_s=round(row.took_s, 3))
