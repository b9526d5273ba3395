"""Collects the key ranges of objects that a shard defers to the publish task: few ranges, which may hold other keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.core.keyspace.key_codec import shared
from s3_crosscopy.core.state.remaining import union
from s3_crosscopy.model.checkpoint_values import range_bytes
from s3_crosscopy.model.objects import KeyRange

MOST_BYTES = 16 * 1024
"""Limit of the ranges' JSON: a thousand shards' results are rows in Airflow's database, and a checkpoint has 48 KiB."""

MOST_HELD = 4096
"""Limit of ranges in memory: many times what the JSON holds, and less than a page of objects takes."""

NEAR_KEYS = 1000
"""Markers with fewer keys in between share a range: one page of a listing finds both, two ranges need two pages."""


class DeferredRanges:
    """Collects the ranges of marked keys, range by range of the scan; holds a bounded number of them.

    most_bytes: limit of the ranges' JSON, None for ranges that are not stored. most_held: that of the ranges in memory.
    """

    def __init__(self, most_bytes: int | None = MOST_BYTES, most_held: int = MOST_HELD) -> None:
        self._most_bytes = most_bytes
        self._most_held = most_held
        self._ranges: list[KeyRange] = []
        self._last: dict[int, _LastMarker] = {}

    def add(self, range_number: int, marked: KeyRange, position: int) -> None:
        """Add the range of the next marked key.

        range_number: number of the scanned range. position: that of the key among the keys of that range.
        """
        last = self._last.get(range_number)
        if last is not None and position - last.position <= NEAR_KEYS:
            self._ranges[last.range_index] = KeyRange(self._ranges[last.range_index].after, marked.end)
            self._last[range_number] = _LastMarker(last.range_index, position)
            return
        if len(self._ranges) >= self._most_held:
            # To half of the bytes: at the limit itself, each key would have all of them merged again.
            self._ranges = list(coarsened(self._ranges, sum(map(range_bytes, self._ranges)) // 2))
            self._last.clear()
        self._last[range_number] = _LastMarker(len(self._ranges), position)
        self._ranges.append(marked)

    def ranges(self) -> tuple[KeyRange, ...]:
        """Return the ranges, disjoint, in ascending order and within the size limit."""
        return union(self._ranges) if self._most_bytes is None else coarsened(self._ranges, self._most_bytes)


class _LastMarker(NamedTuple):
    """The last marked key of a scanned range: the index of its deferred range, and its position among the keys."""

    range_index: int
    position: int


def coarsened(ranges: Sequence[KeyRange], most_bytes: int = MOST_BYTES) -> tuple[KeyRange, ...]:
    """Return disjoint ranges in ascending order that cover the given ones in at most `most_bytes` of JSON.

    If there are too many, those whose neighbouring ends share the longest prefix are merged first, because few other
    keys lie between them. At least one range is returned for one given, even if it is larger than the limit.
    """
    disjoint = union(ranges)
    excess = sum(map(range_bytes, disjoint)) - most_bytes
    if excess <= 0:
        return disjoint
    gaps = range(len(disjoint) - 1)
    closed: set[int] = set()
    for gap in sorted(gaps, key=lambda gap: -shared(disjoint[gap].end or "", disjoint[gap + 1].after)):
        if excess <= 0:
            break
        closed.add(gap)
        excess -= _saved_bytes(disjoint[gap], disjoint[gap + 1])
    return _merged(disjoint, closed)


def _saved_bytes(left: KeyRange, right: KeyRange) -> int:
    """Return the bytes that merging two neighbours saves, which do not depend on other merges."""
    return range_bytes(left) + range_bytes(right) - range_bytes(KeyRange(left.after, right.end))


def _merged(disjoint: Sequence[KeyRange], closed_gaps: set[int]) -> tuple[KeyRange, ...]:
    merged: list[KeyRange] = []
    for number, keys in enumerate(disjoint):
        if number - 1 in closed_gaps:
            merged[-1] = KeyRange(merged[-1].after, keys.end)
        else:
            merged.append(keys)
    return tuple(merged)
