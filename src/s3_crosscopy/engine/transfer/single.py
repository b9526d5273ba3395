"""One small object: a HEAD where it decides something, one CopyObject, and what its answer proves."""

from __future__ import annotations

from s3_crosscopy.core.decide.comparison import (
    COPIED_EARLIER,
    EXISTS,
    SAME_CHECKSUM,
    SAME_ETAG,
    Decide,
    decide_by_facts,
    needs_destination,
)
from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.timestamps import is_since, may_be_since
from s3_crosscopy.core.transfer.copy_params import Args, Subject, copy_args, needs_facts, tags_afterwards
from s3_crosscopy.core.transfer.verification import same_content, verify_single
from s3_crosscopy.core.unconfirmed_404 import STILL_THERE
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.key_lookup import listed_at
from s3_crosscopy.engine.outcome_recorder import TOO_NEW, OutcomeRecorder
from s3_crosscopy.engine.transfer.job import CopyJob, PendingTags
from s3_crosscopy.engine.transfer.multipart import MultipartCopier
from s3_crosscopy.engine.transfer.source_check import ask
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.operations import Copied, Copy
from s3_crosscopy.model.outcomes import Action, Decision, Reason, Verified
from s3_crosscopy.ports import S3

DEST_MISSING, DEST_DENIED = "destination missing", "destination denied"
"""Why an object is copied whose copy could not be looked at."""


