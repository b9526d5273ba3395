"""When what is left is saved: off the loop, every few seconds, and rows before the cursor that passes them.

A save is one value: the rows of what settled since the last one become a report segment, then the checkpoint says that
this segment counts. A crash in between leaves a segment that the next attempt writes again. Neither takes a place in
the window: each store has a thread of its own, and may be away while the copy goes on.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from s3_crosscopy.core.rate_limit import between_saves
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.report_segments import Segments
from s3_crosscopy.engine.store_writer import LAST_S, Patience, Writing
from s3_crosscopy.engine.transfer.multipart import MultipartCopier
from s3_crosscopy.errors import RetryableFailure, S3Error
from s3_crosscopy.model.checkpoint import Checking, CheckpointState, fits, fitted
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.open_uploads import OpenUploads
from s3_crosscopy.model.report import Report
from s3_crosscopy.ports import Checkpoint, EventSink, ReportStore

EVERY_S = 10.0
"""Airflow's store takes 20-40 ms a write and is everybody's database."""

FIRST_S = 60.0
"""Nothing is copied before the first save is written; a store that takes longer is away."""

MIDWAY_S = 10.0
"""So long the end of a report waits for a save that a retry could do without."""

TOO_MUCH = (
    "the checkpoint cannot hold all unfinished uploads: a retry begins those again that it does not know, and aborts"
    " what is there of them"
)
COARSE = (
    "what is left of this run has become too much for the checkpoint: a retry lists and does again also keys that are"
    " done; with a report more is kept beside it, which a retry has to be allowed to read"
)
DOES_NOT_FIT = "what is left of this run does not fit the checkpoint: a retry goes on from the last one that did"
NOT_TOLD = (
    "the checkpoint could not be told that everything is done ({}): a later run of this copy looks at both sides again"
)
NOT_SAVED = (
    "what is left could not be saved ({}): a retry goes on from the last save, and looks again at what came after"
)
UNKNOWN = (
    "the upload {} of {!r} is in no checkpoint: abort it, or let a lifecycle rule; its parts are billed until then"
)


class Runs(NamedTuple):
    """How many runs save at the same time, and a number from 0 to 1 that keeps them apart; anew for each save."""

    number: int = 1
    draw: Callable[[], float] = random.random


ONE = Runs()


class Checkpointer:
    """Saves while the run goes on, one at a time, and once more at its end.

    `resumed` is what an earlier attempt left; `began` the run's epoch by S3's clock, "" until a listing told it. `wake`
    wakes the loop. `holding`: nothing more is to be taken for now. `checking` tells how far the check at the end came,
    None before it began.
    """

    def __init__(
        self,
        checkpoint: Checkpoint,
        report: ReportStore | None,
        fingerprint: str,
        dest_bucket: Bucket,
        resumed: CheckpointState | None,
        sink: EventSink,
        now: float,
        wake: Callable[[], None],
        runs: Runs = ONE,
    ) -> None:
        self.began = resumed.began if resumed is not None else ""
        self.holding = False
        self.checking: Callable[[], Checking | None] = lambda: None
        self._checkpoint = checkpoint
        self._fingerprint = fingerprint
        self._dest_bucket = dest_bucket
        self._resumed = resumed
        self._sink = sink
        self._started = self._last = now
        self._runs = runs
        self._wait_s = between_saves(EVERY_S, runs.number, runs.draw())
        self._warned: set[str] = set()
        self._lost_uploads = self._not_saved = False
        self._first_until: float | None = None
        self._uploads = frozenset(resumed.uploads if resumed is not None else ())
        self._states = Writing("s3-save", "the checkpoint", sink, wake)
        self._rows = Segments(report, resumed.segments if resumed is not None else 0, sink, wake)

    def began_at(self, date: str, now: float, dispatcher: Dispatcher, ledger: Ledger, large: MultipartCopier) -> None:
        """S3 told its time for the first time: save at once; `hold` until that is written.

        A process that dies from then on leaves behind when it began, by which its next attempt knows its uploads.
        """
        if self.began or not date:
            return
        self.began, self._last, self._first_until = date, now, now + FIRST_S
        self._begin(self._state(now, dispatcher, ledger, large, None), now)

    def hold(self, now: float, ledger: Ledger) -> bool:
        """Tell whether the first save is still to be written, or too many rows wait for the report."""
        if self._first_until is not None and (now >= self._first_until or not (self._rows.busy or self._states.busy)):
            self._first_until = None
        self.holding = self._rows.too_many(ledger) or self._first_until is not None
        return self.holding

    def tick(
        self, now: float, dispatcher: Dispatcher, ledger: Ledger, large: MultipartCopier, progress: Mapping[str, object]
    ) -> None:
        """Hear of what was written, and begin a save if it is time for one: also when a pause has begun."""
        self._states.hear(now)
        self._rows.hear(now)
        if self._rows.busy:
            return
        if not self._states.busy and (now - self._last >= self._wait_s or dispatcher.outage.has_begun()):
            self._last, self._wait_s = now, between_saves(EVERY_S, self._runs.number, self._runs.draw())
            self._begin(self._state(now, dispatcher, ledger, large, progress), now)
        elif self._rows.due(ledger, now):
            self._rows.take(ledger)
            self._rows.begin(None, lambda error, now: None, now)

    def end(
        self,
        now: float,
        dispatcher: Dispatcher,
        ledger: Ledger,
        large: MultipartCopier,
        progress: Mapping[str, object],
        report: Report | None,
        patience: Patience,
    ) -> None:
        """Save where the run ended, and wait for that. Without a `report` the run did not come to its end.

        A copy that was not found to be as it should be counts as done here: only a retry that begins afresh mends it.

        "Finished" is said last: a retry after a crash in between must find the rows, not begin afresh. Nothing is
        written where a store refused: the task is another process's then.
        """
        try:
            if not (self._states.refused or self._rows.refused):
                self._end(self._state(now, dispatcher, ledger, large, progress), ledger, report, patience, now)
        finally:
            self._states.close()
            self._rows.close()

    def _end(
        self, state: CheckpointState, ledger: Ledger, report: Report | None, patience: Patience, now: float
    ) -> None:
        if self._rows.report is not None:
            self._rows.write(self._unfinished(state), patience, now)
            if report is not None:
                self._keep(state, patience, now, MIDWAY_S)
                self._rows.finish(ledger, report, patience, now)
        finished = report is not None and (report.ok or bool(report.unproven))
        why = self._keep(state._replace(finished=finished), patience, now, LAST_S)
        self._tell_lost(ledger)
        if why is not None:
            self._tell_unsaved(state, report, why)

    def _keep(self, state: CheckpointState, patience: Patience, now: float, within_s: float) -> Exception | None:
        """Write a state at the end; why it could not be."""
        try:
            self._states.finish(partial(self._write, state), patience, now, within_s=within_s)
        except (RetryableFailure, S3Error) as error:
            return error
        return None

    def _tell_unsaved(self, state: CheckpointState, report: Report | None, why: Exception) -> None:
        done = report is not None and report.ok
        self._sink.emit(Warned((NOT_TOLD if done else NOT_SAVED).format(why)))
        for upload in set(state.uploads) - self._uploads:
            self._sink.emit(Warned(UNKNOWN.format(upload.upload_id, upload.dest_key)))

    def _state(
        self,
        now: float,
        dispatcher: Dispatcher,
        ledger: Ledger,
        large: MultipartCopier,
        progress: Mapping[str, object] | None,
    ) -> CheckpointState:
        remaining, settled = ledger.snapshot()
        self._rows.take(ledger)
        before = self._resumed
        state = CheckpointState(
            fingerprint=self._fingerprint,
            remaining=remaining,
            counts=settled.as_dict(),
            reasons=dict(settled.reasons),
            verified=dict(settled.verified),
            dest_bucket=self._dest_bucket,
            uploads=large.uploads(),
            began=self.began,
            seconds=now - self._started + (before.seconds if before is not None else 0.0),
            throttled=dispatcher.window.throttled + (before.throttled if before is not None else 0),
            segments=self._rows.number,
            checking=self.checking(),
            progress=progress,
        )
        self._tell_lost(ledger)
        return state

    def _tell_lost(self, ledger: Ledger) -> None:
        """Say what the checkpoint cannot hold, each once. What a save lost is known when it is written."""
        lost = {COARSE: ledger.coarse, TOO_MUCH: self._lost_uploads, DOES_NOT_FIT: self._not_saved}
        for text in [text for text, really in lost.items() if really and text not in self._warned]:
            self._warned.add(text)
            self._sink.emit(Warned(text))

    def _write(self, state: CheckpointState) -> None:
        """Save as much of it as there is room for. Not on the loop's thread: to measure a large state takes long."""
        room = self._checkpoint.room
        fit = fitted(state, room)
        self._lost_uploads |= len(fit.uploads) < len(state.uploads)
        if not fits(fit, room):
            self._not_saved = True
            return
        self._checkpoint.save(fit)
        self._uploads = frozenset(fit.uploads)

    def _unfinished(self, state: CheckpointState) -> OpenUploads:
        return OpenUploads(self._dest_bucket, state.uploads)

    def _begin(self, state: CheckpointState, now: float) -> None:
        """Every segment before the state that counts it."""
        if self._rows.report is None:
            self._put(state, None, now)
        else:
            self._rows.begin(self._unfinished(state), partial(self._put, state), now)

    def _put(self, state: CheckpointState, error: Exception | None, now: float) -> None:
        """The rows of a state are written, or could not be."""
        if error is None and not self._states.busy:
            self._states.begin(partial(self._write, state), lambda error, now: None, now)
