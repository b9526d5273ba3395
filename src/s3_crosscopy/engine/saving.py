"""When what is left is saved: off the hot path, every few seconds, and rows before the cursor that passes them.

A save is one value: the rows of what settled since the last one become a report segment, then the checkpoint says that
this segment counts. A crash in between leaves a segment that the next attempt writes again.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from functools import partial
from typing import NamedTuple

from s3_crosscopy.engine.io import Io
from s3_crosscopy.engine.large import LargeCopies
from s3_crosscopy.errors import PermanentFailure, RetryableFailure, S3Error
from s3_crosscopy.model.checkpoint import Checking, CheckpointState, fits, fitted
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.rows import Row
from s3_crosscopy.model.unfinished import Unfinished
from s3_crosscopy.plan.classify import retryable
from s3_crosscopy.plan.ledger import Ledger
from s3_crosscopy.ports import Checkpoint, EventSink, ReportStore

EVERY_S = 10.0
"""Airflow's store takes 20-40 ms a write and is everybody's database."""

REST_ROWS = 10_000
"""So many rows of what a retry does again are written before the end; fewer wait for it, and are one file then."""

TOO_MUCH = (
    "the checkpoint cannot hold all unfinished uploads: a retry begins those again that it does not know, and aborts"
    " what is there of them"
)
COARSE = (
    "what is left of this run has become too much for the checkpoint: a retry lists and does again also keys that are"
    " done; with a report more is kept beside it, which a retry has to be allowed to read"
)
NOT_SAVED = "what is left of this run does not fit the checkpoint: a retry goes on from the last one that did"


class Save(NamedTuple):
    """One save: its number and what is left."""

    number: int
    state: CheckpointState


class Saving:
    """Saves while the run goes on, one at a time, and once more at its end.

    `resumed` is what an earlier attempt left; `began` the run's epoch by S3's clock, "" until a listing told it.
    `checking` tells how far the check at the end came, None before it began.
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
    ) -> None:
        self.began = resumed.began if resumed is not None else ""
        self.checking: Callable[[], Checking | None] = lambda: None
        self._checkpoint = checkpoint
        self._report = report
        self._fingerprint = fingerprint
        self._dest_bucket = dest_bucket
        self._resumed = resumed
        self._sink = sink
        self._started = self._last = now
        self._segments = resumed.segments if resumed is not None else 0
        # Rows by the number of their segment; None for the rest.
        self._unwritten: deque[tuple[int | None, list[Row]]] = deque()
        self._busy = False
        self._warned: set[str] = set()
        self._lost_uploads = self._not_saved = False
        self._number = self._written = 0
        self._lock = threading.Lock()

    def began_at(self, date: str, now: float, io: Io, ledger: Ledger, large: LargeCopies) -> None:
        """S3 told its time for the first time: save at once, on the caller's thread, before anything is written.

        A process that dies from now on leaves behind when it began, by which its next attempt knows its uploads.
        """
        if self.began or not date:
            return
        self.began, self._last = date, now
        self._write(self._save(now, io, ledger, large, None))

    def tick(self, now: float, io: Io, ledger: Ledger, large: LargeCopies, progress: Mapping[str, object]) -> None:
        """Begin a save if it is time for one: also when a pause has begun."""
        if self._busy or (now - self._last < EVERY_S and not io.outage.has_begun()):
            return
        self._last, self._busy = now, True
        save = self._save(now, io, ledger, large, progress)
        io.cold(partial(self._write, save), self._ended, None, requests=0)

    def end(
        self,
        now: float,
        io: Io,
        ledger: Ledger,
        large: LargeCopies,
        progress: Mapping[str, object],
        report: Report | None,
    ) -> None:
        """Save where the run ended, on the caller's thread. Without a `report` the run did not come to its end.

        A copy that was not found to be as it should be counts as done here: only a retry that begins afresh mends it.

        "Finished" is said last: a retry after a crash in between must find the rows, not begin afresh.
        """
        save = self._save(now, io, ledger, large, progress)
        finished = save.state._replace(finished=report is not None and (report.ok or bool(report.unproven)))
        try:
            if self._report is not None and report is not None:
                self._write(save)
                self._report.finish(self._segments, ledger.unsettled_rows(), report)
                self._number += 1
            self._write(Save(self._number, finished))
            self._tell_lost(ledger)
        except S3Error as error:
            raise _no_report(error) from error

    def _save(
        self,
        now: float,
        io: Io,
        ledger: Ledger,
        large: LargeCopies,
        progress: Mapping[str, object] | None,
    ) -> Save:
        remaining, settled = ledger.standing()
        rows = ledger.settled_rows() if self._report is not None else []
        if rows:
            self._unwritten.append((self._segments, rows))
            self._segments += 1
        if self._report is not None and (rest := ledger.unsettled_rows(REST_ROWS)):
            self._unwritten.append((None, rest))
        self._number += 1
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
            throttled=io.window.throttled + (before.throttled if before is not None else 0),
            segments=self._segments,
            checking=self.checking(),
            progress=progress,
        )
        self._tell_lost(ledger)
        return Save(self._number, state)

    def _tell_lost(self, ledger: Ledger) -> None:
        """Say what the checkpoint cannot hold, each once. What a save lost is known when it is written."""
        lost = {COARSE: ledger.coarse, TOO_MUCH: self._lost_uploads, NOT_SAVED: self._not_saved}
        for text in [text for text, really in lost.items() if really and text not in self._warned]:
            self._warned.add(text)
            self._sink.emit(Warned(text))

    def _write(self, save: Save) -> None:
        """Every segment before the state that counts it, also one that an earlier save could not write.

        Never an older state over a newer one: the last save of a run may overtake one that hangs.
        """
        with self._lock:
            while self._unwritten and self._report is not None:
                number, rows = self._unwritten[0]
                if number is None:
                    self._report.write_rest(rows)
                else:
                    self._report.write_segment(number, rows)
                self._unwritten.popleft()
            if save.number <= self._written:
                return
            if self._report is not None:
                self._report.write_uploads(Unfinished(self._dest_bucket, save.state.uploads))
            # To measure a large state takes longer than the loop may stay away.
            room = self._checkpoint.room
            state = fitted(save.state, room)
            self._lost_uploads |= len(state.uploads) < len(save.state.uploads)
            if fits(state, room):
                self._checkpoint.save(state)
            else:
                self._not_saved = True
            self._written = save.number

    def _ended(self, _: object, __: object, error: S3Error | None) -> None:
        self._busy = False
        if error is not None:
            raise _no_report(error) from error


def _no_report(error: S3Error) -> PermanentFailure | RetryableFailure:
    """A run whose report cannot be written has no proof: it fails."""
    failure = RetryableFailure if retryable(error.reason) else PermanentFailure
    return failure(f"the report could not be written: {error}")
