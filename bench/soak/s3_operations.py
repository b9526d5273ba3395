"""Answers to S3's and STS's requests of a copy, over computed keys. Knows no sockets."""

from __future__ import annotations

import re
import time
from collections import Counter
from email.utils import formatdate
from typing import NamedTuple
from urllib.parse import parse_qs, unquote

from bench.soak.destination import ABSENT, There
from bench.soak.key_space import (
    ABOVE,
    DEST,
    INTO,
    PART_BYTES,
    SOURCE,
    Trouble,
    copy_etag,
    part_etag,
    parts_of,
    place,
    size_of,
    source_etag,
    trouble_of,
)
from bench.soak.list_pages import Pages
from bench.soak.sts import assumed
from bench.soak.uploads import Uploads

XML = '<?xml version="1.0" encoding="UTF-8"?>'
NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
_HEADER = {
    name: re.compile(rb"\r\n" + name.encode() + rb":[ \t]*([^\r]*)", re.IGNORECASE)
    for name in ("x-amz-copy-source", "x-amz-copy-source-if-match", "x-amz-copy-source-range", "content-length")
}
_COPIED = (
    f"{XML}<CopyObjectResult {NAMESPACE}><LastModified>2026-01-01T00:00:00.000Z</LastModified>"
    "<ETag>&quot;%s&quot;</ETag></CopyObjectResult>"
)
_WHY = {200: "OK", 204: "No Content", 206: "Partial Content", 400: "Bad Request", 403: "Forbidden", 404: "Not Found"}


class Request(NamedTuple):
    """`head` is the request line and the headers as they came."""

    method: str
    bucket: str
    key: str
    query: dict[str, str]
    head: bytes
    body: bytes


class Switches:
    """What is broken now."""

    outage = False
    sts_away = False
    mended = False


