"""Saves the checkpoint of a run every few seconds and at its end, after the report rows that it counts.

A save is one value: the rows of what was committed since the last one become a report segment, then the checkpoint
records that this segment counts. A crash in between leaves a segment that the next attempt writes again. Saves run
beside the loop and take no place in the window: each store has its own thread, and may be away while the copy runs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from s3_crosscopy.core.rate_limit import between_saves
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.engine.index_writer import IndexWriter
from s3_crosscopy.engine.report_segments import SegmentWriter
from s3_crosscopy.engine.run_config import Ports, RunConfig
from s3_crosscopy.engine.run_snapshot import RunSnapshot
from s3_crosscopy.engine.store_writer import LAST_S, StopDeadline, StoreWriter, Then
from s3_crosscopy.errors import RetryableFailure, S3Error
from s3_crosscopy.model.checkpoint import CheckpointState, fits, fitted
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.open_uploads import OpenUploads
from s3_crosscopy.model.report import Report

EVERY_S = 10.0
"""Seconds between two saves: Airflow's store takes 20-40 ms a write, and its database serves everybody."""

FIRST_S = 60.0
"""Seconds that the copies wait for the first save; a store that takes longer counts as away."""

MIDWAY_S = 10.0
"""Seconds that the end of a report waits for a save that a retry can do without."""

TOO_MUCH = (
    "the checkpoint cannot hold all unfinished uploads: a retry starts those over that it does not know, and aborts"
    " what is there of them"
)
COARSE = (
    "the remaining key ranges of this run are too large for the checkpoint: a retry also lists and copies keys again"
    " that are done; with a report more is kept beside it, which a retry needs permission to read"
)
DOES_NOT_FIT = "the state of this run does not fit the checkpoint: a retry resumes from the last one that did"
DONE_NOT_SAVED = (
    "the checkpoint could not record that everything is done ({}): a later run of this copy compares both sides again"
)
NOT_SAVED = (
    "the remaining keys could not be saved ({}): a retry resumes from the last save, and compares again what came after"
)
UNKNOWN = (
    "the upload {} of {!r} is in no checkpoint: abort it, or let a lifecycle rule do it;"
    " its parts are billed until then"
)


