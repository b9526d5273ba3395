"""Tries a key once more in the retry phase: asks the source again, because a listed object may have changed or gone."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.core.decide.comparison import needs_destination
from s3_crosscopy.core.spec import too_long
from s3_crosscopy.core.timestamps import is_since, may_be_since
from s3_crosscopy.core.transfer.verification import same_content
from s3_crosscopy.core.unconfirmed_404 import STILL_THERE
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.key_lookup import may_be_absent
from s3_crosscopy.engine.outcome_recorder import TOO_NEW, OutcomeRecorder
from s3_crosscopy.engine.pending_request import OnEnd
from s3_crosscopy.engine.run_config import Ports, RunConfig, looks_up_keys
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.engine.transfer.single import SingleCopier
from s3_crosscopy.engine.transfer.source_check import SourceCheck
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.operations import Head, Side
from s3_crosscopy.model.outcomes import Action


class RetryCopier:
    """Takes the postponed jobs of a run and carries each to its outcome; `copier` makes the copies.

    `decide` decides about a key whose HEAD was not answered at first, like about any other.
    """

    def __init__(
        self,
        config: RunConfig,
        ports: Ports,
        dispatcher: Dispatcher,
        recorder: OutcomeRecorder,
        copier: SingleCopier,
        decide: Callable[[CopyJob, Listed | None], None],
    ) -> None:
        self._spec = config.spec
        self._check = SourceCheck(config.spec, ports.source, dispatcher, listed=not looks_up_keys(config, ports))
        self._dispatcher, self._recorder, self._decide = dispatcher, recorder, decide
        self._copier, self._tag_writer = copier, copier.tag_writer
        self._run_start = ""

    def begin(self, job: CopyJob, run_start: str) -> None:
        """Try a job again.

        `run_start` is by S3's clock, "" if unknown: an older object at the destination is no copy of this run.
        """
        self._run_start = run_start
        job.second = self._dispatcher.outage.known_to_fail = True
        job.batch.resume()
        if job.doubt is not None:
            self._check.begin(job, self._confirm_404)
        elif job.pending_tags is not None:
            self._tag_writer.set_tags(job, job.pending_tags)
        else:
            self._check.begin(job, self._source_answered)

    def _confirm_404(self, job: CopyJob, facts: Facts | None, error: S3Error | None) -> None:
        """Record the outcome after a second 404: the key is gone, or it failed."""
        assert job.doubt is not None
        if error is not None:
            self._recorder.failed(job, error)
        elif facts is None:
            self._recorder.gone(job)
        else:
            self._recorder.unconfirmed(job, job.doubt, STILL_THERE)

    def _source_answered(self, job: CopyJob, facts: Facts | None, error: S3Error | None) -> None:
        if error is not None:
            job.doubt = error  # The source was asked; nothing else can be asked.
            self._recorder.failed(job, error)
        elif facts is None:
            self._recorder.gone(job)
        elif job.outcome_unknown:
            job.facts = facts
            self._ask_dest(job, self._copy_answered)
        else:
            job.facts = facts
            self._try_again(job)

    def _copy_answered(self, job: CopyJob, dest: Facts | None, _: S3Error | None) -> None:
        """Take the copy of a lost response, if it was made. It is missing, or unknown: one more copy is right."""
        assert job.facts is not None, "the source was asked before the destination"
        verified = None
        if dest is not None:
            job.copy_etag = dest.etag
            verified = same_content(job.facts, dest) if is_since(dest.modified, self._run_start) else None
        if verified is not None:
            job.source = job.facts.as_listed(job.source.key)
            self._tag_writer.copy_found(job, verified)
        else:
            self._try_again(job)

    def _try_again(self, job: CopyJob) -> None:
        """Compare or copy the object as the source has it now."""
        assert job.facts is not None, "the source was asked before"
        job.source = job.facts.as_listed(job.source.key)
        if job.before and may_be_since(job.source.modified, job.before):
            self._recorder.held_back(job, TOO_NEW)
        elif job.decision.action is Action.UNSEEN:
            self._decide_anew(job)
        elif job.decision.action is Action.COMPARE:
            self._copier.compare(job)
        else:
            job.copy_etag = ""
            self._copier.copy(job)

    def _ask_dest(self, job: CopyJob, on_end: OnEnd) -> None:
        self._dispatcher.send(Head(Side.DEST, self._spec.dest, self._spec.dest_key(job.source.key)), on_end, job)

    def _decide_anew(self, job: CopyJob) -> None:
        """Ask for the destination object, unless nothing depends on it. A key that is too long is not asked for."""
        if needs_destination(self._spec.options.overwrite) and not too_long(self._spec.dest_key(job.source.key)):
            self._ask_dest(job, self._dest_answered)
        else:
            self._decide(job, None)

    def _dest_answered(self, job: CopyJob, dest: Facts | None, error: S3Error | None) -> None:
        if error is not None and not may_be_absent(error):
            self._recorder.failed(job, error)
        else:
            self._decide(job, None if dest is None else dest.as_listed(self._spec.dest_key(job.source.key)))
