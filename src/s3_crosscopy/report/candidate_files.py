"""Writes and reads the files of candidates beside a report: keys that a run has judged, and may delete."""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report import jsonl
from s3_crosscopy.report.files import Files


def candidate_name(mark: str, group: int, number: int) -> str:
    """The name of a file. `mark` differs from that of every other run."""
    return f"candidates/{mark}/{group:03d}-{number:06d}.{jsonl.EXTENSION}"


def write_candidates(files: Files, name: str, rows: Sequence[ReportRow]) -> None:
    """Write a file durably."""
    files.write(name, jsonl.to_lines(rows))


def read_candidates(files: Files, name: str) -> list[ReportRow]:
    """The rows of a file. Raises InvalidInput, one line, if it is missing or damaged."""
    try:
        with files.open(name) as file:
            return list(jsonl.rows_of(file))
    except FileNotFoundError:
        raise InvalidInput(f"report: {files.where(name)!r} is not there, which has the keys to delete") from None
    except ValueError as error:
        raise InvalidInput(f"report: {files.where(name)!r} {error}") from error
