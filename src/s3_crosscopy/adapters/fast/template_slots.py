"""The slots of a request template: what differs between its requests, and the marks that stand for it in the sample.

A template is valid for all operations with the same `template_key`; `marked` makes the operation that is sampled, and
`slotted` gets an operation ready for both.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from urllib.parse import quote

from s3_crosscopy.adapters.fast.request_capture import MARK
from s3_crosscopy.model.content_headers import CONTENT_HEADERS
from s3_crosscopy.model.operations import ABSENT, NO_HEADERS, Copy, CopyPart, Head, ListPage, TransportOp

MARKS: Mapping[str, str] = {
    "key": f"{MARK}key",
    "source": f"{MARK}source",
    "etag": f"{MARK}etag",
    "expected": f"{MARK}expected",
    "version": f"{MARK}version",
    "upload": f"{MARK}upload",
    "prefix": f"{MARK}prefix",
    "after": f"{MARK}after",
    "token": f"{MARK}token",
    **{name: f"{MARK}{name.lower()}" for name in CONTENT_HEADERS},
    # Numbers, because botocore checks that; no other number in a request has so many digits.
    "number": "739150001",
    "first": "739150002",
    "last": "739150003",
}
"""Slot -> mark. No encoding changes a mark."""

# For signing a header's value is trimmed; it must not end the header.
_plain = re.compile(r"[!-~]*").fullmatch
# Signed as it is sent: without white space that a signature leaves out.
_trimmed = re.compile(r"[^\x00- \x7f]+(?: [^\x00- \x7f]+)*").fullmatch
_needs_no_quotes = re.compile(r"[A-Za-z0-9_.~/-]*").fullmatch


def slotted(op: TransportOp) -> TransportOp:
    """The same operation, or one that gets a template of its own because a header of it cannot be a slot."""
    if not isinstance(op, Copy):
        return op
    if all(map(_trimmed, op.headers.values())) and all(map(_trimmed, op.metadata.values())):
        return op
    return op._replace(args=op.all_args(), headers=NO_HEADERS, metadata=NO_HEADERS)


def template_key(op: TransportOp) -> Hashable:
    """Equal for operations that differ in slots only. `args` count by identity: keep them as long as the key."""
    if isinstance(op, Copy):
        # Metadata in a tuple of its own, because the names in it may be those of headers.
        return (
            id(op.args), op.source, op.dest, op.if_match != "", op.version is None,
            op.expected if op.expected == ABSENT else op.expected != "",
            *op.headers, (*op.metadata,),
        )  # fmt: skip
    if isinstance(op, CopyPart):
        return (op.source, op.dest, op.if_match != "", op.version is None)
    if isinstance(op, Head):
        return (op.side, op.bucket, op.if_match != "", op.version is None)
    return (op.side, op.bucket, op.max_keys, op.token is None, op.start_after != "")


def marked(op: TransportOp) -> TransportOp:
    """The operation with a mark in every slot."""
    if isinstance(op, ListPage):
        return op._replace(
            prefix=MARKS["prefix"],
            start_after=MARKS["after"] if op.start_after else "",
            token=None if op.token is None else MARKS["token"],
        )
    common = {
        "if_match": MARKS["etag"] if op.if_match else "",
        "version": None if op.version is None else MARKS["version"],
    }
    if isinstance(op, Head):
        return op._replace(key=MARKS["key"], **common)  # type: ignore[arg-type]
    common |= {"source_key": MARKS["source"], "dest_key": MARKS["key"]}
    if isinstance(op, Copy):
        headers = {name: MARKS[name] for name in op.headers}
        expected = op.expected if op.expected in ("", ABSENT) else MARKS["expected"]
        metadata = _marks_of(op.metadata)
        return op._replace(**common, headers=headers, metadata=metadata, expected=expected)  # type: ignore[arg-type]
    numbers = {name: int(MARKS[name]) for name in ("number", "first", "last")}
    return op._replace(**common, **numbers, upload_id=MARKS["upload"])  # type: ignore[arg-type]


def filled(op: TransportOp) -> dict[str, object] | None:
    """The encoded values for the slots of an operation; None if one cannot be sent so, and botocore has to decide.

    Encoded as botocore does: a key in a path or a copy source keeps its slashes, a query's value does not.
    """
    if isinstance(op, ListPage):
        return {
            "prefix": quote(op.prefix, safe="~"),
            "after": quote(op.start_after, safe="~"),
            "token": quote(op.token, safe="~") if op.token is not None else "",
        }
    version = op.version or ""
    if isinstance(op, Head):
        if not (op.key and _plain(op.if_match)):
            return None
        return {"key": _in_path(op.key), "etag": op.if_match, "version": quote(version, safe="~")}
    if not (op.dest_key and op.source_key and _plain(op.if_match)) or (version and not _plain(version)):
        return None
    values: dict[str, object] = {
        "key": _in_path(op.dest_key),
        "source": _in_path(op.source_key),
        "etag": op.if_match,
        "version": version,
    }
    if isinstance(op, CopyPart):
        values |= {"number": op.number, "first": op.first, "last": op.last, "upload": quote(op.upload_id, safe="~")}
    else:
        if op.expected:
            if not _plain(op.expected):
                return None
            values["expected"] = op.expected
        values |= op.headers
        if op.metadata:
            values |= {f"meta{number:04}": value for number, value in enumerate(op.metadata.values())}
    return values


def _marks_of(metadata: Mapping[str, str]) -> dict[str, str]:
    """The marks of metadata, in its order. All have the same length, so that none is the beginning of another."""
    return {name: f"{MARK}meta{number:04}" for number, name in enumerate(metadata)}


def _in_path(key: str) -> str:
    return key if _needs_no_quotes(key) else quote(key, safe="/~")
