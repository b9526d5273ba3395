"""Counts the keys that only the destination has, so that a resumed run counts none of them again."""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.core.state.remaining import Among, RemainingRanges, limits_for
from s3_crosscopy.model.mirror_state import Looked
from s3_crosscopy.model.objects import KeyRange

LIMITS = limits_for(6 * 1024)
"""An eighth of a checkpoint's 48 KiB. Keys of ranges that do not fit are counted again by a resumed run."""


class LookProgress:
    """Counts, and the ranges of source keys that are not yet looked at.

    ranges: the ranges of the whole run. before: the progress of earlier attempts, None if they found nothing.
    """

    def __init__(self, ranges: Sequence[KeyRange], before: Looked | None = None) -> None:
        left = ranges if before is None else before.left
        self.at_least = before is not None and before.at_least
        self._among = None if before is None else Among(left)
        self._left = RemainingRanges(left, LIMITS)
        self._saved = [0, 0] if before is None else [before.keys, before.filtered]
        self._not_saved = [0, 0]
        self._cursors: dict[int, str] = {}

    def is_new(self, key: str) -> bool:
        """Return True if no earlier attempt looked at this source key."""
        return self._among is None or self._among.holds(key)

    def passed(self, number: int, key_range: KeyRange, keys: int, filtered: int) -> None:
        """Count keys of a scan, which are all those from its last call to the end of `key_range`."""
        after = self._cursors.get(number, key_range.after)
        passed = KeyRange(after, key_range.end)
        self._cursors[number] = after if key_range.end is None else key_range.end
        saved = passed.after == passed.end or self._left.subtract([passed])
        counts = self._saved if saved else self._not_saved
        counts[0] += keys
        counts[1] += filtered

    @property
    def counts(self) -> tuple[int, int]:
        """The number of keys that were found, and of those that a filter leaves out."""
        return self._saved[0] + self._not_saved[0], self._saved[1] + self._not_saved[1]

    def snapshot(self) -> Looked | None:
        """Return the progress for a later attempt; None if there is nothing that it could count twice."""
        if not any(self.counts):
            return None
        keys, filtered = self._saved
        return Looked(self._left.ranges(), keys, filtered, self.at_least)
