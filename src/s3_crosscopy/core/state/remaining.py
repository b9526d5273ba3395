"""Tracks the key ranges that a later attempt must copy again, within the size limit of a checkpoint.

A completed range is subtracted from the remaining ranges, which may leave a gap between two of them. A gap that would
take too many bytes is not made: its keys remain although they are completed. A subtracted range is never added back.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.model.checkpoint import MAX_JSON_BYTES
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.packed_ranges import packed_bytes


class SizeLimits(NamedTuple):
    """Limits of the remaining ranges' size in bytes, packed and before compression.

    easy_bytes: up to this size every gap is made. Above it a gap is made only if it is likely to be long, so that a run
      which begins with hundreds of failures still saves its progress.
    most_bytes: never exceeded.
    step_bytes: each `step_bytes` above `easy_bytes` doubles the required number of consecutive completed keys.
    provisional_bytes: the limit for gaps in batches that are still open, which leaves room for those of closed batches.
    patience: consecutive completed keys that a gap requires right above `easy_bytes`.
    """

    easy_bytes: int
    most_bytes: int
    step_bytes: int
    provisional_bytes: int
    patience: int = 10_000


def limits_for(room: int) -> SizeLimits:
    """Return the limits for a checkpoint of at most `room` bytes of JSON.

    Ranges get half of it, because uploads, counts and progress need the rest; base64 takes two thirds of that at most.
    """
    most = room // 2
    easy = most * 5 // 6
    return SizeLimits(easy, most, max(1, (most - easy) // 8), most // 2)


LIMITS = limits_for(MAX_JSON_BYTES)


class RemainingRanges:
    """Disjoint key ranges in ascending order that remain to be copied.

    size: bytes of the packed ranges.
    refused: True once a completed range of a closed batch could not be subtracted.
    """

    def __init__(self, ranges: Sequence[KeyRange], limits: SizeLimits = LIMITS) -> None:
        self.refused = False
        self._limits = limits
        self._ranges = list(union(ranges))
        self.size = packed_bytes(self._ranges)

    def ranges(self) -> tuple[KeyRange, ...]:
        """Return the remaining ranges, disjoint and in ascending order."""
        return tuple(self._ranges)

    def subtract(self, done: Sequence[KeyRange], consecutive_keys: int = 0, *, provisional: bool = False) -> bool:
        """Remove completed ranges. Returns False and changes nothing if the result would exceed the size limit.

        done: disjoint ranges in ascending order.
        consecutive_keys: keys completed in a row up to the end of `done`.
        provisional: the ranges are of an open batch, and are offered again later if they do not fit now.
        """
        if not done:
            return True
        first = self._first_ending_after(done[0].after)
        last = self._first_ending_after(done[-1].end) if done[-1].end is not None else len(self._ranges)
        before = (self._ranges[first - 1].end or "") if first else ""
        old, following = self._ranges[first : last + 1], self._ranges[last + 1 : last + 2]
        new = self._without(old, done)
        size = self.size + packed_bytes([*new, *following], before) - packed_bytes([*old, *following], before)
        if not self._fits(size, len(new) > len(old), consecutive_keys, provisional):
            self.refused = self.refused or not provisional
            return False
        self._ranges[first : last + 1] = new
        self.size = size
        return True

    def _fits(self, size: int, adds_ranges: bool, consecutive_keys: int, provisional: bool) -> bool:
        limits = self._limits
        if size <= self.size or size <= (limits.provisional_bytes if provisional else limits.easy_bytes):
            return True
        if provisional or size > limits.most_bytes:
            return False
        doublings = (size - limits.easy_bytes) // limits.step_bytes
        return not adds_ranges or consecutive_keys >= limits.patience << doublings

    @staticmethod
    def _without(ranges: Sequence[KeyRange], done: Sequence[KeyRange]) -> list[KeyRange]:
        """Subtract many ranges from many: each remaining range looks only at the completed ones that overlap it."""
        if len(ranges) == 1:
            return without(ranges[0], done)
        starts = [gap.after for gap in done]
        result: list[KeyRange] = []
        for remaining in ranges:
            first = max(0, bisect_right(starts, remaining.after) - 1)
            last = len(done) if remaining.end is None else bisect_left(starts, remaining.end)
            result += without(remaining, done[first:last])
        return result

    def _first_ending_after(self, key: str) -> int:
        """Return the index of the first range that ends after the key, or the number of ranges."""
        index = bisect_right(self._ranges, key, key=lambda remaining: remaining.after)
        before = self._ranges[index - 1].end if index else ""
        return index - 1 if before is None or before > key else index


class Among:
    """Looks up keys in many disjoint ranges in ascending order."""

    def __init__(self, ranges: Sequence[KeyRange]) -> None:
        self._starts = [keys.after for keys in ranges]
        self._ends = [keys.end for keys in ranges]

    def holds(self, key: str) -> bool:
        """Return True if one of the ranges contains the key."""
        index = bisect_left(self._starts, key) - 1
        if index < 0:
            return False
        end = self._ends[index]
        return end is None or key <= end


def without(whole: KeyRange, gaps: Sequence[KeyRange]) -> list[KeyRange]:
    """Return the parts of a range that are outside the gaps, which are disjoint and in ascending order."""
    parts: list[KeyRange] = []
    after: str | None = whole.after
    for gap in gaps:
        if after is None or (whole.end is not None and gap.after >= whole.end):
            break
        if gap.after > after:
            parts.append(KeyRange(after, gap.after))
        after = None if gap.end is None else max(after, gap.end)
    if after is not None and (whole.end is None or after < whole.end):
        parts.append(KeyRange(after, whole.end))
    return parts


def union(ranges: Sequence[KeyRange]) -> tuple[KeyRange, ...]:
    """Return the same keys as disjoint ranges in ascending order; ranges that overlap or touch are merged."""
    merged: list[KeyRange] = []
    for current in sorted(ranges, key=lambda keys: keys.after):
        if current.end is not None and current.end <= current.after:
            continue
        last = merged[-1] if merged else None
        if last is None or (last.end is not None and current.after > last.end):
            merged.append(current)
        elif last.end is not None and (current.end is None or current.end > last.end):
            merged[-1] = KeyRange(last.after, current.end)
    return tuple(merged)
