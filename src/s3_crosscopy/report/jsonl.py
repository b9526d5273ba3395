"""Writes and reads rows as gzip JSON lines. Equal rows give equal bytes, so a segment can be written again."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from json.encoder import encode_basestring as quoted
from typing import BinaryIO

from s3_crosscopy.adapters.bounded_files import lines_of
from s3_crosscopy.model.input_limits import ROW, TEXT
from s3_crosscopy.model.json_text import read_json
from s3_crosscopy.model.report_row import ReportRow, row_of

LEVEL = 2
"""Takes a third of the time of gzip's default 6; files are an eighth larger (100,000 rows of hashed ETags)."""

LINES_AT_ONCE = 1000

EXTENSION = "jsonl.gz"

# Omitted from a line if they are empty.
_FIRST, _AFTER = ReportRow._fields.index("etag"), ReportRow._fields.index("at_s")
_OPTIONAL = ("dest_key", *ReportRow._fields[_FIRST:_AFTER])


class LineFile:
    """Makes the bytes of a gzip file of lines: one member, without a file name and a time in its header."""

    def __init__(self) -> None:
        self._buffer = io.BytesIO()
        self._file = gzip.GzipFile(filename="", mode="wb", compresslevel=LEVEL, fileobj=self._buffer, mtime=0)

    def add(self, rows: Iterable[ReportRow]) -> None:
        """Add rows, each a line with a JSON object with the names of `ReportRow`."""
        self.add_lines(_lines(rows))

    def add_lines(self, lines: Iterable[str]) -> None:
        """Add lines."""
        remaining = iter(lines)
        # In parts: with one emoji the whole text would take four bytes a character, and its bytes as much again.
        while text := "".join(islice(remaining, LINES_AT_ONCE)):
            self._file.write(text.encode())

    def finish(self) -> bytes:
        """The bytes of the whole file; nothing can be added any more."""
        self._file.close()
        return self._buffer.getvalue()


def to_lines(rows: Iterable[ReportRow]) -> bytes:
    """The bytes of a file with these rows, see `LineFile.add`."""
    return packed(_lines(rows))


def to_manifest(keys: Iterable[str]) -> bytes:
    """The bytes of a file with keys alone, as `manifest=` takes them."""
    return packed(f'{{"key":{quoted(key)}}}\n' for key in keys)


def packed(lines: Iterable[str]) -> bytes:
    """The bytes of a file with these lines."""
    file = LineFile()
    file.add_lines(lines)
    return file.finish()


def rows_of(file: BinaryIO) -> Iterator[ReportRow]:
    """The rows of one file, in order. Raises ValueError, one line, for a file that `to_lines` did not write."""
    for number, line in enumerate(lines_of(file), 1):
        try:
            row = row_of(read_json(line, ROW))
        except ValueError as error:
            raise ValueError(f"line {number} is no row of a report ({error})") from error
        yield row


def _lines(rows: Iterable[ReportRow]) -> Iterator[str]:
    """The lines of rows, in order. Common ones are written without a call a row: this is done for every copy."""
    last: tuple[str, str, str] | None = None
    start = verified = at_text = took_text = ""
    last_at_s: float | None = None
    last_took_s: float | None = None
    most = TEXT.most
    for row in rows:
        key, dest_key, outcome, reason, size, etag, by, call, code, message, request_id, at_s, took_s, marker = row
        rare = call or code or message or request_id or marker
        if rare or not (dest_key and etag and took_s) or len(dest_key) + len(etag) > most:
            yield _any_line(row)
            continue
        if (kind := (outcome, reason, by)) != last:
            (start, verified), last = _common(*kind), kind
        # Those of one turn of the loop have the same times.
        if at_s != last_at_s:
            at_text, last_at_s = f"{at_s:.3f}", at_s
        if took_s != last_took_s:
            took_text, last_took_s = f"{took_s:.3f}", took_s
        yield (
            f'{{"key":{quoted(key)},{start},"size":{size},"dest_key":{quoted(dest_key)},"etag":{quoted(etag)}{verified}'
            f',"at_s":{at_text},"took_s":{took_text}}}\n'
        )


@lru_cache(maxsize=256)
def _common(outcome: str, reason: str, verified_by: str) -> tuple[str, str]:
    verified = f',"verified_by":{quoted(verified_by)}' if verified_by else ""
    return f'"outcome":{quoted(outcome)},"reason":{quoted(reason)}', verified


def _any_line(row: ReportRow) -> str:
    # Without json.dumps, which takes two and a half times as long with a dictionary, for every object.
    line = f'{{"key":{quoted(row.key)},"outcome":{quoted(row.outcome)},"reason":{quoted(row.reason)},"size":{row.size}'
    texts: tuple[str, ...] = (row.dest_key, *row[_FIRST:_AFTER])  # type: ignore[arg-type]
    for name, text in zip(_OPTIONAL, texts, strict=True):
        if text:
            # A server may send a message of megabytes; such a line would be over the limit for reading.
            line += f',"{name}":{quoted(text[: TEXT.most])}'
    if row.marker:
        line += f',"marker":{quoted(row.marker)}'
    if row.took_s:
        return f'{line},"at_s":{row.at_s:.3f},"took_s":{row.took_s:.3f}}}\n'
    return f'{line},"at_s":{row.at_s:.3f}}}\n' if row.at_s else line + "}\n"
