"""Divides a large object into parts, within S3's limits, and with the source's own part size where that is known.

Limits: parts of 5 MiB to 5 GiB, the last of any size, 10,000 at most (User Guide, "Amazon S3 multipart upload limits").
"""

from __future__ import annotations

import re
from typing import NamedTuple

from s3_crosscopy.model.option_table import MAX_PART_BYTES, MIB, MIN_PART_BYTES

MAX_PARTS = 10_000
LEAST_OWN_PART_BYTES = 128 * MIB
"""Smallest part chosen without a request for another: smaller ones cost requests ($0.005 per 1,000) and save no time,
because S3 copies a part at 100 MB/s and more."""

_MULTIPART_ETAG = re.compile(r"[0-9a-fA-F]{32}-([1-9][0-9]{0,4})")


class Span(NamedTuple):
    """One part: its number from 1, and its first and last byte, both included."""

    number: int
    first: int
    last: int


def parts_in_etag(etag: str) -> int | None:
    """Return the number of parts in a multipart ETag (`...-N`), or None for any other ETag."""
    match = _MULTIPART_ETAG.fullmatch(etag)
    return int(match[1]) if match else None


def uniform_part_bytes(size: int, parts: int, first_part_bytes: int) -> int | None:
    """Return the source's part size in bytes if all parts but the last can have the first one's size, else None.

    A copy with the same part size has the same ETag, which verifies its content. If the parts had different sizes
    after all, the ETags differ, and nothing is lost. Returns None too for sizes that S3 refuses in a copy; the only
    part of an object may have any size.
    """
    if parts == 1:
        return first_part_bytes if first_part_bytes == size and size <= MAX_PART_BYTES else None
    if parts > MAX_PARTS or not MIN_PART_BYTES <= first_part_bytes <= MAX_PART_BYTES:
        return None
    if not (parts - 1) * first_part_bytes < size <= parts * first_part_bytes:
        return None
    return first_part_bytes


def may_be_uniform(size: int, parts: int) -> bool:
    """Return True if so many parts of equal size, the last one any, can make up an object of `size` bytes."""
    # The smallest possible part size: if it fails, every other one does.
    least = max(-(-size // parts), MIN_PART_BYTES if parts > 1 else 1)
    return uniform_part_bytes(size, parts, least) is not None


def choose_part_bytes(size: int, requested: int | None, concurrency: int) -> int:
    """Return the part size in bytes for an object of `size` bytes.

    requested: part size in bytes; raised if it would need more than 10,000 parts, as in s3transfer and rclone. With
    None the parts are as large as possible while there is one for each of `concurrency` requests.
    """
    least = -(-size // MAX_PARTS)
    if requested is not None:
        return max(requested, least)
    one_per_request = -(-size // concurrency)
    return min(MAX_PART_BYTES, -(-max(LEAST_OWN_PART_BYTES, least, one_per_request) // MIB) * MIB)


def spans(size: int, part_bytes: int) -> list[Span]:
    """Return the parts of an object of `size` bytes: without gap or overlap, only the last one shorter."""
    starts = range(0, size, part_bytes)
    return [Span(number, first, min(first + part_bytes, size) - 1) for number, first in enumerate(starts, 1)]
