"""The requests of a `Transport` (list a page, HEAD, copy, copy a part) and their results.

NamedTuples, because millions are created: 0.2-0.4 us each against 0.9-1.3 us of a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import NamedTuple

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Checksum, Facts, Page, Part
from s3_crosscopy.model.s3_limits import PAGE_KEYS

NO_HEADERS: Mapping[str, str] = MappingProxyType({})
ABSENT = "*"
"""`Copy.expected` of a key that the destination must not have."""


class Side(str, Enum):
    """The principal that signs a request: the source's reader, or the copier, which also reads the destination."""

    SOURCE = "source"
    DEST = "destination"


class ListPage(NamedTuple):
    """One ListObjectsV2. start_after: key after which a listing starts, "" for none. token: continues a listing."""

    side: Side
    bucket: Bucket
    prefix: str
    start_after: str = ""
    token: str | None = None
    max_keys: int = PAGE_KEYS


class Head(NamedTuple):
    """One HeadObject of a whole object, with checksums.

    if_match: ETag that the object must have, "" for any. version: version id, or None for the current one.
    """

    side: Side
    bucket: Bucket
    key: str
    if_match: str = ""
    version: str | None = None


class Copy(NamedTuple):
    """One CopyObject.

    if_match: ETag that the source must still have (`CopySourceIfMatch`).
    args: other parameters by S3's API names, built once per run and storage class by `core.transfer.copy_params`.
    version: version id of the source, or None for the current one.
    headers: content headers of this object, by S3's API names (`ContentType`). metadata: its user metadata, if `args`
      replace it and have none.
    expected: ETag that the destination's object must have, `ABSENT` if there must be none, "" for any.
    """

    source: Bucket
    source_key: str
    dest: Bucket
    dest_key: str
    if_match: str
    args: Mapping[str, object]
    version: str | None = None
    headers: Mapping[str, str] = NO_HEADERS
    metadata: Mapping[str, str] = NO_HEADERS
    expected: str = ""

    def all_args(self) -> dict[str, object]:
        """Return `args` with the headers and the metadata of this object."""
        return {**self.args, **self.headers, **({"Metadata": self.metadata} if self.metadata else {})}


class CopyPart(NamedTuple):
    """One UploadPartCopy of the bytes `first..last`, both included."""

    source: Bucket
    source_key: str
    dest: Bucket
    dest_key: str
    if_match: str
    upload_id: str
    number: int
    first: int
    last: int
    version: str | None = None


class Copied(NamedTuple):
    """Result of CopyObject or CompleteMultipartUpload: the new ETag without quotes, and the checksum or None."""

    etag: str
    checksum: Checksum | None = None


TransportOp = ListPage | Head | Copy | CopyPart
TransportValue = Page | Facts | Copied | Part


class Done(NamedTuple):
    """Result of one request: exactly one of `value` and `error` is set."""

    token: object
    value: TransportValue | None
    error: S3Error | None


class Throttled(NamedTuple):
    """Number of attempts throttled since the last report, including those that the client library retried itself."""

    attempts: int
