"""The XML that S3 answers with, as Response values for a stub's rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote
from xml.sax.saxutils import escape

from tests.servers.http_messages import Response

NAMESPACE = "http://s3.amazonaws.com/doc/2006-03-01/"
DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'
LAST_MODIFIED = "2026-01-01T00:00:00.000Z"
ETAG = "70ee1738b6b21e2c8a43f3a5ab0eee71"


class Listed(NamedTuple):
    """A key in a list page; the ETag without its quotes."""

    key: str
    size: int = 11
    etag: str = ETAG
    last_modified: str = LAST_MODIFIED
    storage_class: str = "STANDARD"


def list_page(objects: Sequence[Listed], *, bucket: str = "src", prefix: str = "", next_token: str = "") -> Response:
    """A ListObjectsV2 page, keys url-encoded as every client asks; truncated if there is a next token."""
    contents = "".join(
        f"<Contents>{_tag('Key', quote(item.key))}{_tag('LastModified', item.last_modified)}"
        f"{_etag(item.etag)}{_tag('Size', item.size)}{_tag('StorageClass', item.storage_class)}</Contents>"
        for item in objects
    )
    head = [
        _tag("Name", bucket),
        _tag("Prefix", quote(prefix)),
        _tag("EncodingType", "url"),
        _tag("KeyCount", len(objects)),
        _tag("MaxKeys", 1000),
        _tag("IsTruncated", "true" if next_token else "false"),
        _tag("NextContinuationToken", next_token) if next_token else "",
    ]
    return xml("ListBucketResult", "".join(head) + contents)


def copy_result(etag: str = ETAG, last_modified: str = LAST_MODIFIED) -> Response:
    return xml("CopyObjectResult", _tag("LastModified", last_modified) + _etag(etag))


def part_result(etag: str = ETAG, last_modified: str = LAST_MODIFIED) -> Response:
    return xml("CopyPartResult", _tag("LastModified", last_modified) + _etag(etag))


def create_upload(upload_id: str, *, bucket: str = "dst", key: str = "key") -> Response:
    names = _tag("Bucket", bucket) + _tag("Key", key)
    return xml("InitiateMultipartUploadResult", names + _tag("UploadId", upload_id))


def complete_upload(etag: str = f"{ETAG}-2", *, bucket: str = "dst", key: str = "key") -> Response:
    names = _tag("Bucket", bucket) + _tag("Key", key)
    return xml("CompleteMultipartUploadResult", names + _etag(etag))


def error(code: str, status: int, message: str = "scripted", headers: dict[str, str] | None = None) -> Response:
    """An S3 error answer; inside a 200 with `late(error(...))`."""
    body = _tag("Code", code) + _tag("Message", message) + _tag("RequestId", "STUB")
    return xml("Error", body, status=status, headers=headers, namespace=False)


def late(response: Response, status: int = 200) -> Response:
    """An answer after keep-alive white space and a status sent long before: S3's 200 with an error inside."""
    declaration, _, rest = response.body.partition(b"\n")
    return Response(status, response.headers, declaration + b"\n" + b" " * 8 + b"\n" + rest)


def head_object(size: int, etag: str = ETAG, headers: dict[str, str] | None = None) -> Response:
    """HEAD's answer: a Content-Length without a body."""
    fixed = {
        "Content-Length": str(size),
        "ETag": f'"{etag}"',
        "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT",
    }
    return Response(200, {**fixed, **(headers or {})})


def xml(
    root: str, inner: str, *, status: int = 200, headers: dict[str, str] | None = None, namespace: bool = True
) -> Response:
    attribute = f' xmlns="{NAMESPACE}"' if namespace else ""
    body = f"{DECLARATION}<{root}{attribute}>{inner}</{root}>".encode()
    return Response(status, {"Content-Type": "application/xml", **(headers or {})}, body)


def _tag(name: str, value: object) -> str:
    return f"<{name}>{escape(str(value))}</{name}>"


def _etag(etag: str) -> str:
    return _tag("ETag", f'"{etag}"').replace('"', "&quot;")
