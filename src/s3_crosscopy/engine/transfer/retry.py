"""Tries a key once more in the retry phase: asks the source again, because a listed object may have changed or gone."""

from __future__ import annotations

from s3_crosscopy.core.decide.comparison import Decide, needs_destination
from s3_crosscopy.core.timestamps import is_since, may_be_since
from s3_crosscopy.core.transfer.verification import same_content
from s3_crosscopy.core.unconfirmed_404 import STILL_THERE
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.key_lookup import listed_at
from s3_crosscopy.engine.outcome_recorder import TOO_NEW, OutcomeRecorder
from s3_crosscopy.engine.run_config import Ports, RunConfig, looks_up_keys
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.engine.transfer.single import SingleCopier
from s3_crosscopy.engine.transfer.source_check import ask
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.outcomes import Action, Verified


class RetryCopier:
    """Takes the postponed jobs of a run and carries each to its outcome; `copier` makes the copies."""

    def __init__(
        self,
        config: RunConfig,
        ports: Ports,
        dispatcher: Dispatcher,
        recorder: OutcomeRecorder,
        copier: SingleCopier,
        choose: Decide,
    ) -> None:
        self._spec = config.spec
        self._source, self._dest = ports.source, ports.dest
        self._listed = not looks_up_keys(config, ports)
        self._dispatcher, self._recorder, self._choose = dispatcher, recorder, choose
        self._copier, self._tag_writer = copier, copier.tag_writer

    def begin(self, job: CopyJob, run_start: str) -> None:
        """Try a job again.

        `run_start` is by S3's clock, "" if unknown: an older object at the destination is no copy of this run.
        """
        job.second = self._dispatcher.outage.known_to_fail = True
        job.batch.resume()
        if job.doubt is not None:
            self._dispatcher.call(lambda: self._ask_source(job), self._confirm_404, job, requests=2)
        elif job.pending_tags is not None:
            self._tag_writer.set_tags(job, job.pending_tags)
        else:
            requests = 2 if job.outcome_unknown else 1
            self._dispatcher.call(lambda: self._look_up(job, run_start), self._looked_up, job, requests=requests)

    def _ask_source(self, job: CopyJob) -> Facts | None:
        return ask(self._spec, self._source, job.source.key, listed=self._listed)

    def _confirm_404(self, job: CopyJob, facts: Facts | None, error: S3Error | None) -> None:
        """Record the outcome after a second 404: the key is gone, or it failed."""
        assert job.doubt is not None
        if error is not None:
            self._recorder.failed(job, error)
        elif facts is None:
            self._recorder.gone(job)
        else:
            self._recorder.unconfirmed(job, job.doubt, STILL_THERE)

    def _look_up(self, job: CopyJob, run_start: str) -> tuple[Facts | None, Verified | None]:
        """Return the source as it is now, None if it is gone; and how a copy of a lost response was verified."""
        facts = self._ask_source(job)
        if facts is None or not job.outcome_unknown:
            return facts, None
        try:
            dest_facts = self._dest.head(self._spec.dest, self._spec.dest_key(job.source.key))
        except S3Error:  # It is missing, or unknown: one more copy is right in any case.
            return facts, None
        job.copy_etag = dest_facts.etag
        made_by_this_run = is_since(dest_facts.modified, run_start)
        return facts, same_content(facts, dest_facts) if made_by_this_run else None

    def _looked_up(self, job: CopyJob, result: tuple[Facts | None, Verified | None], error: S3Error | None) -> None:
        if error is not None:
            job.doubt = error  # The source was asked; nothing else can be asked.
            self._recorder.failed(job, error)
            return
        job.facts, verified = result
        if job.facts is None:
            self._recorder.gone(job)
            return
        job.source = job.facts.as_listed(job.source.key)
        if verified is not None:
            self._tag_writer.copy_found(job, verified)
        elif job.before and may_be_since(job.source.modified, job.before):
            self._recorder.held_back(job, TOO_NEW)
        elif job.decision.action is Action.UNSEEN:
            self._dispatcher.call(lambda: self._dest_object(job), self._decide, job)
        elif job.decision.action is Action.COMPARE:
            self._copier.compare(job)
        else:
            job.copy_etag = ""
            self._copier.copy(job)

    def _dest_object(self, job: CopyJob) -> Listed | None:
        if not needs_destination(self._spec.options.overwrite):
            return None
        return listed_at(self._dest, self._spec.dest, self._spec.dest_key(job.source.key))

    def _decide(self, job: CopyJob, dest: Listed | None, error: S3Error | None) -> None:
        """Decide about a key whose HEAD was not answered at first, like about any other."""
        if error is not None:
            self._recorder.failed(job, error)
            return
        assert job.facts is not None, "the source was asked before the destination"
        decision = self._choose(job.source, dest)
        job.decision = decision
        if decision.action is Action.EARLIER:
            self._tag_writer.copy_found(job, Verified.ETAG)
        elif decision.action is Action.COMPARE:
            self._recorder.comparing(job)
            self._copier.compare(job)
        elif not self._recorder.entered(job.batch, job.source, decision, job.after):
            self._copier.copy(job)
