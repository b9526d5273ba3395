"""Parses the headers of a response to a HEAD in the form that S3 and compatible servers write.

botocore's parser takes 20 times as long. Headers in any other form, such as a repeated or a folded one or one that is
no ASCII, are not guessed at: the result is None, and botocore parses them.

A server sends most objects the same headers in the same order: what each of them means is looked up once, and a layout
that comes often gets a regular expression, which takes a third of the time of splitting the lines.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import NamedTuple

from s3_crosscopy.adapters.boto.head_result import RESTORED
from s3_crosscopy.adapters.boto.s3_dates import clock, iso
from s3_crosscopy.model.content_headers import CONTENT_HEADERS
from s3_crosscopy.model.objects import Checksum, Facts

# ASCII without other control characters, which some part of Python takes for the end of a line.
_USUAL = bytes((*b"\t\r\n", *range(0x20, 0x7F)))
_END, _COLON = "\r\n", ": "
_name = re.compile(r"[!-9;-~]+").fullmatch
_META, _CHECKSUM = "x-amz-meta-", "x-amz-checksum-"
# In the order of botocore's model: the first that a response has counts.
_ALGORITHMS = ("crc32", "crc32c", "crc64nvme", "sha1", "sha256")
_CHECKSUMS = frozenset({f"{_CHECKSUM}{name}" for name in ("type", *_ALGORITHMS)})
_CONTENT = tuple((name, header.lower()) for name, header in CONTENT_HEADERS.items())
_NUMBER, _BOOLEAN, _ANY_VALUE = r"([0-9]{1,18})", r"(true|false)", r"((?![ \t])[\t -~]*)"
# botocore reads these as numbers or as true and false, and refuses the whole response if they are neither.
_VALUES = {
    "content-length": _NUMBER,
    "x-amz-missing-meta": _NUMBER,
    "x-amz-mp-parts-count": _NUMBER,
    "x-amz-tagging-count": _NUMBER,
    "x-amz-delete-marker": _BOOLEAN,
    "x-amz-server-side-encryption-bucket-key-enabled": _BOOLEAN,
}
_TYPED = {name: re.compile(value).fullmatch for name, value in _VALUES.items()}
_LAYOUTS = 256
_OFTEN = 100
"""Responses after which a layout is often. A regular expression takes as long to make as some hundred are read."""
_MOST_OFTEN = 4
"""Layouts with a regular expression: two sides with two kinds of objects each."""
_DATES = 4096
"""Objects that were written together have the same time, and responses of one second the same `Date`."""
_ABSENT = -1
"""The index of a header that is not there: the value there is empty."""


class _Layout(NamedTuple):
    """The indexes of the headers that mean something, `_ABSENT` for one that is not there."""

    size: int
    etag: int
    modified: int
    storage_class: int
    restore: int
    encryption: int
    parts: int
    date: int
    version: int
    untold: int
    checksum_type: int
    checksums: tuple[tuple[str, int], ...]
    content: tuple[tuple[str, int], ...]
    metadata: tuple[tuple[str, int], ...]
    typed: tuple[tuple[str, int], ...]


_often: list[tuple[re.Pattern[str], _Layout]] = []
_number_of: Counter[tuple[str, ...]] = Counter()


def read_head(lines: list[bytes]) -> Facts | None:
    """Parse the status line and the headers of a success. Returns None if they are not in the usual form."""
    block = b"".join(lines)
    text = block.decode("latin-1")
    for pattern, layout in _often:
        match = pattern.fullmatch(text)
        if match is not None:
            return _facts(layout, (*match.groups(), ""))
    return _read_lines(block)


def _read_lines(block: bytes) -> Facts | None:
    if block.translate(None, _USUAL) or b":  " in block or b": \t" in block:
        return None
    # All but the status line and the empty line at the end, after which nothing comes.
    rows = block.decode("ascii").split(_END)[1:-2]
    ends = len(rows) + 2
    if not rows or block.count(b"\n") != ends or block.count(b"\r") != ends or not block.endswith(b"\r\n\r\n"):
        return None
    names, colons, values = zip(*[row.partition(_COLON) for row in rows], strict=True)
    if colons.count(_COLON) != len(rows):
        return None
    layout = _layout(names)
    if layout is None or not all(_TYPED[name](values[index]) for name, index in layout.typed):
        return None
    _count(names, layout)
    return _facts(layout, (*values, ""))


def _count(names: tuple[str, ...], layout: _Layout) -> None:
    """Make a regular expression for a layout that comes often."""
    if len(_number_of) >= _LAYOUTS:
        _number_of.clear()
    _number_of[names] += 1
    if _number_of[names] == _OFTEN:
        _often[:] = [(_pattern(names), layout), *_often[: _MOST_OFTEN - 1]]


def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    """A regular expression for responses of these headers in the usual form, with a group for the value of each."""
    rows = [f"{re.escape(name)}: {_VALUES.get(name.lower(), _ANY_VALUE)}\r\n" for name in names]
    return re.compile(f"HTTP/[\t -~]*\r\n{''.join(rows)}\r\n")


@lru_cache(maxsize=_LAYOUTS)
def _layout(names: tuple[str, ...]) -> _Layout | None:
    """Return the layout of headers of these names; None if botocore has to read them, or a promised one is missing."""
    index = {name.lower(): number for number, name in enumerate(names)}
    checksums = {name for name in index if name.startswith(_CHECKSUM)}
    if len(index) != len(names) or not all(map(_name, names)):
        return None
    if not {"content-length", "last-modified"} <= index.keys() or checksums - _CHECKSUMS:
        return None

    def at(name: str) -> int:
        return index.get(name, _ABSENT)

    return _Layout(
        size=at("content-length"),
        etag=at("etag"),
        modified=at("last-modified"),
        storage_class=at("x-amz-storage-class"),
        restore=at("x-amz-restore"),
        encryption=at("x-amz-server-side-encryption"),
        parts=at("x-amz-mp-parts-count"),
        date=at("date"),
        version=at("x-amz-version-id"),
        untold=at("x-amz-missing-meta"),
        checksum_type=at(f"{_CHECKSUM}type"),
        checksums=tuple((name.upper(), at(_CHECKSUM + name)) for name in _ALGORITHMS if _CHECKSUM + name in index),
        content=tuple((name, index[header]) for name, header in _CONTENT if header in index),
        metadata=tuple((name[len(_META) :], at(name.lower())) for name in names if name.lower().startswith(_META)),
        typed=tuple((name, index[name]) for name in _TYPED if name in index),
    )


def _facts(layout: _Layout, values: tuple[str, ...]) -> Facts | None:
    modified = _time(values[layout.modified])
    if modified is None:
        return None
    return Facts(
        int(values[layout.size]),
        values[layout.etag].strip('"'),
        modified,
        "STANDARD" if layout.storage_class == _ABSENT else values[layout.storage_class],
        RESTORED in values[layout.restore],
        values[layout.encryption],
        _checksum(layout, values) if layout.checksums else None,
        None if layout.parts == _ABSENT else int(values[layout.parts]),
        _date(values[layout.date]),
        values[layout.version],
        int(values[layout.untold] or 0),
        {name: values[index] for name, index in layout.content if values[index]},
        {name: values[index] for name, index in layout.metadata},
    )


def _checksum(layout: _Layout, values: tuple[str, ...]) -> Checksum | None:
    """Same as `conversions.checksum_of`."""
    for algorithm, index in layout.checksums:
        if value := values[index]:
            kind = values[layout.checksum_type] or ("COMPOSITE" if "-" in value else "FULL_OBJECT")
            return Checksum(algorithm, kind, value)
    return None


@lru_cache(maxsize=_DATES)
def _time(header: str) -> str | None:
    """The time in a header in the form of `Listed.modified`, None if it is no time."""
    try:
        return iso(header) if header else None
    except ValueError:
        return None


_date = lru_cache(maxsize=2)(clock)
