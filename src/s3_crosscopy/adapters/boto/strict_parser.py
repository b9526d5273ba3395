"""botocore's parser of S3's answers, made strict: a value that is none is one error that says which, never a guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from botocore.parsers import ResponseParserError, RestXMLParser

from s3_crosscopy.model.input_limits import CODE as CODE_TEXT
from s3_crosscopy.model.input_limits import MESSAGE, TAGS

# As in the API reference; servers differ in the last word (moto: ListPartsResponse), and in both copies' names.
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
_WHOLE = re.compile(r"\s*-?\d{1,18}\s*")
_BOOLEANS = {"true": True, "false": False}
# botocore makes a 500 of a 200 whose body is no XML, and names it by the status alone.
_MADE_UP = "500"
_HTML = "the answer is a page of HTML, as of a proxy or a sign-in, and not S3's"
CODE = "UnreadableAnswer"
GZIP = b"\x1f\x8b"


class Unreadable(ResponseParserError):  # type: ignore[misc]
    """An answer came and is not what the API promises; the text says in one line what is odd."""


class StrictParser(RestXMLParser):  # type: ignore[misc]
    """botocore's own, which takes any word but `true` for false, and other XML for an empty answer."""

    def parse(self, response: Any, shape: Any) -> Any:
        if response["status_code"] < 300:
            _check_root(response.get("body"), shape)
        try:
            said = super().parse(response, shape)
        except Unreadable:
            raise
        except (ResponseParserError, UnicodeError) as error:
            raise Unreadable(oddity(response.get("body"))) from error
        except (ValueError, TypeError, AttributeError, KeyError) as error:
            raise Unreadable(f"it holds a value that cannot be read ({error})") from error
        if response["status_code"] >= 300:
            said = _error_in(said)
        if response["status_code"] == 500 and said.get("Error", {}).get("Code") == _MADE_UP and response.get("body"):
            said["Error"] = {"Code": CODE, "Message": oddity(response["body"])}
        _check_named(said)
        said.pop("CommonPrefixes", None)
        return said

    def _handle_boolean(self, shape: Any, node: Any) -> bool:
        text = _text(shape, node)
        value = _BOOLEANS.get(text.strip().lower())
        if value is None:
            raise Unreadable(f"{shape.name} is {_shown(text)}, neither true nor false")
        return value

    def _handle_integer(self, shape: Any, node: Any) -> int:
        text = _text(shape, node)
        if not _WHOLE.fullmatch(text):
            raise Unreadable(f"{shape.name} is {_shown(text)}, which is no whole number")
        return int(text)

    _handle_long = _handle_integer

    def _handle_string(self, shape: Any, node: Any) -> str:
        return _text(shape, node)

    _handle_character = _handle_string
    # Read where it is needed: a time that nobody asks for may be whatever it is.
    _handle_timestamp = _handle_string


def why_not_parsed(body: bytes) -> str:
    """Why a body is not given to any parser; "" for one that is.

    S3's XML declares no entities, each of which may stand for millions, and is no heap of tags. botocore reads every
    body as UTF-8, so that a declaration looks like this and no other way.
    """
    if (said := oddity(body)) == _HTML:
        return said
    if b"<!DOCTYPE" in body:
        return "the answer declares a type of XML (DOCTYPE), and S3's answers declare none"
    return f"the answer {TAGS.exceeded}" if body.count(b"<") > TAGS.most else ""


def oddity(body: object) -> str:
    """Names, in one line, the oddity of a body that should be S3's XML."""
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


def required(said: Mapping[str, Any], name: str, of: str = "the answer") -> Any:
    """A member that has to be there and not empty. Raises Unreadable."""
    value = said.get(name)
    if value is None or value == "":
        raise Unreadable(f"{of} has no {name}")
    return value


def size_in(said: Mapping[str, Any], name: str, of: str = "the answer") -> int:
    """A number of bytes. Raises Unreadable."""
    size = int(required(said, name, of))
    if size < 0:
        raise Unreadable(f"{name} of {of} is {size}, which is below 0")
    return size


def _error_in(said: Mapping[str, Any]) -> dict[str, Any]:
    """The members that S3's errors have, cut to a readable length; botocore takes any XML for more than that.

    It goes into logs, summaries and tables, once for each of many keys. botocore reads it a second time, for what is
    peculiar to one code, and lays that over the first.
    """
    kept = {"ResponseMetadata": said["ResponseMetadata"]} if "ResponseMetadata" in said else {}
    if "Error" not in said:
        return kept
    found = said["Error"]
    texts = {name: text for name, text in found.items() if isinstance(text, str)} if isinstance(found, dict) else {}
    error = {name: (MESSAGE if name == "Message" else CODE_TEXT).cut(text) for name, text in texts.items()}
    return {**kept, "Error": error}


def _check_root(body: object, shape: Any) -> None:
    """Other XML than what was asked for would be read as an answer that holds nothing. Raises Unreadable."""
    meant = _ROOTS.get(shape.name) if shape is not None else None
    found = _ROOT.match(body) if meant is not None and isinstance(body, bytes) else None
    if meant is None or found is None:
        return
    name = found[1].decode("ascii", "replace")
    if _LAST_WORD.sub("", name) in {_LAST_WORD.sub("", one) for one in meant}:
        return
    if name.lower() == "html":
        raise Unreadable(oddity(b"<html"))
    raise Unreadable(f"the answer is {_shown(name)}, not {' or '.join(sorted(meant))}")


def _check_named(said: Mapping[str, Any]) -> None:
    """botocore decodes the keys afterwards, and cannot do without. Nobody asks for grouped ones. Raises Unreadable."""
    if not all(row.get("Key") for row in said.get("Contents") or ()):
        raise Unreadable("a row of the listing has no Key")
    if any(said.get("CommonPrefixes") or ()):
        raise Unreadable("the listing leaves keys out: it groups them (CommonPrefixes), which was not asked for")


def _text(shape: Any, node: Any) -> str:
    if isinstance(node, str):
        return node
    texts = {one.text or "" for one in (node if isinstance(node, list) else [node])}
    if len(texts) > 1:
        raise Unreadable(f"{shape.name} is there with {len(texts)} values in one place")
    return str(texts.pop())


def _shown(text: str) -> str:
    return repr(text if len(text) <= 40 else f"{text[:40]}...")
