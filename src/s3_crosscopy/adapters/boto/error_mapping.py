"""From botocore's exceptions to ours: one table for what never reached S3, S3's own code for what did."""

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

# No answer came: the code we give it. Order matters, subclasses first.
_NO_ANSWER: tuple[tuple[type[Exception], str], ...] = (
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
    """Raise S3Error for whatever botocore raises inside; the cause is kept, its text without what nobody is to see."""
    try:
        yield
    except boto_errors.ClientError as error:
        told = from_response(call, bucket, key, error)
        make_harmless(error)
        raise told from error
    except ResponseParserError as error:
        # A proxy's page, or half an answer: what was asked for may have been done.
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
        code = next(code for kind, code in _NO_ANSWER if isinstance(error, kind))
        text = _shown(error)
        make_harmless(error)
        raise S3Error(
            call=call, bucket=bucket, key=key, code=code, status=0, message=text, reason=classify(code, 0)
        ) from error


@contextmanager
def no_credentials_told() -> Iterator[None]:
    """Raise S3Error where new credentials could not be had; its reason says whether they may be had a moment later."""
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
    """Its text without secrets and without the value of a wrong parameter."""
    text = str(error)
    if isinstance(error, boto_errors.ParamValidationError):
        text = without_values(text)
    return redacted(text)


def from_response(call: str, bucket: str, key: str, error: boto_errors.ClientError) -> S3Error:
    """The S3Error of an answer that S3 gave. A server may repeat the headers that it got: they hold a session token."""
    said = error.response.get("Error", {})
    meta = error.response.get("ResponseMetadata", {})
    code, status = limits.CODE.cut(redacted(str(said.get("Code", "")))), int(meta.get("HTTPStatusCode", 0))
    request_id = limits.CODE.cut(redacted(str(meta.get("RequestId", ""))))
    return S3Error(
        call=call,
        bucket=bucket,
        key=key,
        code=code or str(status),
        status=status,
        message=limits.MESSAGE.cut(redacted(str(said.get("Message") or ""))),  # Ceph answers None
        reason=classify(code, status, own_head=is_own_head(call, request_id)),
        request_id=request_id,
    )
