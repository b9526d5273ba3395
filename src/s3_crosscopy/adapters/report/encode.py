"""Rows as gzip JSON lines and back. The same rows are the same bytes, so writing a segment again is harmless."""

from __future__ import annotations

import gzip
import io
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from json.encoder import encode_basestring as quoted
from typing import Any, BinaryIO

from s3_crosscopy.model.rows import NUMBERS, Row

LEVEL = 3
"""Half the time of gzip's usual 6, for files that are 6 % larger (100,000 rows of hashed ETags)."""

LINES_AT_ONCE = 1000

EXTENSION = "jsonl.gz"

# Left out of a line when they are empty.
_FIRST, _AFTER = Row._fields.index("etag"), Row._fields.index("at_s")
_OPTIONAL = ("dest_key", *Row._fields[_FIRST:_AFTER])
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


def to_lines(rows: Iterable[Row]) -> bytes:
    """One line a row: a JSON object with the names of `Row`."""
    return packed(map(_line, rows))


def to_manifest(keys: Iterable[str]) -> bytes:
    """Keys alone, as `manifest=` takes them."""
    return packed(f'{{"key":{quoted(key)}}}\n' for key in keys)


def packed(lines: Iterable[str]) -> bytes:
    """Gzip without a name and a time."""
    packed = io.BytesIO()
    rest = iter(lines)
    with gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=packed, mtime=0) as file:
        # Never the whole text: one emoji makes it four bytes a character, a second time as bytes.
        while some := "".join(islice(rest, LINES_AT_ONCE)):
            file.write(some.encode())
    return packed.getvalue()


def rows_of(file: BinaryIO) -> Iterator[Row]:
    """The rows of one file, in order. Raises ValueError, one line, for what `to_lines` did not write."""
    number = 0
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as lines:
            for line in lines:
                number += 1
                yield row_of(json.loads(line))
    except DAMAGED as error:
        raise ValueError(f"is a damaged gzip file after line {number}") from error
    except (ValueError, TypeError) as error:
        raise ValueError(f"line {number} is no row of a report") from error


def row_of(said: object) -> Row:
    """A row of its fields by name. What is missing is empty; names of a later version are passed over."""
    if not isinstance(said, Mapping) or not isinstance(said.get("key"), str):
        raise ValueError("no key")
    values: dict[str, Any] = {name: str(said.get(name) or "") for name in Row._fields if name not in NUMBERS}
    values |= {name: kind(str(said.get(name) or 0)) for name, kind in NUMBERS.items()}
    return Row(**values)


def _line(row: Row) -> str:
    # By hand: a dictionary and json.dumps cost two and a half times as much, and this is paid for every object.
    line = f'{{"key":{quoted(row.key)},"outcome":{quoted(row.outcome)},"reason":{quoted(row.reason)},"size":{row.size}'
    texts: tuple[str, ...] = (row.dest_key, *row[_FIRST:_AFTER])  # type: ignore[arg-type]
    for name, text in zip(_OPTIONAL, texts, strict=True):
        if text:
            line += f',"{name}":{quoted(text)}'
    if row.took_s:
        return f'{line},"at_s":{row.at_s:.3f},"took_s":{row.took_s:.3f}}}\n'
    return f'{line},"at_s":{row.at_s:.3f}}}\n' if row.at_s else line + "}\n"
