"""The keys that a later attempt does again, as intervals, and never more of them than a checkpoint holds.

A gap between two intervals is what need not be done again. A gap that would cost too many bytes is not made: its keys
stay left, although they are done. So nothing that was told of a gap ever has to be taken back.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.model.checkpoint import MAX_JSON_BYTES
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.packed_ranges import packed_bytes


class SizeLimits(NamedTuple):
    """How many bytes the intervals may get, packed and before they are compressed.

    Up to `easy_bytes` every gap is made, above them only one that promises to be long: `patience` keys in a row that
    are done with, twice as many each `step_bytes`. So a run that begins with hundreds of failures is not left as a
    whole. `most_bytes` are never exceeded. Gaps that pass, because they are in batches that are still open, are made up
    to `transient_bytes` only: they must not take the room of those that stay.
    """

    easy_bytes: int
    most_bytes: int
    step_bytes: int
    transient_bytes: int
    patience: int = 10_000


def limits_for(room: int) -> SizeLimits:
    """The limits for a checkpoint of so many bytes of JSON.

    Half of them, of which base64 makes two thirds at most; uploads, counts and progress need the rest.
    """
    most = room // 2
    easy = most * 5 // 6
    return SizeLimits(easy, most, max(1, (most - easy) // 8), most // 2)


LIMITS = limits_for(MAX_JSON_BYTES)


class RemainingRanges:
    """Intervals in order and apart; `size` is what they take, `refused` whether a gap was not made that would stay."""

    def __init__(self, ranges: Sequence[KeyRange], limits: SizeLimits = LIMITS) -> None:
        self.refused = False
        self._limits = limits
        self._ranges = list(union(ranges))
        self.size = packed_bytes(self._ranges)

    def ranges(self) -> tuple[KeyRange, ...]:
        """The intervals."""
        return tuple(self._ranges)

    def subtract(self, gaps: Sequence[KeyRange], in_a_row: int = 0, *, is_transient: bool = False) -> bool:
        """Take out these gaps, which are in order and apart; False, and nothing has changed, if that costs too much.

        So many keys `in_a_row` up to here are done with. `is_transient`: if they cost too much now, they are tried
        again.
        """
        if not gaps:
            return True
        first = self._first_that_reaches(gaps[0].after)
        last = self._first_that_reaches(gaps[-1].end) if gaps[-1].end is not None else len(self._ranges)
        before = (self._ranges[first - 1].end or "") if first else ""
        old, behind = self._ranges[first : last + 1], self._ranges[last + 1 : last + 2]
        new = self._without(old, gaps)
        size = self.size + packed_bytes([*new, *behind], before) - packed_bytes([*old, *behind], before)
        if not self._may(size, len(new) > len(old), in_a_row, is_transient):
            self.refused = self.refused or not is_transient
            return False
        self._ranges[first : last + 1] = new
        self.size = size
        return True

    def _may(self, size: int, more: bool, in_a_row: int, is_transient: bool) -> bool:
        limits = self._limits
        if size <= self.size or size <= (limits.transient_bytes if is_transient else limits.easy_bytes):
            return True
        if is_transient or size > limits.most_bytes:
            return False
        doublings = (size - limits.easy_bytes) // limits.step_bytes
        return not more or in_a_row >= limits.patience << doublings

    @staticmethod
    def _without(ranges: Sequence[KeyRange], gaps: Sequence[KeyRange]) -> list[KeyRange]:
        """Many of the one meet many of the other, each only a few: those that it reaches are looked at."""
        if len(ranges) == 1:
            return without(ranges[0], gaps)
        afters = [gap.after for gap in gaps]
        pieces: list[KeyRange] = []
        for one in ranges:
            first = max(0, bisect_right(afters, one.after) - 1)
            last = len(gaps) if one.end is None else bisect_left(afters, one.end)
            pieces += without(one, gaps[first:last])
        return pieces

    def _first_that_reaches(self, key: str) -> int:
        """The place of the first interval that ends behind this key, or after the last one."""
        place = bisect_right(self._ranges, key, key=lambda each: each.after)
        before = self._ranges[place - 1].end if place else ""
        return place - 1 if before is None or before > key else place


class Among:
    """Tells whether a key is in any of many intervals, which are in order and apart."""

    def __init__(self, ranges: Sequence[KeyRange]) -> None:
        self._afters = [one.after for one in ranges]
        self._ends = [one.end for one in ranges]

    def holds(self, key: str) -> bool:
        """Whether one of them has this key."""
        place = bisect_left(self._afters, key) - 1
        if place < 0:
            return False
        end = self._ends[place]
        return end is None or key <= end


def without(one: KeyRange, gaps: Sequence[KeyRange]) -> list[KeyRange]:
    """What is left of an interval without these gaps, which are in order and apart."""
    pieces: list[KeyRange] = []
    after: str | None = one.after
    for gap in gaps:
        if after is None or (one.end is not None and gap.after >= one.end):
            break
        if gap.after > after:
            pieces.append(KeyRange(after, gap.after))
        after = None if gap.end is None else max(after, gap.end)
    if after is not None and (one.end is None or after < one.end):
        pieces.append(KeyRange(after, one.end))
    return pieces


def union(ranges: Sequence[KeyRange]) -> tuple[KeyRange, ...]:
    """The same keys as fewer ranges, in order: what overlaps or touches becomes one."""
    merged: list[KeyRange] = []
    for one in sorted(ranges, key=lambda each: each.after):
        if one.end is not None and one.end <= one.after:
            continue
        last = merged[-1] if merged else None
        if last is None or (last.end is not None and one.after > last.end):
            merged.append(one)
        elif last.end is not None and (one.end is None or one.end > last.end):
            merged[-1] = KeyRange(last.after, one.end)
    return tuple(merged)
