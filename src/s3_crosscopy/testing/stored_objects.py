"""Contents of the memory store: objects, incomplete uploads, and buckets with their keys in order."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field

from s3_crosscopy.model.objects import Checksum, Listed
from s3_crosscopy.testing.content import Content


@dataclass(frozen=True)
class StoredObject:
    """An object as it was written. `parts` are the sizes of a multipart object's parts.

    `untold` entries of its metadata are kept and copied by CopyObject, but are in no answer to a HEAD.
    """

    content: Content
    etag: str
    modified: str
    storage_class: str = "STANDARD"
    encryption: str = ""
    checksum: Checksum | None = None
    parts: tuple[int, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    untold: int = 0

    @property
    def size(self) -> int:
        return self.content.size

    def as_listed(self, key: str) -> Listed:
        """Return its row of a listing."""
        checksum = "" if self.checksum is None else f"{self.checksum.algorithm}:{self.checksum.kind}"
        return Listed(key, self.content.size, self.etag, self.modified, self.storage_class, checksum=checksum)


@dataclass
class OpenUpload:
    """An incomplete multipart upload. args: those of CreateMultipartUpload."""

    key: str
    args: Mapping[str, object]
    initiated: str
    parts: dict[int, Content] = field(default_factory=dict)


class StoredBucket:
    """A bucket of an account, with its keys in S3's order."""

    def __init__(self, owner: str, region: str, encryption: str, requester_pays: bool) -> None:
        self.owner = owner
        self.region = region
        self.encryption = encryption
        self.requester_pays = requester_pays
        self.objects: dict[str, StoredObject] = {}
        self.uploads: dict[str, OpenUpload] = {}
        self.keys: list[str] = []

    def keep(self, key: str, stored: StoredObject) -> None:
        """Write or overwrite an object."""
        if key not in self.objects:
            bisect.insort(self.keys, key)
        self.objects[key] = stored
