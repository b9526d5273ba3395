"""What a probe's answer says of a grant, and what it does not."""

from __future__ import annotations

import pytest

from s3_crosscopy.access.examination import Finding, FindingStatus, Party, Permission, Scope
from s3_crosscopy.access.rules.probe_verdict import (
    ABORT_NO_UPLOAD,
    GET_BYTE,
    GET_TAGS,
    HEAD,
    HEAD_MISSING,
    LIST,
    PART_OF_NO_UPLOAD,
    PARTS_OF_NO_UPLOAD,
    PUT,
    ProbeKind,
    judge,
    missing_key_permission,
    not_reached,
    obstacle,
    unknown,
)
from s3_crosscopy.core.error_codes import classify
from s3_crosscopy.errors import S3Error

HOLDS, MISSING, INFERRED, UNKNOWN = (
    FindingStatus.HOLDS,
    FindingStatus.MISSING,
    FindingStatus.INFERRED,
    FindingStatus.UNKNOWN,
)


def permission(action: str) -> Permission:
    return Permission(action, Party.COPIER, Scope.SOURCE, "arn", "why")


def error(code: str, status: int = 403, message: str = "", call: str = "GetObject") -> S3Error:
    reason = classify(code, status)
    return S3Error(call=call, bucket="bucket", key="key", code=code, status=status, message=message, reason=reason)


def denied(action: str, by: str = "because no resource-based policy allows it") -> S3Error:
    return error("AccessDenied", message=f"User: u is not authorized to perform: {action} on resource: r {by}")


# action, way, error, whether the party may list -> status
TABLE: list[tuple[str, ProbeKind, S3Error | None, bool, FindingStatus]] = [
    ("s3:ListBucket", LIST, None, True, HOLDS),
    ("s3:ListBucket", LIST, error("AccessDenied"), False, MISSING),
    ("s3:GetObject", HEAD, None, True, HOLDS),
    ("s3:GetObject", HEAD, error("403"), True, MISSING),
    ("s3:GetObject", HEAD, error("404", 404), True, UNKNOWN),  # it has gone meanwhile
    ("s3:GetObject", HEAD_MISSING, error("404", 404), True, INFERRED),
    ("s3:GetObject", HEAD_MISSING, None, True, INFERRED),
    ("s3:GetObject", HEAD_MISSING, error("403"), True, MISSING),
    ("s3:GetObject", HEAD_MISSING, error("403"), False, UNKNOWN),
    ("s3:GetObject", HEAD_MISSING, denied("s3:GetObject"), False, MISSING),
    ("s3:GetObject", HEAD_MISSING, denied("s3:ListBucket"), False, UNKNOWN),
    ("s3:GetObjectTagging", GET_TAGS, None, True, HOLDS),
    ("s3:GetObjectTagging", GET_TAGS, error("NoSuchTagSet", 404), True, INFERRED),
    ("s3:PutObject", PART_OF_NO_UPLOAD, error("NoSuchUpload", 404), True, INFERRED),
    ("s3:PutObject", PART_OF_NO_UPLOAD, error("AccessDenied"), False, MISSING),
    ("s3:PutObject", PART_OF_NO_UPLOAD, error("InternalError", 500), True, UNKNOWN),
    ("s3:AbortMultipartUpload", ABORT_NO_UPLOAD, error("NoSuchUpload", 404), True, INFERRED),
    ("s3:AbortMultipartUpload", ABORT_NO_UPLOAD, None, True, INFERRED),
    ("s3:ListMultipartUploadParts", PARTS_OF_NO_UPLOAD, error("NoSuchKey", 404), True, UNKNOWN),
    ("s3:ListMultipartUploadParts", PARTS_OF_NO_UPLOAD, error("AccessDenied"), False, UNKNOWN),
    ("s3:ListMultipartUploadParts", PARTS_OF_NO_UPLOAD, error("AccessDenied"), True, MISSING),
    ("kms:Decrypt", GET_BYTE, None, True, HOLDS),
    ("kms:Decrypt", GET_BYTE, denied("kms:Decrypt"), True, MISSING),
    ("kms:Decrypt", GET_BYTE, error("KMS.AccessDeniedException", 400), True, MISSING),
    ("kms:Decrypt", GET_BYTE, error("KMS.DisabledException", 400), True, UNKNOWN),
    ("kms:Decrypt", GET_BYTE, error("KMS.ThrottlingException", 400), True, UNKNOWN),
    ("kms:Decrypt", GET_BYTE, denied("s3:GetObject"), True, UNKNOWN),
    ("s3:GetObject", GET_BYTE, denied("kms:Decrypt"), True, INFERRED),
    ("s3:PutObject", PUT, error("KMS.DisabledException", 400), True, INFERRED),
    ("s3:PutObject", PUT, denied("s3:PutObjectTagging"), True, UNKNOWN),
    ("s3:PutObject", PUT, error("ExpiredToken", 400), True, UNKNOWN),
    ("s3:PutObject", PUT, error("ReadTimeout", 0), True, UNKNOWN),
]


