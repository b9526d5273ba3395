"""Where every object's end is entered: into its batch, the report's rows, and what is told. Makes no request."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from s3_crosscopy.core.decide.filters import glob_start
from s3_crosscopy.core.decide.refusals import refusal
from s3_crosscopy.core.early_stop import EarlyStop
from s3_crosscopy.core.empty_source import MISSING, Samples
from s3_crosscopy.core.error_codes import better_later, may_have_been_applied, not_found, retryable
from s3_crosscopy.core.estimate.dry_run_stats import DryRunStatsCollector
from s3_crosscopy.core.excused_keys import Excused
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.core.unconfirmed_404 import After404, after_404, unconfirmed
from s3_crosscopy.engine.outcome_rows import RowRecorder
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.events import KeyFailed, Warned
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Action, Decision, Failure, Outcome, Reason, Verified
from s3_crosscopy.model.report import FIRST_FAILURES
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.ports import EventSink

TOO_NEW = "held back: written after the run began"
"""Why a marker of `copy_last` is left to the next run: the data that it vouches for may not have been listed."""

DELETED = "deleted since it was listed"
"""Why a listed key counts as missing: a 404, and then the source, asked again, does not have it any more."""

NOT_BY_S3 = "S3 did not answer it"
"""What is known of a 404 without S3's form, where there is nothing else to ask."""

_OUTCOMES = {Action.SKIP: Outcome.SKIPPED, Action.FILTER: Outcome.FILTERED, Action.COPY: Outcome.WOULD_COPY}
"""What becomes of an object by its decision alone; a copy only in a dry run."""

LAST_FAILURES = 5
"""How many of the last failures a page shows while the run goes on."""

MAX_POSTPONED = 10_000
"""How many failed keys wait in memory for the second round; more are left to the task's own retry."""


