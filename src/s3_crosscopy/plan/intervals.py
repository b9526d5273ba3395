"""Key ranges in order and apart: made so, and asked for a key."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from s3_crosscopy.model.objects import KeyRange


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


def holds(ranges: Sequence[KeyRange], key: str) -> bool:
    """Whether a key is in one of these ranges, which are in order and apart, as `union` makes them."""
    before = bisect_left(ranges, key, key=lambda each: each.after)
    if before == 0:
        return False
    end = ranges[before - 1].end
    return end is None or key <= end
