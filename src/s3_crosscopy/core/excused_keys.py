"""Keys that a run itself told not to have copied: millions of them in a few bytes each, for the check at its end."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort

MOST_KEYS = 1_000_000
"""Of which each is known: 8 MB."""
BUCKETS = 1 << 10
"""So that a sorted array of a thousand numbers is what one more number is put into."""


class Excused:
    """Keeps a 64-bit hash of each key, up to a bound; `unknown` counts those beyond it, of which only that is known.

    Two keys have the same hash once in 10^19 times. Hashes are those of this process: they are not to be saved.
    """

    def __init__(self, most: int = MOST_KEYS) -> None:
        self.unknown = 0
        self._number = 0
        self._most = most
        self._buckets = [array("q") for _ in range(BUCKETS)]

    def add(self, key: str) -> None:
        """Excuse a key; call it once for each."""
        if self._number >= self._most:
            self.unknown += 1
            return
        self._number += 1
        hashed = hash(key)
        insort(self._buckets[hashed % BUCKETS], hashed)

    def __len__(self) -> int:
        return self._number

    def __contains__(self, key: str) -> bool:
        """Tells whether this key was added and is known."""
        hashed = hash(key)
        bucket = self._buckets[hashed % BUCKETS]
        place = bisect_left(bucket, hashed)
        return place < len(bucket) and bucket[place] == hashed
