"""Contents of the memory store: objects, incomplete uploads, and buckets with their keys in order."""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

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


class StoredVersion(NamedTuple):
    """A version of a key. `stored=None`: a delete marker."""

    version: str
    modified: str
    stored: StoredObject | None


class StoredBucket:
    """A bucket of an account, with its keys in S3's order. `versions`: all versions of each key, if it is versioned."""

    def __init__(self, owner: str, region: str, encryption: str, requester_pays: bool, versioning: str = "") -> None:
        self.owner = owner
        self.region = region
        self.encryption = encryption
        self.requester_pays = requester_pays
        self.versioning = versioning
        self.objects: dict[str, StoredObject] = {}
        self.uploads: dict[str, OpenUpload] = {}
        self.keys: list[str] = []
        self.versions: dict[str, list[StoredVersion]] = {}
        self._serial = 0

    def keep(self, key: str, stored: StoredObject) -> None:
        """Write an object, or a new version of it."""
        if self.versioning:
            self._add_version(key, stored.modified, stored)
        self._set_current(key, stored)

    def replace(self, key: str, stored: StoredObject) -> None:
        """Change an object in place, as PutObjectTagging does."""
        if key in self.versions:
            self.versions[key][-1] = self.versions[key][-1]._replace(stored=stored)
        self._set_current(key, stored)

    def remove(self, key: str, modified: str) -> str:
        """Delete the current object. Returns the id of the delete marker, "" without versions."""
        self._set_current(key, None)
        return self._add_version(key, modified, None) if self.versioning else ""

    def remove_version(self, key: str, version: str) -> None:
        """Delete one version of a key for good; one that is not there is no error."""
        left = [entry for entry in self.versions.get(key, ()) if entry.version != version]
        if left:
            self.versions[key] = left
        else:
            self.versions.pop(key, None)
        self._set_current(key, left[-1].stored if left else None)

    def newest(self, key: str) -> StoredVersion | None:
        """Return the newest version of a key, None if it has none."""
        versions = self.versions.get(key)
        if versions:
            return versions[-1]
        stored = self.objects.get(key)
        return None if stored is None else StoredVersion("null", stored.modified, stored)

    def _add_version(self, key: str, modified: str, stored: StoredObject | None) -> str:
        self._serial += 1
        version = f"version-{self._serial:06}" if self.versioning == "Enabled" else "null"
        others = [entry for entry in self.versions.get(key, ()) if entry.version != version]
        self.versions[key] = [*others, StoredVersion(version, modified, stored)]
        return version

    def _set_current(self, key: str, stored: StoredObject | None) -> None:
        if stored is None:
            if self.objects.pop(key, None) is not None:
                self.keys.pop(bisect.bisect_left(self.keys, key))
            return
        if key not in self.objects:
            bisect.insort(self.keys, key)
        self.objects[key] = stored
