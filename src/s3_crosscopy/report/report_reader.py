"""Reads a finished report: its rows in order, one file at a time, and only files that its index names."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO, NamedTuple

from s3_crosscopy.adapters.bounded_files import json_of
from s3_crosscopy.errors import CrossCopyError, InvalidInput, S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.open_uploads import OpenUploads, from_json
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report import digest_json, parquet
from s3_crosscopy.report import jsonl as encode
from s3_crosscopy.report.digest import Digest
from s3_crosscopy.report.digester import Digester
from s3_crosscopy.report.files import Files
from s3_crosscopy.report.index import check_index
from s3_crosscopy.report.names import DIGEST, DRY_RUN, FORMAT, INDEX, LIMITS, SUMMARY, UPLOADS, WRITTEN

CHUNK_BYTES = 1024 * 1024


class FinishedReport(NamedTuple):
    """A finished report: its summary, the information about its run, and the digest of its rows."""

    summary: Mapping[str, Any]
    run: Mapping[str, Any]
    digest: Digest


def read_rows(files: Files, argument: str = "report") -> Iterator[ReportRow]:
    """Every row of a finished report. Raises InvalidInput, one line, if it is missing, unfinished or damaged.

    The committed segments come first, in the order of their commits, then the other rows: not in the order of keys.
    """
    index = read_index(files, argument)
    for entry in index["segments"]:
        yield from _rows_of(files, entry, argument)
    for entry in index["rest"]:
        yield from _rows_of(files, entry, argument)


def read_finished(files: Files, argument: str = "report") -> FinishedReport:
    """A finished report as its page shows it, in little memory. Reads every row unless there is a digest of them."""
    index = read_index(files, argument)
    digest = _stored_digest(files)
    if digest is None or not digest.whole:
        digest = digest_of(files, [*index["segments"], *index["rest"]], argument)
    return _finished(files, index, digest, argument)


def read_digested(files: Files, argument: str = "report") -> FinishedReport | None:
    """A finished report with the digest beside it; None if there is none of its rows. Reads no row."""
    index = read_index(files, argument)
    digest = _stored_digest(files)
    return None if digest is None else _finished(files, index, digest, argument)


def digest_of(files: Files, entries: Iterable[Mapping[str, Any]], argument: str = "report") -> Digest:
    """The digest of the rows in these files of a report. `entries` are entries of its index."""
    digester = Digester()
    for entry in entries:
        digester.add(_rows_of(files, entry, argument))
    return digester.digest()


def digest_of_parts(parts: Iterable[Files], argument: str = "report") -> Digest:
    """The digest of several finished reports, of the runs that shared one copy."""
    digester, whole = Digester(), True
    for files in parts:
        digest = read_finished(files, argument).digest
        digester.include(digest)
        whole = whole and digest.whole
    return digester.digest(whole=whole)


def digest_to_json(digest: Digest, index: bytes) -> dict[str, Any]:
    """A digest as JSON values, with the SHA-256 of the index that it belongs to."""
    return {"index_sha256": hashlib.sha256(index).hexdigest(), **digest_json.to_json(digest)}


def _finished(files: Files, index: Mapping[str, Any], digest: Digest, argument: str) -> FinishedReport:
    run = index.get("run")
    summary = _read_json(files, SUMMARY, argument)
    return FinishedReport(summary, run if isinstance(run, dict) else {}, digest)


def _stored_digest(files: Files) -> Digest | None:
    """The digest beside the index; None if it is missing, damaged or of another index. The rows give the same one."""
    try:
        with files.open(INDEX) as file:
            index = hashlib.sha256(file.read(LIMITS[INDEX].most)).hexdigest()
        with files.open(DIGEST) as file:
            raw = json_of(file, LIMITS[DIGEST])
        if not isinstance(raw, dict) or raw.pop("index_sha256", None) != index:
            return None
        return digest_json.from_json(raw)
    except (FileNotFoundError, InvalidInput, S3Error, ValueError):
        return None


def read_index(files: Files, argument: str = "report") -> Mapping[str, Any]:
    """The index of a finished report."""
    index = _index(files, argument)
    if index.get("state") != WRITTEN:
        raise InvalidInput(
            f"{argument}: the report at {files.where()!r} is not finished: its run is still active, or died and waits"
            " for a retry"
        )
    try:
        check_index(index)
    except ValueError as error:
        raise InvalidInput(f"{argument}: {files.where(INDEX)!r} {error}") from error
    return index


def read_dest(files: Files, argument: str = "report") -> str:
    """The destination of the report's run, an s3:// URL; "" if the index has none."""
    return str(_index(files, argument).get("dest") or "")


