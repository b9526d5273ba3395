"""Looks at the buckets before anything is written, and refuses one from which it could not be removed again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from s3_crosscopy.errors import InvalidInput, PermanentFailure, S3Error
from s3_crosscopy.selftest.own_prefix import CredentialsRefused, OwnPrefix

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
    """Return the facts.

    Raises InvalidInput for a bucket that a self-test cannot use, PermanentFailure for access denied.
    """
    # Not HeadBucket: it is denied where s3:ListBucket is allowed for a prefix only.
    _ask(place, "ListObjectsV2", "s3:ListBucket", argument, Prefix=place.prefix, MaxKeys=1)
    versioning = _ask(place, "GetBucketVersioning", "s3:GetBucketVersioning", argument)
    if versioning.get("MFADelete") == "Enabled":
        raise _unusable(place, argument, "has MFA delete, without whose code no version can be removed")
    _refuse_object_lock(place, argument)
    _refuse_requester_pays(place, argument)
    return BucketState(place.s3.region(place.bucket) or "", str(versioning.get("Status", "")))


def _ask(place: OwnPrefix, call: str, permission: str, argument: str, **args: Any) -> Mapping[str, Any]:
    try:
        response = place.send(call, **args)
    except CredentialsRefused as error:
        raise PermanentFailure(f"{argument}: nothing was written: {error}") from error
    if response.error is not None:
        raise _refusal(argument, response.error, permission)
    return response.payload or {}


def _refusal(argument: str, error: S3Error, permission: str) -> PermanentFailure:
    remedy = f"; it needs {permission}" if error.status == 403 else ""
    return PermanentFailure(f"{argument}: nothing was written: {error}{remedy}")


def _unusable(place: OwnPrefix, argument: str, why: str) -> InvalidInput:
    return InvalidInput(f"{argument}: s3://{place.bucket.name} {why}; name a bucket without it")


def _refuse_object_lock(place: OwnPrefix, argument: str) -> None:
    response = place.send("GetObjectLockConfiguration")
    if response.error is not None and response.error.code not in _NO_LOCK:
        raise _refusal(argument, response.error, "s3:GetBucketObjectLockConfiguration")
    config = (response.payload or {}).get("ObjectLockConfiguration") or {}
    if config.get("ObjectLockEnabled") == "Enabled":
        raise _unusable(place, argument, "has Object Lock, which may keep what a self-test writes")


def _refuse_requester_pays(place: OwnPrefix, argument: str) -> None:
    """Only a known payer: if that may not be asked, denied requests will be rows of the result."""
    payload = place.send("GetBucketRequestPayment").payload or {}
    if payload.get("Payer") == "Requester":
        raise _unusable(place, argument, "has Requester Pays, whose charges a self-test does not accept")


def find_writer(places: Sequence[OwnPrefix], state: BucketState, argument: str) -> OwnPrefix:
    """Return the first of the principals that may write and remove below the prefix. Raises PermanentFailure.

    The probe object is the first thing that is written, and only by a principal that may remove it.
    """
    refusals = []
    for place in places:
        error, permission = _why_not(place, state)
        if error is None:
            return place
        refusals.append(_refusal(argument, error, permission))
    raise refusals[-1]


class _Probe(NamedTuple):
    """A request that changes nothing, and the permission that it is denied without."""

    call: str
    args: Mapping[str, Any]
    permission: str


def _removal_probes(place: OwnPrefix, state: BucketState) -> Iterator[_Probe]:
    """Yield a request for each permission that the removal needs: listings, and deletes of what does not exist."""
    bucket, key = f"arn:aws:s3:::{place.bucket.name}", place.key("no-such-key")
    few = {"Prefix": place.prefix}
    if state.versioned:
        yield _Probe("ListObjectVersions", {**few, "MaxKeys": 1}, f"s3:ListBucketVersions on {bucket}")
        version = {"Key": key, "VersionId": "null"}
        yield _Probe("DeleteObject", version, f"s3:DeleteObjectVersion on {bucket}/*")
    else:
        yield _Probe("ListObjectsV2", {**few, "MaxKeys": 1}, f"s3:ListBucket on {bucket}")
        yield _Probe("DeleteObject", {"Key": key}, f"s3:DeleteObject on {bucket}/*")
    yield _Probe("ListMultipartUploads", few, f"s3:ListBucketMultipartUploads on {bucket}")
    upload = {"Key": key, "UploadId": "no-such-upload"}
    yield _Probe("AbortMultipartUpload", upload, f"s3:AbortMultipartUpload on {bucket}/*")


def _why_not(place: OwnPrefix, state: BucketState) -> tuple[S3Error | None, str]:
    """Return the error and the permission of the first request that is denied; then write the probe object."""
    for probe in _removal_probes(place, state):
        error = place.send(probe.call, **probe.args).error
        if error is not None and error.status == 403:
            return error, probe.permission
    written = place.send("PutObject", Key=place.key("probe"), Body=b"")
    return written.error, f"s3:PutObject on arn:aws:s3:::{place.bucket.name}/*"
