"""Checksums and ETags of bodies at hand, as S3 computes them, without a dependency.

For the objects that the self-test and the public doubles write. A CRC that is not in the standard library takes about
0.1 us a byte here, so megabytes are better checked with CRC32 or SHA256.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cache


def checksum(algorithm: str, body: bytes) -> str:
    """Return the value of the header `x-amz-checksum-...`: base64."""
    return base64.b64encode(_RAW[algorithm](body)).decode()


def composite(algorithm: str, parts: Sequence[str]) -> str:
    """Return the checksum of the parts' checksums, as HEAD returns it (S3 User Guide, "Checking object integrity")."""
    joined = b"".join(base64.b64decode(part) for part in parts)
    return f"{checksum(algorithm, joined)}-{len(parts)}"


def md5_etag(parts: Sequence[bytes], *, in_parts: bool) -> str:
    """Return the ETag of an object without KMS: the MD5 of its content, or of its parts' MD5s."""
    digests = [hashlib.md5(part, usedforsecurity=False).digest() for part in parts]
    if not in_parts:
        return digests[0].hex()
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(parts)}"


@cache
def _table(polynomial: int) -> tuple[int, ...]:
    rows = []
    for row in range(256):
        for _ in range(8):
            row = row >> 1 ^ (polynomial if row & 1 else 0)  # noqa: PLW2901 - the register is shifted in place
        rows.append(row)
    return tuple(rows)


def _reflected_crc(polynomial: int, width_bytes: int) -> Callable[[bytes], bytes]:
    ones = (1 << 8 * width_bytes) - 1

    def raw(body: bytes) -> bytes:
        table, register = _table(polynomial), ones
        for byte in body:
            register = register >> 8 ^ table[register & 255 ^ byte]
        return (register ^ ones).to_bytes(width_bytes, "big")

    return raw


_RAW: Mapping[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    # Castagnoli's polynomial, and that of the NVM Express specification; both bit-reversed.
    "CRC32C": _reflected_crc(0x82F63B78, 4),
    "CRC64NVME": _reflected_crc(0x9A6C9329AC4BC9B5, 8),
    "SHA1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "SHA256": lambda body: hashlib.sha256(body).digest(),
}
