"""What S3 tells of objects: a listed row, the facts of a HEAD, and the key ranges that a run is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


class Listed(NamedTuple):
    """One row of a listing: everything a decision may rest on without another request.

    `etag` is without quotes. `modified` is UTC as `YYYY-MM-DDThh:mm:ss...`: its first 19 characters compare as time,
    so that nobody pays for parsing it. A multipart object's `modified` is when its upload was *initiated*.
    """

    key: str
    size: int
    etag: str
    modified: str
    storage_class: str = "STANDARD"
    restored: bool = False
    """A copy of an archived object is there for a while, so that it can be read."""


def absent(key: str) -> Listed:
    """What a manifest names and the source does not have: a row without a storage class, which every object has."""
    return Listed(key, 0, "", "", "")


class KeyRange(NamedTuple):
    """The keys in `(after, end]` of the source bucket, by UTF-8 bytes, which is also how Python compares `str`.

    `after=""` begins at the first key (no key is empty); `end=None` has no end.
    """

    after: str = ""
    end: str | None = None


class Page(NamedTuple):
    """One page of `list_objects_v2`, in the server's order. `next_token` is None on the last page.

    `date` is the server's own clock (the `Date` header) in the form of `Listed.modified`, or "" if it gave none.
    """

    objects: list[Listed]
    next_token: str | None
    date: str = ""


class Checksum(NamedTuple):
    """A checksum as S3 states it: `CRC64NVME`, `SHA256` ...; `FULL_OBJECT` or `COMPOSITE`; base64."""

    algorithm: str
    kind: str
    value: str


@dataclass(frozen=True)
class Facts:
    """What a HEAD tells. `content` and `metadata` are by S3's API names, ready to be sent again.

    `encryption` is `AES256`, `aws:kms`, `aws:kms:dsse`, or "" when the server does not say. `parts` is known only
    when one part was asked for, and then `size` is that part's size. `date` is the server's clock, as in `Page`.
    `version` is "" in a bucket without versions. So many pieces of `metadata` as `untold` says no header can hold.

    Values of `content` and `metadata` are the header's bytes as UTF-8; what is none stands in surrogates (PEP 383).
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
    content: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)

    def as_listed(self, key: str) -> Listed:
        """The same object as a listing would show it."""
        return Listed(key, self.size, self.etag, self.modified, self.storage_class, self.restored)


class Part(NamedTuple):
    """One copied part of an upload. `checksums` is by S3's API names (`ChecksumCRC32`), as Complete wants it."""

    number: int
    etag: str
    checksums: Mapping[str, str]
