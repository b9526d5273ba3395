"""The objects that a self-test writes at the source, as values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from s3_crosscopy.selftest.awkward_keys import AWKWARD_KEYS, long_keys

MIB: Final = 2**20
PARTS: Final = "parts/"
"""Folder of the objects that are written in parts, to copy them alone once more."""
NON_ASCII: Final = {"name": "Käse 報告", "plain": "ascii"}
CONTENT: Final = {
    "CacheControl": "max-age=60, private",
    "ContentDisposition": 'attachment; filename="a b.csv"',
    "ContentEncoding": "gzip",
    "ContentLanguage": "de, en",
    "ContentType": "text/x-selftest; charset=utf-8",
}
METADATA: Final = {"owner": "raw team", "x-y_z": "a=b;c", "long": "v" * 1500}
TAGS: Final = {"team": "data", "a b": "c+d/e=f", "empty": "", "ümlaut": "ß@:_-."}
TEN_TAGS: Final = {f"key-{number}": f"value {number}" for number in range(10)}


_FILLER = bytes(range(256)) * (5 * MIB // 256)


class ObjectSpec(NamedTuple):
    """An object to write. `parts`: the sizes of its parts in bytes; () for one PutObject of a small body.

    headers: parameters of content headers, by S3's API names. checksum_type: "" for S3's default.
    args: other parameters of the request, such as `StorageClass`.
    """

    name: str
    key: str
    subject: str
    empty: bool = False
    headers: Mapping[str, str] = {}
    metadata: Mapping[str, str] = {}
    tags: Mapping[str, str] = {}
    checksum: str = ""
    checksum_type: str = ""
    parts: tuple[int, ...] = ()
    args: Mapping[str, Any] = {}

    def bodies(self) -> list[bytes]:
        """Return the content, part by part. It names the object, so that no other one can pass for it."""
        text = f"self-test of s3-crosscopy: {self.name}\n".encode()
        if not self.parts:
            return [b"" if self.empty else text]
        return [
            (text + f"part {number}\n".encode() + _FILLER)[:size].ljust(size, b".")
            for number, size in enumerate(self.parts)
        ]

    @property
    def size(self) -> int:
        """The bytes of the content."""
        return sum(self.parts) if self.parts else len(self.bodies()[0])


def object_specs(longest_prefix: str, kms_key_id: str | None = None) -> tuple[ObjectSpec, ...]:
    """Return all objects of a self-test. Keys end at S3's limit below `longest_prefix`."""
    return (*_keys(longest_prefix), *_properties(kms_key_id), *_in_parts(kms_key_id))


def _keys(longest_prefix: str) -> Iterator[ObjectSpec]:
    for name, key in {**AWKWARD_KEYS, **long_keys(longest_prefix)}.items():
        yield ObjectSpec(f"key-{name}", key, f"the key {key[:24]!r}", empty=key.endswith("/") or not key)


def _properties(kms_key_id: str | None) -> Iterator[ObjectSpec]:
    yield ObjectSpec("zero-bytes", "properties/empty", "an object of zero bytes", empty=True)
    yield ObjectSpec("content-headers", "properties/headers", "all content headers", headers=CONTENT)
    yield ObjectSpec("metadata", "properties/metadata", "user metadata, nearly 2 KB", metadata=METADATA)
    yield ObjectSpec("tags", "properties/tags", "tags with spaces, signs and unicode", tags=TAGS)
    yield ObjectSpec("ten-tags", "properties/ten-tags", "ten tags, the most", tags=TEN_TAGS)
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        name = f"checksum-{algorithm.lower()}"
        yield ObjectSpec(name, f"properties/{name}", f"a checksum {algorithm}", checksum=algorithm)
    infrequent = {"StorageClass": "STANDARD_IA"}
    yield ObjectSpec("storage-class", "properties/infrequent", "storage class STANDARD_IA", args=infrequent)
    own_key = {"ServerSideEncryption": "AES256"}
    yield ObjectSpec("sse-s3", "properties/sse-s3", "SSE-S3 by request", args=own_key)
    if kms_key_id is not None:
        yield ObjectSpec("sse-kms", "properties/sse-kms", "SSE-KMS", args=_kms(kms_key_id))


def _in_parts(kms_key_id: str | None) -> Iterator[ObjectSpec]:
    # Not on PutObject: there botocore refuses metadata that is no ASCII.
    yield ObjectSpec(
        "metadata-non-ascii",
        f"{PARTS}non-ascii",
        "metadata that is no ASCII, and a single part",
        metadata=NON_ASCII,
        parts=(1000,),
    )
    yield ObjectSpec("parts-uniform", f"{PARTS}uniform", "parts of one size", parts=(5 * MIB, 5 * MIB, 1000))
    yield ObjectSpec(
        "parts-uneven",
        f"{PARTS}uneven",
        "parts of three sizes",
        checksum="CRC32",
        checksum_type="FULL_OBJECT",
        parts=(5 * MIB, 5 * MIB + 1, 1000),
    )
    yield ObjectSpec(
        "parts-everything",
        f"{PARTS}everything",
        "parts, with headers, metadata, tags and full CRC32",
        headers=CONTENT,
        metadata=METADATA,
        tags=TAGS,
        checksum="CRC32",
        checksum_type="FULL_OBJECT",
        parts=(5 * MIB, 1),
    )
    yield ObjectSpec(
        "parts-sha256",
        f"{PARTS}sha256",
        "parts, with a composite SHA256",
        checksum="SHA256",
        checksum_type="COMPOSITE",
        parts=(5 * MIB, 1000),
    )
    yield ObjectSpec(
        "parts-composite",
        f"{PARTS}composite",
        "parts, with a composite CRC32",
        checksum="CRC32",
        checksum_type="COMPOSITE",
        parts=(5 * MIB, 1000),
    )
    yield ObjectSpec("parts-awkward-key", f"{PARTS}100% a+b é?#", "parts, under an awkward key", parts=(5 * MIB, 1))
    if kms_key_id is not None:
        yield ObjectSpec("parts-kms", f"{PARTS}kms", "parts, with SSE-KMS", parts=(5 * MIB, 1), args=_kms(kms_key_id))


def _kms(key_id: str) -> dict[str, str]:
    return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key_id}
