"""Turns the response to a probe into a finding: one table of probe kinds, and one function that judges.

A success shows that the permission holds or, for a similar request, that it probably does. So does an error that S3
returns only after it has authorized the request. Any other response leaves the permission unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_crosscopy.access.examination import Finding, FindingStatus, Permission
from s3_crosscopy.access.rules.error_messages import (
    WRONG_REGION,
    AccessDeniedMessage,
    cause,
    of_kms,
    parse_access_denied,
)
from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason


class ProbeKind(NamedTuple):
    """One kind of request that shows whether a permission holds.

    asked: The request in words.
    direct: True if a success needs exactly the permission.
    passed: Error codes that S3 returns only after it has authorized the request.
    hides: True if without s3:ListBucket a missing key is denied as well, so that access denied alone says nothing.
    """

    asked: str
    direct: bool = True
    passed: frozenset[str] = frozenset()
    hides: bool = False


_NO_KEY = frozenset({"NoSuchKey", "NotFound", "404"})
_NO_UPLOAD = frozenset({"NoSuchUpload"})

LIST = ProbeKind("LIST")
HEAD = ProbeKind("HEAD of an object")
HEAD_MISSING = ProbeKind("HEAD of a key that does not exist", direct=False, passed=_NO_KEY, hides=True)
GET_BYTE = ProbeKind("GET of one byte")
GET_TAGS = ProbeKind("GetObjectTagging of an object", passed=frozenset({"NoSuchTagSet"}))
PART_OF_NO_UPLOAD = ProbeKind("UploadPart of an upload that does not exist", direct=False, passed=_NO_UPLOAD)
COMPLETE_NO_UPLOAD = ProbeKind(
    "CompleteMultipartUpload of an upload that does not exist", direct=False, passed=_NO_UPLOAD
)
ABORT_NO_UPLOAD = ProbeKind("AbortMultipartUpload of an upload that does not exist", direct=False, passed=_NO_UPLOAD)
# Ceph looks for the key first: NoSuchKey with or without the permission, or access denied without s3:ListBucket.
PARTS_OF_NO_UPLOAD = ProbeKind(
    "ListParts of an upload that does not exist", direct=False, passed=_NO_UPLOAD, hides=True
)
LIST_UPLOADS = ProbeKind("ListMultipartUploads")
VERSIONING = ProbeKind("GetBucketVersioning")
LIST_VERSIONS = ProbeKind("ListObjectVersions")
PUT = ProbeKind("PutObject of an empty object")
CREATE = ProbeKind("CreateMultipartUpload")
PART = ProbeKind("UploadPart of a few bytes")
LIST_PARTS = ProbeKind("ListParts")
COMPLETE = ProbeKind("CompleteMultipartUpload")
ABORT = ProbeKind("AbortMultipartUpload")


def judge(
    permission: Permission,
    kind: ProbeKind,
    error: S3Error | None,
    *,
    lists: bool = True,
    expected_owner: str | None = None,
) -> Finding:
    """The finding for a permission from the response to a probe.

    Args:
        permission: The permission in question.
        kind: The kind of request that was sent.
        error: The error of the response; None for a success.
        lists: True if the same party holds s3:ListBucket there.
        expected_owner: The account id that was sent as the expected bucket owner; None for none.
    """
    if error is None:
        return Finding(permission, FindingStatus.HOLDS if kind.direct else FindingStatus.INFERRED, kind.asked)
    if error.code in kind.passed:
        return Finding(permission, FindingStatus.INFERRED, f"{kind.asked}: authorized, and answered with {error.code}")
    denied = parse_access_denied(error.message)
    if denied is not None and denied.action != permission.action:
        return _of_another(permission, kind, denied)
    if denied is None and of_kms(error):
        return _of_kms(permission, kind, error)
    if error.reason is not Reason.DENIED:
        return Finding(permission, FindingStatus.UNKNOWN, f"{kind.asked}: {cause(error)}")
    if kind.hides and not lists and denied is None:
        return Finding(
            permission, FindingStatus.UNKNOWN, f"{kind.asked} is denied, but without s3:ListBucket that is inconclusive"
        )
    owner = f" (or the bucket is not owned by {expected_owner} as expected)" if expected_owner and not denied else ""
    return Finding(permission, FindingStatus.MISSING, f"{kind.asked} is denied{owner}", denied.by if denied else "")


def missing_key_permission(permission: Permission, kind: ProbeKind, although: str) -> Finding:
    """A missing KMS permission: S3's own permission holds, yet the content is denied without a cause."""
    return Finding(permission, FindingStatus.MISSING, f"{kind.asked} is denied, {although}")


def unknown(permission: Permission, why: str) -> Finding:
    """A permission that was not probed, or whose probe was inconclusive."""
    return Finding(permission, FindingStatus.UNKNOWN, why)


def _is_kms(action: str) -> bool:
    return action.startswith("kms:")


def _of_another(permission: Permission, kind: ProbeKind, denied: AccessDeniedMessage) -> Finding:
    """A finding if the response names another action: S3 calls KMS last; two actions of S3 have no known order."""
    if _is_kms(denied.action) and not _is_kms(permission.action):
        return Finding(permission, FindingStatus.INFERRED, f"{kind.asked}: S3 allowed it, {denied.action} is denied")
    return Finding(
        permission, FindingStatus.UNKNOWN, f"{kind.asked} is denied because of missing permission {denied.action}"
    )


def _of_kms(permission: Permission, kind: ProbeKind, error: S3Error) -> Finding:
    if not _is_kms(permission.action):
        return Finding(permission, FindingStatus.INFERRED, f"{kind.asked}: S3 allowed it, KMS did not")
    if error.code in _UNUSABLE_KEY or error.reason is not Reason.DENIED:
        return Finding(permission, FindingStatus.UNKNOWN, f"{kind.asked}: {cause(error)}")
    return Finding(permission, FindingStatus.MISSING, f"{kind.asked}: KMS denies the use of the key")


_UNUSABLE_KEY = frozenset({"KMS.DisabledException", "KMS.KMSInvalidStateException", "KMS.NotFoundException"})
_STOPS = WRONG_REGION | _UNUSABLE_KEY | {"NoSuchBucket", "AccessControlListNotSupported"}


def not_reached(errors: Mapping[str, S3Error], asked: int) -> tuple[str, ...]:
    """A line for each unreached bucket with its first error; one line if none of `asked` buckets was reached."""
    if errors and len(errors) == asked:
        names = " nor ".join(f"s3://{name}" for name in errors)
        neither = "neither " if asked > 1 else ""
        first = next(iter(errors.values()))
        return (f"nothing was reached, so nothing is known about the access: {neither}{names}: {cause(first)}",)
    return tuple(f"s3://{name} was not reached: {cause(error)}" for name, error in errors.items())


def obstacle(error: S3Error) -> str:
    """The line for an error that will end the run whatever the permissions are; "" for any other."""
    no_bucket = error.call == "HeadBucket" and not_found(error.reason)
    stops = error.code in _STOPS or error.reason is Reason.CREDENTIALS or no_bucket
    return f"s3://{error.bucket}: {cause(error)}" if stops else ""
