"""A strict version of botocore's parser for S3: an invalid value is an error that names it, never a guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.parsers import ResponseParserError, RestXMLParser

from s3_crosscopy.model.input_limits import CODE as CODE_TEXT
from s3_crosscopy.model.input_limits import MESSAGE, TAGS

# As in the API reference; servers differ in the last word (moto: ListPartsResponse), and in the names of both copies.
_COPIED = frozenset({"CopyObjectResult", "CopyPartResult"})
_LAST_WORD = re.compile("(?:Result|Response|Output)$")
_ROOTS: Mapping[str, frozenset[str]] = {
    "ListObjectsV2Output": frozenset({"ListBucketResult"}),
    "CopyObjectOutput": _COPIED,
    "UploadPartCopyOutput": _COPIED,
    "CreateMultipartUploadOutput": frozenset({"InitiateMultipartUploadResult"}),
    "CompleteMultipartUploadOutput": frozenset({"CompleteMultipartUploadResult"}),
    "ListPartsOutput": frozenset({"ListPartsResult"}),
    "ListMultipartUploadsOutput": frozenset({"ListMultipartUploadsResult"}),
    "GetObjectTaggingOutput": frozenset({"Tagging"}),
}
_ROOT = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<[?!][^>]*>\s*)*<(?:\w+:)?(\w+)")
_INTEGER = re.compile(r"\s*-?\d{1,18}\s*")
_BOOLEANS = {"true": True, "false": False}
# botocore turns a 200 whose body is no XML into a 500 with the status as its code.
_BOTOCORES_CODE = "500"
_HTML = "the answer is a page of HTML, as of a proxy or a sign-in, and not S3's"
CODE = "UnreadableAnswer"
GZIP = b"\x1f\x8b"


class Unreadable(ResponseParserError):  # type: ignore[misc]
    """A response that does not have the form of the API. The text is one line and names the difference."""


class StrictParser(RestXMLParser):  # type: ignore[misc]
    """botocore's parser takes every word but `true` for false, and other XML for an empty response; this one raises."""

    def parse(self, response: Any, shape: Any) -> Any:
        if response["status_code"] < 300:
            _check_root(response.get("body"), shape)
        try:
            payload = super().parse(response, shape)
        except Unreadable:
            raise
        except (ResponseParserError, UnicodeError) as error:
            raise Unreadable(oddity(response.get("body"))) from error
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise Unreadable(f"it holds a value that cannot be read ({error})") from error
        if response["status_code"] >= 300:
            payload = _error_in(payload)
        if (
            response["status_code"] == 500
            and payload.get("Error", {}).get("Code") == _BOTOCORES_CODE
            and response.get("body")
        ):
            payload["Error"] = {"Code": CODE, "Message": oddity(response["body"])}
        _check_named(payload)
        payload.pop("CommonPrefixes", None)
        return payload

    def _handle_boolean(self, shape: Any, node: Any) -> bool:
        text = _text(shape, node)
        value = _BOOLEANS.get(text.strip().lower())
        if value is None:
            raise Unreadable(f"{shape.name} is {_shown(text)}, neither true nor false")
        return value

    def _handle_integer(self, shape: Any, node: Any) -> int:
        text = _text(shape, node)
        if not _INTEGER.fullmatch(text):
            raise Unreadable(f"{shape.name} is {_shown(text)}, which is no whole number")
        return int(text)

    _handle_long = _handle_integer

    def _handle_string(self, shape: Any, node: Any) -> str:
        return _text(shape, node)

    _handle_character = _handle_string
    # Parsed where it is used: other times may have any form.
    _handle_timestamp = _handle_string


def why_not_parsed(body: bytes) -> str:
    """The reason why a body must not reach a parser; "" if it may.

    S3's XML declares no entities, each of which may expand to millions, and has a limited number of tags. botocore
    reads every body as UTF-8, so a declaration has no other form.
    """
    if (problem := oddity(body)) == _HTML:
        return problem
    if b"<!DOCTYPE" in body:
        return "the answer declares a type of XML (DOCTYPE), and S3's answers declare none"
    return f"the answer {TAGS.exceeded}" if body.count(b"<") > TAGS.most else ""


def oddity(body: object) -> str:
    """Describe in one line a body that should be S3's XML and is not."""
    if not isinstance(body, bytes) or not body.strip():
        return "the answer is empty"
    start = body.lstrip()[:64].lower()
    if body.startswith(GZIP):
        return "the answer is compressed with gzip, which was not asked for"
    if start.startswith((b"{", b"[")):
        return "the answer is JSON, not XML"
    if start.startswith((b"<html", b"<!doctype html")):
        return _HTML
    return "the answer is no XML, or cut"


def required(payload: Mapping[str, Any], name: str, of: str = "the answer") -> Any:
    """The value of a member that must not be missing or empty. Raises Unreadable."""
    value = payload.get(name)
    if value is None or value == "":
        raise Unreadable(f"{of} has no {name}")
    return value


def size_in(payload: Mapping[str, Any], name: str, of: str = "the answer") -> int:
    """A number of bytes. Raises Unreadable."""
    size = int(required(payload, name, of))
    if size < 0:
        raise Unreadable(f"{name} of {of} is {size}, which is below 0")
    return size


def _error_in(payload: Mapping[str, Any]) -> dict[str, Any]:
    """The members of S3's errors, cut to a readable length; botocore takes those of any XML.

    They go into logs, summaries and tables, once for each of many keys. botocore parses an error twice, the second time
    for the members of its code, and merges the two.
    """
    result = {"ResponseMetadata": payload["ResponseMetadata"]} if "ResponseMetadata" in payload else {}
    if "Error" not in payload:
        return result
    members = payload["Error"]
    texts = {name: text for name, text in members.items() if isinstance(text, str)} if isinstance(members, dict) else {}
    error = {name: (MESSAGE if name == "Message" else CODE_TEXT).cut(text) for name, text in texts.items()}
    return {**result, "Error": error}


def _check_root(body: object, shape: Any) -> None:
    """Raise Unreadable for other XML than requested, which would be parsed as an empty response."""
    expected = _ROOTS.get(shape.name) if shape is not None else None
    root = _ROOT.match(body) if expected is not None and isinstance(body, bytes) else None
    if expected is None or root is None:
        return
    name = root[1].decode("ascii", "replace")
    if _LAST_WORD.sub("", name) in {_LAST_WORD.sub("", element) for element in expected}:
        return
    if name.lower() == "html":
        raise Unreadable(oddity(b"<html"))
    raise Unreadable(f"the answer is {_shown(name)}, not {' or '.join(sorted(expected))}")


def _check_named(payload: Mapping[str, Any]) -> None:
    """Raise Unreadable for rows without a key, which botocore could not decode, and for grouped keys."""
    if not all(row.get("Key") for row in payload.get("Contents") or ()):
        raise Unreadable("a row of the listing has no Key")
    if any(payload.get("CommonPrefixes") or ()):
        raise Unreadable("the listing leaves keys out: it groups them (CommonPrefixes), which was not asked for")


def _text(shape: Any, node: Any) -> str:
    if isinstance(node, str):
        return node
    texts = {element.text or "" for element in (node if isinstance(node, list) else [node])}
    if len(texts) > 1:
        raise Unreadable(f"{shape.name} is there with {len(texts)} values in one place")
    return str(texts.pop())


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
