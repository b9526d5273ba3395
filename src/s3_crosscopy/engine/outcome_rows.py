"""Keeps what is told of an object's end beside its count: a row of the report, a place in a dry run's census."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.core.estimate.dry_run_stats import DryRunStatsCollector
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Failure, Outcome
from s3_crosscopy.model.report_row import ReportRow

NOTHING_SAID = ("", "", "", "")
"""In place of a failed request's call, code, message and id."""


class RowRecorder:
    """`rows`: somebody wants a row of each end, with times by `now`, the run's own seconds.

    A dry run has a `dry_run_stats`, which counts each end instead of keeping it.
    """

    def __init__(
        self, spec: CopySpec, dry_run_stats: DryRunStatsCollector | None, now: Callable[[], float], *, rows: bool
    ) -> None:
        self.rows = rows
        self.skipped_rows = rows and spec.options.report_skipped
        # What a real run without a report asks for every object is only these two.
        self.any = rows or dry_run_stats is not None
        self.of_skipped = self.skipped_rows or dry_run_stats is not None
        self._spec = spec
        self._dry_run_stats = dry_run_stats
        self._now = now

    def begins(self, job: CopyJob) -> None:
        """The first request for it is about to be made."""
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
        """Note one end. `row=False`: its row is another run's, or nobody's."""
        if not self.any:
            return
        if self._dry_run_stats is not None:
            self._dry_run_stats.enter(outcome.value, reason, source)
        if not self.rows or not row:
            return
        said = failure[2:] if failure is not None else NOTHING_SAID
        at_s = self._now()
        took_s = at_s - began_s if began_s else 0.0
        dest_key = self._spec.dest_key(source.key)
        noted = ReportRow(
            source.key, dest_key, outcome.value, reason, source.size, source.etag, verified, *said, at_s, took_s
        )
        batch.rows.append(noted)