class SingleCopier:
    """Takes jobs from the loop and carries each to its end; hands large ones on.

    `began` is a resumed run's epoch. `listed`: the keys come from a listing, not by name.
    """

    def __init__(
        self,
        spec: CopySpec,
        dispatcher: Dispatcher,
        source: S3,
        dest: S3,
        recorder: OutcomeRecorder,
        large: MultipartCopier,
        choose: Decide,
        began: str = "",
        *,
        listed: bool = True,
    ) -> None:
        self._spec = spec
        self._dispatcher = dispatcher
        self._source = source
        self._dest = dest
        self._recorder = recorder
        self._large = large
        self._tagging = large.tagging
        self._choose = choose
        self._began = began
        self._listed = listed
        self._needs_facts = needs_facts(spec.options)
        self._args_by_class: dict[str, Args] = {}
        large.copy_in_one = self._submit
        # Known before the copy only where the options name them: what is kept CopyObject carries by itself.
        self._tags_afterwards = tags_afterwards(Subject(spec.options, ""))

    def begin(self, job: CopyJob) -> None:
        """Copy this object; a job whose ETags are unclear is compared first."""
        self._recorder.begins(job)
        if job.decision.action is Action.COMPARE:
            self._recorder.comparing(job)
            self._dispatcher.call(lambda: self._heads(job), self._compared, job, requests=2)
        elif job.decision.action is Action.EARLIER:
            self._tagging.found(job, Verified.ETAG)
        else:
            self._copy(job)

    def begin_again(self, job: CopyJob, began: str) -> None:
        """The second round: ask the source anew, because what was listed may have changed or gone.

        `began` is when the run did, by S3's clock ("" if it is not known): what is older is no copy of its making.
        """
        job.second = self._dispatcher.outage.known_to_fail = True
        job.batch.resume()
        if job.doubt is not None:
            self._dispatcher.call(lambda: self._ask(job), self._answered, job, requests=2)
            return
        if job.pending_tags is not None:
            self._tagging.settle(job, job.pending_tags)
            return
        self._dispatcher.call(
            lambda: self._look_again(job, began), self._seen_again, job, requests=2 if job.outcome_unknown else 1
        )

    def _copy(self, job: CopyJob) -> None:
        options = self._spec.options
        if options.dry_run:
            self._recorder.would_copy(job)
        elif job.source.size >= options.multipart_threshold:
            self._large.add(job)
        elif self._needs_facts and job.facts is None:
            self._dispatcher.call(lambda: self._head(job), self._seen, job)
        else:
            self._submit(job)

    def _submit(self, job: CopyJob) -> None:
        spec, source = self._spec, job.source
        dest_key, version = spec.dest_key(source.key), spec.options.source_version_id
        op = Copy(spec.source, source.key, spec.dest, dest_key, source.etag, self._args(job), version)
        self._dispatcher.send(op, self._copied, job)

    def _args(self, job: CopyJob) -> Args:
        """The same for all objects of a storage class, unless a HEAD goes into them."""
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
            self._tell_412_apart(job, error)
        else:
            self._recorder.failed(job, error)

    def _arrived(self, job: CopyJob, verified: Verified | None, copied: Copied) -> None:
        if self._tags_afterwards and verified is not None:
            self._tagging.settle(job, PendingTags(self._tags_afterwards, verified, copied.etag))
        else:
            self._recorder.arrived(job, verified)

    def _tell_412_apart(self, job: CopyJob, refused: S3Error) -> None:
        """Two guards went along: either the source changed or the destination has the key by now."""
        dest_key = self._spec.dest_key(job.source.key)

        def told(_: object, facts: Facts | None, error: S3Error | None) -> None:
            if error is None and facts is not None and (facts.size, facts.etag) == (job.source.size, job.source.etag):
                # What is there is this copy: an attempt of ours was applied unheard, and the library repeated it.
                self._tagging.found(job, Verified.ETAG)
            elif error is None:
                self._recorder.skipped(job.batch, job.source, EXISTS.reason)
            else:
                self._recorder.failed(job, refused)

        self._dispatcher.call(lambda: self._dest.head(self._spec.dest, dest_key), told, job)

    def _head(self, job: CopyJob) -> Facts:
        version = self._spec.options.source_version_id
        return self._source.head(self._spec.source, job.source.key, if_match=job.source.etag, version=version)

    def _seen(self, job: CopyJob, facts: Facts, error: S3Error | None) -> None:
        if error is not None:
            self._recorder.failed(job, error)
            return
        job.facts = facts
        self._submit(job)

    def _ask(self, job: CopyJob) -> Facts | None:
        return ask(self._spec, self._source, job.source.key, listed=self._listed)

    def _answered(self, job: CopyJob, facts: Facts | None, error: S3Error | None) -> None:
        """After a 404 in the second round too: the key is gone, or it failed."""
        assert job.doubt is not None
        if error is not None:
            self._recorder.failed(job, error)
        elif facts is None:
            self._recorder.gone(job)
        else:
            self._recorder.unconfirmed(job, job.doubt, STILL_THERE)

    def _look_again(self, job: CopyJob, began: str) -> tuple[Facts | None, Verified | None]:
        """The source as it is now, None if it is gone; and what proves the copy, if the first round may have made it
        unheard."""
        facts = self._ask(job)
        if facts is None or not job.outcome_unknown:
            return facts, None
        try:
            there = self._dest.head(self._spec.dest, self._spec.dest_key(job.source.key))
        except S3Error:  # not there, or not to be told: copying once more is right in any case
            return facts, None
        ours = is_since(there.modified, began)
        return facts, same_content(facts, there) if ours else None

    def _seen_again(self, job: CopyJob, seen: tuple[Facts | None, Verified | None], error: S3Error | None) -> None:
        if error is not None:
            job.doubt = error  # The source was asked, and there is nobody else to ask.
            self._recorder.failed(job, error)
            return
        job.facts, proof = seen
        if job.facts is None:
            self._recorder.gone(job)
            return
        job.source = job.facts.as_listed(job.source.key)
        if proof is not None:
            self._tagging.found(job, proof)
        elif job.before and may_be_since(job.source.modified, job.before):
            self._recorder.held_back(job, TOO_NEW)
        elif job.decision.action is Action.UNSEEN:
            self._dispatcher.call(lambda: self._there(job), self._chosen, job)
        elif job.decision.action is Action.COMPARE:
            self._compare(job, job.facts)
        else:
            self._copy(job)

    def _there(self, job: CopyJob) -> Listed | None:
        if not needs_destination(self._spec.options.overwrite):
            return None
        return listed_at(self._dest, self._spec.dest, self._spec.dest_key(job.source.key))

    def _chosen(self, job: CopyJob, there: Listed | None, error: S3Error | None) -> None:
        """A key that the first round did not see is decided about like any other."""
        if error is not None:
            self._recorder.failed(job, error)
            return
        assert job.facts is not None, "the source was asked before the destination"
        decision = self._choose(job.source, there)
        job.decision = decision
        if decision.action is Action.EARLIER:
            self._tagging.found(job, Verified.ETAG)
        elif decision.action is Action.COMPARE:
            self._recorder.comparing(job)
            self._compare(job, job.facts)
        elif not self._recorder.entered(job.batch, job.source, decision, job.after):
            self._copy(job)

    def _compare(self, job: CopyJob, source: Facts) -> None:
        self._dispatcher.call(lambda: self._against(job, source), self._compared, job)

    def _heads(self, job: CopyJob) -> Decision:
        job.facts = self._head(job)
        return self._against(job, job.facts)

    def _against(self, job: CopyJob, source: Facts) -> Decision:
        """Both sides' facts decide; a destination that may not be read is copied to, which is always right.

        An equal copy that is not older than a resumed run was made by an earlier attempt.
        """
        try:
            dest = self._dest.head(self._spec.dest, self._spec.dest_key(job.source.key))
        except S3Error as error:
            if not_found(error.reason) or error.reason is Reason.DENIED:
                return Decision(Action.COPY, DEST_DENIED if error.reason is Reason.DENIED else DEST_MISSING)
            raise
        decision = decide_by_facts(source, dest)
        proven = decision in (SAME_ETAG, SAME_CHECKSUM)
        if proven and self._began and is_since(dest.modified, self._began):
            return COPIED_EARLIER
        return decision

    def _compared(self, job: CopyJob, decision: Decision, error: S3Error | None) -> None:
        if error is not None:
            self._recorder.failed(job, error)
        elif decision.action is Action.SKIP:
            self._recorder.skipped(job.batch, job.source, decision.reason)
        elif decision.action is Action.EARLIER:
            job.decision = decision
            self._tagging.found(job, Verified.CHECKSUM)
        else:
            job.decision = decision
            self._copy(job)
