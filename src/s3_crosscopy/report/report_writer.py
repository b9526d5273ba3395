"""A report as files: numbered segments, what is not settled, failed keys, open uploads, a summary, and their index.

The index is written last and alone says what counts: a crash at any moment leaves the report of the last attempt
that came to its end, or one that says that it has no end. Nothing is ever deleted. Only the open uploads do not wait
for the index: they are recorded for the case that there is no end. The page comes after it: it is made of the rest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from s3_crosscopy.errors import InvalidInput, S3Error
from s3_crosscopy.model.checkpoint import OpenUpload
from s3_crosscopy.model.open_uploads import OpenUploads, to_json
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report import jsonl as encode
from s3_crosscopy.report import parquet
from s3_crosscopy.report.digest import Digest, Digester
from s3_crosscopy.report.files import Files
from s3_crosscopy.report.names import (
    FAILED,
    FORMAT,
    FORMATS,
    INDEX,
    SUMMARY,
    UPLOADS,
    WRITING,
    WRITTEN,
    as_json,
    extension,
    segment_name,
)
from s3_crosscopy.report.page.write import write_page
from s3_crosscopy.report.report_reader import FinishedReport, digest_of

MOST_READ_AGAIN = 100
"""Segments of earlier attempts whose rows are read again for the page at the end of a run: a minute at most.

What `s3-crosscopy report` makes has all of them.
"""


class StoredReport:
    """See `ports.ReportStore`. Keeps a few numbers a segment, and of the rows their digest.

    Rows with the outcome `failed` belong to `rest`, where a later attempt can change them: the failed keys are theirs.
    `told` says at the end what is told of the run itself (see `run.RunNotes`). `places` are `source` and `dest`, for a
    report whose run finds no end.
    """

    def __init__(
        self,
        files: Files,
        report_format: str = "jsonl",
        told: Callable[[], Mapping[str, Any]] | None = None,
        places: Mapping[str, str] | None = None,
    ) -> None:
        if report_format not in FORMATS:
            raise InvalidInput(f"report_format: expected 'jsonl' or 'parquet', got {report_format!r}")
        if report_format == "parquet":
            parquet.check_pyarrow()
        self._files = files
        self._format = report_format
        self._told = told
        self._places = dict(places or {})
        self._known: dict[int, dict[str, object]] = {}
        self._rest: list[dict[str, object]] = []
        self._failed = 0
        self._failed_packed = bytearray()
        self._open: tuple[OpenUpload, ...] | None = ()
        self._begun = False
        self._digester = Digester()
        self._replaced = False

    def begin(self, *, resumed: bool = False) -> None:
        """Find out early whether the place can be written.

        Unless the run goes on with an earlier attempt's segments, whatever report was there is not one any more from
        here on: its segments will be replaced one by one.
        """
        self._begun = True
        self._files.prepare()
        if resumed:
            self._open = None  # the attempt before may have recorded some
        else:
            self._files.write(INDEX, as_json({"format": FORMAT, "state": WRITING, **self._places}))

    def write_segment(self, number: int, rows: Sequence[ReportRow]) -> None:
        if number == 0 and not self._begun:
            self.begin()
        facts = self._write(segment_name(number, self._format), rows)
        self._replaced |= number in self._known
        self._known[number] = facts
        self._digester.add(rows)

    def write_rest(self, rows: Sequence[ReportRow]) -> None:
        """Of the failed keys the packed bytes are kept: their file is one, and gzip takes one after the other."""
        failed = [row.key for row in rows if row.outcome == "failed"]
        self._failed += len(failed)
        self._failed_packed += encode.to_manifest(failed)
        if rows:
            self._rest.append(self._write_rest(rows))
            self._digester.add(rows)

    def write_uploads(self, unfinished: OpenUploads) -> None:
        """Only when they changed: most runs have none, and need no file for that."""
        if unfinished.uploads != self._open:
            self._files.write(UPLOADS, as_json(to_json(unfinished)))
            self._open = unfinished.uploads

    def finish(self, segments: int, rest: Sequence[ReportRow], report: Report) -> None:
        if rest or not self._rest:
            self.write_rest(rest)
        index: dict[str, Any] = {
            "format": FORMAT,
            "state": WRITTEN,
            "report_format": self._format,
            "source": report.source,
            "dest": report.dest,
            # Of a segment that an earlier attempt wrote nothing but the name is known here.
            "segments": [self._known.get(n, {"name": segment_name(n, self._format)}) for n in range(segments)],
            "rest": self._rest,
            "failed": {"name": FAILED, "rows": self._failed},
            "uploads": {"name": UPLOADS, "open": len(self._open)} if self._open else None,
            "summary": SUMMARY,
            "run": dict(self._told()) if self._told is not None else {},
        }
        self._files.write(FAILED, bytes(self._failed_packed))
        self._files.write(SUMMARY, as_json(report.as_dict()))
        written = as_json(index)
        self._files.write(INDEX, written)
        write_page(self._files, written, FinishedReport(report.as_dict(), index["run"], self._digest(index)))

    def _digest(self, index: Mapping[str, Any]) -> Digest:
        """Of all rows, those of earlier attempts included as far as they can be read in a minute or so."""
        earlier = [entry for number, entry in enumerate(index["segments"]) if number not in self._known]
        whole = not self._replaced and len(earlier) <= MOST_READ_AGAIN
        if whole and earlier:
            try:
                self._digester.include(digest_of(self._files, earlier))
            except (S3Error, InvalidInput):  # who may write a report need not be allowed to read it
                whole = False
        return self._digester.taken(whole=whole)

    def _write(self, name: str, rows: Sequence[ReportRow]) -> dict[str, object]:
        data = self._encoded(rows)
        self._files.write(name, data)
        return _facts(name, rows, data)

    def _write_rest(self, rest: Sequence[ReportRow]) -> dict[str, object]:
        """Named by its content, so that the rest which an older index names stays what it was until a new index."""
        data = self._encoded(rest)
        name = f"rest-{hashlib.sha256(data).hexdigest()[:12]}.{extension(self._format)}"
        self._files.write(name, data)
        return _facts(name, rest, data)

    def _encoded(self, rows: Sequence[ReportRow]) -> bytes:
        return encode.to_lines(rows) if self._format == "jsonl" else parquet.to_parquet(rows)


def _facts(name: str, rows: Sequence[ReportRow], data: bytes) -> dict[str, object]:
    return {"name": name, "rows": len(rows), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
