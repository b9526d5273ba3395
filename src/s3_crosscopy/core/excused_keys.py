"""Remembers the keys that a run reported as not copied, in a few bytes each, for the listing check at its end."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort

MOST_KEYS = 1_000_000
"""Keys that are remembered: 8 MB."""
BUCKETS = 1 << 10
"""Sorted arrays for the hashes, so that one more hash is inserted into an array of a thousand."""


class Excused:
    """Stores a 64-bit hash of each key. most: number of keys stored. unknown: number of further keys, not stored.

    Two keys have the same hash once in 10^19 times. The hashes are those of this process and must not be saved.
    """

    def __init__(self, most: int = MOST_KEYS) -> None:
        self.unknown = 0
        self._number = 0
        self._most = most
        self._buckets = [array("q") for _ in range(BUCKETS)]

    def add(self, key: str) -> None:
        """Add a key; call it once for each."""
        if self._number >= self._most:
            self.unknown += 1
            return
        self._number += 1
        hashed = hash(key)
        insort(self._buckets[hashed % BUCKETS], hashed)

    def __len__(self) -> int:
        return self._number

    def __contains__(self, key: str) -> bool:
        """Return True if this key was added and stored."""
        hashed = hash(key)
        bucket = self._buckets[hashed % BUCKETS]
        index = bisect_left(bucket, hashed)
        return index < len(bucket) and bucket[index] == hashed
