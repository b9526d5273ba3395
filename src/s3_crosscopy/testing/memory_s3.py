"""One principal's S3 over the memory store: the double of `adapters.boto.s3`, held to the same contract suite.

It follows S3's documentation, not any server: preconditions, permissions, limits, checksums and delete markers are all
there. Not there are reads of old versions, ACLs, Object Lock and the permissions of KMS keys; their parameters are
accepted where a copy may send them.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import replace

from s3_crosscopy.core.transfer.preconditions import precondition
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Facts, Page, Part, Version
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, ListPage
from s3_crosscopy.testing.memory_store import MemoryStore
from s3_crosscopy.testing.memory_uploads import Uploads
from s3_crosscopy.testing.request_checks import Gate
from s3_crosscopy.testing.write_params import COPY_ARGS, copied_object

MAX_COPY_BYTES = 5 * 2**30
MAX_PAGE_KEYS = 1000


class MemoryS3:
    """See `ports.BlockingS3`. principal: the ARN, or any name, that is passed to the store's `allow`."""

    def __init__(self, store: MemoryStore, principal: str) -> None:
        self._store = store
        self._gate = Gate(store, principal)
        self._uploads = Uploads(store, self._gate)

    def list_page(self, op: ListPage) -> Page:
        call = self._gate.call("ListObjectsV2", op.bucket.name, op.prefix)
        with self._store.lock:
            bucket = self._gate.bucket(call, op.bucket, "s3:ListBucket")
            after = op.start_after if op.token is None else bytes.fromhex(op.token).decode()
            begin = max(bisect.bisect_right(bucket.keys, after), bisect.bisect_left(bucket.keys, op.prefix))
            most = min(op.max_keys, MAX_PAGE_KEYS)
            keys = [key for key in bucket.keys[begin : begin + most + 1] if key.startswith(op.prefix)]
            token = keys[most - 1].encode().hex() if len(keys) > most else None
            rows = [bucket.objects[key].as_listed(key) for key in keys[:most]]
            if not self._store.lists_checksums:
                rows = [row._replace(checksum="") for row in rows]
            return Page(rows, token, self._store.now())

    def copy(self, op: Copy) -> Copied:
        call = self._gate.call("CopyObject", op.source.name, op.source_key)
        args = {**op.all_args(), **precondition(op.expected)}
        call.check_args(args, COPY_ARGS)
        with self._store.lock:
            bucket = self._gate.writable(call, op.dest, op.dest_key, args)
            source = self._gate.source(call, op.source, op.source_key, op.if_match)
            if source.size > MAX_COPY_BYTES:
                raise call.refused("InvalidRequest", "larger than the maximum allowable size for a copy source")
            onto_itself = (op.source.name, op.source_key) == (op.dest.name, op.dest_key)
            if onto_itself and not args.keys() - {"AnnotationDirective", "IfMatch", "IfNoneMatch"}:
                raise call.refused("InvalidRequest", "copies the object onto itself and changes nothing")
            if source.tags and args.get("TaggingDirective") != "REPLACE":
                self._gate.check(call, "s3:GetObjectTagging", op.source, op.source_key)
            new = copied_object(self._store, bucket, source, args)
            if new.tags:
                self._gate.check(call, "s3:PutObjectTagging", op.dest, op.dest_key)
            bucket.keep(op.dest_key, new)
            return Copied(new.etag, new.checksum)

    def copy_part(self, op: CopyPart) -> Part:
        return self._uploads.copy_part(op)

    def head(
        self,
        bucket: Bucket,
        key: str,
        *,
        if_match: str | None = None,
        part: int | None = None,
        version: str | None = None,
    ) -> Facts:
        call = self._gate.call("HeadObject", bucket.name, key)
        with self._store.lock:
            stored = self._gate.readable(call, bucket, key)
            if if_match is not None and if_match != stored.etag:
                raise call.refused("PreconditionFailed")
            size, parts = stored.size, None
            if part is not None:
                sizes = stored.parts or (stored.size,)
                if not 1 <= part <= len(sizes):
                    raise call.refused("InvalidPartNumber")
                size, parts = sizes[part - 1], len(stored.parts) or None
            return Facts(
                size=size,
                etag=stored.etag,
                modified=stored.modified,
                storage_class=stored.storage_class,
                encryption=stored.encryption,
                date=self._store.now(),
                # Of a part S3 tells the part's own checksum, which this store does not keep.
                checksum=stored.checksum if part is None else None,
                parts=parts,
                untold=stored.untold,
                content=dict(stored.headers),
                metadata=dict(stored.metadata),
            )

    def tags(self, bucket: Bucket, key: str, version: str | None = None) -> Mapping[str, str]:
        call = self._gate.call("GetObjectTagging", bucket.name, key)
        with self._store.lock:
            return dict(self._gate.readable(call, bucket, key, "s3:GetObjectTagging").tags)

    def put_tags(self, bucket: Bucket, key: str, tags: Mapping[str, str]) -> None:
        call = self._gate.call("PutObjectTagging", bucket.name, key)
        with self._store.lock:
            stored = self._gate.readable(call, bucket, key, "s3:PutObjectTagging")
            self._store.buckets[bucket.name].replace(key, replace(stored, tags=dict(tags)))

    def delete_object(self, bucket: Bucket, key: str, etag: str, version: str = "") -> str:
        call = self._gate.call("DeleteObject", bucket.name, key)
        with self._store.lock:
            if version:
                self._gate.bucket(call, bucket, "s3:DeleteObjectVersion", key).remove_version(key, version)
                return ""
            kept = self._gate.bucket(call, bucket, "s3:DeleteObject", key)
            stored = kept.objects.get(key)
            if stored is None:
                return ""
            if stored.etag != etag:
                raise call.refused(
                    "PreconditionFailed", "At least one of the pre-conditions you specified did not hold"
                )
            return kept.remove(key, self._store.now())

    def versioning(self, bucket: Bucket) -> str:
        call = self._gate.call("GetBucketVersioning", bucket.name, "")
        with self._store.lock:
            return self._gate.bucket(call, bucket, "s3:GetBucketVersioning").versioning

    def newest_version(self, bucket: Bucket, key: str) -> Version | None:
        call = self._gate.call("ListObjectVersions", bucket.name, key)
        with self._store.lock:
            newest = self._gate.bucket(call, bucket, "s3:ListBucketVersions").newest(key)
            if newest is None:
                return None
            etag = "" if newest.stored is None else newest.stored.etag
            return Version(newest.version, newest.stored is None, newest.modified, etag)

    def create_upload(self, bucket: Bucket, key: str, args: Mapping[str, object], since: str = "") -> str:
        return self._uploads.create(bucket, key, args)

    def complete_upload(
        self, bucket: Bucket, key: str, upload_id: str, parts: Sequence[Part], args: Mapping[str, object]
    ) -> Copied:
        return self._uploads.complete(bucket, key, upload_id, parts, args)

    def abort_upload(self, bucket: Bucket, key: str, upload_id: str) -> None:
        self._uploads.abort(bucket, key, upload_id)

    def list_parts(self, bucket: Bucket, key: str, upload_id: str) -> Sequence[Part]:
        return self._uploads.list_parts(bucket, key, upload_id)

    def uploads_of(self, bucket: Bucket, key: str) -> Sequence[tuple[str, str]]:
        return self._uploads.of_key(bucket, key)

    def renew(self) -> None:
        """Do nothing, because nothing expires here; `faults.Faulty` lets tokens expire."""

    def refresh_due(self) -> bool:
        return False

    def refresh(self) -> bool:
        return False

    def region(self, bucket: Bucket) -> str | None:
        call = self._gate.call("HeadBucket", bucket.name, "")
        with self._store.lock:
            # A refusal names the Region too, so nobody is asked for permission.
            if bucket.name not in self._store.buckets:
                raise call.refused("NoSuchBucket")
            return self._store.buckets[bucket.name].region

    def throttled(self) -> int:
        """Return 0; `faults.Faulty` throttles."""
        return 0
