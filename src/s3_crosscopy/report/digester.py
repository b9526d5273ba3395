"""Makes the digest of a report's rows, and adds up digests."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import islice
from operator import itemgetter

from s3_crosscopy.model.dry_run import Sum
from s3_crosscopy.model.report_row import MOST_SECONDS, ReportRow
from s3_crosscopy.report.digest import MOST_CELLS, MOST_KINDS, Digest, Timeline
from s3_crosscopy.report.digest_messages import MessageCounter

FIRST_WIDTH_S = 0.25
"""The width of a timeline's cells at first."""
SLOWEST = 50
"""The number of slowest rows that are kept."""
OF_A_KIND, KINDS = 100, 10
"""The failed rows that are kept of each pair of reason and code, and the pairs; all others count as one more."""
ROWS_AT_ONCE = 1000
FOREVER_S = MOST_SECONDS
"""Times from here on are not recorded ones."""
_counted = itemgetter(*map(ReportRow._fields.index, ("outcome", "reason", "size", "at_s", "took_s")))
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
        self._messages = MessageCounter()
        # With a serial number, so that rows of equal times are never compared, and the first one stays.
        self._slowest: list[tuple[float, int, ReportRow]] = []
        self._floor_s = 0.0
        self._serial = 0

    def add(self, rows: Iterable[ReportRow]) -> None:
        """Add rows."""
        remaining = iter(rows)
        while some := list(islice(remaining, ROWS_AT_ONCE)):
            self._rows += len(some)
            self._add_some(some)

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
        for alike in digest.messages:
            self._messages.include(alike)
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
            messages=tuple(self._messages.counted()),
        )

    def _add_some(self, rows: Sequence[ReportRow]) -> None:
        """Add rows. Those that count alike are summed up first, which takes half as long."""
        alike: dict[tuple[str, str, int, int], list[int]] = {}
        width_s, floor_s = self._width_s, self._floor_s
        last_at_s, cell = 0.0, -1
        for row, (outcome, reason, size, at_s, took_s) in zip(rows, map(_counted, rows), strict=True):
            if at_s != last_at_s:
                last_at_s, cell = at_s, int(at_s / width_s) if 0 < at_s < FOREVER_S else -1
            kind = outcome, reason, size.bit_length(), cell
            amount = alike.get(kind)
            if amount is None:
                alike[kind] = [1, size]
            else:
                amount[0] += 1
                amount[1] += size
            if outcome == "failed":
                self._add_failed(row)
                self._messages.add(row)
            if floor_s < took_s < FOREVER_S:
                self._add_slow(row)
                floor_s = self._floor_s
        for (outcome, reason, digits, cell), (objects, size) in alike.items():
            self._count(outcome, reason, objects, size)
            if outcome in ("copied", "would_copy"):
                _add(self._sizes[digits], objects, size)
                if cell >= 0:
                    self._add_to_timeline(cell * width_s, objects, size)

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