class S3:
    """S3 and STS. `requests` counts by operation; `switches` say what is broken."""

    def __init__(self, there: There, sts_seconds: int) -> None:
        self.there = there
        self.switches = Switches()
        self.requests: Counter[str] = Counter()
        self.uploads = Uploads()
        self._pages = Pages(there)
        self._sts_seconds = sts_seconds
        self._failed: Counter[int] = Counter()
        self._second = 0
        self._date = ""

    def answer(self, head: bytes, body: bytes) -> bytes | None:
        """A whole response, or None: the connection breaks, and the client never knows."""
        method, target, _ = head.split(b" ", 2)
        try:
            if method == b"PUT" and b"?" not in target and not self.switches.outage:
                return self._copy(target, head)
            return self._other(method.decode(), target.decode(), head, body)
        except KeyError:  # a key that there is not, as that of an access probe
            code = "NoSuchUpload" if b"uploadId=" in target else "NoSuchKey"
            return self._error(404, code, empty=method == b"HEAD")

    def _copy(self, target: bytes, head: bytes) -> bytes | None:
        self.requests["CopyObject"] += 1
        index = self._index(unquote(target.decode()))
        etag = source_etag(where := place(index))
        wrong = self._of_another(index, etag, head)
        if wrong is not None:
            return wrong
        trouble = trouble_of(where)
        if trouble is not Trouble.NONE and (refused := self._refused(index, trouble)) is not None:
            return refused
        self.there.arrived(index)
        if trouble is Trouble.LOST and not self._failed[index]:
            self._failed[index] = 1
            return None
        return self._said(200, _COPIED % etag)

    def _of_another(self, index: int, etag: str, head: bytes) -> bytes | None:
        """The refusal of a copy whose source is not the destination's, or not this version of it."""
        if unquote(_value(head, "x-amz-copy-source")).removeprefix("/") != f"{SOURCE}/{ABOVE}{self.there.keys[index]}":
            self.there.counts["from another key"] += 1
            return self._error(400, "InvalidArgument")
        if _value(head, "x-amz-copy-source-if-match").strip('"') != etag:
            self.there.counts["of another version"] += 1
            return self._error(412, "PreconditionFailed")
        return None

    def _refused(self, index: int, trouble: Trouble) -> bytes | None:
        if trouble in (Trouble.DENIED, Trouble.INVALID):
            if self.switches.mended:
                return None
            self.requests["refused"] += 1
            return self._error(403, "AccessDenied") if trouble is Trouble.DENIED else self._error(400, "InvalidRequest")
        if trouble is Trouble.LOST or self._failed[index] > 1:
            return None
        self._failed[index] += 1
        return self._error(500, "InternalError") if trouble is Trouble.ERROR else self._error(503, "ServiceUnavailable")

    def _other(self, method: str, target: str, head: bytes, body: bytes) -> bytes | None:
        path, _, text = target.partition("?")
        if method == "POST" and path == "/" and b"AssumeRole" in body:
            return self._assume_role()
        if self.switches.outage:
            self.requests["refused in the outage"] += 1
            return self._error(503, "ServiceUnavailable", empty=method == "HEAD")
        query = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True).items()}
        _, bucket, key = (unquote(path) + "/").split("/", 2)
        return self._done(Request(method, bucket, key[:-1], query, head, body))

    def _done(self, request: Request) -> bytes:
        method, query = request.method, request.query
        if method == "GET" and query.get("list-type") == "2":
            self.requests[f"ListObjectsV2, {request.bucket}"] += 1
            return self._said(200, self._pages.page(request.bucket, query))
        if method == "HEAD":
            self.requests["HEAD"] += 1
            return self._head(request)
        if "tagging" in query:
            self.requests["GetObjectTagging"] += 1
            return self._said(200, f"{XML}<Tagging {NAMESPACE}><TagSet></TagSet></Tagging>")
        if "location" in query:
            return self._said(200, f"{XML}<LocationConstraint {NAMESPACE}></LocationConstraint>")
        if "uploads" in query or "uploadId" in query:
            return self._upload(request)
        self.requests["unknown"] += 1
        return self._error(501, "NotImplemented")

    def _head(self, request: Request) -> bytes:
        if not request.key:
            return self._said(200, "", "x-amz-bucket-region: us-east-1\r\n")
        index = self._index(f"/{request.bucket}/{request.key}")
        if request.bucket == DEST and self.there.state[index] == ABSENT:
            return self._error(404, "NoSuchKey", empty=True)
        number = place(index).number
        etag = (copy_etag if request.bucket == DEST else source_etag)(place(index))
        parts, size, status, more = parts_of(number), size_of(number), 200, ""
        if "partNumber" in request.query and "-" in etag:
            size, status, more = PART_BYTES, 206, f"x-amz-mp-parts-count: {parts}\r\n"
        date = self._pages.http_date(request.bucket, index)
        head = f'{more}Last-Modified: {date}\r\nETag: "{etag}"\r\nContent-Length: {size}\r\n'
        return self._said(status, None, head)

    def _upload(self, request: Request) -> bytes:
        if "uploads" in request.query and request.method == "GET":
            self.requests["ListMultipartUploads"] += 1
            return self._said(200, self.uploads.listed(request.query.get("prefix", "")))
        index = self._index(f"/{request.bucket}/{request.key}")
        if "uploads" in request.query:
            self.requests["CreateMultipartUpload"] += 1
            return self._said(200, self.uploads.created(request.key))
        upload_id = request.query["uploadId"]
        if upload_id not in self.uploads:
            return self._error(404, "NoSuchUpload")
        if request.method == "PUT":
            return self._part(request, index, upload_id)
        if request.method == "GET":
            self.requests["ListParts"] += 1
            return self._said(200, self.uploads.parts(upload_id, place(index)))
        if request.method == "DELETE":
            self.requests["AbortMultipartUpload"] += 1
            self.uploads.ended(upload_id)
            return self._said(204, None)
        return self._complete(request, index, upload_id)

    def _part(self, request: Request, index: int, upload_id: str) -> bytes:
        self.requests["UploadPartCopy"] += 1
        where, number = place(index), int(request.query["partNumber"])
        wrong = self._of_another(index, source_etag(where), request.head)
        if wrong is not None:
            return wrong
        first = (number - 1) * PART_BYTES
        if _value(request.head, "x-amz-copy-source-range") != f"bytes={first}-{first + PART_BYTES - 1}":
            self.there.counts["of another range"] += 1
        self.there.counts["again, parts"] += self.uploads.took(upload_id, number)
        return self._said(200, _COPIED.replace("CopyObject", "CopyPart") % part_etag(where, number))

    def _complete(self, request: Request, index: int, upload_id: str) -> bytes:
        self.requests["CompleteMultipartUpload"] += 1
        where = place(index)
        if self.uploads.numbers(upload_id) != set(range(1, parts_of(where.number) + 1)):
            self.there.counts["completed with other parts"] += 1
        self.uploads.ended(upload_id)
        self.there.arrived(index)
        return self._said(
            200,
            f"{XML}<CompleteMultipartUploadResult {NAMESPACE}><Bucket>{request.bucket}</Bucket><Key>{request.key}</Key>"
            f"<ETag>&quot;{copy_etag(where)}&quot;</ETag></CompleteMultipartUploadResult>",
        )

    def _assume_role(self) -> bytes:
        self.requests["AssumeRole, away" if self.switches.sts_away else "AssumeRole"] += 1
        if self.switches.sts_away:
            return self._error(503, "ServiceUnavailable")
        return self._said(200, assumed(self.requests["AssumeRole"], self._sts_seconds))

    def _index(self, path: str) -> int:
        """Of an object's path. Raises KeyError for one that there is not."""
        bucket, _, key = path[1:].partition("/")
        return self.there.keys.index(key[len(INTO if bucket == DEST else ABOVE) :])

    def _error(self, status: int, code: str, *, empty: bool = False) -> bytes:
        text = f"{XML}<Error><Code>{code}</Code><Message>of the soak</Message><RequestId>SOAK</RequestId></Error>"
        return self._said(status, "" if empty else text)

    def _said(self, status: int, body: str | bytes | None, head: str = "") -> bytes:
        """A response; without a body its length is in `head`, or it has none at all."""
        now = int(time.time())
        if now != self._second:
            self._second, self._date = now, formatdate(now, usegmt=True)
        content = body.encode() if isinstance(body, str) else body
        length = "" if content is None else f"Content-Length: {len(content)}\r\n"
        first = f"HTTP/1.1 {status} {_WHY.get(status, 'Error')}\r\nx-amz-request-id: SOAK\r\nDate: {self._date}\r\n"
        return f"{first}{head}{length}\r\n".encode() + (content or b"")


def content_length(head: bytes) -> int:
    """How long a request's body is."""
    return int(_value(head, "content-length") or 0)


def _value(head: bytes, header: str) -> str:
    found = _HEADER[header].search(head)
    return found[1].decode() if found else ""
