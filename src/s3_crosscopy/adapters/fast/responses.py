"""Turns HTTP responses into values: those of the usual form directly, all others through botocore's parsers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.parser import Parser
from http.client import HTTPMessage
from typing import Any, NamedTuple

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError
from urllib3 import HTTPHeaderDict

from s3_crosscopy.adapters.boto.conversions import copy_of, page_of, part_of
from s3_crosscopy.adapters.boto.error_mapping import from_response, translated
from s3_crosscopy.adapters.boto.head_result import facts_of
from s3_crosscopy.adapters.boto.list_parser import read_page
from s3_crosscopy.adapters.boto.s3_dates import parser_factory
from s3_crosscopy.adapters.fast.head_parser import read_head
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, Head, ListPage, Side, TransportOp, TransportValue

CALLS: Mapping[type, str] = {
    ListPage: "ListObjectsV2",
    Head: "HeadObject",
    Copy: "CopyObject",
    CopyPart: "UploadPartCopy",
}
METHODS: Mapping[type, str] = {ListPage: "GET", Head: "HEAD", Copy: "PUT", CopyPart: "PUT"}

_RESULT = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?<Copy(?:Object|Part)Result[^>]*>(.*)</Copy(?:Object|Part)Result>\s*", re.DOTALL
)
# Without a checksum, like most responses to copies: saves a twentieth of a copy's CPU time.
_COPIED = re.compile(
    rb"(?:<\?xml[^>]*>\s*)?<CopyObjectResult[^>]*><LastModified>[^<&]*</LastModified>"
    rb"<ETag>(?:&quot;|\"|&#34;)([0-9a-f-]+)(?:&quot;|\"|&#34;)</ETag></CopyObjectResult>"
)
_OF_PARTS = frozenset(
    {"LastModified", "ETag"} | {f"Checksum{name}" for name in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")}
)
# CompleteMultipartUpload sends a part's checksums by these names; botocore itself drops those that it does not know.
_KNOWN: Mapping[type, frozenset[str]] = {CopyPart: _OF_PARTS, Copy: _OF_PARTS | {"ChecksumType"}}
_each_line = re.compile(rb"[^\n]*\n|[^\n]+")
_NAMED = re.compile(r"<(\w+)>([^<&]*)</\1>")
# On these botocore asks for the bucket's Region and sends again (botocore.utils.S3RegionRedirectorv2).
_REDIRECTS = frozenset({301, 302, 307})
_REDIRECT_CODES = frozenset({"PermanentRedirect", "IllegalLocationConstraintException"})
_WRONG_REGION = "AuthorizationHeaderMalformed"


class Response(NamedTuple):
    """A response as received: `lines` are the status line and the headers, undecoded, one or more lines in each."""

    status: int
    lines: list[bytes]
    body: bytes


class Parsed(NamedTuple):
    """A response for botocore: `http` is what its retry handlers take, `payload` what its parser returned."""

    http: Any
    payload: dict[str, Any]

    @property
    def ok(self) -> bool:
        """True if botocore would return it rather than raise."""
        return bool(self.http.status_code < 300)


def usual_value(op: TransportOp, response: Response) -> TransportValue | None:
    """The value of a success in the usual form; None for what botocore has to parse. Raises S3Error like `value_of`."""
    if response.status != 200:
        return None
    if isinstance(op, ListPage):
        return read_page(op, response.body, _header(response.lines, b"date"))
    if isinstance(op, Head):
        return read_head(response.lines)
    if isinstance(op, Copy) and (plain := _COPIED.fullmatch(response.body)) is not None:
        return Copied(plain[1].decode())
    match = _RESULT.fullmatch(response.body)
    if match is None:
        return None
    inner = match[1].decode("utf-8", "replace").replace("&quot;", '"').replace("&#34;", '"')
    elements = _NAMED.findall(inner)
    result = dict(elements)
    unique = len(result) == len(elements)
    if "ETag" not in result or "&" in inner or not unique or not result.keys() <= _KNOWN[type(op)]:
        return None
    return copy_of(op, result) if isinstance(op, Copy) else part_of(op, result)


def parsed_by_botocore(client: Any, op: TransportOp, response: Response, url: str) -> Parsed:
    """The response as botocore's endpoint parses it. Raises S3Error if it is no XML."""
    model = client.meta.service_model.operation_model(CALLS[type(op)])
    http = AWSResponse(url, response.status, _headers(response.lines), None)
    http._content = response.body
    response_dict = {
        "headers": http.headers,
        "status_code": response.status,
        "context": {"operation_name": model.name},
        "body": response.body,
    }
    more: dict[str, Any] = {}
    with translated(model.name, *location_of(op)):
        client.meta.events.emit(
            f"before-parse.s3.{model.name}",
            operation_model=model,
            response_dict=response_dict,
            customized_response_dict=more,
        )
        payload = parser_factory().create_parser("rest-xml").parse(response_dict, model.output_shape)
    return Parsed(http, {**payload, **more})


