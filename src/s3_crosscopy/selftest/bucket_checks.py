"""Looks at the buckets before anything is written, and refuses one from which it could not be removed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from s3_crosscopy.errors import InvalidInput, PermanentFailure, S3Error
from s3_crosscopy.selftest.own_prefix import OwnPrefix

_NO_LOCK = frozenset(
    {"ObjectLockConfigurationNotFoundError", "NotImplemented", "MethodNotAllowed", "NoSuchObjectLockConfiguration"}
)
"""The answers for a bucket without Object Lock; the others are of servers that do not have it at all."""


class BucketState(NamedTuple):
    """Facts about a bucket. versioning: "" if it never was on."""

    region: str
    versioning: str

    @property
    def versioned(self) -> bool:
        """True if objects have or may have version ids, also if versioning is suspended."""
        return self.versioning != ""


def look_at_bucket(place: OwnPrefix, argument: str) -> BucketState:
    """Return the facts. Raises InvalidInput for a bucket with Object Lock, PermanentFailure for access denied."""
    head = _ask(place, "HeadBucket", "s3:ListBucket", argument)
    versioning = _ask(place, "GetBucketVersioning", "s3:GetBucketVersioning", argument)
    _refuse_object_lock(place, argument)
    region = head["ResponseMetadata"]["HTTPHeaders"].get("x-amz-bucket-region", "")
    return BucketState(str(region), str(versioning.get("Status", "")))


def _ask(place: OwnPrefix, call: str, permission: str, argument: str) -> Mapping[str, Any]:
    response = place.send(call)
    if response.error is not None:
        raise _refusal(argument, response.error, permission)
    return response.payload or {}


def _refusal(argument: str, error: S3Error, permission: str) -> PermanentFailure:
    remedy = f"; it needs {permission}" if error.status == 403 else ""
    return PermanentFailure(f"{argument}: nothing was written: {error}{remedy}")


def _refuse_object_lock(place: OwnPrefix, argument: str) -> None:
    response = place.send("GetObjectLockConfiguration")
    if response.error is not None and response.error.code not in _NO_LOCK:
        raise _refusal(argument, response.error, "s3:GetBucketObjectLockConfiguration")
    config = (response.payload or {}).get("ObjectLockConfiguration") or {}
    if config.get("ObjectLockEnabled") == "Enabled":
        raise InvalidInput(
            f"{argument}: s3://{place.bucket.name} has Object Lock, which may keep what a self-test writes;"
            " name a bucket without it"
        )


def find_writer(places: Sequence[OwnPrefix], state: BucketState, argument: str) -> OwnPrefix:
    """Return the first of the principals that may write and remove below the prefix. Raises PermanentFailure.

    The probe object is the first thing that is written, and only by a principal that may remove it.
    """
    refusals = []
    for place in places:
        error, permission = _why_not(place, state)
        if error is None:
            return place
        refusals.append(_refusal(argument, error, f"{permission} on arn:aws:s3:::{place.bucket.name}/*"))
    raise refusals[-1]


def _why_not(place: OwnPrefix, state: BucketState) -> tuple[S3Error | None, str]:
    """Ask by a delete that changes nothing: of a key that does not exist, and of a version where there are some."""
    version = {"VersionId": "null"} if state.versioned else {}
    deleted = place.send("DeleteObject", Key=place.key("no-such-key"), **version)
    if deleted.error is not None and deleted.error.status == 403:
        return deleted.error, "s3:DeleteObjectVersion" if state.versioned else "s3:DeleteObject"
    return place.send("PutObject", Key=place.key("probe"), Body=b"").error, "s3:PutObject"