@pytest.mark.parametrize(("action", "way", "answered", "lists", "status"), TABLE)
def test_an_answer_says_this_of_a_grant(
    action: str, way: ProbeKind, answered: S3Error | None, lists: bool, status: FindingStatus
) -> None:
    found = judge(permission(action), way, answered, lists=lists)

    assert found.status is status
    assert way.asked in found.how
    assert "\n" not in found.how


def test_a_denial_tells_what_s3_blames() -> None:
    found = judge(permission("s3:GetObject"), HEAD, denied("s3:GetObject", "with an explicit deny in a session policy"))

    assert found.denied_by == "an explicit deny in a session policy"


def test_a_denial_without_a_reason_names_the_owner_that_went_along() -> None:
    assert "not owned by 1" in judge(permission("s3:GetObject"), HEAD, error("403"), expected_owner="1").how
    assert "owned" not in judge(permission("s3:GetObject"), HEAD, denied("s3:GetObject"), expected_owner="1").how


def test_what_nobody_asked_is_unknown_and_what_only_a_key_can_be_the_reason_of_is_missing() -> None:
    decrypt = permission("kms:Decrypt")

    assert unknown(decrypt, "nobody asked") == Finding(decrypt, UNKNOWN, "nobody asked")
    assert missing_key_permission(decrypt, GET_BYTE, "although HEAD is not").status is MISSING


@pytest.mark.parametrize(
    ("answered", "stops"),
    [
        (error("PermanentRedirect", 301), True),
        (error("NoSuchBucket", 404), True),
        (error("404", 404, call="HeadBucket"), True),
        (error("404", 404, call="HeadObject"), False),
        (error("ExpiredToken", 400), True),
        (error("NoCredentials", 0), True),
        (error("KMS.DisabledException", 400), True),
        (error("AccessControlListNotSupported", 400), True),
        (error("AccessDenied"), False),
        (error("SlowDown", 503), False),
        (error("NotImplemented", 501), False),
    ],
)
def test_what_stops_the_run_whatever_the_grants_are_is_a_line_of_its_own(answered: S3Error, stops: bool) -> None:
    line = obstacle(answered)

    assert line.startswith("s3://bucket: ") if stops else line == ""


def test_a_bucket_that_told_nothing_is_a_line_and_two_of_them_are_one() -> None:
    first, second = error("ConnectTimeout", 0), error("ServiceUnavailable", 503)

    assert not_reached({}, 2) == ()
    assert not_reached({"dst": second}, 2) == ("s3://dst was not reached: ServiceUnavailable",)
    (both,) = not_reached({"src": first, "dst": second}, 2)
    assert both.endswith("known about the access: neither s3://src nor s3://dst: ConnectTimeout")
    assert not_reached({"one": first}, 1)[0].endswith("known about the access: s3://one: ConnectTimeout")
