"""The memory store: buckets of accounts, their objects, incomplete uploads and permissions.

Knows nothing of requests: `memory.MemoryS3` is one principal's way in. Tests fill and inspect the store directly.
"""

from __future__ import annotations

import hashlib
import itertools
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone

from s3_crosscopy.core.body_checksums import composite
from s3_crosscopy.model.objects import Checksum
from s3_crosscopy.ports import Clock
from s3_crosscopy.testing.content import Content, literal
from s3_crosscopy.testing.stored_objects import StoredBucket, StoredObject
from s3_crosscopy.testing.virtual_clock import VirtualClock

START = datetime(2026, 1, 1, tzinfo=timezone.utc)
"""Start of the store's time, to which the clock's seconds are added."""

Allow = Callable[[str, str, str, str], bool]
"""`(principal, action, bucket, key)`; actions as in IAM (`s3:GetObject`), the key "" for the bucket itself."""


class MemoryStore:
    """Buckets of any number of accounts. Safe to use from several threads.

    `allow` decides about every request of every principal; without one everybody may do everything. `checksum` is the
    algorithm that new objects get (S3's default), or None for a server that has no checksums. `lists_checksums` is
    False for a server whose listings do not name the algorithms. `precondition_error` is the code with which the server
    refuses `If-Match` and `If-None-Match` on writes, "" if it honours them.
    """

    def __init__(
        self,
        *,
        clock: Clock | None = None,
        allow: Allow | None = None,
        checksum: str | None = "CRC64NVME",
        lists_checksums: bool = True,
        precondition_error: str = "",
    ) -> None:
        self.allow: Allow = allow or (lambda principal, action, bucket, key: True)
        self.checksum = checksum
        self.lists_checksums = lists_checksums
        self.precondition_error = precondition_error
        self.lock = threading.RLock()
        self.buckets: dict[str, StoredBucket] = {}
        self._clock = clock or VirtualClock()
        self._serials = itertools.count(1)

    def create_bucket(
        self,
        name: str,
        *,
        owner: str = "111111111111",
        region: str = "us-east-1",
        encryption: str = "AES256",
        requester_pays: bool = False,
        versioning: str = "",
    ) -> None:
        """Create a bucket. encryption: its default. requester_pays: True if requesters are billed.

        versioning: `Enabled`, `Suspended`, or "" without versions.
        """
        with self.lock:
            if name in self.buckets:
                raise ValueError(f"there is a bucket {name!r} already")
            self.buckets[name] = StoredBucket(owner, region, encryption, requester_pays, versioning)

    def put(
        self,
        bucket: str,
        key: str,
        data: bytes | Content = b"",
        *,
        parts: Sequence[int] = (),
        headers: Mapping[str, str] | None = None,
        metadata: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        storage_class: str = "STANDARD",
        encryption: str = "",
        checksum: str | None = None,
        untold: int = 0,
    ) -> StoredObject:
        """Write an object; as a multipart upload when the sizes of its `parts` are given.

        `headers` are content headers by S3's API names (`ContentType`); `untold` is as in `StoredObject`.
        """
        content = literal(data) if isinstance(data, bytes) else data
        with self.lock:
            stored = self.made(
                content,
                cut(content, parts),
                encryption or self.buckets[bucket].encryption,
                checksum_args={} if checksum is None else {"ChecksumAlgorithm": checksum},
                modified=self.now(),
                storage_class=storage_class,
                headers=headers or {},
                metadata=metadata or {},
                tags=tags or {},
            )
            stored = replace(stored, untold=untold)
            self.buckets[bucket].keep(key, stored)
        return stored

    def made(
        self,
        content: Content,
        parts: Sequence[Content],
        encryption: str,
        *,
        checksum_args: Mapping[str, object],
        modified: str,
        storage_class: str,
        headers: Mapping[str, str],
        metadata: Mapping[str, str],
        tags: Mapping[str, str],
    ) -> StoredObject:
        """Return a new object with the ETag and the checksum that S3 would compute."""
        return StoredObject(
            content=content,
            etag=self.etag(content, parts, encryption),
            modified=modified,
            storage_class=storage_class,
            encryption=encryption,
            checksum=self._checksum(content, parts, checksum_args),
            parts=tuple(part.size for part in parts),
            headers=dict(headers),
            metadata=dict(metadata),
            tags=dict(tags),
        )

    def etag(self, content: Content, parts: Sequence[Content] = (), encryption: str = "") -> str:
        """An MD5, of the parts' MD5s where there are parts; under KMS 32 digits that are another each time."""
        if encryption.startswith("aws:kms"):
            digest = hashlib.md5(self.next_id().encode() + content.md5, usedforsecurity=False).hexdigest()
        elif parts:
            digest = hashlib.md5(b"".join(part.md5 for part in parts), usedforsecurity=False).hexdigest()
        else:
            digest = content.md5.hex()
        return f"{digest}-{len(parts)}" if parts else digest

    def get(self, bucket: str, key: str) -> StoredObject:
        """Return the object. Raises KeyError if there is none."""
        with self.lock:
            return self.buckets[bucket].objects[key]

    def read(self, bucket: str, key: str) -> bytes:
        """Return the object's bytes. Raises ValueError for sparse content."""
        return self.get(bucket, key).content.read()

    def keys(self, bucket: str) -> list[str]:
        """Return the bucket's keys in S3's order."""
        with self.lock:
            return list(self.buckets[bucket].keys)

    def delete(self, bucket: str, key: str) -> None:
        """Delete an object; with versions this makes a delete marker. Raises KeyError if there is none."""
        with self.lock:
            if key not in self.buckets[bucket].objects:
                raise KeyError(key)
            self.buckets[bucket].remove(key, self.now())

    def open_uploads(self, bucket: str) -> dict[str, str]:
        """Return upload ids and keys of the incomplete uploads."""
        with self.lock:
            return {upload_id: upload.key for upload_id, upload in self.buckets[bucket].uploads.items()}

    def now(self) -> str:
        """Return the store's time in the form of `Listed.modified`, in whole seconds as in S3."""
        return (START + timedelta(seconds=self._clock.now())).strftime("%Y-%m-%dT%H:%M:%S.000Z")

    def next_id(self) -> str:
        """Return a new unique name, for a request or an upload."""
        return f"MEMORY{next(self._serials):010}"

    def _checksum(self, content: Content, parts: Sequence[Content], args: Mapping[str, object]) -> Checksum | None:
        """CRCs of parts add up to one of the whole object; SHAs do not, nor do CRCs that were asked for as such."""
        algorithm = str(args.get("ChecksumAlgorithm") or self.checksum or "")
        if not algorithm:
            return None
        kind = args.get("ChecksumType") or ("FULL_OBJECT" if algorithm == "CRC64NVME" or not parts else "COMPOSITE")
        if kind == "COMPOSITE":
            return Checksum(algorithm, "COMPOSITE", composite(algorithm, [part.checksum(algorithm) for part in parts]))
        return Checksum(algorithm, "FULL_OBJECT", content.checksum(algorithm))


def cut(content: Content, sizes: Sequence[int]) -> list[Content]:
    """Divide the content into parts of these sizes, whose sum must be its size."""
    if sizes and sum(sizes) != content.size:
        raise ValueError(f"the parts have {sum(sizes)} bytes, the content {content.size}")
    starts = itertools.accumulate(sizes, initial=0)
    return [content.cut(start, start + size - 1) for start, size in zip(starts, sizes, strict=False)]
