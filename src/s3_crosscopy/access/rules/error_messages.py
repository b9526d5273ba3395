"""Parses S3's detailed access denied messages, and says in one line why a request failed and what to do.

The messages are those of the S3 User Guide ("Troubleshoot access denied errors") and those of KMS in S3's responses. S3
sends them within an account or an organization only: otherwise it says "Access Denied", and a HEAD has no body at all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from s3_crosscopy.access.rules.policy_types import advice
from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason


class AccessDeniedMessage(NamedTuple):
    """A detailed access denied message; `by` is S3's cause: "an explicit deny in a resource-based policy"."""

    user: str
    action: str
    resource: str
    by: str
    explicit: bool


_DETAILED = re.compile(
    r"User: (?P<user>\S+) is not authorized to perform: (?P<action>[a-z0-9-]+:\w+)"
    r"(?: on (?:resource: \"?(?P<resource>[^\s\"]+)\"?|the resource associated with this \w+|this resource))?"
    r"(?: because (?P<because>.+)| with (?P<explicit>an explicit deny.*))?",
    re.DOTALL,
)
# "because no identity-based policy allows the s3:GetObject action": the action is already in the message.
_ALLOWS = re.compile(r" allows?(?: the)? [a-z0-9-]+:\w+ action")


def parse_access_denied(message: str) -> AccessDeniedMessage | None:
    """The parts of a detailed access denied message; None for any other message."""
    match = _DETAILED.search(message)
    if match is None:
        return None
    explicit = match["explicit"]
    reason = explicit or _ALLOWS.sub(" allows it", match["because"] or "")
    return AccessDeniedMessage(
        user=match["user"],
        action=match["action"],
        resource=match["resource"] or "",
        by=" ".join(reason.split()).rstrip("."),
        explicit=explicit is not None,
    )


def of_kms(error: S3Error) -> bool:
    """True if KMS denied the request, after S3 itself had allowed it."""
    text = error.message.lower()
    return error.code.startswith("KMS.") or any(mark in text for mark in ("kms:", ":kms:", "ciphertext refers to"))


_EXPIRED = "the credentials have expired; sign in again, or let a role or a profile renew them"
_SIGN_IN = "sign in again (`aws sso login`)"
_WRONG_KEY = "the access key is not known; check the access key id, the account and the endpoint"
_WRONG_SECRET = "the secret does not match the access key; check it for missing or additional characters"
_NONE = "no credentials were found; configure a profile or a connection, or set AWS_PROFILE"
_CLOCK = "this machine's clock differs from the server's by more than 15 minutes; set it (NTP)"
_ARCHIVED = "the object is archived; restore it first, or set archived='skip' to leave such objects out"

# By error code of S3, KMS and STS.
_CAUSES: Mapping[str, str] = {
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"), _EXPIRED),
    **dict.fromkeys(("InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"), _WRONG_KEY),
    "SignatureDoesNotMatch": _WRONG_SECRET,
    "InvalidToken": "the session token does not match the access key; take key, secret and token from the same place",
    "NoCredentials": _NONE,
    "RequestTimeTooSkewed": _CLOCK,
    "NotSignedUp": "the account is not signed up for S3, or was closed; ask its owner",
    **dict.fromkeys(("AllAccessDisabled", "AccountProblem"), "the account or the bucket was disabled; ask its owner"),
    "KMS.DisabledException": "the KMS key is disabled; enable it, or encrypt with another one",
    "KMS.KMSInvalidStateException": "the KMS key is not usable, most often because its deletion is pending;"
    " cancel that, or encrypt with another one",
    "KMS.NotFoundException": "the KMS key does not exist in the bucket's Region;"
    " use its full ARN, because an alias is looked up in the caller's account",
    "NoSuchBucket": "the bucket does not exist; check its name and the endpoint",
    "AccessControlListNotSupported": "the bucket has ACLs disabled (BucketOwnerEnforced);"
    " do not set acl_policy, the bucket's owner owns every copy anyway",
    **dict.fromkeys(("InvalidObjectState", "ObjectNotInActiveTierError"), _ARCHIVED),
    "NoSuchKey": "the object does not exist",
    "NoSuchVersion": "this version of the object does not exist; check source_version_id",
}
WRONG_REGION = frozenset(
    ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301")
)
_REGION = re.compile(r"expecting '(?P<named>[a-z0-9-]+)'|s3[.-](?P<host>[a-z]+(?:-[a-z]+)+-\d+)\.[a-z]")
_SKEWED = ("Signature not yet current", "Signature expired")


def cause(error: S3Error, expected_owner: str | None = None) -> str:
    """One line that says why a request failed and what to do. `expected_owner`: the account id sent with it."""
    if error.code in WRONG_REGION:
        return _wrong_region(error)
    # Signatures are valid for minutes: STS and others report a wrong clock as a signature that is too old or too new.
    if any(mark in error.message for mark in _SKEWED):
        return _CLOCK
    if error.call == "HeadBucket" and not_found(error.reason):
        return _CAUSES["NoSuchBucket"]
    if error.code == "CredentialsExpired":
        return " ".join(f"new credentials could not be obtained: {error.message or _SIGN_IN}".split())
    if error.code in _CAUSES:
        return _CAUSES[error.code]
    denied = parse_access_denied(error.message)
    if denied is not None:
        return _detailed_text(denied)
    if error.reason is Reason.DENIED:
        return _short_text(error, expected_owner)
    if error.status == 400 and error.call in ("HeadBucket", "HeadObject"):
        return "a HEAD failed with 400 and no message: most often expired credentials, or a Region that is not enabled"
    return " ".join(f"{error.code}: {error.message}".split()) if error.message else error.code


def _wrong_region(error: S3Error) -> str:
    match = _REGION.search(error.message)
    region = (match["named"] or match["host"]) if match is not None else None
    value = f"={region!r}" if region else ""
    return f"the bucket is in another Region; set region_name{value}"


def _detailed_text(denied: AccessDeniedMessage) -> str:
    by = denied.by or "S3 does not say by what"
    what_to_do = f"; {text}" if (text := advice(denied.by)) else ""
    return f"{denied.action} is denied to {denied.user}{' by' if denied.explicit else ':'} {by}{what_to_do}"


def _short_text(error: S3Error, expected_owner: str | None) -> str:
    if of_kms(error):
        return "KMS denies the use of the key; the caller's own policy and the key's policy must both allow it"
    owner = f", or the bucket is not owned by {expected_owner} as expected" if expected_owner else ""
    return f"{error.call} is denied{owner}"
