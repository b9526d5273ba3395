"""Values of an ETag index, which knows the ETag of each copy, and the JSON of the list of its segments."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from s3_crosscopy.model.input_limits import ETAG_SEGMENTS
from s3_crosscopy.model.location import MAX_KEY_BYTES

FORMAT = 1
KIND = "s3-crosscopy ETag index"

IndexRow = tuple[str, str, str]
"""The source key, the ETag of the source object, and the ETag of its copy. A plain tuple: millions are made."""

_NAME = re.compile(r"(?:segments/[0-9a-f]{16}-[0-9]{6}|(?:parts/[A-Za-z0-9-]{1,64}/)?unfinished/pending-[12])\.etags")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Block(NamedTuple):
    """Packed rows whose keys are from `first` to `last`."""

    first: str
    last: str
    rows: int
    data: bytes


class IndexPair(NamedTuple):
    """The pair of places that an index is of, and the rule by which its rows are equal.

    servers: the endpoints of both sides, because the same names may be other buckets there.
    """

    source: str
    dest: str
    source_bucket: str
    dest_bucket: str
    servers: tuple[str, ...] = ()
    compare: str = "auto"


class IndexSegment(NamedTuple):
    """One file with rows: all keys in it are from `first` to `last`. sha256: of the file, in hex."""

    name: str
    first: str
    last: str
    rows: int
    bytes: int
    sha256: str


class IndexList(NamedTuple):
    """A list of segments. run: the start of the run that wrote it, by S3's clock.

    pending: the file with the rows of an unfinished run that are in no segment yet; None if there are none.
    unneeded: the segments of the list that this one replaced: the run may have died before it had removed them.
    """

    pair: IndexPair
    run: str
    segments: tuple[IndexSegment, ...]
    pending: IndexSegment | None = None
    unneeded: tuple[str, ...] = ()


def to_json(index: IndexList) -> dict[str, Any]:
    """Return the list as JSON values."""
    return {
        "kind": KIND,
        "format": FORMAT,
        "pair": {**index.pair._asdict(), "servers": list(index.pair.servers)},
        "run": index.run,
        "segments": [list(segment) for segment in index.segments],
        "pending": list(index.pending) if index.pending is not None else None,
        "unneeded": list(index.unneeded),
    }


class NewerFormat(ValueError):
    """The list was written by a later version, which may know more of it."""


def from_json(raw: object) -> IndexList:
    """Parse a list. Raises ValueError for anything else, with a text that follows the file's name."""
    if not isinstance(raw, Mapping) or raw.get("kind") != KIND or not _is_count(raw.get("format")):
        raise ValueError("is no ETag index")
    if raw["format"] < FORMAT:
        raise ValueError("is of a format that nothing writes")
    if raw["format"] > FORMAT:
        raise NewerFormat("is of a later version of s3-crosscopy")
    try:
        segments, unneeded = raw["segments"], raw["unneeded"]
        if max(len(segments), len(unneeded)) > ETAG_SEGMENTS.most:
            raise ValueError(ETAG_SEGMENTS.exceeded)
        pending = None if raw["pending"] is None else _segment(raw["pending"])
        files = tuple(map(_segment, segments)), pending, tuple(map(_name, unneeded))
        return IndexList(_pair(raw["pair"]), _text(raw["run"]), *files)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"is damaged ({error})") from error


def _pair(raw: Mapping[str, Any]) -> IndexPair:
    servers = tuple(map(_text, raw["servers"]))
    return IndexPair(**{name: _text(raw[name]) for name in IndexPair._fields if name != "servers"}, servers=servers)


def _segment(raw: list[Any]) -> IndexSegment:
    name, first, last, rows, size, sha256 = raw
    if not _SHA256.fullmatch(_text(sha256)):
        raise ValueError("a digest is none")
    if not _is_count(rows) or not _is_count(size):
        raise ValueError(f"the size of {name!r} is no count")
    if max(len(_text(first)), len(_text(last))) > MAX_KEY_BYTES or first > last:
        raise ValueError(f"the keys of {name!r} are in no order")
    return IndexSegment(_name(name), first, last, rows, size, sha256)


def _name(value: object) -> str:
    if not _NAME.fullmatch(name := _text(value)):
        raise ValueError("it names a file that is none of an index")
    return name


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is of another type")
    return value
