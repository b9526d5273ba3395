"""Checks of every request to the memory store: the bucket exists, has the expected owner, and permits the action."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_crosscopy.model.location import MAX_KEY_BYTES, Bucket
from s3_crosscopy.testing.memory_store import MemoryStore
from s3_crosscopy.testing.s3_errors import Call
from s3_crosscopy.testing.stored_objects import StoredBucket, StoredObject

ARCHIVED = frozenset({"GLACIER", "DEEP_ARCHIVE"})


class Gate(NamedTuple):
    """Checks for one principal. Everything raises S3Error; call it under the store's lock."""

    store: MemoryStore
    principal: str

    def call(self, name: str, bucket: str, key: str) -> Call:
        """Return a request with a new id."""
        return Call(name, bucket, key, self.store.next_id())

    def bucket(self, call: Call, bucket: Bucket, action: str, key: str = "") -> StoredBucket:
        """Return the bucket, for an action on it or on one of its keys."""
        stored = self.store.buckets.get(bucket.name)
        if stored is None:
            raise call.refused("NoSuchBucket", "The specified bucket does not exist")
        if bucket.owner is not None and bucket.owner != stored.owner:
            raise call.refused("AccessDenied", "Access Denied")
        if stored.requester_pays and not bucket.requester_pays:
            raise call.refused("AccessDenied", "Bucket is a Requester Pays bucket")
        self.check(call, action, bucket, key)
        return stored

    def check(self, call: Call, action: str, bucket: Bucket, key: str) -> None:
        """Return True if the principal has the permission."""
        if not self.store.allow(self.principal, action, bucket.name, key):
            raise call.refused("AccessDenied", f"{self.principal} is not authorized to perform: {action}")

    def readable(self, call: Call, bucket: Bucket, key: str, action: str = "s3:GetObject") -> StoredObject:
        """Return an object. Without permission to list, a missing object is reported as access denied, as in S3."""
        stored = self.bucket(call, bucket, action, key)
        stored_object = stored.objects.get(key)
        if stored_object is None:
            self.check(call, "s3:ListBucket", bucket, "")
            raise call.refused("NoSuchKey", "The specified key does not exist.")
        return stored_object

    def source(self, call: Call, bucket: Bucket, key: str, if_match: str) -> StoredObject:
        """Return the source of a copy, which must not have changed."""
        stored_object = self.readable(call, bucket, key)
        if stored_object.etag != if_match:
            raise call.refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        if stored_object.storage_class in ARCHIVED:
            raise call.refused("ObjectNotInActiveTierError", "The source object is in an archive tier")
        return stored_object

    def writable(self, call: Call, bucket: Bucket, key: str, args: Mapping[str, object]) -> StoredBucket:
        """Return the bucket of a key to be written, under the preconditions in `args`."""
        stored = self.bucket(call, bucket, "s3:PutObject", key)
        if len(key.encode()) > MAX_KEY_BYTES:
            raise call.refused("KeyTooLongError", "Your key is too long")
        now = stored.objects.get(key)
        must_match = args.get("IfMatch")
        if self.store.precondition_error and not args.keys().isdisjoint(("IfMatch", "IfNoneMatch")):
            raise call.refused(self.store.precondition_error, "A header you provided is not implemented")
        if must_match is not None and now is None:
            raise call.refused("NoSuchKey", "The specified key does not exist.")
        exists_already = args.get("IfNoneMatch") is not None and now is not None
        if exists_already or (must_match is not None and now is not None and now.etag != str(must_match).strip('"')):
            raise call.refused("PreconditionFailed", "At least one of the pre-conditions you specified did not hold")
        return stored
