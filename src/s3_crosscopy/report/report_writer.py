"""Writes a report: numbered segments, rows that are not committed, failed keys, open uploads, summary and index.

The index is written last, and only files that it names count: a crash at any moment leaves the report of the last
finished attempt, or one that is marked as unfinished. Nothing is ever deleted. Only the list of open uploads counts
before there is an index, because it is needed if the run never finishes. The page is made of the rest, and comes last.
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
from s3_crosscopy.report.candidate_files import candidate_name, read_candidates, write_candidates
from s3_crosscopy.report.digest import Digest
from s3_crosscopy.report.digester import Digester
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
from s3_crosscopy.report.segment import Segment

MOST_READ_AGAIN = 100
"""The limit of segments of earlier attempts that are read again for the page at the end of a run: a minute at most.

The page that `s3-crosscopy report` makes has all of them.
"""


class StoredReport:
    """See `ports.ReportStore`. Keeps a few numbers a segment, and the digest of the rows.

    Rows with the outcome `failed` belong to the rest, where a later attempt can change them.

    files: where the report is written.
    report_format: `jsonl` or `parquet`.
    run_info: returns the information about the run, see `run_info.RunNotes`; called at the end. None: no information.
    places: `source` and `dest`, for a report whose run does not finish.
    """

    def __init__(
        self,
        files: Files,
        report_format: str = "jsonl",
        run_info: Callable[[], Mapping[str, Any]] | None = None,
        places: Mapping[str, str] | None = None,
    ) -> None:
        if report_format not in FORMATS:
            raise InvalidInput(f"report_format: expected 'jsonl' or 'parquet', got {report_format!r}")
        if report_format == "parquet":
            parquet.check_pyarrow()
        self._files = files
        self._format = report_format
        self._run_info = run_info
        self._places = dict(places or {})
        self._entries: dict[int, dict[str, object]] = {}
        self._rest: list[dict[str, object]] = []
        self._failed = 0
        self._failed_packed = bytearray()
        self._open: tuple[OpenUpload, ...] | None = ()
        self._begun = False
        self._digester = Digester()
        self._replaced = False

    def begin(self, *, resumed: bool = False) -> None:
        """Check that the location can be written, before anything is copied.

        Unless the run resumes, an earlier report there is marked as unfinished: its segments will be replaced one by
        one.
        """
        self._begun = True
        self._files.prepare()
        if resumed:
            self._open = None  # the earlier attempt may have recorded some
        else:
            self._files.write(INDEX, as_json({"format": FORMAT, "state": WRITING, **self._places}))

    def new_segment(self) -> Segment:
        return Segment(self._format)

    def write_segment(self, number: int, rows: Segment) -> None:
        if number == 0 and not self._begun:
            self.begin()
        name = segment_name(number, self._format)
        self._files.write(name, rows.data())
        self._replaced |= number in self._entries
        self._entries[number] = _entry(name, rows)
        self._digester.include(rows.digester.digest())

    def write_rest(self, rows: Sequence[ReportRow]) -> None:
        """Write rows that are not committed. The failed keys are kept as gzip bytes, which may be concatenated."""
        failed = [row.key for row in rows if row.outcome == "failed"]
        self._failed += len(failed)
        self._failed_packed += encode.to_manifest(failed)
        if rows:
            rest = self.new_segment()
            rest.extend(rows)
            self._rest.append(self._write_rest(rest))
            self._digester.include(rest.digester.digest())

    def write_uploads(self, unfinished: OpenUploads) -> None:
        """Write the open uploads if they changed: most runs have none, and no file."""
        if unfinished.uploads != self._open:
            self._files.write(UPLOADS, as_json(to_json(unfinished)))
            self._open = unfinished.uploads

    def write_candidates(self, mark: str, group: int, number: int, rows: Sequence[ReportRow]) -> None:
        write_candidates(self._files, candidate_name(mark, group, number), rows)

    def read_candidates(self, mark: str, group: int, number: int) -> Sequence[ReportRow]:
        return read_candidates(self._files, candidate_name(mark, group, number))

    def finish(self, segments: int, rest: Sequence[ReportRow], report: Report) -> None:
        if rest or not self._rest:
            self.write_rest(rest)
        index: dict[str, Any] = {
            "format": FORMAT,
            "state": WRITTEN,
            "report_format": self._format,
            "source": report.source,
            "dest": report.dest,
            # Of a segment that an earlier attempt wrote, only the name is known here.
            "segments": [self._entries.get(n, {"name": segment_name(n, self._format)}) for n in range(segments)],
            "rest": self._rest,
            "failed": {"name": FAILED, "rows": self._failed},
            "uploads": {"name": UPLOADS, "open": len(self._open)} if self._open else None,
            "summary": SUMMARY,
            "run": dict(self._run_info()) if self._run_info is not None else {},
        }
        self._files.write(FAILED, bytes(self._failed_packed))
        self._files.write(SUMMARY, as_json(report.as_dict()))
        written = as_json(index)
        self._files.write(INDEX, written)
        write_page(self._files, written, FinishedReport(report.as_dict(), index["run"], self._digest(index)))

    def _digest(self, index: Mapping[str, Any]) -> Digest:
        """The digest of all rows; those of earlier attempts are included if they can be read in about a minute."""
        earlier = [entry for number, entry in enumerate(index["segments"]) if number not in self._entries]
        whole = not self._replaced and len(earlier) <= MOST_READ_AGAIN
        if whole and earlier:
            try:
                self._digester.include(digest_of(self._files, earlier))
            except (S3Error, InvalidInput):  # the writer of a report may not have permission to read it
                whole = False
        return self._digester.digest(whole=whole)

    def _write_rest(self, rest: Segment) -> dict[str, object]:
        """Write the rest to a file named by its content: the one that an older index names must not change."""
        name = f"rest-{hashlib.sha256(rest.data()).hexdigest()[:12]}.{extension(self._format)}"
        self._files.write(name, rest.data())
        return _entry(name, rest)


def _entry(name: str, segment: Segment) -> dict[str, object]:
    data = segment.data()
    return {"name": name, "rows": len(segment), "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()}
