"""Records the outcome of an object beside its count: in a report, an ETag index, and the statistics of a dry run."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from s3_crosscopy.core.decide.comparison import UNCHANGED
from s3_crosscopy.core.estimate.dry_run_stats import DryRunStatsCollector
from s3_crosscopy.core.etag_index.pending_rows import PendingRows
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.model.objects import KnownCopy, Listed
from s3_crosscopy.model.outcomes import OUTCOME_NAMES, Decision, Failure, Outcome
from s3_crosscopy.model.report_row import ReportRow

NO_FAILURE = ("", "", "", "")
"""Replaces call, code, message and request id of a row without a failure."""

COPIED = Outcome.COPIED.value


class RowRecorder:
    """Records rows. `rows`: the run writes a report. `now` returns the seconds since the run began.

    `dry_run_stats` counts the outcomes of a dry run, None in a real run. `index_rows` collects the rows of the ETag
    index, None in a run that writes none.
    """

    def __init__(
        self,
        spec: CopySpec,
        dry_run_stats: DryRunStatsCollector | None = None,
        now: Callable[[], float] = lambda: 0.0,
        *,
        rows: bool = False,
        index_rows: PendingRows | None = None,
    ) -> None:
        self.rows = rows
        self.dry_run_stats = dry_run_stats
        self._index_rows = index_rows
        self.skipped_rows = rows and spec.options.report_skipped
        # A real run without a report reads only these two for each object.
        self.any = rows or dry_run_stats is not None
        self.of_skipped = self.skipped_rows or dry_run_stats is not None
        self._cut, self._dest_prefix = len(spec.source_prefix), spec.dest_prefix
        self._now = now

    def begins(self, job: CopyJob) -> None:
        """Note that the first request for an object is about to be made."""
        if self.rows:
            job.began_s = self._now()

    def arrived(self, job: CopyJob, verified: str) -> None:
        """Record a copy: its row, as `note` with fewer steps because this is done for every copy, and in the index."""
        if self._index_rows is not None:
            self.equal(job)
        if not self.rows:
            return
        source, now_s, began_s = job.source, self._now(), job.began_s
        key, took_s = source.key, now_s - began_s if began_s else 0.0
        dest_key, none = self._dest_prefix + key[self._cut :], ""
        size, etag = source.size, source.etag
        # Each by name: a tuple of two parts is a list first.
        values = (key, dest_key, COPIED, job.reason, size, etag, verified, none, none, none, none, now_s, took_s, none)
        job.batch.rows.append(tuple.__new__(ReportRow, values))

    def equal(self, job: CopyJob) -> None:
        """Note in the index that the copy of a job is equal, and has the ETag `copy_etag`."""
        if self._index_rows is not None and job.copy_etag:
            self._index_rows.add(job.batch, job.source.key, job.source.etag, job.copy_etag)

    def unchanged(
        self, batch: Batch, decision: Decision, sources: Sequence[Listed], copies: Sequence[Listed | None]
    ) -> None:
        """Note in the index the objects that this decision calls unchanged. Those that it knew keep their rows."""
        if self._index_rows is None:
            return
        compared = decision in UNCHANGED
        rows = [
            (source.key, source.etag, dest.etag)
            for source, dest in zip(sources, copies, strict=True)
            if dest is not None and source.etag != dest.etag and (compared or dest.__class__ is KnownCopy)
        ]
        if rows:
            self._index_rows.add_all(batch, rows)

    def note(
        self,
        batch: Batch,
        source: Listed,
        outcome: Outcome,
        reason: str,
        failure: Failure | None = None,
        *,
        row: bool = True,
        began_s: float = 0.0,
    ) -> None:
        """Record one outcome. `row=False`: another run writes its row, or no run does."""
        if not self.any:
            return
        if self.dry_run_stats is not None:
            self.dry_run_stats.enter(outcome.value, reason, source)
        if not self.rows or not row:
            return
        call, code, message, request_id = NO_FAILURE if failure is None else failure[2:]
        key, ended_s = source.key, self._now()
        # As `CopySpec.dest_key`, and without the checks of `ReportRow(...)`: this is done for every object.
        values = (
            key,
            self._dest_prefix + key[self._cut :],
            OUTCOME_NAMES[outcome],
            reason,
            source.size,
            source.etag,
            "",
            call,
            code,
            message,
            request_id,
            ended_s,
            ended_s - began_s if began_s else 0.0,
            "",
        )
        batch.rows.append(tuple.__new__(ReportRow, values))
