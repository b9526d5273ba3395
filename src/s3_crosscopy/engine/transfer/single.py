"""Copies one small object with one CopyObject, after a HEAD where one is needed, and verifies the copy."""

from __future__ import annotations

from s3_crosscopy.core.decide.comparison import EXISTS
from s3_crosscopy.core.decide.decision import make_uncopyable
from s3_crosscopy.core.decide.listing_comparison import ListingComparison
from s3_crosscopy.core.transfer.copy_params import Args, Subject, copy_args, tags_afterwards
from s3_crosscopy.core.transfer.etag_preservation import make_in_parts
from s3_crosscopy.core.transfer.header_choice import (
    NewHeaders,
    make_headers_of,
    may_need_facts,
    needs_facts,
    new_content,
    replaces,
)
from s3_crosscopy.core.transfer.verification import verify_single
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.run_config import RunConfig
from s3_crosscopy.engine.transfer.comparer import Comparer, source_head
from s3_crosscopy.engine.transfer.job import CopyJob, PendingTags
from s3_crosscopy.engine.transfer.multipart import MultipartCopier
from s3_crosscopy.engine.transfer.untold import untold_error
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts
from s3_crosscopy.model.operations import NO_HEADERS, Copied, Copy, Head, Side
from s3_crosscopy.model.outcomes import Action, Decision, Verified


class SingleCopier:
    """Takes jobs from the loop and carries each to its outcome; hands large objects on to `multipart`."""

    def __init__(
        self,
        config: RunConfig,
        dispatcher: Dispatcher,
        recorder: OutcomeRecorder,
        multipart: MultipartCopier,
        comparison: ListingComparison,
    ) -> None:
        self.tag_writer = multipart.tagging
        self._spec = config.spec
        self._dispatcher = dispatcher
        self._recorder = recorder
        self._multipart = multipart
        self._in_parts = make_in_parts(config.spec.options)
        self._headers_of = make_headers_of(config.spec)
        self._may_replace = may_need_facts(config.spec.options)
        self._uncopyable = make_uncopyable(config.spec)
        self._args_by_class: dict[tuple[str, bool], Args] = {}
        multipart.copy_in_one = self._submit
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
            self._submit(job)

    def _submit(self, job: CopyJob) -> None:
        spec, source = self._spec, job.source
        dest_key, version = spec.dest_key(source.key), spec.options.source_version_id
        new = self._headers_of(source.key) if self._may_replace else NO_HEADERS
        op = Copy(
            spec.source, source.key, spec.dest, dest_key, source.etag, self._args(source.storage_class, new), version
        )  # fmt: skip
        if self._may_replace and replaces(spec.options, new):
            kept = job.facts if spec.options.metadata == "keep" else None
            if kept is not None and kept.untold:
                self._recorder.failed(job, untold_error(spec, source, kept.untold))
                return
            op = op._replace(headers=new_content(job.facts, new), metadata=kept.metadata if kept else NO_HEADERS)
        self._dispatcher.send(op, self._copied, job)

    def _needs_head(self, job: CopyJob) -> bool:
        return needs_facts(self._spec.options, self._headers_of(job.source.key))

    def _args(self, storage_class: str, new: NewHeaders) -> Args:
        """Return the arguments that all copies of a storage class have, with or without new content headers."""
        name = (storage_class, bool(new))
        known = self._args_by_class.get(name)
        if known is None:
            known = self._args_by_class[name] = copy_args(Subject(self._spec.options, storage_class, headers=new))
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

        self._dispatcher.send(Head(Side.DEST, self._spec.dest, dest_key), examined, job)

    def _head_done(self, job: CopyJob, facts: Facts, error: S3Error | None) -> None:
        if error is not None:
            self._recorder.failed(job, error)
            return
        job.facts = facts
        self._submit(job)

    def compare(self, job: CopyJob) -> None:
        """Compare an object with the destination, and copy it if they differ."""
        self.comparer.begin(job)

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
