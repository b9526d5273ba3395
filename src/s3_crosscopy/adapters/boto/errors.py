"""From botocore's exceptions to ours: one table for what never reached S3, S3's own code for what did."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from botocore import exceptions as boto_errors
from botocore.parsers import ResponseParserError

from s3_crosscopy.adapters.boto.over_limit import over_limit
from s3_crosscopy.adapters.boto.parsing import CODE, Unreadable
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model import limits
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.plan.classify import classify, is_own_head

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
    """Raise S3Error for whatever botocore raises inside; the cause is kept."""
    try:
        yield
    except boto_errors.ClientError as error:
        raise from_response(call, bucket, key, error) from error
    except ResponseParserError as error:
        # A proxy's page, or half an answer: what was asked for may have been done.
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
        raise S3Error(
            call=call, bucket=bucket, key=key, code=code, status=0, message=_shown(error), reason=classify(code, 0)
        ) from error


_SECRET = (
    (re.compile(r"Invalid header value .*", re.DOTALL), "a header has a character that cannot be sent"),
    # A password of a proxy with a `#` or a `/` in it, which have to be written as %23 and %2F.
    (re.compile(r"Failed to parse: .*", re.DOTALL), "the URL of a proxy cannot be parsed"),
    (re.compile(r"://[^/\s\"']+@"), "://***@"),
)


def _shown(error: Exception) -> str:
    """Its text, without what may be a secret: a header (the session token), a proxy's user and password."""
    text = str(error)
    for pattern, instead in _SECRET:
        text = pattern.sub(instead, text)
    return text


def from_response(call: str, bucket: str, key: str, error: boto_errors.ClientError) -> S3Error:
    """The S3Error of an answer that S3 gave."""
    said = error.response.get("Error", {})
    meta = error.response.get("ResponseMetadata", {})
    code, status = limits.CODE.cut(str(said.get("Code", ""))), int(meta.get("HTTPStatusCode", 0))
    request_id = limits.CODE.cut(str(meta.get("RequestId", "")))
    return S3Error(
        call=call,
        bucket=bucket,
        key=key,
        code=code or str(status),
        status=status,
        message=limits.MESSAGE.cut(str(said.get("Message") or "")),  # Ceph answers None
        reason=classify(code, status, own_head=is_own_head(call, request_id)),
        request_id=request_id,
    )
