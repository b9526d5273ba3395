"""Chooses the ranges that a resumed run scans: few ranges with all remaining keys, if that needs fewer requests."""

from __future__ import annotations

from collections.abc import Sequence
from heapq import nlargest

from s3_crosscopy.core.keyspace.key_codec import shared
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.core.state.remaining import Among, limits_for
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.s3_limits import PAGE_KEYS
from s3_crosscopy.model.tally import Tally

LEAST_RANGES, MOST_RANGES = 256, 20_000
"""Up to the first number ranges are never merged, however near they are; above the second they always are."""
FEW_KEYS = 20
"""Asked for first where a range may hold a single key: to read a page of 1,000 rows takes as long as ten copies."""


def open_ledger(
    remaining: Sequence[KeyRange], committed: Tally, room: int, *, join: bool
) -> tuple[Ledger, Sequence[KeyRange], Among | None]:
    """Return the ledger of a run, the ranges to scan, and a filter for their keys (None if all of them remain).

    remaining: what the run has to copy, disjoint and in ascending order. committed: counts of earlier attempts.
    room: bytes of JSON that the checkpoint stores.
    join: merge ranges, so that scans meet keys that are completed. For a listing only: looking keys up one by one
      costs the same in any number of ranges.
    """
    ranges = ranges_to_scan(remaining, committed.listed) if join else remaining
    among = Among(remaining) if len(ranges) < len(remaining) else None
    return Ledger(ranges, committed, limits_for(room), remaining), ranges, among


def ranges_to_scan(remaining: Sequence[KeyRange], committed_keys: int) -> tuple[KeyRange, ...]:
    """Return few ranges that contain the remaining ones, which are disjoint and in ascending order.

    committed_keys: number of keys outside the remaining ranges. Each range takes at least one page of a listing, but
    most of them a short one, so there are at most twice as many ranges as full pages of committed keys. Those whose
    neighbouring ends share the longest prefix are merged first, because few keys lie between them.
    """
    most = min(MOST_RANGES, max(LEAST_RANGES, 2 * committed_keys // PAGE_KEYS))
    if len(remaining) <= most:
        return tuple(remaining)

    def distance(gap: int) -> tuple[int, int]:
        return -shared(remaining[gap - 1].end or "", remaining[gap].after), -gap

    kept_gaps = set(nlargest(most - 1, range(1, len(remaining)), key=distance))
    ranges: list[KeyRange] = []
    for number, keys in enumerate(remaining):
        if ranges and number not in kept_gaps:
            ranges[-1] = KeyRange(ranges[-1].after, keys.end)
        else:
            ranges.append(keys)
    return tuple(ranges)


def scan_order(ranges: Sequence[KeyRange]) -> list[int]:
    """Return the numbers of the ranges in the order of their scans: first those whose ends share the shortest prefix.

    These contain most keys. The others contain few, most of which failed before and may fail again. New keys do not
    wait for them, so that a run that is killed every minute still makes progress.
    """
    return sorted(range(len(ranges)), key=lambda number: shared(ranges[number].after, ranges[number].end or ""))


def first_page_keys(keys: KeyRange) -> int:
    """Return the size of a range's first page: small if the range may hold a single key, as that of a failed key does.

    Such ends differ in their last two characters at most, or one is the beginning of the other. Nearly no range that
    holds many keys has such ends; one that does costs one LIST more.
    """
    if not keys.after or keys.end is None:
        return PAGE_KEYS
    near = shared(keys.after, keys.end) >= max(len(keys.after), len(keys.end)) - 2
    return FEW_KEYS if near or keys.end.startswith(keys.after) else PAGE_KEYS
