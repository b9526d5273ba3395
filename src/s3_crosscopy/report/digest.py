"""What a report's rows come to: sums, sizes, copies over time, and the few rows that are worth a look.

Bounded however many rows there were, so that a page of a hundred million objects is as small as one of a thousand.
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
"""Of the timeline: as many as a chart can show. With more the cells become twice as wide."""
LEAST_WIDTH_S = 0.01
MOST_ROWS = 2_000
"""Failed rows that are kept; `plan.digest` keeps 1,100."""
MOST_KINDS = 500
"""Reasons, over all outcomes; a copy knows 30."""
MOST_SUM = 2**80
"""Of rows and of their bytes: far above a billion objects of the largest size, and no trouble for a chart's floats."""


class Timeline(NamedTuple):
    """Copies over the run's own time: cell `n` are those that ended from `n * width_s` until `width_s` later."""

    width_s: float
    cells: tuple[Sum, ...] = ()


@dataclass(frozen=True)
class Digest:
    """The sum of `rows` rows. `whole=False`: the report has more, which were not read.

    `outcomes` is outcome -> reason -> sum, `sizes` the copies (in a dry run: what would be copied) by power of two, see
    `size_span`. `failed` are some of the failed, of every reason and code; `slowest` those that took longest, the
    slowest first.
    """

    rows: int
    whole: bool
    outcomes: Mapping[str, Mapping[str, Sum]]
    sizes: Mapping[int, Sum]
    timeline: Timeline
    failed: tuple[ReportRow, ...] = ()
    slowest: tuple[ReportRow, ...] = ()

    def of_outcome(self, outcome: str) -> Sum:
        """All rows of one outcome."""
        return total(self.outcomes.get(outcome, {}).values())

    def of_reason(self, reason: str) -> Sum:
        """All rows of one reason, whatever their outcome."""
        return total(reasons[reason] for reasons in self.outcomes.values() if reason in reasons)


def size_span(row: int) -> str:
    """What a row of `Digest.sizes` holds, for people: row `n` are the sizes that take `n` binary digits."""
    if row == 0:
        return "empty"
    return f"{show_bytes(2 ** (row - 1))} to below {show_bytes(2**row)}"


def to_json(digest: Digest) -> dict[str, Any]:
    """As JSON values."""
    return {
        "format": FORMAT,
        "rows": digest.rows,
        "whole": digest.whole,
        "outcomes": {
            outcome: {reason: list(one) for reason, one in reasons.items()}
            for outcome, reasons in digest.outcomes.items()
        },
        "sizes": {str(row): list(one) for row, one in digest.sizes.items()},
        "timeline": {"width_s": digest.timeline.width_s, "cells": [list(one) for one in digest.timeline.cells]},
        "failed": [row._asdict() for row in digest.failed],
        "slowest": [row._asdict() for row in digest.slowest],
    }


def from_json(kept: Mapping[str, Any]) -> Digest:
    """What `to_json` made the values of. Raises ValueError for anything else."""
    try:
        digest = Digest(
            rows=int(kept["rows"]),
            whole=bool(kept["whole"]),
            outcomes={
                outcome: {reason: _sum(one) for reason, one in reasons.items()}
                for outcome, reasons in kept["outcomes"].items()
            },
            sizes={_size(row): _sum(one) for row, one in kept["sizes"].items()},
            timeline=Timeline(float(kept["timeline"]["width_s"]), tuple(map(_sum, kept["timeline"]["cells"]))),
            failed=tuple(map(row_of, kept["failed"])),
            slowest=tuple(map(row_of, kept["slowest"])),
        )
    except (AttributeError, KeyError, TypeError, OverflowError) as error:
        raise ValueError(str(error)) from error
    if to_json(digest) != kept:
        raise ValueError("of another shape")
    _check(digest)
    return digest


def _sum(kept: Iterable[Any]) -> Sum:
    one = Sum(*map(int, kept))
    if not all(0 <= number <= MOST_SUM for number in one):
        raise ValueError("less than nothing, or more than there is")
    return one


def _size(row: str) -> int:
    if not (row.isascii() and row.isdigit() and len(row) < 3 and int(row) <= MOST_BYTES.bit_length()):
        raise ValueError("a size that no object has")
    return int(row)


def _check(digest: Digest) -> None:
    """Of what the page draws."""
    if not 0 <= digest.rows <= MOST_SUM:
        raise ValueError("a number of rows that no report has")
    if not (LEAST_WIDTH_S <= digest.timeline.width_s <= MOST_SECONDS and len(digest.timeline.cells) <= MOST_CELLS):
        raise ValueError("a timeline of another kind")
    if len(digest.outcomes) > MOST_KINDS or sum(map(len, digest.outcomes.values())) > MOST_KINDS:
        raise ValueError("more reasons than there are")
    if len(digest.failed) > MOST_ROWS or len(digest.slowest) > MOST_ROWS:
        raise ValueError("more rows than a digest has")


