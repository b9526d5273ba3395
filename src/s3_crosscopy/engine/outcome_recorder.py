"""Records the outcome of each object in its batch, the report rows and the events. Makes no requests."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from s3_crosscopy.core.decide.comparison import UNCHANGED
from s3_crosscopy.core.decide.filters import glob_start
from s3_crosscopy.core.decide.refusals import refusal
from s3_crosscopy.core.early_stop import EarlyStop
from s3_crosscopy.core.empty_source import MISSING, Samples
from s3_crosscopy.core.error_codes import better_later, may_have_been_applied, not_found, retryable
from s3_crosscopy.core.excused_keys import Excused
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.core.transfer.etag_preservation import etag_loss
from s3_crosscopy.core.unconfirmed_404 import After404, after_404, unconfirmed
from s3_crosscopy.engine.failure_log import FailureLog
from s3_crosscopy.engine.outcome_rows import RowRecorder
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import VERIFIED_NAMES, Action, Decision, Failure, Outcome, Reason, Verified
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.ports import EventSink

TOO_NEW = "held back: written after the run began"
"""The reason why a `copy_last` key is left to the next run: the data it stands for may not have been listed."""

DELETED = "deleted since it was listed"
"""The reason why a listed key counts as missing: a 404, and a second request showed that it is not at the source."""

OTHER_CHECKSUM = "the copy's checksum is not the source's"

NOT_BY_S3 = "S3 did not answer it"
"""The explanation of a 404 that does not have S3's form, if nothing else can be asked."""

_OUTCOMES = {Action.SKIP: Outcome.SKIPPED, Action.FILTER: Outcome.FILTERED, Action.COPY: Outcome.WOULD_COPY}
"""The outcome that follows from a decision alone; of a copy only in a dry run."""

MAX_POSTPONED = 10_000
"""Failed keys that wait in memory for the retry phase, at most; more are left to a retry of the task."""


