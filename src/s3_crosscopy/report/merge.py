"""Merges several reports into one by an index that names the files of all of them. Reads and moves no row."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

from s3_crosscopy.model.open_uploads import OpenUploads, to_json
from s3_crosscopy.model.report import Report
from s3_crosscopy.report.files import Files
from s3_crosscopy.report.names import FAILED, FORMAT, INDEX, SUMMARY, UPLOADS, WRITTEN, as_json
from s3_crosscopy.report.page.write import write_page
from s3_crosscopy.report.report_reader import FinishedReport, digest_of_parts, read_index, read_summary, read_uploads


class Below:
    """The files of one part. See `files.Files`. `folder` is relative and ends with a slash."""

    def __init__(self, files: Files, folder: str) -> None:
        self._files = files
        self._folder = folder

    def where(self, name: str = "") -> str:
        return self._files.where(self._folder + name)

    def check(self) -> None:
        self._files.check()

    def prepare(self) -> None:
        self._files.prepare()

    def write(self, name: str, data: bytes) -> None:
        self._files.write(self._folder + name, data)

    def open(self, name: str) -> BinaryIO:
        return self._files.open(self._folder + name)


def merge(files: Files, folders: Sequence[str], report_format: str, report: Report) -> None:
    """Write index, failed keys, open uploads, summary and page of the merged report, from the reports in these folders.

    Raises InvalidInput, one line, if one of them is missing, unfinished or damaged; nothing has been written then.
    """
    parts = {folder: read_index(Below(files, folder)) for folder in folders}
    failed = b"".join(_read(files, folder + index["failed"]["name"]) for folder, index in parts.items())
    uploads = _uploads(files, parts)
    if report.counts["failed"]:
        report = dataclasses.replace(report, denial=_explanation_of(files, folders))
    # Principals and versions: equal in all parts, except for the worker.
    run: Mapping[str, Any] = next((index.get("run") or {} for index in parts.values()), {})
    index = {
        "format": FORMAT,
        "state": WRITTEN,
        "report_format": report_format,
        "source": report.source,
        "dest": report.dest,
        "segments": _named(parts, "segments"),
        "rest": _named(parts, "rest"),
        "failed": {"name": FAILED, "rows": sum(index["failed"]["rows"] for index in parts.values())},
        "uploads": {"name": UPLOADS, "open": len(uploads.uploads)} if uploads is not None else None,
        "summary": SUMMARY,
        "run": run,
    }
    # Gzip files may be concatenated.
    files.write(FAILED, failed)
    if uploads is not None:
        files.write(UPLOADS, as_json(to_json(uploads)))
    files.write(SUMMARY, as_json(report.as_dict()))
    written = as_json(index)
    files.write(INDEX, written)
    digest = digest_of_parts(Below(files, folder) for folder in folders)
    write_page(files, written, FinishedReport(report.as_dict(), run, digest))


def _explanation_of(files: Files, folders: Sequence[str]) -> str:
    """The explanation of a denied request in the first part that has one, "" if none has."""
    texts = (read_summary(Below(files, folder)).get("denial") for folder in folders)
    return next((str(text) for text in texts if text), "")


def _named(parts: Mapping[str, Mapping[str, Any]], member: str) -> list[dict[str, Any]]:
    return [{**entry, "name": folder + entry["name"]} for folder, index in parts.items() for entry in index[member]]


def _uploads(files: Files, parts: Mapping[str, Mapping[str, Any]]) -> OpenUploads | None:
    """The open uploads of the parts. None if there are none or they are in several buckets: a file names one bucket."""
    recorded = [read_uploads(Below(files, folder)) for folder, index in parts.items() if index["uploads"]]
    if len({uploads.bucket for uploads in recorded}) != 1:
        return None
    return OpenUploads(recorded[0].bucket, tuple(upload for uploads in recorded for upload in uploads.uploads))


def _read(files: Files, name: str) -> bytes:
    with files.open(name) as file:
        return file.read()
