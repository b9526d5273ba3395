"""S3's refusals are taken apart, and each is one clear line that says what to do."""

from __future__ import annotations

import pytest

from s3_crosscopy.access.rules.error_messages import AccessDeniedMessage, cause, of_kms, parse_access_denied
from s3_crosscopy.core.error_codes import classify
from s3_crosscopy.errors import S3Error

USER = "arn:aws:sts::111122223333:assumed-role/copier/airflow"
OBJECT = "arn:aws:s3:::bucket/key"

# Messages as in the S3 User Guide and the KMS Developer Guide -> what is made of them
NOT = f"User: {USER} is not authorized to perform:"
ELSEWHERE = "the resource does not exist in this Region, no resource-based policies allow access"
SCP = "an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/p-1"
BUCKET, KEY = "arn:aws:s3:::bucket", "arn:aws:kms:eu-west-1:111122223333:key/1"


def because_no(kind: str, action: str, resource: str) -> str:
    return f"{NOT} {action} on resource: {resource} because no {kind} policy allows the {action} action"


NO_IDENTITY = because_no("identity-based", "s3:GetObject", f'"{OBJECT}"')
EXPLICIT = f'{NOT} s3:PutObject on resource: "{OBJECT}" with an explicit deny in a resource-based policy'
NO_KEY = because_no("identity-based", "kms:GenerateDataKey", KEY)
BARE = f"{NOT} sts:AssumeRole on resource: arn:aws:iam::1:role/r"

# Messages as in the S3 User Guide and the KMS Developer Guide -> what is made of them
MESSAGES = [
    (NO_IDENTITY, AccessDeniedMessage(USER, "s3:GetObject", OBJECT, "no identity-based policy allows it", False)),
    (
        because_no("resource-based", "s3:GetObject", f'"{OBJECT}"'),
        AccessDeniedMessage(USER, "s3:GetObject", OBJECT, "no resource-based policy allows it", False),
    ),
    (EXPLICIT, AccessDeniedMessage(USER, "s3:PutObject", OBJECT, "an explicit deny in a resource-based policy", True)),
    (
        because_no("VPC endpoint", "s3:ListBucket", f'"{BUCKET}"'),
        AccessDeniedMessage(USER, "s3:ListBucket", BUCKET, "no VPC endpoint policy allows it", False),
    ),
    (
        f'{NOT} s3:GetObject on resource: "{OBJECT}" with {SCP}.',
        AccessDeniedMessage(USER, "s3:GetObject", OBJECT, SCP, True),
    ),
    (NO_KEY, AccessDeniedMessage(USER, "kms:GenerateDataKey", KEY, "no identity-based policy allows it", False)),
    (
        f"{NOT} kms:Decrypt on the resource associated with this ciphertext because {ELSEWHERE}",
        AccessDeniedMessage(USER, "kms:Decrypt", "", ELSEWHERE, False),
    ),
    (
        f"{NOT} kms:GenerateDataKey on this resource because {ELSEWHERE}",
        AccessDeniedMessage(USER, "kms:GenerateDataKey", "", ELSEWHERE, False),
    ),
    (BARE, AccessDeniedMessage(USER, "sts:AssumeRole", "arn:aws:iam::1:role/r", "", False)),
    ("Access Denied", None),
    ("", None),
]


def error(code: str, status: int = 403, message: str = "", call: str = "GetObject") -> S3Error:
    reason = classify(code, status)
    return S3Error(call=call, bucket="bucket", key="key", code=code, status=status, message=message, reason=reason)


@pytest.mark.parametrize(("message", "denied"), MESSAGES)
def test_an_enhanced_denial_is_taken_apart_and_every_other_message_is_none(
    message: str, denied: AccessDeniedMessage | None
) -> None:
    assert parse_access_denied(message) == denied


@pytest.mark.parametrize(
    ("code", "message", "kms"),
    [
        ("KMS.DisabledException", "", True),
        ("AccessDenied", NO_KEY, True),
        ("AccessDenied", "The ciphertext refers to a customer master key that does not exist", True),
        ("AccessDenied", "Access Denied", False),
        ("AccessDenied", NO_IDENTITY, False),
    ],
)
def test_a_refusal_of_kms_is_told_from_one_of_s3(code: str, message: str, kms: bool) -> None:
    assert of_kms(error(code, message=message)) is kms


