"""From what came back to our values: the usual form by itself, everything else through botocore's own parsers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ClientError

from s3_crosscopy.adapters.boto.conversions import copy_of, page_of, part_of
from s3_crosscopy.adapters.boto.error_mapping import from_response, translated
from s3_crosscopy.adapters.boto.s3_dates import parser_factory
from s3_crosscopy.adapters.fast.list_parser import read_page
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, ListPage, TransportOp, TransportValue

CALLS: Mapping[type, str] = {ListPage: "ListObjectsV2", Copy: "CopyObject", CopyPart: "UploadPartCopy"}

_RESULT = re.compile(
    rb"\s*(?:<\?xml[^>]*>\s*)?<Copy(?:Object|Part)Result[^>]*>(.*)</Copy(?:Object|Part)Result>\s*", re.DOTALL
)
# Without a checksum, which is what most answers to most copies are: a twentieth of a copy's time less.
_COPIED = re.compile(
    rb"(?:<\?xml[^>]*>\s*)?<CopyObjectResult[^>]*><LastModified>[^<&]*</LastModified>"
    rb"<ETag>(?:&quot;|\"|&#34;)([0-9a-f-]+)(?:&quot;|\"|&#34;)</ETag></CopyObjectResult>"
)
_OF_PARTS = frozenset(
    {"LastModified", "ETag"} | {f"Checksum{name}" for name in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256")}
)
# A part's checksums go on to Complete by these names; what botocore does not know there, it drops itself.
_KNOWN: Mapping[type, frozenset[str]] = {CopyPart: _OF_PARTS, Copy: _OF_PARTS | {"ChecksumType"}}
_NAMED = re.compile(r"<(\w+)>([^<&]*)</\1>")
# When botocore asks for the bucket's Region and sends again (botocore.utils.S3RegionRedirectorv2).
_REDIRECTS = frozenset({301, 302, 307})
_REDIRECT_CODES = frozenset({"PermanentRedirect", "IllegalLocationConstraintException"})
_WRONG_REGION = "AuthorizationHeaderMalformed"


class Response(NamedTuple):
    """One answer as it came: `lines` are the status line and the headers, raw."""

    status: int
    lines: list[bytes]
    body: bytes


class Parsed(NamedTuple):
    """An answer as botocore sees it: what its retry handlers want, and what its parser made of it."""

    http: Any
    said: dict[str, Any]

    @property
    def ok(self) -> bool:
        """Whether botocore would return it rather than raise."""
        return bool(self.http.status_code < 300)


def usual_value(op: TransportOp, answer: Response) -> TransportValue | None:
    """The value of a plain success; None for all that botocore has to look at. Raises S3Error like `value_of`."""
    if answer.status != 200:
        return None
    if isinstance(op, ListPage):
        return read_page(op, answer.body, _header(answer.lines, b"date"))
    if isinstance(op, Copy) and (plain := _COPIED.fullmatch(answer.body)) is not None:
        return Copied(plain[1].decode())
    found = _RESULT.fullmatch(answer.body)
    if found is None:
        return None
    inner = found[1].decode("utf-8", "replace").replace("&quot;", '"').replace("&#34;", '"')
    told = _NAMED.findall(inner)
    result = dict(told)
    once = len(result) == len(told)
    if "ETag" not in result or "&" in inner or not once or not result.keys() <= _KNOWN[type(op)]:
        return None
    return copy_of(op, result) if isinstance(op, Copy) else part_of(op, result)


def parsed_by_botocore(client: Any, op: TransportOp, answer: Response, url: str) -> Parsed:
    """What botocore's endpoint makes of an answer. Raises S3Error where that is no XML."""
    model = client.meta.service_model.operation_model(CALLS[type(op)])
    http = AWSResponse(url, answer.status, _headers(answer.lines), None)
    http._content = answer.body
    given = {
        "headers": http.headers,
        "status_code": answer.status,
        "context": {"operation_name": model.name},
        "body": answer.body,
    }
    with translated(model.name, *place_of(op)):
        client.meta.events.emit(
            f"before-parse.s3.{model.name}", operation_model=model, response_dict=given, customized_response_dict={}
        )
        said = parser_factory().create_parser("rest-xml").parse(given, model.output_shape)
    return Parsed(http, said)


def value_of(op: TransportOp, said: Mapping[str, Any]) -> TransportValue:
    """The value in an answer that botocore takes for a success. Raises S3Error where it lacks what the API promises."""
    if isinstance(op, ListPage):
        return page_of(op, said)
    return (
        copy_of(op, said.get("CopyObjectResult", {}))
        if isinstance(op, Copy)
        else part_of(op, said.get("CopyPartResult", {}))
    )


def error_of(op: TransportOp, parsed: Parsed) -> S3Error:
    """The error that S3 answered."""
    call = CALLS[type(op)]
    cause = ClientError(parsed.said, call)
    error = from_response(call, *place_of(op), cause)
    error.__cause__ = cause
    return error


def error_from(op: TransportOp, raised: Exception) -> S3Error:
    """The error behind what botocore would raise where no answer came."""
    try:
        with translated(CALLS[type(op)], *place_of(op)):
            raise raised
    except S3Error as error:
        return error


def about(op: TransportOp, error: S3Error) -> S3Error:
    """An error that a sample met, as that of the operation it was made for."""
    bucket, key = place_of(op)
    other = S3Error(
        call=error.call, bucket=bucket, key=key, code=error.code, status=error.status, message=error.message,
        reason=error.reason, request_id=error.request_id,
    )  # fmt: skip
    other.__cause__ = error.__cause__
    return other


def place_of(op: TransportOp) -> tuple[str, str]:
    """The bucket and the key that an error names: those of the source."""
    return (op.bucket.name, op.prefix) if isinstance(op, ListPage) else (op.source.name, op.source_key)


def is_redirect(parsed: Parsed) -> bool:
    """Whether botocore would look for the bucket elsewhere."""
    error = parsed.said.get("Error", {})
    code = error.get("Code")
    return (
        parsed.http.status_code in _REDIRECTS
        or code in _REDIRECT_CODES
        or (code == _WRONG_REGION and "Region" in error)
    )


def _header(lines: list[bytes], name: bytes) -> str:
    for line in lines:
        if line[: len(name)].lower() == name and line[len(name) : len(name) + 1] == b":":
            return line[len(name) + 1 :].strip().decode("latin-1")
    return ""


def _headers(lines: list[bytes]) -> dict[str, str]:
    pairs = (line.decode("latin-1").partition(":") for line in lines if b":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}