def value_of(op: TransportOp, payload: Mapping[str, Any]) -> TransportValue:
    """The value of a success, from the payload that botocore parsed. Raises S3Error if a promised member is missing."""
    if isinstance(op, ListPage):
        return page_of(op, payload)
    if isinstance(op, Head):
        return facts_of(op.bucket.name, op.key, payload)
    if isinstance(op, Copy):
        return copy_of(op, payload.get("CopyObjectResult", {}))
    return part_of(op, payload.get("CopyPartResult", {}))


def error_of(op: TransportOp, parsed: Parsed) -> S3Error:
    """The error in a response of S3."""
    call = CALLS[type(op)]
    cause = ClientError(parsed.payload, call)
    error = from_response(call, *location_of(op), cause)
    error.__cause__ = cause
    return error


def error_from(op: TransportOp, raised: Exception) -> S3Error:
    """The error of a request without a response. `raised`: what botocore would raise, or the S3Error of a sample."""
    if isinstance(raised, S3Error):
        return _error_for(op, raised)
    try:
        with translated(CALLS[type(op)], *location_of(op)):
            raise raised
    except S3Error as error:
        return error


def _error_for(op: TransportOp, error: S3Error) -> S3Error:
    """The error of a sampled request, as one of the operation that the sample was made for."""
    bucket, key = location_of(op)
    other = S3Error(
        call=error.call, bucket=bucket, key=key, code=error.code, status=error.status, message=error.message,
        reason=error.reason, request_id=error.request_id,
    )  # fmt: skip
    other.__cause__ = error.__cause__
    return other


def location_of(op: TransportOp) -> tuple[str, str]:
    """The bucket and the key that an error names: those of the source."""
    if isinstance(op, (ListPage, Head)):
        return op.bucket.name, op.prefix if isinstance(op, ListPage) else op.key
    return op.source.name, op.source_key


def bucket_of(op: TransportOp) -> tuple[Side, str]:
    """The side and the name of the bucket that a request is sent to."""
    return (op.side, op.bucket.name) if isinstance(op, (ListPage, Head)) else (Side.DEST, op.dest.name)


def is_redirect(parsed: Parsed) -> bool:
    """True if botocore would look up the bucket's Region and send the request there."""
    error = parsed.payload.get("Error", {})
    code = error.get("Code")
    return (
        parsed.http.status_code in _REDIRECTS
        or code in _REDIRECT_CODES
        or (code == _WRONG_REGION and "Region" in error)
    )


def is_bare_400(op: TransportOp, parsed: Parsed) -> bool:
    """True for the 400 of a HEAD, which has no body with a code: botocore asks for the bucket's Region on it."""
    return isinstance(op, Head) and parsed.http.status_code == 400


def _header(lines: list[bytes], name: bytes) -> str:
    for line in lines:
        if line[: len(name)].lower() == name and line[len(name) : len(name) + 1] == b":":
            return line[len(name) + 1 :].strip().decode("latin-1")
    return ""


def _headers(lines: list[bytes]) -> HTTPHeaderDict:
    """The headers as http.client and urllib3 read them: folded lines as one, repeated headers joined."""
    lines = _each_line.findall(b"".join(lines))
    begin = max((number for number, line in enumerate(lines) if line.startswith(b"HTTP/")), default=-1)
    text = b"".join(lines[begin + 1 :]).decode("latin-1")
    return HTTPHeaderDict(Parser(_class=HTTPMessage).parsestr(text, headersonly=True).items())
