"""The set of keys that may be deleted, in 16 bytes each: ten million take about 200 MB."""

from __future__ import annotations

import hashlib
from typing import Final

DIGEST_BYTES: Final = 16
"""Of BLAKE2b: two keys with the same digest do not occur, also if somebody looks for them."""

BUCKET_BYTES: Final = 2
TAIL_BYTES: Final = DIGEST_BYTES - BUCKET_BYTES


class KeySet:
    """Keys with their ETags: what was written since then is another object. Grows only."""

    def __init__(self) -> None:
        # Ten million `bytes` in a set would take a gigabyte.
        self._buckets: dict[bytes, bytearray] = {}

    def add(self, key: str, etag: str) -> None:
        """Add the object of a key."""
        digest = _digest(key, etag)
        self._buckets.setdefault(digest[:BUCKET_BYTES], bytearray()).extend(digest[BUCKET_BYTES:])

    def has(self, key: str, etag: str) -> bool:
        """Return True if the object was added."""
        digest = _digest(key, etag)
        bucket, tail = self._buckets.get(digest[:BUCKET_BYTES], b""), digest[BUCKET_BYTES:]
        place = bucket.find(tail)
        while place % TAIL_BYTES and place >= 0:
            # Bytes of two neighbours.
            place = bucket.find(tail, place + 1)
        return place >= 0


def _digest(key: str, etag: str) -> bytes:
    text = f"{len(etag)}:{etag}{key}"
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=DIGEST_BYTES).digest()
