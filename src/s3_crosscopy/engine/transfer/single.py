"""Copies one small object with one CopyObject, after a HEAD where one is needed, and verifies the copy."""

from __future__ import annotations

from s3_crosscopy.core.decide.comparison import (
    COPIED_EARLIER,
    EXISTS,
    SAME_CHECKSUM,
    SAME_ETAG,
    decide_by_facts,
)
from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.core.timestamps import is_since
from s3_crosscopy.core.transfer.copy_params import Args, Subject, copy_args, needs_facts, tags_afterwards
from s3_crosscopy.core.transfer.verification import verify_single
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.run_config import Ports, RunConfig
from s3_crosscopy.engine.transfer.job import CopyJob, PendingTags
from s3_crosscopy.engine.transfer.multipart import MultipartCopier
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts
from s3_crosscopy.model.operations import Copied, Copy
from s3_crosscopy.model.outcomes import Action, Decision, Reason, Verified

DEST_MISSING, DEST_DENIED = "destination missing", "destination denied"
"""The reasons for the copy of an object that the destination lacks, or whose HEAD there was denied."""


class SingleCopier:
    """Takes jobs from the loop and carries each to its outcome; hands large objects on to `multipart`."""

    def __init__(
        self,
        config: RunConfig,
        ports: Ports,
        dispatcher: Dispatcher,
        recorder: OutcomeRecorder,
        multipart: MultipartCopier,
    ) -> None:
        self.tag_writer = multipart.tagging
        self._spec = config.spec
        self._run_start = config.run_start
        self._source, self._dest = ports.source, ports.dest
        self._dispatcher = dispatcher
        self._recorder = recorder
        self._multipart = multipart
        self._needs_facts = needs_facts(config.spec.options)
        self._args_by_class: dict[str, Args] = {}
        multipart.copy_in_one = self._submit
        # Known before the copy only if the options name them: CopyObject itself copies the source's tags.
        self._tags_afterwards = tags_afterwards(Subject(config.spec.options, ""))

    def begin(self, job: CopyJob) -> None:
        """Copy this object; a job whose ETags are unclear is compared first."""
        self._recorder.begins(job)
        if job.decision.action is Action.COMPARE:
            self._recorder.comparing(job)
            self._dispatcher.call(lambda: self._head_both(job), self._compared, job, requests=2)
        elif job.decision.action is Action.EARLIER:
            self.tag_writer.copy_found(job, Verified.ETAG)
        else:
            self.copy(job)

    def copy(self, job: CopyJob) -> None:
        """Copy an object that is not compared any more."""
        options = self._spec.options
        if options.dry_run:
            self._recorder.would_copy(job)
        elif job.source.size >= options.multipart_threshold:
            self._multipart.add(job)
        elif self._needs_facts and job.facts is None:
            self._dispatcher.call(lambda: self._head(job), self._head_done, job)
        else:
            self._submit(job)

    def _submit(self, job: CopyJob) -> None:
        spec, source = self._spec, job.source
        dest_key, version = spec.dest_key(source.key), spec.options.source_version_id
        op = Copy(spec.source, source.key, spec.dest, dest_key, source.etag, self._args(job), version)
        self._dispatcher.send(op, self._copied, job)

    def _args(self, job: CopyJob) -> Args:
        """Return the arguments of a copy: equal for all objects of a storage class, unless they depend on a HEAD."""
        if self._needs_facts:
            return copy_args(Subject(self._spec.options, job.source.storage_class, job.facts))
        known = self._args_by_class.get(job.source.storage_class)
        if known is None:
            known = copy_args(Subject(self._spec.options, job.source.storage_class))
            self._args_by_class[job.source.storage_class] = known
        return known

    def _copied(self, job: CopyJob, copied: Copied, error: S3Error | None) -> None:
        if error is None:
            checksum = job.facts.checksum if job.facts is not None else None
            self._arrived(job, verify_single(job.source, checksum, copied), copied)
        elif error.status == 412 and self._spec.options.overwrite == "never":
            self._explain_412(job, error)
        else:
            self._recorder.failed(job, error)

    def _arrived(self, job: CopyJob, verified: Verified | None, copied: Copied) -> None:
        job.copy_etag = copied.etag
        if self._tags_afterwards and verified is not None:
            self.tag_writer.set_tags(job, PendingTags(self._tags_afterwards, verified, copied.etag))
        else:
            self._recorder.arrived(job, verified)

    def _explain_412(self, job: CopyJob, refused: S3Error) -> None:
        """Find out which precondition failed: the source changed, or the destination has the key by now."""
        dest_key = self._spec.dest_key(job.source.key)

        def examined(_: object, facts: Facts | None, error: S3Error | None) -> None:
            if error is None and facts is not None and (facts.size, facts.etag) == (job.source.size, job.source.etag):
                # It is this copy: its response was lost, and the library repeated the request.
                self.tag_writer.copy_found(job, Verified.ETAG)
            elif error is None:
                self._recorder.skipped(job.batch, job.source, EXISTS.reason)
            else:
                self._recorder.failed(job, refused)

        self._dispatcher.call(lambda: self._dest.head(self._spec.dest, dest_key), examined, job)

    def _head(self, job: CopyJob) -> Facts:
        version = self._spec.options.source_version_id
        return self._source.head(self._spec.source, job.source.key, if_match=job.source.etag, version=version)

    def _head_done(self, job: CopyJob, facts: Facts, error: S3Error | None) -> None:
        if error is not None:
            self._recorder.failed(job, error)
            return
        job.facts = facts
        self._submit(job)

    def compare(self, job: CopyJob, source: Facts) -> None:
        """Compare an object with the destination, and copy it if they differ. `source` is the HEAD of the source."""
        self._dispatcher.call(lambda: self._decide_by_facts(job, source), self._compared, job)

    def _head_both(self, job: CopyJob) -> Decision:
        job.facts = self._head(job)
        return self._decide_by_facts(job, job.facts)

    def _decide_by_facts(self, job: CopyJob, source: Facts) -> Decision:
        """Decide by the HEAD of both sides. A destination that may not be read is copied to, which is always right.

        An equal copy that is not older than a resumed run was made by an earlier attempt of it.
        """
        try:
            dest = self._dest.head(self._spec.dest, self._spec.dest_key(job.source.key))
        except S3Error as error:
            if not_found(error.reason) or error.reason is Reason.DENIED:
                return Decision(Action.COPY, DEST_DENIED if error.reason is Reason.DENIED else DEST_MISSING)
            raise
        job.copy_etag = dest.etag
        decision = decide_by_facts(source, dest)
        is_equal = decision in (SAME_ETAG, SAME_CHECKSUM)
        if is_equal and self._run_start and is_since(dest.modified, self._run_start):
            return COPIED_EARLIER
        return decision

    def _compared(self, job: CopyJob, decision: Decision, error: S3Error | None) -> None:
        if error is not None:
            self._recorder.failed(job, error)
        elif decision.action is Action.SKIP:
            self._recorder.compared(job, decision)
        elif decision.action is Action.EARLIER:
            job.decision = decision
            self.tag_writer.copy_found(job, Verified.CHECKSUM)
        else:
            job.decision, job.copy_etag = decision, ""
            self.copy(job)
