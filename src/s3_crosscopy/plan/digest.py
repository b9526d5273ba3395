"""Takes the digest of a report: rows are entered as they come, and what is kept of them is bounded."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable

from s3_crosscopy.model.census import Sum
from s3_crosscopy.model.digest import MOST_CELLS, MOST_KINDS, Digest, Timeline
from s3_crosscopy.model.rows import MOST_SECONDS, Row

FIRST_WIDTH_S = 0.25
SLOWEST = 50
OF_A_KIND, KINDS = 100, 10
"""So many failed rows of each reason and code, and so many reasons and codes; of all others together as many again.

A million denied keys must not hide the three that timed out.
"""
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
        self._failed: dict[tuple[str, str], list[Row]] = {}
        # With the order of coming, so that equal times never compare rows, and the first stays.
        self._slowest: list[tuple[float, int, Row]] = []
        self._floor_s = 0.0
        self._slow = 0

    def add(self, rows: Iterable[Row]) -> None:
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

    def _fail(self, row: Row) -> None:
        kind = (row.reason, row.code)
        if kind not in self._failed and len(self._failed) >= KINDS:
            kind = ("", "")
        rows = self._failed.setdefault(kind, [])
        if len(rows) < OF_A_KIND:
            rows.append(row)

    def _slow_one(self, row: Row) -> None:
        self._slow -= 1
        heapq.heappush(self._slowest, (row.took_s, self._slow, row))
        if len(self._slowest) > SLOWEST:
            heapq.heappop(self._slowest)
        if len(self._slowest) == SLOWEST:
            self._floor_s = self._slowest[0][0]


def _enter(sums: list[int], objects: int, size: int) -> None:
    sums[0] += objects
    sums[1] += size


def _kept(row: Row) -> Row:
    """With times as exact as those of a report's lines."""
    return row._replace(at_s=round(row.at_s, 3), took_s=round(row.took_s, 3))
