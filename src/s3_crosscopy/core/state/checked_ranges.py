"""Tracks the progress of the listing check at the end of a run, so that a later attempt resumes it."""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.core.state.cursors import Cursors
from s3_crosscopy.core.state.remaining import RemainingRanges, limits_for, union
from s3_crosscopy.model.checkpoint import Checking
from s3_crosscopy.model.objects import KeyRange

LIMITS = limits_for(12 * 1024)
"""A quarter of a checkpoint's 48 KiB: most of it is for the copies. Ranges that do not fit are compared again."""


class Checked(Cursors):
    """Key ranges of a listing check and the number of pairs compared. A range with a mismatch remains to be checked.

    ranges: all ranges of this run.
    before: progress of an earlier attempt, or None. With it only its remaining ranges and the `changed` ones are
      compared.
    changed: ranges in which this attempt copied something.
    """

    def __init__(
        self, ranges: Sequence[KeyRange], before: Checking | None = None, changed: Sequence[KeyRange] = ()
    ) -> None:
        self.ranges = tuple(ranges) if before is None else union((*before.left, *changed))
        super().__init__(self.ranges)
        self._remaining = RemainingRanges(self.ranges, LIMITS)
        self._saved = before.compared if before is not None else 0
        self._not_saved = 0

    @property
    def compared(self) -> int:
        """Number of pairs compared, including those of earlier attempts."""
        return self._saved + self._not_saved

    def passed(self, range_number: int, key: str, compared: int, *, good: bool) -> None:
        """Record `compared` pairs up to this key; `good` is True if all of them matched."""
        self._record(self.move(range_number, key), compared, good=good)

    def ended(self, range_number: int) -> None:
        """Record that the range has no further key."""
        self._record(self.rest(range_number), 0, good=True)

    def snapshot(self) -> Checking:
        """Return the ranges that remain to be compared and the number of pairs compared outside them."""
        return Checking(self._remaining.ranges(), self._saved)

    def _record(self, passed: KeyRange, compared: int, *, good: bool) -> None:
        if good and (passed.after == passed.end or self._remaining.subtract([passed])):
            self._saved += compared
        else:
            self._not_saved += compared
