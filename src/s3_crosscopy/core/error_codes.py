"""Maps S3 error codes and HTTP statuses to a `Reason`, and says which errors are transient or retryable."""

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
    # No other 404 shows that an object does not exist: proxies, routers and wrong endpoints respond 404 too.
    **dict.fromkeys(("NoSuchKey", "NoSuchVersion", "NoSuchUpload"), Reason.MISSING),
    # InvalidPart: a part that was copied again under KMS has another ETag now; a new upload solves that.
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
    """Return the reason for an error `code` and HTTP `status` (0: no response).

    An unknown code is judged by its status.
    own_head: True for a response to a HEAD with S3's request id. It has no body that could name a code, so that its
      404 means a missing object.
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


_OUTCOME_UNKNOWN = frozenset({Reason.TIMED_OUT, Reason.SERVER})
# The calls that create an object; the others do not change the destination's key.
_WRITES = frozenset({"CopyObject", "CompleteMultipartUpload"})
_TRANSIENT = frozenset({Reason.THROTTLED, Reason.TIMED_OUT, Reason.SERVER})
# CompleteMultipartUpload conflicted with another write, and requires a new upload (User Guide, "conditional writes").
_NEEDS_NEW_UPLOAD = "ConditionalRequestConflict"
# Temporary credentials that have expired (S3 API reference, "Error responses").
_EXPIRED = frozenset(
    # The last code is our own: new credentials were not available.
    {"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired", "CredentialsExpired"}
)


# The signature is too old, or the clock is wrong.
_SKEWED = "RequestTimeTooSkewed"


def is_own_head(call: str, request_id: str) -> bool:
    """Return True for a response of S3 itself to a HEAD; that of a proxy has no request id of S3."""
    return call.startswith("Head") and bool(request_id)


def not_found(reason: Reason) -> bool:
    """Return True if the response was a 404, from S3 or from another server."""
    return reason in _NOT_FOUND


def outcome_unknown(reason: Reason) -> bool:
    """Return True if the request may have taken effect although no response confirmed it."""
    return reason in _OUTCOME_UNKNOWN


def may_have_been_applied(call: str, reason: Reason) -> bool:
    """Return True if a write may have taken effect although no success was received.

    That is after a timeout or a 5xx on CopyObject or CompleteMultipartUpload.
    """
    return call in _WRITES and outcome_unknown(reason)


def is_transient(code: str, reason: Reason) -> bool:
    """Return True for throttling, timeouts, 5xx and expired credentials: uploaded parts stay valid.

    False for ConditionalRequestConflict, which requires a new upload.
    """
    return (reason in _TRANSIENT and code != _NEEDS_NEW_UPLOAD) or better_later(code)


def needs_new_upload(code: str) -> bool:
    """Return True if a completion conflicted with another write, so that its upload cannot be completed any more."""
    return code == _NEEDS_NEW_UPLOAD


def expired(code: str, status: int = 0, call: str = "") -> bool:
    """Return True if the credentials have expired.

    True also for the 400 of a HEAD: it has no body with a code, may mean this, and is worth one renewal.
    """
    return code in _EXPIRED or (status == 400 and call in ("HeadObject", "HeadBucket"))


def skewed(code: str) -> bool:
    """Return True if the signature's time differs too much from S3's; a new signature may be accepted."""
    return code == _SKEWED


def better_later(code: str) -> bool:
    """Return True if a retry of the task may succeed, with new credentials or a corrected clock."""
    return code in _EXPIRED or skewed(code)


def retryable(reason: Reason) -> bool:
    """Return True if a retry may succeed for the same key although nothing is corrected meanwhile.

    True also for a changed source, because a new listing returns its new ETag.
    """
    return reason in _RETRYABLE


def failure_for(reason: Reason) -> type[PermanentFailure | RetryableFailure]:
    """The error that a task raises for a request that failed for this reason: the retryable one if a retry may pass."""
    return RetryableFailure if retryable(reason) else PermanentFailure