class OutcomeRecorder:
    """Records outcomes, and keeps the jobs of the retry phase in `postponed`.

    `failures`: the log of failed keys. `excused`: keys that the run reports as not copied. `samples`: some keys for
    each reason. `row_recorder` records each outcome beside its count.
    """

    def __init__(self, spec: CopySpec, sink: EventSink, early: EarlyStop, row_recorder: RowRecorder) -> None:
        self.failures = FailureLog(sink)
        self.excused = Excused()
        self.postponed: deque[CopyJob] = deque()
        self.samples = Samples(glob_start(spec))
        self._spec = spec
        self._sink = sink
        self._early = early
        self._dry_run_stats = row_recorder.dry_run_stats
        self._row_recorder = row_recorder
        self.begins = row_recorder.begins
        self.unchanged = row_recorder.unchanged

    def entered(self, batch: Batch, source: Listed, decision: Decision, after: str) -> bool:
        """Record a decision that needs no request. Returns False for one that does. `after` as in `CopyJob`."""
        if decision.action is Action.SKIP:
            self.skipped(batch, source, decision.reason)
        elif decision.action is Action.FILTER:
            self.filtered(batch, source, decision.reason)
        elif decision.action is Action.MISS:
            self.missing(batch, source, decision.reason)
        elif decision.action is Action.REFUSE:
            why = refusal(decision, source, self._spec)
            job = CopyJob(batch, source, decision, after)
            self.refused(job, why.reason, "ListObjectsV2", why.code, why.message, untried=decision.reason)
        else:
            return False
        return True

    def by_count(self, decision: Decision) -> bool:
        """Return True if an object with this decision is only counted, so that many can be recorded at once."""
        if self._dry_run_stats is not None and self._dry_run_stats.by_key:
            return False
        if decision.action is Action.COPY:
            return self._dry_run_stats is not None and not self._row_recorder.rows
        return _OUTCOMES.get(decision.action) is not None and not self._row_recorder.skipped_rows

    def entered_alike(self, batch: Batch, decision: Decision, objects: Sequence[Listed]) -> None:
        """Record the next listed objects, at least one, with a decision that is `by_count`."""
        outcome, number = _OUTCOMES[decision.action], len(objects)
        size = sum([source.size for source in objects]) if self._dry_run_stats is not None else 0
        copies = decision.action is Action.COPY
        batch.end_alike(outcome, decision.reason, number, objects[-1].key, size if copies else 0)
        if decision.action is Action.FILTER:
            self.samples.note(decision.reason, (source.key for source in objects))
        if self._dry_run_stats is None:
            return
        self._dry_run_stats.enter_alike(outcome.value, decision.reason, number, size)
        if copies:
            self._early.arrived(objects[-1].key)
            self._dry_run_stats.would_copy_all(objects, asked=False)

    def skipped(self, batch: Batch, source: Listed, reason: str) -> None:
        """Record that an object needs no copy."""
        batch.end(source.key, Outcome.SKIPPED, reason)
        if self._row_recorder.of_skipped:
            self._row_recorder.note(batch, source, Outcome.SKIPPED, reason, row=self._row_recorder.skipped_rows)

    def filtered(self, batch: Batch, source: Listed, reason: str) -> None:
        """Record that a filter excludes an object."""
        batch.end(source.key, Outcome.FILTERED, reason)
        self.samples.note(reason, (source.key,))
        if self._row_recorder.of_skipped:
            self._row_recorder.note(batch, source, Outcome.FILTERED, reason, row=self._row_recorder.skipped_rows)

    def missing(self, batch: Batch, source: Listed, reason: str) -> None:
        """Record that the source does not have the object."""
        batch.end(source.key, Outcome.MISSING)
        self.samples.note(MISSING, (source.key,))
        self._row_recorder.note(batch, source, Outcome.MISSING, reason)

    def compared(self, job: CopyJob, decision: Decision) -> None:
        """Record that a comparison of both objects, by their facts, says that no copy is needed."""
        if decision in UNCHANGED:
            self._row_recorder.equal(job)
        self.skipped(job.batch, job.source, decision.reason)

    def held_back(self, job: CopyJob, reason: str) -> None:
        """Record that a `copy_last` key is left to the next run."""
        job.detach().batch.end(job.source.key, Outcome.HELD_BACK, reason)
        self.excused.add(job.source.key)
        self._row_recorder.note(job.batch, job.source, Outcome.HELD_BACK, reason, began_s=job.began_s)

    def left_to_publish(self, job: CopyJob) -> None:
        """Record that a `copy_last` key is left to the publish run, which also writes its row."""
        job.detach().batch.end(job.source.key, Outcome.HELD_BACK, LEFT_TO_PUBLISH)
        self._row_recorder.note(job.batch, job.source, Outcome.HELD_BACK, LEFT_TO_PUBLISH, row=False)

    def would_copy(self, job: CopyJob) -> None:
        """Record what a dry run would copy. It counts as a success: a copy would not stop early after it either."""
        self._early.arrived(job.source.key)
        job.batch.end(job.source.key, Outcome.WOULD_COPY, job.reason, size=job.source.size)
        if self._dry_run_stats is not None:
            self._dry_run_stats.would_copy(job.source, asked=job.facts is not None)
        self._row_recorder.note(job.batch, job.source, Outcome.WOULD_COPY, job.reason)

    def comparing(self, job: CopyJob) -> None:
        """Count the HEAD requests of both sides for the plan of a dry run."""
        if self._dry_run_stats is not None:
            self._dry_run_stats.comparing(job.source)

    def arrived(self, job: CopyJob, verified: Verified | None) -> None:
        """Record a copy. `verified=None`: its content is certainly not the source's, which counts as a failure."""
        if verified is None:
            self.refused(job, Reason.CHANGED, "CopyObject", "ChecksumMismatch", OTHER_CHECKSUM)
            return
        self._early.arrived(job.source.key)
        key, size, verified_by = job.source.key, job.source.size, VERIFIED_NAMES[verified]
        loss = etag_loss(self._spec.options, job.source, verified, job.etag_loss, job.facts)
        job.batch.end(key, Outcome.COPIED, job.reason, size=size, verified=verified_by, etag_loss=loss)
        self._row_recorder.arrived(job, verified_by)

    def gone(self, job: CopyJob) -> None:
        """Record that the source no longer has the object. For a copy of one object that is a failure."""
        if self._spec.single:
            self.refused(job, Reason.MISSING, "HeadObject", "404", "the object was deleted before it was copied")
        else:
            self.missing(job.batch, job.source, DELETED)

    def failed(self, job: CopyJob, error: S3Error) -> None:
        """Record an error of a request for this key."""
        if not_found(error.reason):
            self._not_found(job, error)
            return
        self.failures.note_denied(error)
        job.outcome_unknown = job.outcome_unknown or may_have_been_applied(error.call, error.reason)
        # A retry of the task may find new credentials where this process found none.
        self.failures.retryable |= better_later(error.code)
        self.refused(job, error.reason, error.call, error.code, error.message, error.request_id)

    def _not_found(self, job: CopyJob, error: S3Error) -> None:
        """Handle a 404: the retry phase asks the source if the key is gone, and once more after another 404."""
        own, room = error.reason is Reason.MISSING, len(self.postponed) < MAX_POSTPONED
        at_source, asked = self._at_source(job, error), job.doubt is not None
        then = after_404(own=own, at_source=at_source, second=job.second, asked=asked, room=room)
        if then is After404.ASK:
            job.doubt = error if job.second else None
            self._postpone(job)
        elif then is After404.ANEW:
            self.refused(job, Reason.CHANGED, error.call, error.code, error.message, error.request_id)
        else:
            self.failures.retryable |= then is After404.TOO_MANY
            self.unconfirmed(job, error, then.value)

    def unconfirmed(self, job: CopyJob, error: S3Error, but: str) -> None:
        """Record a failure with a 404 that does not mean that the key is gone."""
        error = unconfirmed(error, but)
        self.refused(job, error.reason, error.call, error.code, error.message, error.request_id)

    def listing_refused(self, error: S3Error) -> None:
        """Record an error of a listing: the run ends, because it cannot go on without the listing."""
        if error.reason is Reason.UNCONFIRMED:
            error = unconfirmed(error, NOT_BY_S3)
        self.failures.note_denied(error)
        self.failures.retryable |= retryable(error.reason) or better_later(error.code)
        self.failures.add(Failure(error.key, error.reason, error.call, error.code, error.message, error.request_id))
        self._early.why = f"the listing was refused: {error}"

    def orphaned(self, dest_key: str, why: S3Error | str, upload_id: str = "") -> None:
        """Warn of an upload that was not aborted, or may not have been: its parts are billed until it is."""
        upload = f" (upload id {upload_id})" if upload_id else ""
        text = f"an unfinished upload of {dest_key!r} may stay at the destination: {why}"
        self._sink.emit(Warned(f"{text}; have it aborted{upload}, its parts are billed until then"))

    def refused(
        self, job: CopyJob, reason: Reason, call: str, code: str, message: str, request_id: str = "", untried: str = ""
    ) -> None:
        """Record that a key was not copied: it is tried again in the retry phase if that may help, or it has failed.

        `untried`: the name under which a key counts for which no request was made, so that it shows nothing about the
        other keys; "" for others.
        """
        job.detach()
        if retryable(reason) and not job.second and len(self.postponed) < MAX_POSTPONED:
            self._postpone(job)
            return
        counted = untried or reason.value
        job.batch.end(job.source.key, Outcome.FAILED, counted)
        self.excused.add(job.source.key)
        # A retry without a checkpoint would find an equal copy and leave it without its tags: it would not help.
        self.failures.retryable |= retryable(reason) and job.pending_tags is None
        if not untried:
            self._early.failed(reason, job.source.key)
        failure = Failure(job.source.key, reason, call, code, message, request_id)
        self._row_recorder.note(job.batch, job.source, Outcome.FAILED, counted, failure=failure, began_s=job.began_s)
        self.failures.add(failure)

    def _postpone(self, job: CopyJob) -> None:
        job.detach().batch.postpone()
        self.postponed.append(job)

    def _at_source(self, job: CopyJob, error: S3Error) -> bool:
        """Return True if an error is about the source object. That of a part names it also if its upload is gone."""
        return error.code != "NoSuchUpload" and (error.bucket, error.key) == (self._spec.source.name, job.source.key)
