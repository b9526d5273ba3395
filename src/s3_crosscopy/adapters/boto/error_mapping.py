"""Maps botocore's exceptions to S3Error: by a table if no response came, by S3's own code if one did."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as boto_errors
from botocore.parsers import ResponseParserError

from s3_crosscopy.adapters.boto.over_limit import over_limit
from s3_crosscopy.adapters.boto.redaction import make_harmless, redacted, without_values
from s3_crosscopy.adapters.boto.strict_parser import CODE, Unreadable
from s3_crosscopy.core.error_codes import classify, is_own_head
from s3_crosscopy.errors import CrossCopyError, RetryableFailure, S3Error
from s3_crosscopy.model import input_limits as limits
from s3_crosscopy.model.outcomes import Reason

# No response came: the code that we give the error. Order matters, subclasses first.
_NO_RESPONSE: tuple[tuple[type[Exception], str], ...] = (
    (boto_errors.ReadTimeoutError, "ReadTimeout"),
    (boto_errors.ConnectTimeoutError, "ConnectTimeout"),
    (boto_errors.ConnectionClosedError, "ConnectionClosed"),
    (boto_errors.IncompleteReadError, "ConnectionClosed"),
    (boto_errors.NoCredentialsError, "NoCredentials"),
    (boto_errors.PartialCredentialsError, "NoCredentials"),
    (boto_errors.CredentialRetrievalError, "CredentialsExpired"),
    (boto_errors.TokenRetrievalError, "CredentialsExpired"),
    (boto_errors.UnauthorizedSSOTokenError, "CredentialsExpired"),
    (boto_errors.SSOTokenLoadError, "CredentialsExpired"),
    (boto_errors.ParamValidationError, "ParamValidationError"),
    (boto_errors.PaginationError, CODE),
    (boto_errors.HTTPClientError, "ConnectionError"),
    (boto_errors.ConnectionError, "ConnectionError"),
    (boto_errors.BotoCoreError, "ParamValidationError"),
)


@contextmanager
def translated(call: str, bucket: str, key: str) -> Iterator[None]:
    """Raise S3Error for whatever botocore raises inside. The cause is kept, with a redacted text."""
    try:
        yield
    except boto_errors.ClientError as error:
        s3_error = from_response(call, bucket, key, error)
        make_harmless(error)
        raise s3_error from error
    except ResponseParserError as error:
        # A proxy's page, or half a response: the request may have been applied.
        make_harmless(error)
        raise S3Error(
            call=call, bucket=bucket, key=key, code=CODE, status=0,
            message=str(error) if isinstance(error, Unreadable) else "the answer is no XML", reason=Reason.SERVER,
        ) from error  # fmt: skip
    except boto_errors.BotoCoreError as error:
        if (over := over_limit(error)) is not None:
            raise S3Error(
                call=call, bucket=bucket, key=key, code=over.code, status=0, message=str(over),
                reason=classify(over.code, 0),
            ) from over  # fmt: skip
        code = next(code for error_class, code in _NO_RESPONSE if isinstance(error, error_class))
        text = _shown(error)
        make_harmless(error)
        raise S3Error(
            call=call, bucket=bucket, key=key, code=code, status=0, message=text, reason=classify(code, 0)
        ) from error


@contextmanager
def credential_errors_translated() -> Iterator[None]:
    """Raise S3Error if there are no new credentials; its reason is retryable if the problem is transient."""
    try:
        yield
    except S3Error:
        raise
    except CrossCopyError as error:
        raise S3Error(
            call="GetCredentials", bucket="", key="", code="CredentialsExpired", status=0,
            message=str(error).partition("\n")[0],
            reason=Reason.SERVER if isinstance(error, RetryableFailure) else Reason.CREDENTIALS,
        ) from error  # fmt: skip


def _shown(error: Exception) -> str:
    """The error's text without secrets and without the value of a wrong parameter."""
    text = str(error)
    if isinstance(error, boto_errors.ParamValidationError):
        text = without_values(text)
    return redacted(text)


def from_response(call: str, bucket: str, key: str, error: boto_errors.ClientError) -> S3Error:
    """The S3Error for an error response. It is redacted: a server may repeat request headers, also a session token."""
    payload = error.response.get("Error", {})
    meta = error.response.get("ResponseMetadata", {})
    code, status = limits.CODE.cut(redacted(str(payload.get("Code", "")))), int(meta.get("HTTPStatusCode", 0))
    request_id = limits.CODE.cut(redacted(str(meta.get("RequestId", ""))))
    s3_error = S3Error(
        call=call,
        bucket=bucket,
        key=key,
        code=code or str(status),
        status=status,
        message=limits.MESSAGE.cut(redacted(str(payload.get("Message") or ""))),  # Ceph answers None
        reason=classify(code, status, own_head=is_own_head(call, request_id)),
        request_id=request_id,
    )
    s3_error.repeated = bool(meta.get("RetryAttempts"))
    return s3_error
