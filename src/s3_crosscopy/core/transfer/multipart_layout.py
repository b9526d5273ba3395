"""How a large object is cut: parts that tile it, within S3's limits, in the source's own layout where that is known.

Limits: parts of 5 MiB to 5 GiB, the last of any size, 10,000 at most (User Guide, "Amazon S3 multipart upload limits").
"""

from __future__ import annotations

import re
from typing import NamedTuple

from s3_crosscopy.model.options import MAX_PART_BYTES, MIB, MIN_PART_BYTES

MAX_PARTS = 10_000
LEAST_OWN_PART_BYTES = 128 * MIB
"""Below this more parts cost requests ($0.005 per 1,000) and win nothing: S3 copies a part at 100 MB/s and more."""

_MULTIPART_ETAG = re.compile(r"[0-9a-fA-F]{32}-([1-9][0-9]{0,4})")


class Span(NamedTuple):
    """One part: its number from 1, and its first and last byte, both included."""

    number: int
    first: int
    last: int


def parts_in_etag(etag: str) -> int | None:
    """How many parts a multipart ETag (`...-N`) tells; None for any other."""
    match = _MULTIPART_ETAG.fullmatch(etag)
    return int(match[1]) if match else None


def uniform_part_bytes(size: int, parts: int, first_part_bytes: int) -> int | None:
    """The part size of a source whose `parts` are all as large as the first but the last; None if they cannot be.

    Copying with it gives the copy the same ETag, which then proves the content. A layout that only looks uniform by
    these numbers costs nothing: the ETags differ and prove nothing. Part sizes that S3 would refuse in a copy (the
    source may have one part only, of any size) count as unknown.
    """
    if parts == 1:
        return first_part_bytes if first_part_bytes == size and size <= MAX_PART_BYTES else None
    if parts > MAX_PARTS or not MIN_PART_BYTES <= first_part_bytes <= MAX_PART_BYTES:
        return None
    if not (parts - 1) * first_part_bytes < size <= parts * first_part_bytes:
        return None
    return first_part_bytes


def choose_part_bytes(size: int, wished: int | None, concurrency: int) -> int:
    """Bytes of a part for an object of `size`: as wished, or few large parts that still keep `concurrency` busy.

    A wish that would need more than 10,000 parts is raised as far as it must be, as s3transfer and rclone do.
    """
    least = -(-size // MAX_PARTS)
    if wished is not None:
        return max(wished, least)
    busy = -(-size // concurrency)
    return min(MAX_PART_BYTES, -(-max(LEAST_OWN_PART_BYTES, least, busy) // MIB) * MIB)


def spans(size: int, part_bytes: int) -> list[Span]:
    """The parts that tile `size` bytes: no gap, no overlap, only the last one shorter."""
    starts = range(0, size, part_bytes)
    return [Span(number, first, min(first + part_bytes, size) - 1) for number, first in enumerate(starts, 1)]
