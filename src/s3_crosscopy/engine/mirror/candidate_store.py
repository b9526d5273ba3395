"""The files of candidates of one delete phase, in the order of their deletes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Protocol

from s3_crosscopy.model.mirror_state import Deleting
from s3_crosscopy.model.report_row import ReportRow

MARK_DIGITS = 16


class CandidateFiles(Protocol):
    """Stores the keys that a run has judged and may delete, beside its report. Called from several threads.

    mark: names the files of one run. group, number: those of a file.
    """

    def write_candidates(self, mark: str, group: int, number: int, rows: Sequence[ReportRow]) -> None:
        """Write a file durably. Raises S3Error."""

    def read_candidates(self, mark: str, group: int, number: int) -> Sequence[ReportRow]:
        """Read a file. Raises InvalidInput if it is missing or damaged, and S3Error."""


def mark_of(*parts: object) -> str:
    """Return a name for the files of one phase, which no other run has."""
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:MARK_DIGITS]


class CandidateStore:
    """Writes and reads the files with this `mark`. Its methods are called on threads."""

    def __init__(self, files: CandidateFiles | None, mark: str) -> None:
        assert files is not None, "extraneous='delete' requires a report"
        self.mark = mark
        self._files = files

    def write(self, group: int, number: int, rows: Sequence[ReportRow]) -> None:
        """Write one file durably."""
        self._files.write_candidates(self.mark, group, number, rows)

    def read(self, group: int, number: int) -> Sequence[ReportRow]:
        """Read one file. Raises InvalidInput if it is missing or damaged, and S3Error."""
        return self._files.read_candidates(self.mark, group, number)


def files_of(state: Deleting) -> list[tuple[int, int]]:
    """Return group and number of every file, in the order of the deletes."""
    return [(group, number) for group, files in enumerate(state.files) for number in range(files)]
