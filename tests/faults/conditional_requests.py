"""The conditions of copies that S3 checks and no test server does: in front of a server, they make it one that does."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

from botocore.exceptions import ClientError

from tests.servers.http_messages import Answer, Request
from tests.servers.s3_responses import error
from tests.servers.stub_server import Rule

CREATING = ("CopyObject", "CompleteMultipartUpload")


def s3_conditions(owner: Any, reader: Any) -> Rule:
    """412 for a source or a destination with another ETag than expected, 404 for one that is gone.

    `owner` reads the source and `reader` the destination, both past the proxy.
    """

    def rule(request: Request) -> Answer | None:
        if request.operation in ("CopyObject", "UploadPartCopy"):
            bucket, _, key = unquote(request.headers["x-amz-copy-source"]).partition("/")
            etag = etag_of(owner, bucket, key)
            if etag is None:
                return error("NoSuchKey", 404)
            if request.headers.get("x-amz-copy-source-if-match", etag) != etag:
                return error("PreconditionFailed", 412)
        return _dest_condition(request, reader) if request.operation in CREATING else None

    return rule


def _dest_condition(request: Request, reader: Any) -> Answer | None:
    must_be_new, must_be = request.headers.get("if-none-match") == "*", request.headers.get("if-match")
    if not must_be_new and must_be is None:
        return None
    etag = etag_of(reader, request.bucket, request.key)
    if etag is None:
        return error("NoSuchKey", 404) if must_be is not None else None
    return error("PreconditionFailed", 412) if must_be_new or must_be != etag else None


def etag_of(client: Any, bucket: str, key: str) -> str | None:
    """The ETag in its quotes, None if there is no such object."""
    try:
        return str(client.head_object(Bucket=bucket, Key=key)["ETag"])
    except ClientError:
        return None
