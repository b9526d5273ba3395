"""The hot requests (list, copy, copy a part) and their answers, as the lanes carry them.

NamedTuples, because millions are made: 0.2-0.4 us each against 0.9-1.3 us of a frozen dataclass.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Checksum, Page, Part
from s3_crosscopy.model.s3_limits import PAGE_KEYS


class Side(str, Enum):
    """Whose credentials sign a request: the source's reader or the copier, which also reads the destination."""

    SOURCE = "source"
    DEST = "destination"


class ListPage(NamedTuple):
    """One page of `list_objects_v2`. `token` continues a listing; `start_after` ("" for none) begins one."""

    side: Side
    bucket: Bucket
    prefix: str
    start_after: str = ""
    token: str | None = None
    max_keys: int = PAGE_KEYS


class Copy(NamedTuple):
    """One CopyObject, of the object's `version` if one is named.

    `if_match` is the ETag that the source must still have (`CopySourceIfMatch`).

    `args` are the other request parameters by S3's API names, made once a run by `plan.properties` where they can be.
    """

    source: Bucket
    source_key: str
    dest: Bucket
    dest_key: str
    if_match: str
    args: Mapping[str, object]
    version: str | None = None


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
    """What CopyObject or CompleteMultipartUpload answered: the new ETag without quotes, a checksum if there is one."""

    etag: str
    checksum: Checksum | None = None


TransportOp = ListPage | Copy | CopyPart
TransportValue = Page | Copied | Part


class Done(NamedTuple):
    """The end of one request: exactly one of `value` and `error` is set."""

    token: object
    value: TransportValue | None
    error: S3Error | None


class Throttled(NamedTuple):
    """So many attempts were throttled since the last one told, also those that the client library retried itself."""

    attempts: int