class OutcomeRecorder:
    """Enters ends into the batches, and keeps what the report names. `excused` are keys not copied,
    `failures` the first that failed and `last_failures` the last.

    `rows`, `dry_run_stats` and `now` are those of `engine.notes.Notes`.
    """

    def __init__(
        self,
        spec: CopySpec,
        sink: EventSink,
        early: EarlyStop,
        *,
        rows: bool = False,
        dry_run_stats: DryRunStatsCollector | None = None,
        now: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.failures: list[Failure] = []
        self.last_failures: deque[Failure] = deque(maxlen=LAST_FAILURES)
        self.retryable_failures = False
        self.excused = Excused()
        self.first_denial: S3Error | None = None
        self.postponed: deque[CopyJob] = deque()
        self.samples = Samples(glob_start(spec))
        self._spec = spec
        self._sink = sink
        self._early = early
        self._dry_run_stats = dry_run_stats
        self._notes = RowRecorder(spec, dry_run_stats, now, rows=rows)
        self.begins = self._notes.begins

    def entered(self, batch: Batch, source: Listed, decision: Decision, after: str) -> bool:
        """Enter a decision that needs no request; False for one that does. `after` as in `CopyJob`."""
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
        """Whether an object with this decision leaves nothing but a count, so that many can be entered at once."""
        if self._dry_run_stats is not None and self._dry_run_stats.by_key:
            return False
        if decision.action is Action.COPY:
            return self._dry_run_stats is not None and not self._notes.rows
        return _OUTCOMES.get(decision.action) is not None and not self._notes.skipped_rows

    def entered_alike(self, batch: Batch, decision: Decision, objects: Sequence[Listed]) -> None:
        """Enter the next listed objects, at least one, with a decision that is `by_count`."""
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
        """An object needs no copy."""
        batch.end(source.key, Outcome.SKIPPED, reason)
        if self._notes.of_skipped:
            self._notes.note(batch, source, Outcome.SKIPPED, reason, row=self._notes.skipped_rows)

    def filtered(self, batch: Batch, source: Listed, reason: str) -> None:
        """An object is not meant."""
        batch.end(source.key, Outcome.FILTERED, reason)
        self.samples.note(reason, (source.key,))
        if self._notes.of_skipped:
            self._notes.note(batch, source, Outcome.FILTERED, reason, row=self._notes.skipped_rows)

    def missing(self, batch: Batch, source: Listed, reason: str) -> None:
        """The source does not have it, any more or at all."""
        batch.end(source.key, Outcome.MISSING)
        self.samples.note(MISSING, (source.key,))
        self._notes.note(batch, source, Outcome.MISSING, reason)

    def held_back(self, job: CopyJob, reason: str) -> None:
        """A key that goes last is left to the next run."""
        job.detach().batch.end(job.source.key, Outcome.HELD_BACK, reason)
        self.excused.add(job.source.key)
        self._notes.note(job.batch, job.source, Outcome.HELD_BACK, reason, began_s=job.began_s)

    def left_to_publish(self, job: CopyJob) -> None:
        """A key that goes last is another run's, which also writes its row."""
        job.detach().batch.end(job.source.key, Outcome.HELD_BACK, LEFT_TO_PUBLISH)
        self._notes.note(job.batch, job.source, Outcome.HELD_BACK, LEFT_TO_PUBLISH, row=False)

    def would_copy(self, job: CopyJob) -> None:
        """A dry run ends here. It counts as an arrival: a copy would not stop early after it either."""
        self._early.arrived(job.source.key)
        job.batch.end(job.source.key, Outcome.WOULD_COPY, job.reason, size=job.source.size)
        if self._dry_run_stats is not None:
            self._dry_run_stats.would_copy(job.source, asked=job.facts is not None)
        self._notes.note(job.batch, job.source, Outcome.WOULD_COPY, job.reason)

    def comparing(self, job: CopyJob) -> None:
        """A HEAD a side is made to decide."""
        if self._dry_run_stats is not None:
            self._dry_run_stats.comparing(job.source)

    def arrived(self, job: CopyJob, verified: Verified | None) -> None:
        """A copy is there; `verified=None`: it is provably another content, which counts as a failure."""
        if verified is None:
            self.refused(
                job, Reason.CHANGED, "CopyObject", "ChecksumMismatch", "the copy's checksum is not the source's"
            )
            return
        self._early.arrived(job.source.key)
        proof: str = verified.value
        job.batch.end(job.source.key, Outcome.COPIED, job.reason, size=job.source.size, verified=proof)
        self._notes.note(job.batch, job.source, Outcome.COPIED, job.reason, verified=proof, began_s=job.began_s)

    def gone(self, job: CopyJob) -> None:
        """The source, asked again, does not have it any more. Where only one object was meant, that is a failure."""
        if self._spec.single:
            self.refused(job, Reason.MISSING, "HeadObject", "404", "the object was deleted before it was copied")
        else:
            self.missing(job.batch, job.source, DELETED)

    def failed(self, job: CopyJob, error: S3Error) -> None:
        """A request for this key was refused."""
        if not_found(error.reason):
            self._not_found(job, error)
            return
        self._remember(error)
        job.outcome_unknown = job.outcome_unknown or may_have_been_applied(error.call, error.reason)
        # Another try of the task may find fresh credentials, where this process found none.
        self.retryable_failures |= better_later(error.code)
        self.refused(job, error.reason, error.call, error.code, error.message, error.request_id)

    def _not_found(self, job: CopyJob, error: S3Error) -> None:
        """The second round asks the source whether the key is gone, and once more if it meets another 404."""
        own, room = error.reason is Reason.MISSING, len(self.postponed) < MAX_POSTPONED
        at_source, asked = self._at_source(job, error), job.doubt is not None
        then = after_404(own=own, at_source=at_source, second=job.second, asked=asked, room=room)
        if then is After404.ASK:
            job.doubt = error if job.second else None
            self._postpone(job)
        elif then is After404.ANEW:
            self.refused(job, Reason.CHANGED, error.call, error.code, error.message, error.request_id)
        else:
            self.retryable_failures |= then is After404.TOO_MANY
            self.unconfirmed(job, error, then.value)

    def unconfirmed(self, job: CopyJob, error: S3Error, but: str) -> None:
        """A key failed with a 404 that does not mean that it is gone."""
        told = unconfirmed(error, but)
        self.refused(job, told.reason, told.call, told.code, told.message, told.request_id)

    def listing_refused(self, error: S3Error) -> None:
        """Without a listing there is nothing more to do: the run ends here."""
        if error.reason is Reason.UNCONFIRMED:
            error = unconfirmed(error, NOT_BY_S3)
        self._remember(error)
        self.retryable_failures |= retryable(error.reason) or better_later(error.code)
        self._tell(Failure(error.key, error.reason, error.call, error.code, error.message, error.request_id))
        self._early.why = f"the listing was refused: {error}"

    def orphaned(self, dest_key: str, why: S3Error | str, upload_id: str = "") -> None:
        """An upload was not aborted, or nobody knows: its parts are billed until somebody does."""
        named = f" (upload id {upload_id})" if upload_id else ""
        said = f"an unfinished upload of {dest_key!r} may stay at the destination: {why}"
        self._sink.emit(Warned(f"{said}; have it aborted{named}, its parts are billed until then"))

    def refused(
        self, job: CopyJob, reason: Reason, call: str, code: str, message: str, request_id: str = "", untried: str = ""
    ) -> None:
        """This key did not arrive: once more in the retry phase if that may help, otherwise it failed for good.

        `untried` counts it under that name: nothing was asked for it, so that it says nothing of the other keys.
        """
        job.detach()
        if retryable(reason) and not job.second and len(self.postponed) < MAX_POSTPONED:
            self._postpone(job)
            return
        counted = untried or reason.value
        job.batch.end(job.source.key, Outcome.FAILED, counted)
        self.excused.add(job.source.key)
        # A retry without a checkpoint would find an equal copy and leave it without its tags: not one to wait for.
        self.retryable_failures |= retryable(reason) and job.pending_tags is None
        if not untried:
            self._early.failed(reason, job.source.key)
        failure = Failure(job.source.key, reason, call, code, message, request_id)
        self._notes.note(job.batch, job.source, Outcome.FAILED, counted, failure=failure, began_s=job.began_s)
        self._tell(failure)

    def _postpone(self, job: CopyJob) -> None:
        job.detach().batch.postpone()
        self.postponed.append(job)

    def _at_source(self, job: CopyJob, error: S3Error) -> bool:
        """Whether an error is about the source object. That of a part names it also where its upload is gone."""
        return error.code != "NoSuchUpload" and (error.bucket, error.key) == (self._spec.source.name, job.source.key)

    def _tell(self, failure: Failure) -> None:
        self.last_failures.append(failure)
        if len(self.failures) < FIRST_FAILURES:
            self.failures.append(failure)
            self._sink.emit(KeyFailed(failure))

    def _remember(self, error: S3Error) -> None:
        if error.reason is Reason.DENIED and self.first_denial is None:
            self.first_denial = error
