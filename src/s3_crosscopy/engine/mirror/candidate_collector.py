"""Collects what only the destination has, from a new listing of both sides, into files beside the report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from s3_crosscopy.core.approval.key_set import KeySet
from s3_crosscopy.core.mirror.candidate_rows import CandidateRows
from s3_crosscopy.core.mirror.judgement import Candidates
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.pair_consumer import PAIRS_A_TURN
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.listing.range_scan import RangeScan
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.extraneous import DestOutcome, first_of
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.report_row import ReportRow

FILE_ROWS = 1000
"""Candidates of one file, which are deleted and recorded together."""

MOST_WRITES = 4
"""Files that are written at once; the listings wait while there are more."""

WriteRows = Callable[[int, int, Sequence[ReportRow]], None]
"""`(group, number, rows)`: writes one file of candidates, durably. Called on threads."""


class CandidateCollector:
    """Takes the pairs of all scans. Holds a file of each group at most, and those that are being written.

    `files`: how many files each group has. `keys`, `filtered`: as in `Extraneous`. `first`: the first of the keys.
    `to_delete`, `unapproved`: the keys that are not kept, and those of them that are not in `approved`.
    `error`: the error of a write, None if none failed. `write`: None if no file is needed.
    """

    def __init__(
        self, rows: CandidateRows, write: WriteRows | None, dispatcher: Dispatcher, approved: KeySet | None = None
    ) -> None:
        self.files = [0] * rows.groups
        self.keys = self.filtered = self.to_delete = self.unapproved = 0
        self.first: list[str] = []
        self.error: S3Error | None = None
        self._rows = rows
        self._write = write
        self._dispatcher = dispatcher
        self._approved = approved
        self._buffers: list[list[ReportRow]] = [[] for _ in range(rows.groups)]
        self._writing = 0
        self._source = self._matched = self._dest_only = 0

    @property
    def numbers(self) -> Candidates:
        """The numbers by which the candidates are judged."""
        return Candidates(self._source, self._matched + self._dest_only, self.to_delete)

    @property
    def busy(self) -> bool:
        """True while files are being written."""
        return self._writing > 0

    def full(self) -> bool:
        """Return True while too many files are being written."""
        return self._writing >= MOST_WRITES

    def take(self, number: int, scan: PairSource) -> bool:
        """Count the known pairs, or the first of them, and collect what the scan passed of the destination alone."""
        taken = 0
        for _, dest in scan.pairs():
            taken += 1
            self._matched += dest is not None
            if taken == PAIRS_A_TURN:
                break
        self._source += taken
        assert isinstance(scan, RangeScan), "a run that deletes has listings"
        collected = [listed.key for listed in scan.take_dest_only() if self._collect(listed)]
        self.first = first_of(self.first, collected)
        return taken < PAIRS_A_TURN

    def flush(self) -> None:
        """Write the last file of each group."""
        for group, rows in enumerate(self._buffers):
            if rows:
                self._begin_write(group)

    def _collect(self, listed: Listed) -> bool:
        """Collect an object; returns False if a filter protects it."""
        self._dest_only += 1
        candidate = self._rows.of(listed)
        if candidate is None:
            self.filtered += 1
            return False
        self.keys += 1
        if candidate.row.outcome != DestOutcome.KEPT.value:
            self.to_delete += 1
            self.unapproved += self._approved is not None and not self._approved.has(listed.key, listed.etag)
        buffer = self._buffers[candidate.group]
        buffer.append(candidate.row)
        if len(buffer) >= FILE_ROWS:
            self._begin_write(candidate.group)
        return True

    def _begin_write(self, group: int) -> None:
        rows, self._buffers[group] = self._buffers[group], []
        if self._write is None:
            return
        job = partial(self._write, group, self.files[group], rows)
        self.files[group] += 1
        self._writing += 1
        self._dispatcher.call(job, self._written, group, requests=0)

    def _written(self, group: int, value: object, error: S3Error | None) -> None:
        self._writing -= 1
        self.error = self.error or error
