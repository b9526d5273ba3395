"""Reading a report back: its rows in order, one file at a time, and nothing that its index does not name."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from s3_crosscopy.adapters.report import encode, parquet
from s3_crosscopy.adapters.report.files import Files
from s3_crosscopy.adapters.report.store import FORMAT, INDEX, SUMMARY, UPLOADS, WRITTEN
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.rows import Row
from s3_crosscopy.model.unfinished import Unfinished, from_json

CHUNK_BYTES = 1024 * 1024


def read_rows(files: Files, what: str = "report") -> Iterator[Row]:
    """Every row of a finished report. Raises InvalidInput, one line, when it is absent, unfinished or damaged.

    Segments come in the order in which they were settled, then what is not settled: not in the order of keys.
    """
    index = read_index(files, what)
    for entry in index["segments"]:
        yield from _rows_of(files, entry, what)
    for entry in index["rest"]:
        yield from _rows_of(files, entry, what)


def read_index(files: Files, what: str = "report") -> Mapping[str, Any]:
    """The index of a finished report."""
    index = _index(files, what)
    if index.get("state") != WRITTEN:
        raise InvalidInput(
            f"{what}: the report at {files.where()!r} has no end: its run still goes on, or died and waits for a retry"
        )
    return index


def read_uploads(files: Files, what: str = "report") -> Unfinished:
    """The uploads that the report's run left open, also where the report has no end: then they are what counts."""
    _index(files, what)
    try:
        with files.open(UPLOADS) as file:
            return from_json(json.load(file))
    except FileNotFoundError:
        return Unfinished(Bucket(""))
    except InvalidInput:
        raise
    except ValueError as error:
        raise InvalidInput(f"{what}: {files.where(UPLOADS)!r} is damaged: it names no uploads ({error})") from error


def read_summary(files: Files, what: str = "report") -> Mapping[str, Any]:
    """`summary.json` of a finished report: what `Report.as_dict()` was."""
    read_index(files, what)
    return _read_json(files, SUMMARY, what)


def _index(files: Files, what: str) -> Mapping[str, Any]:
    index = _read_json(files, INDEX, what)
    if index.get("format") != FORMAT:
        raise InvalidInput(f"{what}: {files.where(INDEX)!r} is no index of a report of this version of s3-crosscopy")
    return index


def _read_json(files: Files, name: str, what: str) -> Mapping[str, Any]:
    try:
        with files.open(name) as file:
            said = json.load(file)
    except FileNotFoundError:
        raise InvalidInput(f"{what}: there is no report at {files.where()!r}; it would have an {INDEX}") from None
    except InvalidInput:
        raise
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise InvalidInput(f"{what}: {files.where(name)!r} is damaged: it is not a JSON object")
    return said


def _rows_of(files: Files, entry: Mapping[str, Any], what: str) -> Iterator[Row]:
    name = entry["name"]
    reader = parquet.rows_of if name.endswith(parquet.EXTENSION) else encode.rows_of
    try:
        with files.open(name) as file:
            if "sha256" in entry:
                _check(file, entry["sha256"])
            yield from reader(file)
    except FileNotFoundError:
        raise InvalidInput(f"{what}: {files.where(name)!r} is not there, although {INDEX} names it") from None
    except InvalidInput:
        raise
    except ValueError as error:
        raise InvalidInput(f"{what}: {files.where(name)!r} {error}") from error


def _check(file: BinaryIO, sha256: str) -> None:
    found = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        found.update(chunk)
    if found.hexdigest() != sha256:
        raise ValueError("is not the file that the report's index names: it is damaged, or another run writes there")
    file.seek(0)
