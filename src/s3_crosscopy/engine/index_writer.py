"""Writes the ETag index of a run beside the loop. An index that cannot be written never fails a run: it is not renewed.

Complete segments are written as they come. A save also records all rows since the last one, so that a later attempt of
the run has them; the list of the segments, which replaces the index of the last run, is written at the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from s3_crosscopy.core.error_codes import retryable
from s3_crosscopy.core.etag_index.pending_rows import PendingRows
from s3_crosscopy.engine.store_writer import StopDeadline, StoreWriter
from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.model.etag_index import Block
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.report import Report
from s3_crosscopy.ports import EtagIndex, EventSink

MOST_SEGMENTS = 100
"""Segments that may wait to be written, about 25 MB; no more keys are taken then until some are."""
AGAIN_S = 10.0
AWAY_S = 600.0
"""Seconds between two attempts while the store is away, and after which the index is given up."""
SLOW_S = 20.0
"""Seconds that a checkpoint waits for the index."""
FINISH_S = 600.0
"""Seconds that the end of an index may take."""
STOP_S = 1.5
"""Seconds of the end of a stopped run that it may take: the checkpoint needs the rest."""

GIVEN_UP = "the ETag index is not renewed, the next run compares as without it what this one copied: {}"
"""The copies themselves are not affected."""
NOT_REMOVED = "files of the former ETag index could not be removed, which harms nothing: {}"


Pending = tuple[str, list[Block]]
"""The start of the run, and the blocks that are in no segment."""


class Save(NamedTuple):
    """A save of the run that began at `run`; `then` is called after it."""

    run: str
    then: Callable[[float], None]
    at_s: float


class IndexWriter:
    """Writes the rows of `rows` to `index`, None for a run without one. `wake` wakes the loop at the end of a write."""

    def __init__(self, index: EtagIndex | None, rows: PendingRows, sink: EventSink, wake: Callable[[], None]) -> None:
        self._index = index
        self._rows = rows
        self._sink = sink
        self._waiting: deque[Sequence[Block]] = deque()
        self._queued: Save | None = None
        self._recording: Save | None = None
        self._changed = False
        self._tried_at = 0.0
        self._writing = StoreWriter("s3-index", "the ETag index", sink, wake, lambda error: not retryable(error.reason))
        if index is not None:
            rows.add_blocks(index.pending)

    @property
    def saving(self) -> bool:
        """True while a save waits for its end, so that `then` was not called yet."""
        return self._recording is not None or self._queued is not None

    def too_many(self) -> bool:
        """Return True if no more keys are to be taken until some segments are written."""
        return len(self._waiting) + len(self._rows.ready) >= MOST_SEGMENTS

    def tick(self, now: float) -> None:
        """Handle the end of a write, and begin to write the segments that are complete."""
        if self._index is None:
            return
        try:
            self._writing.handle_ended(now)
        except CrossCopyError as error:
            self._give_up(error)
        self._release_checkpoint(now)
        self._write_next(now)

    def _release_checkpoint(self, now: float) -> None:
        """Let the checkpoint be saved if the index is slow, or given up."""
        saved = self._queued if self._recording is None else self._recording
        if saved is not None and (self._index is None or now - saved.at_s >= SLOW_S):
            self._queued = self._recording = None
            saved.then(now)

    def _write_next(self, now: float) -> None:
        if self._index is None:
            return
        if self._writing.away_s(now) >= AWAY_S:
            self._give_up(f"it could not be written for {AWAY_S / 60:.0f} minutes")
        elif self._queued is not None and not self._writing.busy:
            queued, self._queued = self._queued, None
            self._record(queued, now)
        elif (self._rows.ready or self._waiting) and not self._writing.busy and self._may_try(now):
            self._begin(None, lambda error, now: None, now)

    def _may_try(self, now: float) -> bool:
        return not self._writing.away_s(now) or now - self._tried_at >= AGAIN_S

    def save(self, run: str, then: Callable[[float], None], now: float) -> None:
        """Record all rows for a later attempt of the run that began at `run`, and call `then` afterwards.

        Also if that fails or takes long: only comparisons would have to be made again.
        """
        save = Save(run, then, now)
        if self._index is None or not run or self.saving or not self._may_try(now):
            then(now)
        elif self._writing.busy:
            self._queued = save
        else:
            self._record(save, now)

    def end(self, run: str, report: Report | None, deadline: StopDeadline, now: float) -> None:
        """Write the end of the index if everything was tried; otherwise record what a later attempt needs."""
        if self._index is None:
            return
        self._queued = self._recording = None
        within_s = FINISH_S if report is not None else STOP_S
        try:
            self._writing.finish(self._last_job(self._index, run, report), deadline, now, within_s=within_s)
        except CrossCopyError as error:
            self._give_up(error)
        else:
            if self._index.not_removed:
                self._sink.emit(Warned(NOT_REMOVED.format(self._index.not_removed)))

    def close(self) -> None:
        """Begin no more writes."""
        self._writing.close()

    def _last_job(self, index: EtagIndex, run: str, report: Report | None) -> Callable[[], None]:
        if report is None or report.stopped or report.unproven or report.counts["not_attempted"]:
            return partial(self._write, index, self._taken(), (run, self._rows.pack()) if run else None)
        self._rows.complete()
        waiting = self._taken()

        def finish() -> None:
            self._write(index, waiting, None)
            index.finish(run)

        return finish

    def _record(self, save: Save, now: float) -> None:
        blocks = self._rows.pack()
        if not (blocks or self._rows.ready or self._waiting or self._changed):
            save.then(now)
            return
        self._recording = save
        self._begin((save.run, blocks), partial(self._recorded, save), now)
        self._changed = False

    def _recorded(self, save: Save, _: Exception | None, now: float) -> None:
        if self._recording is save:
            self._recording = None
            save.then(now)

    def _begin(self, pending: Pending | None, then: Callable[[Exception | None, float], None], now: float) -> None:
        assert self._index is not None
        self._changed, self._tried_at = True, now
        self._writing.begin(partial(self._write, self._index, self._taken(), pending), then, now)

    def _taken(self) -> deque[Sequence[Block]]:
        self._waiting.extend(self._rows.ready)
        self._rows.ready.clear()
        return self._waiting

    def _write(self, index: EtagIndex, waiting: deque[Sequence[Block]], pending: Pending | None) -> None:
        """Write all segments, also those that could not be written before. Called on the writer's thread."""
        while waiting:
            index.write(waiting[0])
            waiting.popleft()
        if pending is not None:
            index.save(*pending)

    def _give_up(self, why: object) -> None:
        self._sink.emit(Warned(GIVEN_UP.format(why)))
        self._index = None
        self._waiting = deque()  # The thread may still read the old one.
        self._rows.stop()