class Checkpointer:
    """Saves while the run goes on, one save at a time, and once more at its end.

    `began` is the start of the run by S3's clock, "" until the first answer to a listing. `holding`: no more keys are
    to be taken now. `snapshot` takes the state of the run, `pause_began` tells once that the run has begun to pause.
    `index` writes the ETag index.
    """

    def __init__(
        self,
        config: RunConfig,
        ports: Ports,
        ledger: Ledger,
        snapshot: Callable[[], RunSnapshot],
        pause_began: Callable[[], bool],
        index: IndexWriter,
    ) -> None:
        attempt, wake = config.attempt, ports.transport.wake
        self.began = attempt.began
        self.holding = False
        self._config = config
        self._checkpoint = ports.checkpoint
        self._sink = ports.sink
        self._snapshot = snapshot
        self._pause_began = pause_began
        self._index = index
        self._started = self._last = ports.clock.now()
        self._wait_s = self._next_wait_s()
        self._warned: set[str] = set()
        self._coarse = self._lost_uploads = self._not_saved = self._first_due = False
        self._begun_saves = self._stored_save = 0
        self._first_until: float | None = None
        self._uploads = frozenset(attempt.uploads)
        self._states = StoreWriter("s3-save", "the checkpoint", ports.sink, wake)
        self._rows = SegmentWriter(ports.report, ledger, attempt.segments, ports.sink, wake)

    def began_at(self, date: str, now: float) -> None:
        """Have the state saved when S3's time is known for the first time; `hold` is true until that is written.

        If the process dies from then on, its next attempt knows when the run began, and by that which uploads are its.
        """
        if self.began or not date:
            return
        self.began, self._last, self._first_until, self._first_due = date, now, now + FIRST_S, True

    def hold(self, now: float) -> bool:
        """Return True while the first save is not written, or too many rows wait for the report."""
        if self._first_due and not (self._rows.busy or self._states.busy or self._index.saving):
            self._first_due = False  # only now: a save that was under way does not have the time
            self._begin(self._state(now, None), now)
        saving = self._first_due or self._rows.busy or self._states.busy or self._index.saving
        if self._first_until is not None and (now >= self._first_until or not saving):
            self._first_until = None
        self.holding = self._rows.too_many() or self._index.too_many() or self._first_until is not None
        return self.holding

    def tick(self, now: float, progress: Mapping[str, object]) -> None:
        """Handle the writes that ended, and begin a save if it is time for one: also when a pause has begun."""
        self._states.handle_ended(now)
        self._rows.handle_ended(now)
        self._rows.encode()
        self._index.tick(now)
        if self._rows.busy or self._index.saving:
            return
        if not self._states.busy and (now - self._last >= self._wait_s or self._pause_began()):
            self._last, self._wait_s = now, self._next_wait_s()
            self._begin(self._state(now, progress), now)
        elif self._rows.due(now):
            self._rows.take()
            self._rows.begin(None, lambda error, now: None, now)

    def request_save(self) -> int:
        """Make the next save due. Returns a ticket for `is_saved`."""
        self._wait_s = 0.0
        return self._begun_saves + 1

    def is_saved(self, ticket: int) -> bool:
        """Return True if a state is stored that was taken after `request_save` returned this ticket."""
        return self._stored_save >= ticket

    def end(self, now: float, progress: Mapping[str, object], report: Report | None, deadline: StopDeadline) -> None:
        """Save the state at the end of the run, and wait for that. `report=None`: the run did not come to its end.

        A copy that did not pass the closing check counts as finished: only a retry that starts over repairs it.

        `finished` is written last: after a crash in between, a retry must find the rows and not start over. Nothing is
        written where a store refused a write: then the task belongs to another process.
        """
        try:
            if not (self._states.refused or self._rows.refused):
                self._index.end(self.began, report, deadline, now)
                self._end(self._state(now, progress), report, deadline, now)
        finally:
            for writer in (self._states, self._rows, self._index):
                writer.close()

    def _end(self, state: CheckpointState, report: Report | None, deadline: StopDeadline, now: float) -> None:
        if self._rows.report is not None:
            self._rows.write(self._unfinished(state), deadline, now)
            if report is not None:
                self._save_last(state, deadline, now, MIDWAY_S)
                self._rows.finish(report, deadline, now)
        finished = report is not None and (report.ok or bool(report.unproven))
        error = self._save_last(state._replace(finished=finished), deadline, now, LAST_S)
        self._warn_of_losses()
        if error is not None:
            self._warn_not_saved(state, report, error)

    def _save_last(
        self, state: CheckpointState, deadline: StopDeadline, now: float, within_s: float
    ) -> Exception | None:
        """Write a state at the end of the run. Returns the error if it could not be written."""
        try:
            self._states.finish(partial(self._write, state), deadline, now, within_s=within_s)
        except (RetryableFailure, S3Error) as error:
            return error
        return None

    def _warn_not_saved(self, state: CheckpointState, report: Report | None, error: Exception) -> None:
        done = report is not None and report.ok
        self._sink.emit(Warned((DONE_NOT_SAVED if done else NOT_SAVED).format(error)))
        for upload in set(state.uploads) - self._uploads:
            self._sink.emit(Warned(UNKNOWN.format(upload.upload_id, upload.dest_key)))

    def _state(self, now: float, progress: Mapping[str, object] | None) -> CheckpointState:
        snapshot = self._snapshot()
        self._rows.take()
        self._coarse = snapshot.coarse
        attempt = self._config.attempt
        state = CheckpointState(
            fingerprint=self._config.fingerprint,
            remaining=snapshot.remaining,
            counts=snapshot.committed.as_dict(),
            reasons=dict(snapshot.committed.reasons),
            verified=dict(snapshot.committed.verified),
            etags_not_kept=dict(snapshot.committed.etags_not_kept),
            dest_bucket=self._config.spec.dest,
            uploads=snapshot.uploads,
            began=self.began,
            seconds=now - self._started + attempt.seconds,
            throttled=snapshot.throttled + attempt.throttled,
            segments=self._rows.number,
            checking=snapshot.checking,
            looked=snapshot.looked,
            deleting=snapshot.deleting,
            progress=progress,
        )
        self._warn_of_losses()
        return state

    def _warn_of_losses(self) -> None:
        """Warn once of each thing that the checkpoint cannot hold. The losses of a save are known after its write."""
        losses = {COARSE: self._coarse, TOO_MUCH: self._lost_uploads, DOES_NOT_FIT: self._not_saved}
        for text in [text for text, is_lost in losses.items() if is_lost and text not in self._warned]:
            self._warned.add(text)
            self._sink.emit(Warned(text))

    def _write(self, state: CheckpointState) -> None:
        """Save as much of the state as fits. Not on the loop's thread: measuring a large state takes long."""
        room = self._checkpoint.room
        fit = fitted(state, room)
        self._lost_uploads |= len(fit.uploads) < len(state.uploads)
        if not fits(fit, room):
            self._not_saved = True
            return
        self._checkpoint.save(fit)
        self._uploads = frozenset(fit.uploads)

    def _unfinished(self, state: CheckpointState) -> OpenUploads:
        return OpenUploads(self._config.spec.dest, state.uploads)

    def _next_wait_s(self) -> float:
        runs = self._config.runs
        return between_saves(EVERY_S, runs.number, runs.draw())

    def _begin(self, state: CheckpointState, now: float) -> None:
        """Write the rows of the ETag index, every segment of the report, then the state that counts them."""
        self._begun_saves += 1
        put = partial(self._put, state, self._begun_saves)
        self._index.save(self.began, partial(self._begin_rows, state, put), now)

    def _begin_rows(self, state: CheckpointState, put: Then, now: float) -> None:
        if self._rows.report is None:
            put(None, now)
        else:
            self._rows.begin(self._unfinished(state), put, now)

    def _put(self, state: CheckpointState, save: int, error: Exception | None, now: float) -> None:
        """Begin to save a state whose rows are written; an `error` says that they are not."""
        if error is None and not self._states.busy:
            self._states.begin(partial(self._write, state), partial(self._stored, save), now)

    def _stored(self, save: int, error: Exception | None, now: float) -> None:
        if error is None:
            self._stored_save = save
