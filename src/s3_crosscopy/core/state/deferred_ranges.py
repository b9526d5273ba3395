"""Where the keys lie that a shard leaves to the publish task: few intervals, which may hold other keys too."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.core.keyspace.key_codec import shared
from s3_crosscopy.core.state.remaining import union
from s3_crosscopy.model.checkpoint import range_bytes
from s3_crosscopy.model.objects import KeyRange

MOST_BYTES = 16 * 1024
"""Of the intervals' JSON: a thousand shards' results are rows in Airflow's database, and a checkpoint has 48 KiB."""

MOST_HELD = 4096
"""Many times what the JSON holds, and less than a page of objects in memory."""

NEAR_KEYS = 1000
"""Two markers with fewer keys in between are found with one page of a listing: two intervals would cost two."""


class DeferredRanges:
    """Collects the intervals of marked keys, walk by walk; holds a bounded number of them."""

    def __init__(self, most_bytes: int = MOST_BYTES, most_held: int = MOST_HELD) -> None:
        self._most_bytes = most_bytes
        self._most_held = most_held
        self._ranges: list[KeyRange] = []
        self._last: dict[int, _Last] = {}

    def add(self, walk: int, one: KeyRange, place: int) -> None:
        """The next marked key of a walk, alone in its interval; it is the walk's `place`-th key."""
        last = self._last.get(walk)
        if last is not None and place - last.place <= NEAR_KEYS:
            self._ranges[last.at] = KeyRange(self._ranges[last.at].after, one.end)
            self._last[walk] = _Last(last.at, place)
            return
        if len(self._ranges) >= self._most_held:
            self._ranges = list(self.ranges())
            self._last.clear()
        self._last[walk] = _Last(len(self._ranges), place)
        self._ranges.append(one)

    def ranges(self) -> tuple[KeyRange, ...]:
        """The intervals, in order and apart."""
        return coarsened(self._ranges, self._most_bytes)


class _Last(NamedTuple):
    """Where a walk's last interval is kept, and the place of its last key."""

    at: int
    place: int


def coarsened(ranges: Sequence[KeyRange], most_bytes: int = MOST_BYTES) -> tuple[KeyRange, ...]:
    """The same keys and others, as intervals in order and apart whose JSON is small; one is the least.

    Where they have to become fewer, those are joined first whose neighbouring ends have most in common: few keys lie
    between them.
    """
    apart = union(ranges)
    too_much = sum(map(range_bytes, apart)) - most_bytes
    if too_much <= 0:
        return apart
    gaps = range(len(apart) - 1)
    joined: set[int] = set()
    for gap in sorted(gaps, key=lambda gap: -shared(apart[gap].end or "", apart[gap + 1].after)):
        if too_much <= 0:
            break
        joined.add(gap)
        too_much -= _saved(apart[gap], apart[gap + 1])
    return _joined(apart, joined)


def _saved(left: KeyRange, right: KeyRange) -> int:
    """Bytes; the same whatever else is joined."""
    return range_bytes(left) + range_bytes(right) - range_bytes(KeyRange(left.after, right.end))


def _joined(apart: Sequence[KeyRange], gaps: set[int]) -> tuple[KeyRange, ...]:
    whole: list[KeyRange] = []
    for number, one in enumerate(apart):
        if number - 1 in gaps:
            whole[-1] = KeyRange(whole[-1].after, one.end)
        else:
            whole.append(one)
    return tuple(whole)