def read_uploads(files: Files, argument: str = "report") -> OpenUploads:
    """The uploads that the report's run left open. The report may be unfinished: they matter most then."""
    _index(files, argument)
    try:
        with files.open(UPLOADS) as file:
            return from_json(json_of(file, LIMITS[UPLOADS]))
    except FileNotFoundError:
        return OpenUploads(Bucket(""))
    except InvalidInput:
        raise
    except ValueError as error:
        raise InvalidInput(f"{argument}: {files.where(UPLOADS)!r} is damaged: it names no uploads ({error})") from error


def read_summary(files: Files, argument: str = "report") -> Mapping[str, Any]:
    """`summary.json` of a finished report: what `Report.as_dict()` was."""
    read_index(files, argument)
    return _read_json(files, SUMMARY, argument)


def _index(files: Files, argument: str) -> Mapping[str, Any]:
    index = _read_json(files, INDEX, argument)
    if index.get("format") != FORMAT:
        raise InvalidInput(
            f"{argument}: {files.where(INDEX)!r} is no index of a report of this version of s3-crosscopy"
        )
    return index


def _read_json(files: Files, name: str, argument: str) -> Mapping[str, Any]:
    try:
        with files.open(name) as file:
            value = json_of(file, LIMITS[name])
    except FileNotFoundError:
        raise InvalidInput(
            f"{argument}: there is no report at {files.where()!r}; it would have an {INDEX}{_of_dry_run(files)}"
        ) from None
    except InvalidInput:
        raise
    except ValueError as error:
        raise InvalidInput(f"{argument}: {files.where(name)!r} is damaged: it {error}") from error
    if not isinstance(value, dict):
        raise InvalidInput(f"{argument}: {files.where(name)!r} is damaged: it is not a JSON object")
    return value


def _of_dry_run(files: Files) -> str:
    """The end of a message that names the report of a dry run, which is one folder below; "" if there is none."""
    try:
        files.open(f"{DRY_RUN}/{INDEX}").close()
    except (FileNotFoundError, CrossCopyError):
        return ""
    return f"; that of a dry run is at {files.where(DRY_RUN)!r}"


def _rows_of(files: Files, entry: Mapping[str, Any], argument: str) -> Iterator[ReportRow]:
    name = entry["name"]
    reader = parquet.rows_of if name.endswith(parquet.EXTENSION) else encode.rows_of
    try:
        with files.open(name) as file:
            if "sha256" in entry:
                _check(file, entry["sha256"])
            yield from _counted(reader(file), entry.get("rows"))
    except FileNotFoundError:
        raise InvalidInput(f"{argument}: {files.where(name)!r} is not there, although {INDEX} names it") from None
    except InvalidInput:
        raise
    except ValueError as error:
        raise InvalidInput(f"{argument}: {files.where(name)!r} {error}") from error


def _counted(rows: Iterator[ReportRow], expected: int | None) -> Iterator[ReportRow]:
    number = 0
    for row in rows:
        number += 1
        yield row
    if expected is not None and number != expected:
        raise ValueError(f"has {number} rows, and the report's index says {expected}")


def _check(file: BinaryIO, sha256: str) -> None:
    digest = hashlib.sha256()
    while chunk := file.read(CHUNK_BYTES):
        digest.update(chunk)
    if digest.hexdigest() != sha256:
        raise ValueError("is not the file that the report's index names: it is damaged, or another run writes there")
    file.seek(0)
