"""What S3 says when it refuses: its enhanced denials taken apart, and every other refusal as one line with a way out.

The messages are those of the S3 User Guide ("Troubleshoot access denied errors") and of KMS as S3 passes them on. They
come within an account or an organization only: across them S3 says "Access Denied", and HEAD has no body at all.
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
    """An enhanced denial. `by` is what is to blame, in S3's words: "an explicit deny in a resource-based policy"."""

    user: str
    action: str
    resource: str
    by: str
    explicit: bool


_ENHANCED = re.compile(
    r"User: (?P<user>\S+) is not authorized to perform: (?P<action>[a-z0-9-]+:\w+)"
    r"(?: on (?:resource: \"?(?P<resource>[^\s\"]+)\"?|the resource associated with this \w+|this resource))?"
    r"(?: because (?P<because>.+)| with (?P<explicit>an explicit deny.*))?",
    re.DOTALL,
)
# "because no identity-based policy allows the s3:GetObject action": the action is known already.
_ALLOWS = re.compile(r" allows?(?: the)? [a-z0-9-]+:\w+ action")


def parse_denial(message: str) -> AccessDeniedMessage | None:
    """An enhanced denial's parts; None for every other message."""
    found = _ENHANCED.search(message)
    if found is None:
        return None
    explicit = found["explicit"]
    said = explicit or _ALLOWS.sub(" allows it", found["because"] or "")
    return AccessDeniedMessage(
        user=found["user"],
        action=found["action"],
        resource=found["resource"] or "",
        by=" ".join(said.split()).rstrip("."),
        explicit=explicit is not None,
    )


def of_kms(error: S3Error) -> bool:
    """Whether it was KMS that refused: S3 itself had let the request pass."""
    text = error.message.lower()
    return error.code.startswith("KMS.") or any(mark in text for mark in ("kms:", ":kms:", "ciphertext refers to"))


_EXPIRED = "the credentials have expired; sign in again, or let a role or a profile renew them"
_SIGN_IN = "sign in again (`aws sso login`)"
_WRONG_KEY = (
    "the access key is not known; check the access key id, and that the account and endpoint are the right ones"
)
_WRONG_SECRET = "the secret does not fit the access key; check it for a cut or an added character"
_NONE = "there are no credentials; configure a profile or a connection, or set AWS_PROFILE"
_CLOCK = "this machine's clock differs from the server's by more than 15 minutes; set it (NTP)"
_ARCHIVED = "the object is archived; restore it first, or leave such objects out with archived='skip'"

# By S3's, KMS' and STS' codes; their message may add to it (`_detail`).
_CAUSES: Mapping[str, str] = {
    **dict.fromkeys(("ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"), _EXPIRED),
    **dict.fromkeys(("InvalidAccessKeyId", "InvalidClientTokenId", "UnrecognizedClientException"), _WRONG_KEY),
    "SignatureDoesNotMatch": _WRONG_SECRET,
    "InvalidToken": "the session token does not fit the access key; take all three from the same place",
    "NoCredentials": _NONE,
    "RequestTimeTooSkewed": _CLOCK,
    "NotSignedUp": "the account is not signed up for S3, or was closed; ask its owner",
    **dict.fromkeys(("AllAccessDisabled", "AccountProblem"), "the account or the bucket was disabled; ask its owner"),
    "KMS.DisabledException": "the KMS key is disabled; enable it, or encrypt with another one",
    "KMS.KMSInvalidStateException": "the KMS key is not usable, most often because its deletion is pending;"
    " cancel that, or encrypt with another one",
    "KMS.NotFoundException": "there is no such KMS key in the bucket's Region;"
    " name it by its full ARN, because an alias is looked up in the caller's account",
    "NoSuchBucket": "there is no such bucket; check its name, and that the endpoint is the right one",
    "AccessControlListNotSupported": "the bucket takes no ACLs (BucketOwnerEnforced);"
    " leave acl_policy out, the bucket's owner owns every copy anyway",
    **dict.fromkeys(("InvalidObjectState", "ObjectNotInActiveTierError"), _ARCHIVED),
    "NoSuchKey": "there is no such object",
    "NoSuchVersion": "there is no such version of the object; check source_version_id",
}
WRONG_REGION = frozenset(
    ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301")
)
_REGION = re.compile(r"expecting '(?P<named>[a-z0-9-]+)'|s3[.-](?P<host>[a-z]+(?:-[a-z]+)+-\d+)\.[a-z]")
_SKEWED = ("Signature not yet current", "Signature expired")


def cause(error: S3Error, expected_owner: str | None = None) -> str:
    """Why a request was refused and what to do, in one line. `expected_owner`: the account id that went along."""
    if error.code in WRONG_REGION:
        return _wrong_region(error)
    # STS and others sign for minutes only: there a wrong clock shows as a signature that is too old or too new.
    if any(mark in error.message for mark in _SKEWED):
        return _CLOCK
    if error.call == "HeadBucket" and not_found(error.reason):
        return _CAUSES["NoSuchBucket"]
    if error.code == "CredentialsExpired":
        return " ".join(f"new credentials could not be had: {error.message or _SIGN_IN}".split())
    if error.code in _CAUSES:
        return _CAUSES[error.code]
    denied = parse_denial(error.message)
    if denied is not None:
        return _enhanced(denied)
    if error.reason is Reason.DENIED:
        return _plain_denial(error, expected_owner)
    if error.status == 400 and error.call in ("HeadBucket", "HeadObject"):
        return "a HEAD was answered a bare 400: most often expired credentials, or a Region that is not enabled"
    return " ".join(f"{error.code}: {error.message}".split()) if error.message else error.code


def _wrong_region(error: S3Error) -> str:
    found = _REGION.search(error.message)
    name = (found["named"] or found["host"]) if found is not None else None
    named = f"={name!r}" if name else ""
    return f"the bucket is in another Region; say region_name{named}"


def _enhanced(denied: AccessDeniedMessage) -> str:
    by = denied.by or "without saying by what"
    what_to_do = f"; {said}" if (said := advice(denied.by)) else ""
    return f"{denied.action} is denied to {denied.user}{' by' if denied.explicit else ':'} {by}{what_to_do}"


def _plain_denial(error: S3Error, expected_owner: str | None) -> str:
    if of_kms(error):
        return "KMS refuses the key; the caller's own policy and the key's policy must both allow it"
    owner = f", or the bucket is not owned by {expected_owner} as expected" if expected_owner else ""
    return f"{error.call} is denied{owner}"
