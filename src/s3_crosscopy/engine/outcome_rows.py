"""Records the outcome of an object beside its count: as a report row, and in the statistics of a dry run."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.core.estimate.dry_run_stats import DryRunStatsCollector
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Failure, Outcome
from s3_crosscopy.model.report_row import ReportRow

NO_FAILURE = ("", "", "", "")
"""Replaces call, code, message and request id of a row without a failure."""


class RowRecorder:
    """Records rows. `rows`: the run writes a report. `now` returns the seconds since the run began.

    `dry_run_stats` counts the outcomes of a dry run, None in a real run.
    """

    def __init__(
        self, spec: CopySpec, dry_run_stats: DryRunStatsCollector | None, now: Callable[[], float], *, rows: bool
    ) -> None:
        self.rows = rows
        self.skipped_rows = rows and spec.options.report_skipped
        # A real run without a report reads only these two for each object.
        self.any = rows or dry_run_stats is not None
        self.of_skipped = self.skipped_rows or dry_run_stats is not None
        self._spec = spec
        self._dry_run_stats = dry_run_stats
        self._now = now

    def begins(self, job: CopyJob) -> None:
        """Note that the first request for an object is about to be made."""
        if self.rows:
            job.began_s = self._now()

    def note(
        self,
        batch: Batch,
        source: Listed,
        outcome: Outcome,
        reason: str,
        verified: str = "",
        failure: Failure | None = None,
        *,
        row: bool = True,
        began_s: float = 0.0,
    ) -> None:
        """Record one outcome. `row=False`: another run writes its row, or no run does."""
        if not self.any:
            return
        if self._dry_run_stats is not None:
            self._dry_run_stats.enter(outcome.value, reason, source)
        if not self.rows or not row:
            return
        error_fields = failure[2:] if failure is not None else NO_FAILURE
        ended_s = self._now()
        took_s = ended_s - began_s if began_s else 0.0
        dest_key = self._spec.dest_key(source.key)
        report_row = ReportRow(
            source.key,
            dest_key,
            outcome.value,
            reason,
            source.size,
            source.etag,
            verified,
            *error_fields,
            ended_s,
            took_s,
        )
        batch.rows.append(report_row)
