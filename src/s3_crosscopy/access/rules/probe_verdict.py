"""From what a probe was answered to what is known of the grant: one table of ways to ask, one function that judges.

A success proves the grant or, where the request did something like it, lets it be inferred; so does an error that S3
gives only after it has let the request pass. Whatever says nothing about the grant leaves it unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_crosscopy.access.examination import Finding, FindingStatus, Permission
from s3_crosscopy.access.rules.error_messages import WRONG_REGION, AccessDeniedMessage, cause, of_kms, parse_denial
from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason


class ProbeKind(NamedTuple):
    """One way to ask. `asked` is the request in words.

    `direct`: a success needs exactly the grant. `passed` are errors that come only after the grant was found to hold.
    `hides`: without s3:ListBucket a key that does not exist is denied as well, so that a denial alone says nothing.
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
# Ceph looks for the key first: NoSuchKey, whatever the grants, or a denial without s3:ListBucket.
PARTS_OF_NO_UPLOAD = ProbeKind(
    "ListParts of an upload that does not exist", direct=False, passed=_NO_UPLOAD, hides=True
)
LIST_UPLOADS = ProbeKind("ListMultipartUploads")
PUT = ProbeKind("PutObject of an empty object")
CREATE = ProbeKind("CreateMultipartUpload")
PART = ProbeKind("UploadPart of a few bytes")
LIST_PARTS = ProbeKind("ListParts")
COMPLETE = ProbeKind("CompleteMultipartUpload")
ABORT = ProbeKind("AbortMultipartUpload")


def judge(
    permission: Permission,
    way: ProbeKind,
    error: S3Error | None,
    *,
    lists: bool = True,
    expected_owner: str | None = None,
) -> Finding:
    """What the answer to `way` (None: a success) says about the grant.

    `lists`: whether the same party holds s3:ListBucket there. `expected_owner` went along with the request.
    """
    if error is None:
        return Finding(permission, FindingStatus.HOLDS if way.direct else FindingStatus.INFERRED, way.asked)
    if error.code in way.passed:
        return Finding(permission, FindingStatus.INFERRED, f"{way.asked}: let pass, and answered {error.code}")
    denied = parse_denial(error.message)
    if denied is not None and denied.action != permission.action:
        return _of_another(permission, way, denied)
    if denied is None and of_kms(error):
        return _of_kms(permission, way, error)
    if error.reason is not Reason.DENIED:
        return Finding(permission, FindingStatus.UNKNOWN, f"{way.asked}: {cause(error)}")
    if way.hides and not lists and denied is None:
        return Finding(
            permission, FindingStatus.UNKNOWN, f"{way.asked} is denied, but without s3:ListBucket that says nothing"
        )
    owner = f" (or the bucket is not owned by {expected_owner} as expected)" if expected_owner and not denied else ""
    return Finding(permission, FindingStatus.MISSING, f"{way.asked} is denied{owner}", denied.by if denied else "")


def missing_key_grant(permission: Permission, way: ProbeKind, although: str) -> Finding:
    """For a KMS grant: S3's own grant holds, and yet the content may not be had, and S3 did not say why."""
    return Finding(permission, FindingStatus.MISSING, f"{way.asked} is denied, {although}")


def unknown(permission: Permission, why: str) -> Finding:
    """A grant that nothing was asked about, or nothing that tells."""
    return Finding(permission, FindingStatus.UNKNOWN, why)


def _is_kms(action: str) -> bool:
    return action.startswith("kms:")


def _of_another(permission: Permission, way: ProbeKind, denied: AccessDeniedMessage) -> Finding:
    """The answer names another action: KMS is asked after S3 itself; of two of one service either may come first."""
    if _is_kms(denied.action) and not _is_kms(permission.action):
        return Finding(permission, FindingStatus.INFERRED, f"{way.asked}: S3 let it pass, {denied.action} is denied")
    return Finding(permission, FindingStatus.UNKNOWN, f"{way.asked} is denied for want of {denied.action}")


def _of_kms(permission: Permission, way: ProbeKind, error: S3Error) -> Finding:
    if not _is_kms(permission.action):
        return Finding(permission, FindingStatus.INFERRED, f"{way.asked}: S3 let it pass, KMS did not")
    if error.code in _UNUSABLE_KEY or error.reason is not Reason.DENIED:
        return Finding(permission, FindingStatus.UNKNOWN, f"{way.asked}: {cause(error)}")
    return Finding(permission, FindingStatus.MISSING, f"{way.asked}: KMS refuses the key")


_UNUSABLE_KEY = frozenset({"KMS.DisabledException", "KMS.KMSInvalidStateException", "KMS.NotFoundException"})
_STOPS = WRONG_REGION | _UNUSABLE_KEY | {"NoSuchBucket", "AccessControlListNotSupported"}


def not_reached(errors: Mapping[str, S3Error], asked: int) -> tuple[str, ...]:
    """A line for each bucket of which nothing was heard, by its first error; one for all `asked` of them."""
    if errors and len(errors) == asked:
        names = " nor ".join(f"s3://{name}" for name in errors)
        neither = "neither " if asked > 1 else ""
        first = next(iter(errors.values()))
        return (f"nothing was reached, so that nothing is known of the access: {neither}{names}: {cause(first)}",)
    return tuple(f"s3://{name} was not reached: {cause(error)}" for name, error in errors.items())


def obstacle(error: S3Error) -> str:
    """The line for an error that will stop the run whatever the grants are; "" for every other."""
    no_bucket = error.call == "HeadBucket" and not_found(error.reason)
    stops = error.code in _STOPS or error.reason is Reason.CREDENTIALS or no_bucket
    return f"s3://{error.bucket}: {cause(error)}" if stops else ""
