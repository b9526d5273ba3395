"""Records the outcomes of all listed keys, batch by batch: the source of cursors, counts and checkpoints. No I/O.

A batch holds consecutive listed keys of one range. The batches of a range close in order, each as soon as all its keys
have an outcome or are detached. Keys of a closed batch are committed: a later attempt neither copies nor counts them
again. Not committed, and counted apart, are keys that failed, and keys whose gap in the remaining ranges would take too
many bytes. A snapshot also commits the completed keys of batches that are still open, so that a few keys that take
hours delay no others.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.core.state.cursors import Cursors
from s3_crosscopy.core.state.remaining import LIMITS, RemainingRanges, SizeLimits, without
from s3_crosscopy.core.state.row_buffer import RowBuffer
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Outcome
from s3_crosscopy.model.tally import Tally


class ClosedBatch(NamedTuple):
    """A batch that has just closed, for the event: its number, the end of its interval and the counts of its keys."""

    number: int
    last_key: str
    tally: Tally


class Snapshot(NamedTuple):
    """State of a run: the ranges that a later attempt copies again, and the counts of all keys outside them."""

    remaining: tuple[KeyRange, ...]
    committed: Tally


class Ledger(Cursors):
    """The open batches of a run, the remaining ranges, and the counts of committed and of other ended keys.

    ranges: the ranges to scan. committed: counts of earlier attempts, none of whose keys are in `remaining`; or None.
    remaining: what is to be copied of `ranges`; None means all of it. The scan passes over the other keys.

    deferred: number of keys that were listed and are counted only once a later listing finds them again. Negative if it
    found more keys than that.

    rows: the report rows of ended keys.
    """

    def __init__(
        self,
        ranges: Sequence[KeyRange],
        committed: Tally | None = None,
        limits: SizeLimits = LIMITS,
        remaining: Sequence[KeyRange] | None = None,
    ) -> None:
        self._remaining = RemainingRanges(ranges if remaining is None else remaining, limits)
        super().__init__(ranges)
        self._consecutive_keys = [0] * len(ranges)
        self._listed: set[int] = set()
        self._queues: dict[int, deque[Batch]] = {}
        # Detached keys whose batch has closed without them, and whether that batch is committed.
        self._detached: dict[Batch, bool] = {}
        self._ended: list[Batch] = []
        self._committed, self._uncommitted = Tally(), Tally()
        self._committed.add(committed or Tally())
        self.deferred = 0
        self.rows = RowBuffer()
        self._next_number = 1

    def begin(self, range_number: int) -> Batch:
        """Open the next batch of a range; the one before must be sealed."""
        queue = self._queues.setdefault(range_number, deque())
        batch = Batch(self._number(), queue[-1].last_key if queue else self._cursors[range_number], self._ended)
        batch.range_number = range_number
        queue.append(batch)
        return batch

    def split(self, range_number: int, key: str) -> int:
        """End the range at a key after all taken ones. Returns the number of the new range that starts there."""
        self._consecutive_keys.append(0)
        return super().split(range_number, key)

    def unsplit(self, range_number: int, other: int) -> None:
        """Undo a split before any key of the range `other` was taken."""
        super().unsplit(range_number, other)
        self._listed.discard(range_number)

    def end_range(self, range_number: int) -> None:
        """Record that the range is listed to its end."""
        self._listed.add(range_number)
        if range_number not in self._queues:
            self._remaining.subtract(without(self.rest(range_number), ()))

    def defer(self, batch: Batch, after: str, key: str) -> None:
        """Forget an open key of a batch until a later listing finds it again; `after` is the listed key before it."""
        batch.detach(after, key).defer()
        self.deferred += 1

    def found_again(self, after: str, key: str) -> Batch:
        """Return a batch for a deferred key that was found again; `after` is the listed key before it."""
        batch = Batch(0, after, self._ended)
        batch.take(key)
        batch.sealed = True
        self._detached[batch] = True
        self.deferred -= 1
        return batch

    def not_found_again(self) -> None:
        """Count the keys that are still deferred as missing: they were deleted after they were listed."""
        self._end_deferred(Outcome.MISSING)

    def close_batches(self) -> list[ClosedBatch]:
        """Close all batches that can be closed, advance the cursors, and return the batches closed by this call."""
        closed = self._close_detached() if self._ended else []
        for number, queue in tuple(self._queues.items()):
            while queue and queue[0].sealed and not queue[0].open:
                batch = queue.popleft()
                self._cursors[number] = batch.last_key
                closed.append(self._close(number, batch, last=not queue))
            if not queue:
                del self._queues[number]
        return closed

    @property
    def coarse(self) -> bool:
        """True if completed keys had to remain, because the remaining ranges reached their size limit."""
        return self._remaining.refused

    def open_keys(self) -> int:
        """Return the number of keys without an outcome, including those that wait for the retry phase."""
        detached = len(self._detached) - len(self._ended_detached())
        opened = sum(batch.open for batch in self._open())
        return detached + opened + sum(not single.ended() for single in self._open_detached())

    def open_batches(self, range_number: int) -> int:
        """Return the number of batches of a range that are not closed."""
        return len(self._queues.get(range_number, ()))

    def give_up(self) -> None:
        """End the run: keys without an outcome, or waiting for the retry phase, count as not attempted."""
        self._commit_open()
        for batch in (*self._open(), *self._open_detached(), *self._detached):
            if batch.waiting:
                batch.resume()
            batch.not_attempted()
            self._leave(batch)
        self._end_deferred(Outcome.NOT_ATTEMPTED)
        self._queues.clear()
        self._detached.clear()
        self._ended.clear()

    def total(self) -> Tally:
        """Return all counts so far, including those of earlier attempts."""
        ended = self._ended_detached()
        counted = (*self._open(), *self._open_detached(), *ended)
        total = Tally.sum(self._committed, self._uncommitted, *(batch.tally for batch in counted))
        total.listed += len(self._detached) - len(ended)
        return total

    def snapshot(self) -> Snapshot:
        """Return the remaining ranges and the committed counts; each key is in exactly one of the two.

        Commits the completed keys of open batches first, unless that would take too many bytes.
        """
        self._commit_open()
        return Snapshot(self._remaining.ranges(), Tally.sum(self._committed))

    def _close(self, range_number: int, batch: Batch, *, last: bool) -> ClosedBatch:
        """Commit the batch, except detached keys that have not succeeded; nothing if that takes too many bytes."""
        end = self._ranges[range_number].end if last and range_number in self._listed else batch.last_key
        pending = batch.pending()
        ended = [single for single in batch.detached if single.ended()]
        tally = Tally.sum(batch.committed, batch.tally, *(single.tally for single in ended))
        consecutive_keys = 0 if pending else self._consecutive_keys[range_number] + tally.listed
        self._consecutive_keys[range_number] = consecutive_keys
        fits = self._remaining.subtract(without(KeyRange(batch.after, end), pending), consecutive_keys)
        for part in (batch, *ended):
            (self._commit if fits and part.good() else self._leave)(part)
        self._detached.update((single, fits) for single in batch.detached if not single.ended())
        return ClosedBatch(batch.number, batch.last_key, tally)

    def _close_detached(self) -> list[ClosedBatch]:
        """Close detached keys that ended after their batches, reported as one batch."""
        tally, last_key = Tally(), ""
        for single in self._ended_detached():
            committed = self._detached.pop(single) and single.good() and self._remaining.subtract([single.interval()])
            (self._commit if committed else self._leave)(single)
            tally.add(single.tally)
            last_key = single.last_key
        self._ended.clear()
        return [ClosedBatch(self._number(), last_key, tally)] if tally.listed else []

    def _end_deferred(self, outcome: Outcome) -> None:
        number = max(0, self.deferred)
        self._uncommitted.listed += number
        self._uncommitted.count(outcome, keys=number)
        self.deferred -= number

    def _commit_open(self) -> None:
        """Commit the completed keys of open batches. What takes too many bytes stays there until the batch closes."""
        for batch in self._open():
            if not batch.has_done():
                continue
            done = without(KeyRange(batch.after, batch.last_key), batch.pending())
            if self._remaining.subtract(done, provisional=True):
                for part in batch.take_done():
                    self._commit(part)

    def _number(self) -> int:
        self._next_number += 1
        return self._next_number - 1

    def _open(self) -> list[Batch]:
        return [batch for queue in self._queues.values() for batch in queue]

    def _open_detached(self) -> list[Batch]:
        return [single for batch in self._open() for single in batch.detached]

    def _ended_detached(self) -> list[Batch]:
        return [single for single in self._ended if single in self._detached]

    def _commit(self, batch: Batch) -> None:
        self._committed.add(batch.tally)
        self.rows.add(batch.rows)

    def _leave(self, batch: Batch) -> None:
        self._uncommitted.add(batch.tally)
        self.rows.add(batch.rows, committed=False)
