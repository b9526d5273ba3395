"""Checksums of small bodies as S3 writes them in its headers."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping, Sequence


def _reflected_crc(polynomial: int, width_bytes: int) -> Callable[[bytes], bytes]:
    """Return a CRC that the standard library does not have. Bit by bit: for bodies of some hundred bytes."""
    ones = (1 << 8 * width_bytes) - 1

    def checksum(body: bytes) -> bytes:
        crc = ones
        for byte in body:
            crc ^= byte
            for _ in range(8):
                crc = (crc >> 1) ^ polynomial if crc & 1 else crc >> 1
        return (crc ^ ones).to_bytes(width_bytes, "big")

    return checksum


CHECKSUMS: Mapping[str, Callable[[bytes], bytes]] = {
    "CRC32": lambda body: zlib.crc32(body).to_bytes(4, "big"),
    "CRC32C": _reflected_crc(0x82F63B78, 4),
    "CRC64NVME": _reflected_crc(0x9A6C9329AC4BC9B5, 8),
    "SHA1": lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    "SHA256": lambda body: hashlib.sha256(body).digest(),
}


def checksum_of_body(algorithm: str, body: bytes) -> str:
    """Return the value of the header `x-amz-checksum-...`."""
    return base64.b64encode(CHECKSUMS[algorithm](body)).decode()


def composite(algorithm: str, parts: Sequence[bytes]) -> str:
    """Return the checksum of the parts' checksums, as HEAD returns it (S3 User Guide, "Checking object integrity")."""
    digests = b"".join(CHECKSUMS[algorithm](part) for part in parts)
    return f"{checksum_of_body(algorithm, digests)}-{len(parts)}"


def md5_etag(parts: Sequence[bytes], *, in_parts: bool) -> str:
    """Return the ETag of an object without KMS: the MD5 of its content, or of its parts' MD5s."""
    digests = [hashlib.md5(part, usedforsecurity=False).digest() for part in parts]
    if not in_parts:
        return digests[0].hex()
    return f"{hashlib.md5(b''.join(digests), usedforsecurity=False).hexdigest()}-{len(parts)}"
