"""Collects the rows of a report's segment: their bytes, and their digest."""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report.digester import Digester
from s3_crosscopy.report.jsonl import LineFile
from s3_crosscopy.report.parquet import ParquetRows


class Segment:
    """See `model.report_row.SegmentRows`. Lines are encoded as soon as they are added, Parquet at the end.

    digester: has the rows.
    """

    def __init__(self, report_format: str = "jsonl") -> None:
        self.digester = Digester()
        self._file = LineFile() if report_format == "jsonl" else ParquetRows()
        self._data: bytes | None = None
        self._rows = 0

    def extend(self, rows: Sequence[ReportRow]) -> None:
        """Add rows, before the first call of `data`."""
        self._file.add(rows)
        self.digester.add(rows)
        self._rows += len(rows)

    def __len__(self) -> int:
        return self._rows

    def data(self) -> bytes:
        """The bytes of the file."""
        if self._data is None:
            self._data = self._file.finish()
        return self._data
