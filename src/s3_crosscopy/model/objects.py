"""Values for S3 objects: a row of a listing, the result of a HEAD, versions, checksums, parts, and key ranges."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

CHECKSUM_NOT_LISTED = "?"
"""`Listed.checksum` of an object that was not listed, so that nothing is known of its checksums."""


class Listed(NamedTuple):
    """One object in a listing: all that a decision may use without another request.

    etag: without quotes.
    modified: UTC as `YYYY-MM-DDThh:mm:ss...`. The first 19 characters compare as time, which saves parsing. For a
      multipart object it is the time at which the upload was *initiated*.
    """

    key: str
    size: int
    etag: str
    modified: str
    storage_class: str = "STANDARD"
    restored: bool = False
    """True if an archived object is restored temporarily and can be read."""
    checksum: str = ""
    """The algorithms and the type of its checksums, `CRC64NVME:FULL_OBJECT`; "" if the listing names none."""


class KnownCopy(Listed):
    """A destination object that the ETag index knows as the copy of its source object: both have the ETags in it."""

    __slots__ = ()


def absent(key: str) -> Listed:
    """Return the row for a manifest's key that is missing at the source: it has no storage class, unlike any object."""
    return Listed(key, 0, "", "", "")


class KeyRange(NamedTuple):
    """The keys in `(after, end]` of the source bucket, by UTF-8 bytes, which is also how Python compares `str`.

    `after=""` starts at the first key (no key is empty); `end=None` has no end.
    """

    after: str = ""
    end: str | None = None


class Page(NamedTuple):
    """One page of ListObjectsV2, in the server's order. `next_token` is None on the last page.

    date: the server's time (the `Date` header) in the form of `Listed.modified`, or "" if there was none.
    """

    objects: list[Listed]
    next_token: str | None
    date: str = ""


class Checksum(NamedTuple):
    """A checksum of S3: algorithm (`CRC64NVME`, `SHA256` ...), `FULL_OBJECT` or `COMPOSITE`, base64 value."""

    algorithm: str
    kind: str
    value: str


NOTHING: Mapping[str, str] = MappingProxyType({})


class Facts(NamedTuple):
    """Result of a HEAD.

    encryption: `AES256`, `aws:kms`, `aws:kms:dsse`, or "" if the server does not send it.
    parts: number of parts; set only if one part was requested, and then `size` is that of the part.
    date: the server's time, as in `Page`. version: "" in a bucket without versions.
    untold: number of metadata entries that the response could not contain, because no header can hold them.
    content, metadata: by S3's API names, ready to be sent. Values are the header's bytes as UTF-8, with surrogates for
      invalid bytes (PEP 383).
    """

    size: int
    etag: str
    modified: str
    storage_class: str = "STANDARD"
    restored: bool = False
    encryption: str = ""
    checksum: Checksum | None = None
    parts: int | None = None
    date: str = ""
    version: str = ""
    untold: int = 0
    content: Mapping[str, str] = NOTHING
    metadata: Mapping[str, str] = NOTHING

    def as_listed(self, key: str) -> Listed:
        """Return the same object as a row of a listing."""
        storage_class, restored = self.storage_class, self.restored
        return Listed(key, self.size, self.etag, self.modified, storage_class, restored, CHECKSUM_NOT_LISTED)


class Version(NamedTuple):
    """A version of a key, or a delete marker, which has no content and the ETag "". `modified` as in `Listed`."""

    version: str
    is_marker: bool
    modified: str
    etag: str = ""


class Part(NamedTuple):
    """One copied part of an upload. checksums: by S3's API names (`ChecksumCRC32`), for CompleteMultipartUpload."""

    number: int
    etag: str
    checksums: Mapping[str, str]
