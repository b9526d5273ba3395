"""Reading a report back: its rows in order, one file at a time, and nothing that its index does not name."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

from s3_crosscopy.adapters.bounded_files import json_of
from s3_crosscopy.errors import InvalidInput, S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.open_uploads import OpenUploads, from_json
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report import digest as digests
from s3_crosscopy.report import jsonl as encode
from s3_crosscopy.report import parquet
from s3_crosscopy.report.digest import Digest, Digester
from s3_crosscopy.report.files import Files
from s3_crosscopy.report.index import check_index
from s3_crosscopy.report.names import DIGEST, FORMAT, INDEX, LIMITS, SUMMARY, UPLOADS, WRITTEN

CHUNK_BYTES = 1024 * 1024


class FinishedReport(NamedTuple):
    """A finished report: its summary, what is told of the run itself, and what its rows come to."""

    summary: Mapping[str, Any]
    run: Mapping[str, Any]
    digest: Digest


def read_rows(files: Files, what: str = "report") -> Iterator[ReportRow]:
    """Every row of a finished report. Raises InvalidInput, one line, when it is absent, unfinished or damaged.

    Segments come in the order in which they were settled, then what is not settled: not in the order of keys.
    """
    index = read_index(files, what)
    for entry in index["segments"]:
        yield from _rows_of(files, entry, what)
    for entry in index["rest"]:
        yield from _rows_of(files, entry, what)


def read_finished(files: Files, what: str = "report") -> FinishedReport:
    """A finished report as its page shows it, in little memory. Reads every row, unless a digest of them is there."""
    index = read_index(files, what)
    digest = _kept(files)
    if digest is None or not digest.whole:
        digest = digest_of(files, [*index["segments"], *index["rest"]], what)
    run = index.get("run")
    summary = _read_json(files, SUMMARY, what)
    return FinishedReport(summary, run if isinstance(run, dict) else {}, digest)


def digest_of(files: Files, entries: Iterable[Mapping[str, Any]], what: str = "report") -> Digest:
    """What the rows of these files of a report come to."""
    digester = Digester()
    for entry in entries:
        digester.add(_rows_of(files, entry, what))
    return digester.taken()


def digest_of_parts(parts: Iterable[Files], what: str = "report") -> Digest:
    """What several finished reports come to together: those of the runs that shared one copy."""
    digester, whole = Digester(), True
    for files in parts:
        digest = read_finished(files, what).digest
        digester.include(digest)
        whole = whole and digest.whole
    return digester.taken(whole=whole)


def kept_digest(digest: Digest, index: bytes) -> dict[str, Any]:
    """A digest as it is kept beside an index: it counts for exactly that one."""
    return {"index_sha256": hashlib.sha256(index).hexdigest(), **digests.to_json(digest)}


def _kept(files: Files) -> Digest | None:
    """The digest beside the index, if it is one and that of this very index; without it the rows tell the same."""
    try:
        with files.open(INDEX) as file:
            index = hashlib.sha256(file.read(LIMITS[INDEX].most)).hexdigest()
        with files.open(DIGEST) as file:
            said = json_of(file, LIMITS[DIGEST])
        if not isinstance(said, dict) or said.pop("index_sha256", None) != index:
            return None
        return digests.from_json(said)
    except (FileNotFoundError, InvalidInput, S3Error, ValueError):
        return None


def read_index(files: Files, what: str = "report") -> Mapping[str, Any]:
    """The index of a finished report."""
    index = _index(files, what)
    if index.get("state") != WRITTEN:
        raise InvalidInput(
            f"{what}: the report at {files.where()!r} has no end: its run still goes on, or died and waits for a retry"
        )
    try:
        check_index(index)
    except ValueError as error:
        raise InvalidInput(f"{what}: {files.where(INDEX)!r} {error}") from error
    return index


def read_dest(files: Files, what: str = "report") -> str:
    """The destination of the report's run, an s3:// URL; "" where the index does not say."""
    return str(_index(files, what).get("dest") or "")


def read_uploads(files: Files, what: str = "report") -> OpenUploads:
    """The uploads that the report's run left open, also where the report has no end: then they are what counts."""
    _index(files, what)
    try:
        with files.open(UPLOADS) as file:
            return from_json(json_of(file, LIMITS[UPLOADS]))
    except FileNotFoundError:
        return OpenUploads(Bucket(""))
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
            said = json_of(file, LIMITS[name])
    except FileNotFoundError:
        raise InvalidInput(f"{what}: there is no report at {files.where()!r}; it would have an {INDEX}") from None
    except InvalidInput:
        raise
    except ValueError as error:
        raise InvalidInput(f"{what}: {files.where(name)!r} is damaged: it {error}") from error
    if not isinstance(said, dict):
        raise InvalidInput(f"{what}: {files.where(name)!r} is damaged: it is not a JSON object")
    return said


def _rows_of(files: Files, entry: Mapping[str, Any], what: str) -> Iterator[ReportRow]:
    name = entry["name"]
    reader = parquet.rows_of if name.endswith(parquet.EXTENSION) else encode.rows_of
    try:
        with files.open(name) as file:
            if "sha256" in entry:
                _check(file, entry["sha256"])
            yield from _counted(reader(file), entry.get("rows"))
    except FileNotFoundError:
        raise InvalidInput(f"{what}: {files.where(name)!r} is not there, although {INDEX} names it") from None
    except InvalidInput:
        raise
    except ValueError as error:
        raise InvalidInput(f"{what}: {files.where(name)!r} {error}") from error


def _counted(rows: Iterator[ReportRow], told: int | None) -> Iterator[ReportRow]:
    number = 0
    for row in rows:
        number += 1
        yield row
    if told is not None and number != told:
        raise ValueError(f"has {number} rows, and the report's index says {told}")


def _check(file: BinaryIO, sha256: str) -> None:
    found = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        found.update(chunk)
    if found.hexdigest() != sha256:
        raise ValueError("is not the file that the report's index names: it is damaged, or another run writes there")
    file.seek(0)
