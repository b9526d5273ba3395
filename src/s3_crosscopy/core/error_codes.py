"""What a refused request means: a table from S3's error codes to reasons, and what may still be done about each."""

from __future__ import annotations

from s3_crosscopy.errors import PermanentFailure, RetryableFailure
from s3_crosscopy.model.outcomes import Reason

# Codes as in the S3 API reference, "Error responses", and botocore's retry table (`_retry.json`).
_BY_CODE: dict[str, Reason] = {
    **dict.fromkeys(
        ("AccessDenied", "AllAccessDisabled", "AccountProblem", "Forbidden", "403",
         "KMS.AccessDeniedException", "KMS.DisabledException", "KMS.NotFoundException", "KMS.KMSInvalidStateException"),
        Reason.DENIED,
    ),
    **dict.fromkeys(
        ("InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken", "ExpiredTokenException",
         "RequestExpired", "RequestTimeTooSkewed", "NoCredentials", "CredentialsExpired", "UnauthorizedAccess",
         "InvalidClientTokenId", "NotSignedUp", "TokenRefreshRequired"),
        Reason.CREDENTIALS,
    ),
    # No other 404 says by itself that an object is gone: proxies, routers and wrong endpoints answer it too.
    **dict.fromkeys(("NoSuchKey", "NoSuchVersion", "NoSuchUpload"), Reason.MISSING),
    # InvalidPart: a part that was copied again under KMS has another ETag by now; another upload mends it.
    **dict.fromkeys(("PreconditionFailed", "412", "InvalidPart"), Reason.CHANGED),
    **dict.fromkeys(("InvalidObjectState", "ObjectNotInActiveTierError"), Reason.ARCHIVED),
    **dict.fromkeys(
        ("SlowDown", "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled",
         "RequestThrottledException", "TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded",
         "LimitExceededException", "PriorRequestNotComplete", "KMS.ThrottlingException", "429"),
        Reason.THROTTLED,
    ),
    **dict.fromkeys(
        ("RequestTimeout", "RequestTimeoutException", "ReadTimeout", "ConnectTimeout", "ConnectionClosed",
         "ConnectionError", "AnswerTooSlow"),
        Reason.TIMED_OUT,
    ),
    **dict.fromkeys(
        ("InternalError", "ServiceUnavailable", "OperationAborted", "ConditionalRequestConflict", "TemporaryRedirect",
         "307", "UnreadableAnswer", "EmptyAnswer", "TruncatedWithoutToken", "AnswerTooLarge"),
        Reason.SERVER,
    ),
    **dict.fromkeys(
        ("NoSuchBucket", "InvalidRequest", "InvalidArgument", "InvalidBucketName", "EntityTooLarge", "KeyTooLongError",
         "AccessControlListNotSupported", "InvalidStorageClass", "NotImplemented", "MethodNotAllowed", "InvalidTag",
         "PermanentRedirect", "InvalidRange", "InvalidPartOrder", "EntityTooSmall", "MalformedXML",
         "BadDigest", "AuthorizationHeaderMalformed", "ParamValidationError", "InvalidConfiguration"),
        Reason.INVALID,
    ),
}  # fmt: skip

_RETRYABLE = frozenset({Reason.THROTTLED, Reason.TIMED_OUT, Reason.SERVER, Reason.CHANGED})


_NOT_FOUND = frozenset({Reason.MISSING, Reason.UNCONFIRMED})


def classify(code: str, status: int, *, own_head: bool = False) -> Reason:
    """The reason behind an error `code` and HTTP `status` (0: no answer came).

    Unknown codes fall back on the status; a 5xx of any name is the server's trouble and worth another try. `own_head`:
    it is the answer to a HEAD, which has no body to name a code in, and S3 gave it: its request id says so.
    """
    known = _BY_CODE.get(code)
    if known is not None:
        return known
    if status == 0:
        return Reason.TIMED_OUT
    if status in (401, 403):
        return Reason.DENIED
    if status == 404:
        return Reason.MISSING if own_head else Reason.UNCONFIRMED
    if status == 412:
        return Reason.CHANGED
    if status == 429 or status == 503:
        return Reason.THROTTLED
    if status >= 500:
        return Reason.SERVER
    return Reason.UNKNOWN


_UNCERTAIN = frozenset({Reason.TIMED_OUT, Reason.SERVER})
# The calls that make an object; a part, or a HEAD, leaves the destination's key as it was.
_WRITES = frozenset({"CopyObject", "CompleteMultipartUpload"})
_PASSING = frozenset({Reason.THROTTLED, Reason.TIMED_OUT, Reason.SERVER})
# A Complete that met another writer: "the upload must be begun anew" (User Guide, "conditional writes").
_STARTS_OVER = "ConditionalRequestConflict"
# Temporary credentials that ended; new ones may be had (S3 API reference, "Error responses").
_EXPIRED = frozenset(
    # The last is our own: new ones could not be had this time.
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "CredentialsExpired"}
)


# Signed too long before it came, or by a clock that is wrong.
_SKEWED = "RequestTimeTooSkewed"


def is_own_head(call: str, request_id: str) -> bool:
    """Tells whether S3 itself gave this answer to a HEAD; a proxy's has no request id of S3's."""
    return call.startswith("Head") and bool(request_id)


def not_found(reason: Reason) -> bool:
    """Tells whether the answer was a 404, in S3's form or in another."""
    return reason in _NOT_FOUND


def outcome_unknown(reason: Reason) -> bool:
    """Whether the request may have been applied although no answer said so."""
    return reason in _UNCERTAIN


def may_have_been_applied(call: str, reason: Reason) -> bool:
    """Whether the object may be at the destination although this call failed."""
    return call in _WRITES and outcome_unknown(reason)


def is_transient(code: str, reason: Reason) -> bool:
    """Whether only the moment was bad: what was done so far stays good, also for a later attempt."""
    return (reason in _PASSING and code != _STARTS_OVER) or better_later(code)


def expired(code: str, status: int = 0, call: str = "") -> bool:
    """Whether the credentials have ended and nothing else is wrong.

    A HEAD has no body to say so: it answers a bare 400, which may mean this, and is worth new credentials once.
    """
    return code in _EXPIRED or (status == 400 and call in ("HeadObject", "HeadBucket"))


def skewed(code: str) -> bool:
    """Tells whether S3 found the time of the signature too far from its own: signed anew the request may pass."""
    return code == _SKEWED


def better_later(code: str) -> bool:
    """Tells whether another try of the task may pass: with fresh credentials, or with a clock that was set."""
    return code in _EXPIRED or skewed(code)


def retryable(reason: Reason) -> bool:
    """Whether the same key may arrive when tried again without anybody mending anything.

    A changed source counts: a new listing tells its new ETag.
    """
    return reason in _RETRYABLE


def failure_for(reason: Reason) -> type[PermanentFailure | RetryableFailure]:
    """The error that a task raises for a request that failed for this reason: the retryable one if a retry may pass."""
    return RetryableFailure if retryable(reason) else PermanentFailure
