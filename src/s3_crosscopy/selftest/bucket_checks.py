"""Looks at a bucket before anything is written, and refuses one from which it could not be removed again."""

from __future__ import annotations

from typing import NamedTuple

from s3_crosscopy.errors import InvalidInput, PermanentFailure, S3Error
from s3_crosscopy.selftest.own_prefix import OwnPrefix

_NO_LOCK = frozenset({"ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration", "NotImplemented",
                      "MethodNotAllowed", "XNotImplemented"})  # fmt: skip


class BucketState(NamedTuple):
    """Facts about a bucket. versioned: deletes need version ids, also if versioning is suspended."""

    region: str
    versioning: str

    @property
    def versioned(self) -> bool:
        """True if objects have or may have version ids."""
        return self.versioning != ""


def look_at_bucket(place: OwnPrefix, argument: str) -> BucketState:
    """Return the facts. Raises InvalidInput for a bucket with Object Lock, PermanentFailure for access denied."""
    head = _must(place, "HeadBucket", "s3:ListBucket", argument)
    versioning = str(_must(place, "GetBucketVersioning", "s3:GetBucketVersioning", argument).get("Status", ""))
    _refuse_object_lock(place, argument)
    state = BucketState(str(head["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", "")), versioning)
    _refuse_without_delete(place, argument, state)
    return state


def _must(place: OwnPrefix, call: str, permission: str, argument: str, **args: str):  # type: ignore[no-untyped-def]
    response = place.send(call, **args)
    if response.error is not None:
        raise _cannot(argument, place, response.error, permission)
    return response.payload


def _cannot(argument: str, place: OwnPrefix, error: S3Error, permission: str) -> PermanentFailure:
    what_to_do = f"; it needs {permission}" if error.status == 403 else ""
    return PermanentFailure(f"{argument}: nothing was written: {error}{what_to_do}")


def _refuse_object_lock(place: OwnPrefix, argument: str) -> None:
    response = place.send("GetObjectLockConfiguration")
    if response.error is not None and response.error.code not in _NO_LOCK:
        raise _cannot(argument, place, response.error, "s3:GetBucketObjectLockConfiguration")
    config = (response.payload or {}).get("ObjectLockConfiguration") or {}
    if config.get("ObjectLockEnabled") == "Enabled":
        raise InvalidInput(
            f"{argument}: s3://{place.bucket.name} has Object Lock, and might keep what a self-test writes;"
            " name a bucket without it"
        )


def _refuse_without_delete(place: OwnPrefix, argument: str, state: BucketState) -> None:
    """Ask by a delete that changes nothing: of a key that does not exist, and by a version id where that counts."""
    version = {"VersionId": "null"} if state.versioned else {}
    response = place.send("DeleteObject", Key=place.key("no-such-key"), **version)
    if response.error is not None and response.error.status == 403:
        permission = "s3:DeleteObjectVersion" if state.versioned else "s3:DeleteObject"
        raise _cannot(argument, place, response.error, permission)
