"""Copies one small object with one CopyObject, after a HEAD where one is needed, and verifies the copy."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.core.decide.decision import make_uncopyable
from s3_crosscopy.core.decide.listing_comparison import ListingComparison
from s3_crosscopy.core.transfer.copy_params import Subject, tags_afterwards
from s3_crosscopy.core.transfer.etag_preservation import make_in_parts
from s3_crosscopy.core.transfer.header_choice import make_headers_of, may_need_facts, needs_facts
from s3_crosscopy.core.transfer.preconditions import UNKNOWN
from s3_crosscopy.core.transfer.verification import verify_single
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.pending_request import OnEnd
from s3_crosscopy.engine.run_config import RunConfig
from s3_crosscopy.engine.transfer.comparer import Comparer, source_head
from s3_crosscopy.engine.transfer.copy_requests import make_copy_of
from s3_crosscopy.engine.transfer.job import CopyJob, PendingTags
from s3_crosscopy.engine.transfer.multipart import MultipartCopier
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts
from s3_crosscopy.model.operations import Copied
from s3_crosscopy.model.outcomes import Action, Decision, Verified


class SingleCopier:
    """Takes jobs from the loop and carries each to its outcome; hands large objects on to `multipart`.

    `write_refused` is called with each job whose CopyObject ended with an error.
    """

    def __init__(
        self,
        config: RunConfig,
        dispatcher: Dispatcher,
        recorder: OutcomeRecorder,
        multipart: MultipartCopier,
        comparison: ListingComparison,
    ) -> None:
        self.tag_writer = multipart.tagging
        self.preconditions = multipart.preconditions
        self.write_refused: Callable[[CopyJob, S3Error], None]
        self._spec = config.spec
        self._dispatcher = dispatcher
        self._recorder = recorder
        self._multipart = multipart
        self._in_parts = make_in_parts(config.spec.options)
        self._headers_of = make_headers_of(config.spec)
        self._may_replace = may_need_facts(config.spec.options)
        self._uncopyable = make_uncopyable(config.spec)
        self._copy_of = make_copy_of(config.spec, self._headers_of)
        multipart.copy_in_one = self.submit
        self.comparer = Comparer(config, dispatcher, comparison.learn, self._compared)
        # Known before the copy only if the options name them: CopyObject itself copies the source's tags.
        self._tags_afterwards = tags_afterwards(Subject(config.spec.options, ""))

    def begin(self, job: CopyJob) -> None:
        """Copy this object; a job whose ETags are unclear is compared first."""
        self._recorder.begins(job)
        if job.decision.action is Action.COMPARE:
            self._recorder.comparing(job)
            self.compare(job)
        elif job.decision.action is Action.EARLIER:
            self.tag_writer.copy_found(job, Verified.ETAG)
        else:
            self.copy(job)

    def copy(self, job: CopyJob) -> None:
        """Copy an object that is not compared any more."""
        if self._spec.options.dry_run:
            self._recorder.would_copy(job)
        elif self._in_parts(job.source):
            self._multipart.add(job)
        elif self._may_replace and job.facts is None and self._needs_head(job):
            self._dispatcher.send(source_head(self._spec, job), self._head_done, job)
        else:
            self.submit(job)

    def submit(self, job: CopyJob, without: OnEnd | None = None) -> None:
        """Send the CopyObject of a job. `without`: handles the end of one without a precondition; None for one with."""
        try:
            op = self._copy_of(job, UNKNOWN if without is not None else self.preconditions.expected(job))
        except S3Error as error:
            self._recorder.failed(job, error)
        else:
            self._dispatcher.send(op, without or self._copied, job)

    def _needs_head(self, job: CopyJob) -> bool:
        return needs_facts(self._spec.options, self._headers_of(job.source.key))

    def _copied(self, job: CopyJob, copied: Copied, error: S3Error | None) -> None:
        if error is None:
            self.arrived(job, copied)
        else:
            self.write_refused(job, error)

    def arrived(self, job: CopyJob, copied: Copied) -> None:
        """Verify a copy, set its tags if they did not fit the header, and record it."""
        checksum = job.facts.checksum if job.facts is not None else None
        verified = verify_single(job.source, checksum, copied)
        job.copy_etag = copied.etag
        if self._tags_afterwards and verified is not None:
            self.tag_writer.set_tags(job, PendingTags(self._tags_afterwards, verified, copied.etag))
        else:
            self._recorder.arrived(job, verified)

    def _head_done(self, job: CopyJob, facts: Facts, error: S3Error | None) -> None:
        if error is not None:
            self._recorder.failed(job, error)
            return
        job.facts = facts
        self.submit(job)

    def compare(self, job: CopyJob, dest_facts: Facts | None = None) -> None:
        """Compare an object with the destination, and copy it if they differ. `dest_facts` as in `Comparer.begin`."""
        self.comparer.begin(job, dest_facts)

    def _compared(self, job: CopyJob, decision: Decision | None, error: S3Error | None) -> None:
        if decision is None:
            assert error is not None, "an object is compared or has an error"
            self._recorder.failed(job, error)
        elif decision.action is Action.SKIP:
            self._recorder.compared(job, decision)
        elif decision.action is Action.EARLIER:
            job.decision = decision
            self.tag_writer.copy_found(job, Verified.CHECKSUM)
        elif (refused := self._uncopyable(job.source)) is not None:
            self._recorder.entered(job.batch, job.source, refused, job.after)
        else:
            job.decision, job.copy_etag = decision, ""
            self.copy(job)
