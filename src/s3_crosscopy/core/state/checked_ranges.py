"""How far the check at the end of a run came: what a later attempt need not compare again."""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.core.state.cursors import Cursors
from s3_crosscopy.core.state.remaining import RemainingRanges, limits_for, union
from s3_crosscopy.model.checkpoint import Checking
from s3_crosscopy.model.objects import KeyRange

LIMITS = limits_for(12 * 1024)
"""A checkpoint has 48 KiB, and most of them are for the copies; a range that is too much is compared again."""


class Checked(Cursors):
    """The ranges of a check, and how many pairs were compared. Only where all were as they should be is done with.

    `before` is how far an earlier attempt came: then these are compared that it did not, and the `changed` ones.
    """

    def __init__(
        self, ranges: Sequence[KeyRange], before: Checking | None = None, changed: Sequence[KeyRange] = ()
    ) -> None:
        self.ranges = tuple(ranges) if before is None else union((*before.left, *changed))
        super().__init__(self.ranges)
        self._left = RemainingRanges(self.ranges, LIMITS)
        self._done = before.compared if before is not None else 0
        self._again = 0

    @property
    def compared(self) -> int:
        """Pairs that were compared, by earlier attempts too."""
        return self._done + self._again

    def passed(self, range_number: int, key: str, compared: int, *, good: bool) -> None:
        """So many pairs up to this key were compared; `good`: all were as they should be."""
        self._enter(self.move(range_number, key), compared, good=good)

    def ended(self, range_number: int) -> None:
        """The range has no further key."""
        self._enter(self.rest(range_number), 0, good=True)

    def snapshot(self) -> Checking:
        """What is left to compare, and how many pairs were compared outside it."""
        return Checking(self._left.ranges(), self._done)

    def _enter(self, passed: KeyRange, compared: int, *, good: bool) -> None:
        if good and (passed.after == passed.end or self._left.subtract([passed])):
            self._done += compared
        else:
            self._again += compared
