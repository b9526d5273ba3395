"""Deletes the keys that only the destination has, after everything else: collect, judge, save, delete.

Nothing is deleted that was not judged: the candidates are files beside the report, which a later attempt reads again.
"""

from __future__ import annotations

from collections.abc import Callable
from math import inf

from s3_crosscopy.core.mirror.candidate_rows import CandidateRows
from s3_crosscopy.core.mirror.judgement import (
    ENABLED,
    Completeness,
    Verdict,
    judge_candidates,
    judge_run,
    judge_versioning,
    refused,
)
from s3_crosscopy.core.state.cursors import Cursors
from s3_crosscopy.engine.listing.tail_budget import TailBudget
from s3_crosscopy.engine.mirror.blocking_call import call_and_wait
from s3_crosscopy.engine.mirror.candidate_collector import CandidateCollector
from s3_crosscopy.engine.mirror.candidate_store import CandidateStore, mark_of
from s3_crosscopy.engine.mirror.candidates_deleter import CandidatesDeleter
from s3_crosscopy.engine.mirror.delete_record import DeleteRecord
from s3_crosscopy.engine.mirror.key_deleter import DeleteSides
from s3_crosscopy.engine.parts import Parts
from s3_crosscopy.engine.run_config import RunConfig
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.events import PhaseStarted
from s3_crosscopy.model.mirror_state import Deleting
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.run_scope import KeySubset

WHOLE = (KeyRange(),)
"""All keys below the prefix, also in a run for the markers of a task group."""


class DeletePhase:
    """The phase of one run. `turn` is one turn of the engine's loop."""

    def __init__(self, config: RunConfig, record: DeleteRecord, parts: Parts, turn: Callable[[], None]) -> None:
        self._config = config
        self._record = record
        self._parts = parts
        self._turn = turn
        self._versioned = False

    def run(self) -> None:
        """Delete, if everything else is complete, and record the verdict."""
        if not self._config.spec.options.dry_run:
            self._record.verdict = self._run()

    def _run(self) -> Verdict:
        verdict = self._judge_run()
        if verdict.may:
            verdict = self._judge_versioning()
        if verdict.may and self._record.state is None:
            verdict = self._collect_and_judge()
        if self._record.state is None:
            return verdict
        if verdict.may:
            return self._delete(self._record.state)
        self._leave_to_a_retry(self._record.state, verdict)
        return verdict

    def _leave_to_a_retry(self, state: Deleting, verdict: Verdict) -> None:
        """Record what an earlier attempt deleted of the candidates that it had judged, and that nothing more is."""
        self._versioned = not self._config.spec.options.permanent_delete
        self._deleter(state).leave(state.committed, verdict.why, resumed=True)

    def _judge_run(self) -> Verdict:
        parts, total = self._parts, self._parts.ledger.total()
        unproven, others = bool(parts.listing_check.unproven), self._config.role.complete
        return judge_run(Completeness(parts.early.why, total.as_dict(), unproven, others))

    def _judge_versioning(self) -> Verdict:
        spec, dest = self._config.spec, self._parts.sides.dest
        try:
            status = call_and_wait(self._parts.dispatcher, self._turn, lambda: dest.versioning(spec.dest))
        except S3Error as error:
            return self._refused_request(error)
        self._versioned = status == ENABLED
        return judge_versioning(status, permanent=spec.options.permanent_delete)

    def _collect_and_judge(self) -> Verdict:
        """List both sides, judge the candidates, and save them before the first delete."""
        parts, options = self._parts, self._config.spec.options
        mark = mark_of(self._config.fingerprint, self._run_start(), parts.clock.now())
        store = CandidateStore(parts.sides.candidates, mark)
        rows = CandidateRows(self._config.spec, self._run_start())
        collector = CandidateCollector(rows, store.write, parts.dispatcher)
        parts.sink.emit(PhaseStarted("extraneous", parts.ledger.total().listed))
        try:
            began = self._list(collector)
        except S3Error as error:
            return self._refused_request(error)
        if collector.error is not None:
            return self._refused_request(collector.error)
        self._record.collect(collector.keys, collector.filtered, collector.first)
        verdict = judge_candidates(collector.numbers, options.max_delete)
        state = Deleting(began, store.mark, tuple(collector.files), collector.keys, collector.filtered)
        if not verdict.may:
            self._deleter(state).leave(0, verdict.why)
        elif collector.keys:
            self._record.state = state
            self._save()
        return verdict

    def _list(self, collector: CandidateCollector) -> str:
        """List both sides to their ends. Returns the time of S3's first answer. Raises the error of a listing."""
        parts = self._parts
        scheduler = parts.repeat_scans.over(WHOLE, collector, Cursors(WHOLE), list_dest=True, tail=TailBudget(inf))
        while not scheduler.ended:
            scheduler.take()
            scheduler.pump(parts.dispatcher)
            self._turn()
        collector.flush()
        while collector.busy:
            self._turn()
        return scheduler.date

    def _save(self) -> None:
        """Wait until the judgement is stored: what is deleted before a crash must be known to have been judged."""
        ticket = self._parts.checkpointer.request_save()
        while not self._parts.checkpointer.is_saved(ticket):
            self._turn()

    def _delete(self, state: Deleting) -> Verdict:
        resumed = self._config.attempt.deleting is not None
        self._parts.sink.emit(PhaseStarted("delete", state.keys - state.deleted - state.kept))
        why = self._deleter(state).run(resumed=resumed)
        return Verdict(False, why, ok=not self._record.failed) if why else Verdict(True)

    def _deleter(self, state: Deleting) -> CandidatesDeleter:
        sides, spec = self._parts.sides, self._config.spec
        both = DeleteSides(spec, sides.source, sides.dest, state.began, self._versioned)
        store = CandidateStore(sides.candidates, state.mark)
        return CandidatesDeleter(both, store, state, self._record, self._parts, self._turn)

    def _refused_request(self, error: S3Error) -> Verdict:
        """Return the verdict after a request was refused without which nothing can be judged."""
        self._parts.recorder.failures.note_denied(error)
        return refused(str(error))

    def _run_start(self) -> str:
        role = self._config.role
        return role.began if role.part is KeySubset.MARKERS else self._parts.checkpointer.began