FIRST_WIDTH_S = 0.25


SLOWEST = 50


OF_A_KIND, KINDS = 100, 10


FOREVER_S = MOST_SECONDS


OTHER = "other"
"""The reason of all rows beyond the `MOST_KINDS` that a digest names: a report of ours has fewer, a damaged one any."""


class Digester:
    """The sums so far. `add` is called for every row, so it does little; a microsecond a row is the measure."""

    def __init__(self) -> None:
        self._rows = 0
        self._sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        self._sizes: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        self._width_s = FIRST_WIDTH_S
        self._cells: dict[int, list[int]] = defaultdict(lambda: [0, 0])
        self._failed: dict[tuple[str, str], list[ReportRow]] = {}
        # With the order of coming, so that equal times never compare rows, and the first stays.
        self._slowest: list[tuple[float, int, ReportRow]] = []
        self._floor_s = 0.0
        self._slow = 0

    def add(self, rows: Iterable[ReportRow]) -> None:
        """Enter rows."""
        for row in rows:
            self._rows += 1
            outcome, size = row.outcome, row.size
            self._count(outcome, row.reason, 1, size)
            if outcome in ("copied", "would_copy"):
                _enter(self._sizes[size.bit_length()], 1, size)
                if 0 < row.at_s < FOREVER_S:
                    self._place(row.at_s, 1, size)
            elif outcome == "failed":
                self._fail(row)
            if self._floor_s < row.took_s < FOREVER_S:
                self._slow_one(row)

    def include(self, digest: Digest) -> None:
        """Enter what another digest holds: the rows of another part of the same run, or of a run beside it."""
        self._rows += digest.rows
        for outcome, reasons in digest.outcomes.items():
            for reason, one in reasons.items():
                self._count(outcome, reason, *one)
        for row, one in digest.sizes.items():
            _enter(self._sizes[row], *one)
        for number, one in enumerate(digest.timeline.cells):
            if one.objects:
                self._place((number + 0.5) * digest.timeline.width_s, *one)
        for failed in digest.failed:
            self._fail(failed)
        for slow in digest.slowest:
            if slow.took_s > self._floor_s:
                self._slow_one(slow)

    def taken(self, *, whole: bool = True) -> Digest:
        """The digest. `whole=False`: not all rows could be entered."""
        outcomes: dict[str, dict[str, Sum]] = {}
        for (outcome, reason), one in sorted(self._sums.items()):
            outcomes.setdefault(outcome, {})[reason] = Sum(*one)
        end = max(self._cells, default=-1) + 1
        return Digest(
            rows=self._rows,
            whole=whole,
            outcomes=outcomes,
            sizes={row: Sum(*one) for row, one in sorted(self._sizes.items())},
            timeline=Timeline(self._width_s, tuple(Sum(*self._cells.get(number, ())) for number in range(end))),
            failed=tuple(sorted(_kept(row) for rows in self._failed.values() for row in rows)),
            slowest=tuple(_kept(row) for _, _, row in sorted(self._slowest, reverse=True)),
        )

    def _count(self, outcome: str, reason: str, objects: int, size: int) -> None:
        kind = (outcome, reason)
        if kind not in self._sums and len(self._sums) >= MOST_KINDS - 1:
            kind = (OTHER, OTHER)
        _enter(self._sums[kind], objects, size)

    def _place(self, at_s: float, objects: int, size: int) -> None:
        while at_s >= self._width_s * MOST_CELLS:
            self._width_s *= 2
            narrow, self._cells = self._cells, defaultdict(lambda: [0, 0])
            for number, one in narrow.items():
                _enter(self._cells[number // 2], *one)
        _enter(self._cells[int(at_s / self._width_s)], objects, size)

    def _fail(self, row: ReportRow) -> None:
        kind = (row.reason, row.code)
        if kind not in self._failed and len(self._failed) >= KINDS:
            kind = ("", "")
        rows = self._failed.setdefault(kind, [])
        if len(rows) < OF_A_KIND:
            rows.append(row)

    def _slow_one(self, row: ReportRow) -> None:
        self._slow -= 1
        heapq.heappush(self._slowest, (row.took_s, self._slow, row))
        if len(self._slowest) > SLOWEST:
            heapq.heappop(self._slowest)
        if len(self._slowest) == SLOWEST:
            self._floor_s = self._slowest[0][0]


def _enter(sums: list[int], objects: int, size: int) -> None:
    sums[0] += objects
    sums[1] += size


def _kept(row: ReportRow) -> ReportRow:
    """With times as exact as those of a report's lines."""
    return row._replace(at_s=round(row.at_s, 3), took_s=round(row.took_s, 3))
