"""What has become of every listed key, batch by batch: the pure bookkeeping behind cursor, counts and checkpoint.

A batch is a run of consecutive listed keys of one range. Batches of a range commit in order, when each key in them has
an outcome; cursor and counts move only then. A key that fails gets a batch of its own, whose interval is kept: a retry
tries it again, and its neighbours settle. When the intervals of such keys grow too many for a checkpoint, a batch keeps
its failures and its interval, and so does all that follows it in its range: what is kept is one interval then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.rows import Row
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.plan.batches import Batch, Open
from s3_crosscopy.plan.intervals import holds, union

APART_BYTES = 24 * 1024
"""What the keys that failed may take of a checkpoint, which has 48 KiB: each with the key before it."""


class Standing(NamedTuple):
    """Where a run stands: the intervals of every key without a final good outcome, and the counts of all others."""

    remaining: tuple[KeyRange, ...]
    settled: Tally


class Ledger:
    """All batches of a run that are not settled for good, and the sum of those that are.

    `already` are the counts of earlier attempts, none of whose keys lie in `ranges`.
    """

    def __init__(self, ranges: Sequence[KeyRange], already: Tally | None = None) -> None:
        self._ranges = list(ranges)
        self._cursors = [one.after for one in ranges]
        self._ended = [False] * len(ranges)
        self._queues: list[deque[Batch]] = [deque() for _ in ranges]
        # Only these have batches: a long run has had hundreds of ranges, and commits are looked for every turn.
        self._live: dict[int, None] = {}
        self._lone: list[Batch] = []
        self._kept: list[deque[Batch]] = [deque() for _ in ranges]
        self._apart: list[Batch] = []
        self._apart_bytes = 0
        self._open = Open()
        self._settled = Tally()
        self._settled.add(already or Tally())
        self._rows: list[Row] = []
        self._next_number = 1

    def begin(self, range_number: int) -> Batch:
        """The next batch of a range; the one before must be sealed."""
        queue = self._queues[range_number]
        batch = self._new(queue[-1].last_key if queue else self._cursors[range_number])
        queue.append(batch)
        self._live[range_number] = None
        return batch

    def detach(self, after: str, key: str) -> Batch:
        """A batch of its own for one slow key, so that it cannot hold back the cursor; `after` is the key before it."""
        batch = self._new(after, alone=True)
        batch.take(key)
        batch.sealed = True
        self._lone.append(batch)
        return batch

    def set_apart(self, batch: Batch, after: str, key: str) -> Batch:
        """The batch that a key without an outcome fails or waits in; `after` is the listed key before it.

        One of its own, so that its neighbours settle, unless that would be too many for a checkpoint.
        """
        size = _size(after, key)
        if batch.alone or self._apart_bytes + size > APART_BYTES:
            return batch
        self._apart_bytes += size
        batch.let_go()
        own = self.detach(after, key)
        own.apart = True
        return own

    def split(self, range_number: int, at: str) -> int:
        """End the range at a key behind all that were taken of it; the number of the range that begins there."""
        one = self._ranges[range_number]
        self._ranges[range_number] = KeyRange(one.after, at)
        self._ranges.append(KeyRange(at, one.end))
        self._cursors.append(at)
        self._ended.append(False)
        self._queues.append(deque())
        self._kept.append(deque())
        return len(self._ranges) - 1

    def unsplit(self, range_number: int, other: int) -> None:
        """Take back that split, before any key was taken of the `other` range."""
        self._ranges[range_number] = KeyRange(self._ranges[range_number].after, self._ranges[other].end)
        self._ended[other] = True

    def end_range(self, range_number: int) -> None:
        """The range is listed to its end."""
        self._ended[range_number] = True

    def commits(self) -> list[Batch]:
        """Move every cursor as far as it goes; the batches that committed just now."""
        done: list[Batch] = []
        for number in tuple(self._live):
            queue = self._queues[number]
            while queue and queue[0].sealed and queue[0].open == 0:
                batch = queue.popleft()
                self._cursors[number] = batch.last_key
                self._kept[number].append(batch)
                done.append(batch)
            self._settle_clean(number)
            if not queue and not self._kept[number]:
                del self._live[number]
        finished = [batch for batch in self._lone if batch.open == 0]
        if finished:
            self._lone = [batch for batch in self._lone if batch.open > 0]
            self._apart += finished
        return done + finished

    def open_keys(self) -> int:
        """Keys without an outcome, those that wait for the retry phase included."""
        return self._open.keys

    def give_up(self) -> None:
        """The run is over: whatever has no outcome, or waits for a second round, was not attempted to its end."""
        for batch in self._unsettled():
            batch.sealed = True
            while batch.waiting:
                batch.resume()
            while batch.open:
                batch.not_attempted()

    def open_batches(self, range_number: int) -> int:
        """How many batches of a range are not committed."""
        return len(self._queues[range_number])

    def total(self) -> Tally:
        """All counts so far."""
        total = Tally()
        total.add(self._settled)
        for batch in self._unsettled():
            total.add(batch.tally)
        return total

    def standing(self) -> Standing:
        """What is left and what is settled; a key is in exactly one of the two."""
        left = [KeyRange(batch.after, batch.last_key) for batch in self._lone]
        left += [KeyRange(batch.after, batch.last_key) for batch in self._apart if not batch.clean()]
        for number, one in enumerate(self._ranges):
            self._settle_clean(number)
            kept = self._kept[number]
            begin = kept[0].after if kept else self._cursors[number]
            if not self._ended[number]:
                left.append(KeyRange(begin, one.end))
            elif kept or self._queues[number]:
                last = self._queues[number][-1] if self._queues[number] else kept[-1]
                left.append(KeyRange(begin, last.last_key))
        remaining = union(left)
        self._settle_apart(remaining)
        settled = Tally()
        settled.add(self._settled)
        return Standing(remaining, settled)

    def settled_rows(self) -> list[Row]:
        """The rows of what settled since this was last asked; ask right after `standing`, whose counts they explain."""
        rows, self._rows = self._rows, []
        return rows

    def unsettled_rows(self) -> list[Row]:
        """The rows of what a later attempt will try again."""
        return [row for batch in self._unsettled() for row in batch.rows]

    def _new(self, after: str, *, alone: bool = False) -> Batch:
        batch = Batch(self._next_number, after, self._open, alone=alone)
        self._next_number += 1
        return batch

    def _unsettled(self) -> list[Batch]:
        in_ranges = (batch for queue in (*self._kept, *self._queues) for batch in queue)
        return [*self._lone, *self._apart, *in_ranges]

    def _settle_clean(self, number: int) -> None:
        """In order only: what follows a batch that has to be done again is done again with it, as one interval."""
        kept = self._kept[number]
        while kept and kept[0].clean():
            self._settle(kept.popleft())

    def _settle_apart(self, remaining: tuple[KeyRange, ...]) -> None:
        """A detached key lies in the interval of the batch that passed it by, until that one has settled too."""
        still: list[Batch] = []
        for batch in self._apart:
            if holds(remaining, batch.last_key):
                still.append(batch)
            else:
                self._settle(batch)
                self._apart_bytes -= _size(batch.after, batch.last_key) if batch.apart else 0
        self._apart = still

    def _settle(self, batch: Batch) -> None:
        self._settled.add(batch.tally)
        self._rows += batch.rows


def _size(after: str, key: str) -> int:
    """About what the interval takes in JSON, where a character may be written as an escape of six."""
    return len(after.encode()) + len(key.encode()) + 12
