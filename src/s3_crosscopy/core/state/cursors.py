"""The ranges of a walk that no ledger keeps, and how far each is walked."""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.model.objects import KeyRange


class Cursors:
    """Ranges by number, in the numbers of `plan.ledger.Ledger`: a range that is split off gets the next one."""

    def __init__(self, ranges: Sequence[KeyRange]) -> None:
        self._ranges = list(ranges)
        self._at = [one.after for one in ranges]

    def split(self, range_number: int, at: str) -> int:
        """End the range at a key behind all that were taken of it; the number of the range that begins there."""
        one = self._ranges[range_number]
        self._ranges[range_number] = KeyRange(one.after, at)
        self._ranges.append(KeyRange(at, one.end))
        self._at.append(at)
        return len(self._ranges) - 1

    def unsplit(self, range_number: int, other: int) -> None:
        """Take back that split, before any key was taken of the `other` range."""
        self._ranges[range_number] = KeyRange(self._ranges[range_number].after, self._ranges[other].end)
        self._ranges[other] = KeyRange(self._at[other], self._at[other])

    def move(self, range_number: int, key: str) -> KeyRange:
        """The range is walked up to this key; what was passed with that."""
        passed = KeyRange(self._at[range_number], key)
        self._at[range_number] = key
        return passed

    def rest(self, range_number: int) -> KeyRange:
        """What is still to be walked of a range."""
        return KeyRange(self._at[range_number], self._ranges[range_number].end)