# code, status, message, call -> what the line says
CAUSES = [
    ("ExpiredToken", 400, "The provided token has expired.", "GetObject", "expired; sign in again"),
    (
        "CredentialsExpired",
        0,
        "",
        "GetObject",
        "new credentials could not be obtained: sign in again (`aws sso login`)",
    ),
    (
        "CredentialsExpired",
        0,
        "profile 'x': credential_process: no\nJSON",
        "GetObject",
        "new credentials could not be obtained: profile 'x': credential_process: no JSON",
    ),
    ("InvalidAccessKeyId", 403, "", "GetObject", "check the access key id"),
    ("InvalidClientTokenId", 403, "", "GetCallerIdentity", "check the access key id"),
    ("SignatureDoesNotMatch", 403, "The request signature we calculated ...", "GetObject", "secret does not match"),
    ("SignatureDoesNotMatch", 403, "Signature expired: 20261124T1 is now earlier", "GetCallerIdentity", "(NTP)"),
    ("SignatureDoesNotMatch", 403, "Signature not yet current: 2 is still later", "GetCallerIdentity", "(NTP)"),
    ("RequestTimeTooSkewed", 403, "", "GetObject", "clock differs"),
    ("InvalidToken", 400, "", "GetObject", "session token does not match"),
    ("NoCredentials", 0, "Unable to locate credentials", "GetObject", "no credentials were found; configure"),
    ("NoSuchBucket", 404, "", "ListObjectsV2", "the bucket does not exist; check its name"),
    ("404", 404, "Not Found", "HeadBucket", "the bucket does not exist; check its name"),
    ("NoSuchKey", 404, "", "GetObject", "the object does not exist"),
    ("PermanentRedirect", 301, "must be addressed using the specified endpoint", "GetObject", "another Region"),
    ("PermanentRedirect", 301, "", "GetObject", "set region_name"),
    ("301", 301, "Moved Permanently", "HeadBucket", "another Region"),
    (
        "AuthorizationHeaderMalformed",
        400,
        "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'",
        "GetObject",
        "set region_name='eu-west-1'",
    ),
    ("PermanentRedirect", 301, "use s3.eu-central-1.amazonaws.com", "GetObject", "region_name='eu-central-1'"),
    ("PermanentRedirect", 301, "use s3.eusc-de-east-1.amazonaws.eu", "GetObject", "region_name='eusc-de-east-1'"),
    ("PermanentRedirect", 301, "use b.s3-us-isob-east-1.sc2s.sgov.gov", "GetObject", "region_name='us-isob-east-1'"),
    ("KMS.DisabledException", 400, "key is disabled", "GetObject", "the KMS key is disabled; enable it"),
    ("KMS.KMSInvalidStateException", 400, "key is pending deletion", "PutObject", "cancel that"),
    ("KMS.NotFoundException", 400, "Invalid keyId", "PutObject", "full ARN"),
    ("AccessControlListNotSupported", 400, "", "PutObject", "do not set acl_policy"),
    ("InvalidObjectState", 403, "", "GetObject", "restore it first"),
    ("AccessDenied", 403, NO_IDENTITY, "GetObject", "s3:GetObject is denied to " + USER),
    ("AccessDenied", 403, EXPLICIT, "PutObject", "the owner of the bucket or key can remove or narrow that statement"),
    ("AccessDenied", 403, BARE, "AssumeRole", "S3 does not say by what"),
    ("KMS.AccessDeniedException", 400, "no", "GetObject", "KMS denies the use of the key"),
    ("AccessDenied", 403, "Access Denied", "GetObject", "GetObject is denied"),
    ("400", 400, "Bad Request", "HeadObject", "a HEAD failed with 400 and no message"),
    ("InvalidRequest", 400, "Something\n else", "GetObject", "InvalidRequest: Something else"),
    ("SlowDown", 503, "", "GetObject", "SlowDown"),
]


@pytest.mark.parametrize(("code", "status", "message", "call", "line"), CAUSES)
def test_a_refusal_is_one_line_that_says_what_to_do(code: str, status: int, message: str, call: str, line: str) -> None:
    said = cause(error(code, status, message, call))

    assert line in said
    assert "\n" not in said


def test_a_bare_denial_names_the_owner_that_was_expected() -> None:
    assert "or the bucket is not owned by 111122223333" in cause(error("AccessDenied"), "111122223333")
    assert "owned" not in cause(error("AccessDenied"))
