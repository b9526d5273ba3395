"""Runs the phases of a copy: main, retry, copy_last, closing check and deletes, over parts that are built elsewhere."""

from __future__ import annotations

from functools import partial

from s3_crosscopy.engine.mirror.delete_phase import DeletePhase
from s3_crosscopy.engine.outage_pause import until_given_up
from s3_crosscopy.engine.parts import Parts
from s3_crosscopy.engine.run_config import RunConfig
from s3_crosscopy.engine.shutdown import TURN_S, leave, shut_down
from s3_crosscopy.engine.summary import build_report, listed_keys
from s3_crosscopy.engine.transfer.copy_last import CopyLastPhase
from s3_crosscopy.errors import Interrupted, PermanentFailure, S3Error
from s3_crosscopy.model.events import BatchSettled, PhaseStarted, Progress, Warned
from s3_crosscopy.model.report import Report, allowed_failures
from s3_crosscopy.model.run_scope import KeySubset


class Engine:
    """One run. Used by one thread; another one stops it through the `cancel` event of its ports."""

    def __init__(self, config: RunConfig, parts: Parts) -> None:
        self.config = config
        self.parts = parts

    @property
    def first_denied(self) -> S3Error | None:
        """The error of the first denied request, for an explanation; None if none was denied."""
        return self.parts.recorder.failures.first_denied

    def run(self) -> Report:
        """Copy everything. Raises ListingBroken, Interrupted, AccountingError, or what a port raised."""
        parts = self.parts
        try:
            parts.multipart.incomplete_uploads.abort(self.config.incomplete_uploads)
            with until_given_up(parts.early, parts.recorder):
                self._main_phase()
                self._judge_tables()
                self._retry_phase()
                self._copy_last_phase()
                self._check_phase()
                self._delete_phase()
            self._stop(keep=self._keeps_uploads())
        except BaseException:
            leave(parts.sink, partial(self._stop, keep=self.config.keep_uploads), partial(self._end, None))
            raise
        self._end(report := build_report(self.config, parts))
        return report

    def _main_phase(self) -> None:
        """List both sides, decide about each key and copy; keys whose error was transient wait for the retry phase."""
        parts = self.parts
        while not self._main_phase_is_over():
            now = parts.clock.now()
            parts.checkpointer.began_at(parts.scheduler.date, now)
            try:
                if not (parts.checkpointer.hold(now) or parts.multipart.full()):
                    parts.scheduler.take()
            except S3Error as error:
                parts.recorder.listing_refused(error)
            parts.scheduler.pump(parts.dispatcher)
            self._turn()

    def _main_phase_is_over(self) -> bool:
        parts = self.parts
        if parts.early.why:
            return True
        waiting = len(parts.recorder.postponed) + len(parts.decider.last)
        return parts.scheduler.ended and parts.ledger.open_keys() == waiting

    def _judge_tables(self) -> None:
        """Warn of Iceberg tables, or raise PermanentFailure: the metadata has not been copied then."""
        spec, sink = self.config.spec, self.parts.sink
        text = self.parts.decider.tables.text(spec.source.name) if spec.options.table_formats != "ignore" else ""
        if text and spec.options.table_formats == "fail":
            raise PermanentFailure(f"table_formats: {text}; nothing of the metadata was copied")
        if text:
            sink.emit(Warned(f"{text}; table_formats='ignore' silences this"))

    def _retry_phase(self) -> None:
        """Try each key once more whose error was transient."""
        parts = self.parts
        postponed = parts.recorder.postponed
        if not postponed or parts.early.why:
            return
        parts.sink.emit(PhaseStarted("retry", len(postponed)))
        while parts.ledger.open_keys() > len(parts.decider.last) and not parts.early.why:
            for _ in range(min(len(postponed), parts.dispatcher.room())):
                parts.retry.begin(postponed.popleft(), parts.checkpointer.began)
            self._turn()

    def _copy_last_phase(self) -> None:
        """Copy the keys of `copy_last`, once everything else is there."""
        role, run_start = self.config.role, self.parts.checkpointer.began
        began = role.began if role.part is KeySubset.MARKERS else run_start
        phase = CopyLastPhase(self.config.spec, self.parts, self._turn, began, run_start, complete=role.complete)
        phase.run()
        self._commit()

    def _check_phase(self) -> None:
        """List both sides once more, if that was requested and there is something to verify."""
        parts = self.parts
        if self.config.role.complete and not parts.early.why:
            listed = parts.ledger.total().listed
            parts.listing_check.run(parts.repeat_scans, parts.checkpointer.began, listed, parts.dispatcher, self._turn)

    def _delete_phase(self) -> None:
        """Delete what only the destination has, if that was requested."""
        record = self.parts.extraneous.deletes
        if record is not None:
            DeletePhase(self.config, record, self.parts, self._turn).run()

    def _turn(self) -> None:
        """Begin the requests that there is room for, handle those that ended, commit, report progress."""
        parts = self.parts
        if parts.deadline.stopped():
            raise Interrupted("stopped by request; a retry resumes with the remaining keys")
        backlog, dispatcher, multipart = parts.decider.backlog, parts.dispatcher, parts.multipart
        room = dispatcher.room()
        shared = min(room, dispatcher.window.limit // 2 - multipart.parts_in_flight)
        multipart.pump(shared if backlog else room)
        for _ in range(min(len(backlog), dispatcher.room())):
            parts.single.begin(backlog.popleft())
        must_wait = dispatcher.in_flight() > 0 or dispatcher.room() == 0 or parts.checkpointer.holding
        dispatcher.reap(TURN_S if must_wait else 0)
        self._commit()
        self._report_progress()

    def _commit(self) -> None:
        parts = self.parts
        for batch in parts.ledger.close_batches():
            if batch.tally.listed:
                parts.sink.emit(BatchSettled(batch.number, batch.last_key, batch.tally.as_dict()))
        if parts.early.suspicion:
            total = parts.ledger.total()
            parts.early.weigh(total.failed, total.listed)

    def _report_progress(self) -> None:
        """Emit progress and save a checkpoint, each when it is due."""
        parts, now = self.parts, self.parts.clock.now()
        if parts.progress_meter.due(now):
            parts.sink.emit(self._progress(now))
        parts.checkpointer.tick(now, parts.progress_meter.last)

    def _progress(self, now: float) -> Progress:
        parts, dispatcher = self.parts, self.parts.dispatcher
        listed = listed_keys(self.config, parts)
        total_keys = listed if parts.scheduler.ended else self.config.expected_keys
        rest = parts.scheduler.estimated_rest(self.config.spec.source_prefix) if total_keys is None else None
        return parts.progress_meter.read(
            now,
            parts.ledger.total(),
            dispatcher.in_flight(),
            dispatcher.window,
            parts.recorder.failures.last,
            total_keys,
            dispatcher.outage.paused,
            None if rest is None else listed + rest,
        )

    def _stop(self, *, keep: bool) -> None:
        """Close the parts. Keys without an outcome count as not attempted. `keep`: uploads stay for a later attempt."""
        parts = self.parts
        parts.decider.backlog.clear()
        shut_down(parts.dispatcher, parts.multipart, parts.clock, keep=keep)
        self._commit()
        parts.ledger.give_up()

    def _keeps_uploads(self) -> bool:
        """True if a retry will resume with what failed, although nothing interrupted this run."""
        total, parts = self.parts.ledger.total(), self.parts
        allowed = allowed_failures(self.config.spec.options.max_failures, total.listed)
        failed = bool(parts.early.why) or total.failed > allowed
        return self.config.keep_uploads and failed and parts.recorder.failures.retryable

    def _end(self, report: Report | None) -> None:
        parts, now = self.parts, self.parts.clock.now()
        last_failures, window = parts.recorder.failures.last, parts.dispatcher.window
        progress = parts.progress_meter.at_end(now, parts.ledger.total(), window, last_failures, report)
        parts.checkpointer.end(now, progress, report, parts.deadline)
