"""Tracks how far each range of a scan has got."""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.model.objects import KeyRange


class Cursors:
    """Key ranges by number, each with a cursor; a range that is split off gets the next number."""

    def __init__(self, ranges: Sequence[KeyRange]) -> None:
        self._ranges = list(ranges)
        self._cursors = [keys.after for keys in ranges]

    def split(self, range_number: int, key: str) -> int:
        """End the range at a key after its cursor. Returns the number of the new range that starts there."""
        whole = self._ranges[range_number]
        self._ranges[range_number] = KeyRange(whole.after, key)
        self._ranges.append(KeyRange(key, whole.end))
        self._cursors.append(key)
        return len(self._ranges) - 1

    def unsplit(self, range_number: int, other: int) -> None:
        """Undo a split before any key of the range `other` was taken."""
        self._ranges[range_number] = KeyRange(self._ranges[range_number].after, self._ranges[other].end)
        self._ranges[other] = KeyRange(self._cursors[other], self._cursors[other])

    def move(self, range_number: int, key: str) -> KeyRange:
        """Advance the cursor of a range to the key; returns the keys passed by this."""
        passed = KeyRange(self._cursors[range_number], key)
        self._cursors[range_number] = key
        return passed

    def rest(self, range_number: int) -> KeyRange:
        """Return the keys of a range after its cursor."""
        return KeyRange(self._cursors[range_number], self._ranges[range_number].end)
