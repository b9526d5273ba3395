"""Goes on with writes that the destination refused because of their precondition: another writer was faster.

One HEAD of the destination shows what is there now. Either it is the copy itself, whose response was lost, or the key
is decided about again like any other, and a copy then expects what the HEAD has shown.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

from s3_crosscopy.core.decide.comparison import Decide
from s3_crosscopy.core.decide.head_comparison import decide_by_heads
from s3_crosscopy.core.transfer.copy_params import may_owe_tags
from s3_crosscopy.core.transfer.preconditions import (
    MOST_ROUNDS,
    TOO_OFTEN,
    Refusal,
    Then,
    after_refusal,
    expected_of,
    is_expected,
)
from s3_crosscopy.core.transfer.verification import same_content
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.run_config import RunConfig
from s3_crosscopy.engine.transfer.comparer import source_head
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.engine.transfer.single import SingleCopier
from s3_crosscopy.engine.transfer.tags import explained
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.operations import Copied, Head, Side
from s3_crosscopy.model.outcomes import Action, Decision, Reason, Verified


class RefusedWrites:
    """Decides again about the jobs whose write was refused. `copier` makes the copies.

    `listed`: the destination is known from a listing, not from a HEAD for each key.
    """

    def __init__(
        self,
        config: RunConfig,
        dispatcher: Dispatcher,
        recorder: OutcomeRecorder,
        copier: SingleCopier,
        choose: Decide,
        *,
        listed: bool,
    ) -> None:
        self._spec, self._run_start = config.spec, config.run_start
        self._dispatcher, self._recorder, self._choose = dispatcher, recorder, choose
        self._copier, self._listed = copier, listed
        self._preconditions = copier.preconditions

    def begin(self, job: CopyJob, error: S3Error) -> None:
        """Go on with a job whose write was not made. An error that is not about its precondition is recorded."""
        why = self._preconditions.refusal(job, error)
        if why is None:
            self._recorder.failed(job, error)
        elif why is Refusal.NOT_ACCEPTED:
            self._copier.submit(job, partial(self._sent_without, error))
        else:
            op = Head(Side.DEST, self._spec.dest, self._spec.dest_key(job.source.key))
            self._dispatcher.send(op, self._dest_answered, _Refused(job, error, why))

    def decide(self, job: CopyJob, dest: Listed | None, dest_facts: Facts | None = None) -> None:
        """Decide about a key like about any other, by the destination as it is now. `dest_facts`: its HEAD."""
        decision = job.decision = self._choose(job.source, dest)
        job.expected = expected_of(decision, dest)
        if decision.action is Action.EARLIER:
            self._copier.tag_writer.copy_found(job, Verified.ETAG)
        elif decision.action is Action.COMPARE:
            self._recorder.comparing(job)
            self._copier.compare(job, dest_facts)
        elif not self._recorder.entered(job.batch, job.source, decision, job.after):
            self._copier.copy(job)

    def decide_about_upload(self, job: CopyJob, source: Facts, dest: Facts | None) -> Decision | None:
        """Decide again about a job whose upload is ready to be completed; None if another writer was faster too often.

        To copy means to complete it, now with the destination as it is.
        """
        if not self.rounds_left(job):
            return None
        decision = self._choose(job.source, None if dest is None else dest.as_listed(job.source.key))
        job.expected = expected_of(decision, dest)
        if decision.action is Action.COMPARE:
            assert dest is not None, "nothing was there to compare"
            decision = decide_by_heads(source, dest, self._run_start)
        job.decision = decision
        return decision

    def rounds_left(self, job: CopyJob) -> bool:
        """Count a refusal; return False if there were too many."""
        job.rounds += 1
        return job.rounds <= MOST_ROUNDS

    def _dest_answered(self, refused: _Refused, dest: Facts | None, error: S3Error | None) -> None:
        job = refused.job
        if error is not None and error.reason is not Reason.MISSING:
            self._unseen(refused, error)
        elif dest is not None and self._may_be_ours(refused, dest):
            if dest.etag == job.source.etag or job.facts is not None:
                self._compare_ours(refused._replace(dest=dest), job.facts, None)
            else:
                head = source_head(self._spec, job)
                self._dispatcher.send(head, self._compare_ours, refused._replace(dest=dest))
        else:
            self._go_on(refused._replace(dest=dest))

    def _compare_ours(self, refused: _Refused, source: Facts | None, _: S3Error | None) -> None:
        """Take the copy of a lost response, if it is this. A source that cannot be asked proves nothing."""
        job, dest = refused.job, refused.dest
        assert dest is not None, "there is something to compare"
        job.facts = source
        verified = Verified.ETAG if dest.etag == job.source.etag else None
        if verified is None and source is not None:
            verified = same_content(source, dest)
        if verified is None:
            self._go_on(refused)
            return
        job.copy_etag = dest.etag
        self._copier.tag_writer.copy_found(job, verified)

    def _go_on(self, refused: _Refused) -> None:
        job, error, dest = refused.job, refused.error, refused.dest
        then = after_refusal(
            refused.why,
            as_expected=is_expected(job.expected, dest),
            source_known=job.second,
            required=self._preconditions.required,
        )
        if then is Then.SOURCE:
            self._recorder.failed(job, error)
        elif then is Then.WITHOUT:
            self._copier.submit(job, partial(self._sent_without, error))
        elif not self.rounds_left(job):
            self._recorder.failed(job, explained(error, TOO_OFTEN))
        elif then is Then.AGAIN:
            self._copier.copy(job)
        else:
            dest_key = self._spec.dest_key(job.source.key)
            self.decide(job, None if dest is None else dest.as_listed(dest_key), dest)

    def _unseen(self, refused: _Refused, error: S3Error) -> None:
        """Go on without having seen the destination.

        A key that was not listed, and may not be read, was not known before either: then its copy has no precondition.
        """
        unknown = error.reason is Reason.DENIED and not self._listed
        if unknown and refused.why is Refusal.CHANGED and not self._preconditions.required:
            self._copier.submit(refused.job, self._sent_unseen)
        else:
            self._recorder.failed(refused.job, refused.error)

    def _sent_without(self, refused: S3Error, job: CopyJob, copied: Copied, error: S3Error | None) -> None:
        if error is None:
            self._preconditions.turn_off(refused)
        self._sent_unseen(job, copied, error)

    def _sent_unseen(self, job: CopyJob, copied: Copied, error: S3Error | None) -> None:
        if error is None:
            self._copier.arrived(job, copied)
        else:
            self._recorder.failed(job, error)

    def _may_be_ours(self, refused: _Refused, dest: Facts) -> bool:
        """Return True if an earlier attempt of the request may have made what is there.

        If a copy owes tags, an equal object is always taken for it, because then the tags are set.
        """
        job, error = refused.job, refused.error
        owes_tags = may_owe_tags(self._spec.options, job.source.size)
        may_be_applied = error.repeated or job.outcome_unknown or owes_tags
        return may_be_applied and dest.size == job.source.size and not is_expected(job.expected, dest)


class _Refused(NamedTuple):
    """A refused write. `dest`: what the destination has now, None if it has nothing."""

    job: CopyJob
    error: S3Error
    why: Refusal
    dest: Facts | None = None
