"""What has become of every listed key, batch by batch: the pure bookkeeping behind cursor, counts and checkpoint.

A batch is a run of consecutive listed keys of one range. Batches of a range commit in order, when each key in them has
an outcome or was set apart. What is settled then is neither done nor told again by a later attempt; all else is left,
and counted apart: a key that failed, and keys for which a gap in what is left would cost too much. Of batches that are
still open a save settles whatever has its end (`snapshot`): a few keys that take hours keep nothing else.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.core.state.remaining import LIMITS, RemainingRanges, SizeLimits, without
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Outcome
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.model.tally import Tally


class CommittedBatch(NamedTuple):
    """What committed just now, for those who are told: the end of its interval, and what became of its keys."""

    number: int
    last_key: str
    tally: Tally


class Snapshot(NamedTuple):
    """Where a run stands: the intervals that a later attempt does again, and the counts of all keys outside them."""

    remaining: tuple[KeyRange, ...]
    settled: Tally


class Ledger:
    """The open batches of a run, and the counts of all that are not open any more: the settled ones, and the others.

    `ranges` are walked. `already` are the counts of earlier attempts, none of whose keys lie in `left`, which is all
    of `ranges` unless told: whoever walks them passes over the other keys. `put_off` keys were listed and are not
    counted before they are found again; below 0, more were found than that.
    """

    def __init__(
        self,
        ranges: Sequence[KeyRange],
        already: Tally | None = None,
        limits: SizeLimits = LIMITS,
        left: Sequence[KeyRange] | None = None,
    ) -> None:
        self._left = RemainingRanges(ranges if left is None else left, limits)
        self._ranges = list(ranges)
        self._cursors = [one.after for one in ranges]
        self._in_a_row = [0] * len(ranges)
        self._listed: set[int] = set()
        self._queues: dict[int, deque[Batch]] = {}
        # Keys set apart whose batch has committed without them, and whether a gap may be made where they are.
        self._apart: dict[Batch, bool] = {}
        self._ended: list[Batch] = []
        self._settled, self._unsettled = Tally(), Tally()
        self._settled.add(already or Tally())
        self.put_off = 0
        self._rows: list[ReportRow] = []
        self._unsettled_rows: list[ReportRow] = []
        self._next_number = 1

    def begin(self, range_number: int) -> Batch:
        """The next batch of a range; the one before must be sealed."""
        queue = self._queues.setdefault(range_number, deque())
        batch = Batch(self._number(), queue[-1].last_key if queue else self._cursors[range_number], self._ended)
        queue.append(batch)
        return batch

    def split(self, range_number: int, at: str) -> int:
        """End the range at a key behind all that were taken of it; the number of the range that begins there."""
        one = self._ranges[range_number]
        self._ranges[range_number] = KeyRange(one.after, at)
        self._ranges.append(KeyRange(at, one.end))
        self._cursors.append(at)
        self._in_a_row.append(0)
        return len(self._ranges) - 1

    def unsplit(self, range_number: int, other: int) -> None:
        """Take back that split, before any key was taken of the `other` range."""
        self._ranges[range_number] = KeyRange(self._ranges[range_number].after, self._ranges[other].end)
        self._ranges[other] = KeyRange(self._cursors[other], self._cursors[other])
        self._listed.discard(range_number)

    def end_range(self, range_number: int) -> None:
        """The range is listed to its end."""
        self._listed.add(range_number)
        if range_number not in self._queues:
            self._left.cut(without(KeyRange(self._cursors[range_number], self._ranges[range_number].end), ()))

    def leave_for_now(self, batch: Batch, after: str, key: str) -> None:
        """This open key of a batch is not remembered: a later listing finds it again, or nobody does any more."""
        batch.detach(after, key).leave_for_now()
        self.put_off += 1

    def found_again(self, after: str, key: str) -> Batch:
        """The batch of a key that was left for now, alone; `after` is the listed key before it."""
        one = Batch(0, after, self._ended)
        one.take(key)
        one.sealed = True
        self._apart[one] = True
        self.put_off -= 1
        return one

    def not_found_again(self) -> None:
        """Whatever is still put off was deleted since it was listed."""
        self._end_put_off(Outcome.MISSING)

    def commits(self) -> list[CommittedBatch]:
        """Move every cursor as far as it goes; what committed just now."""
        done = self._file_late() if self._ended else []
        for number, queue in tuple(self._queues.items()):
            while queue and queue[0].sealed and not queue[0].open:
                batch = queue.popleft()
                self._cursors[number] = batch.last_key
                done.append(self._commit(number, batch, last=not queue))
            if not queue:
                del self._queues[number]
        return done

    @property
    def coarse(self) -> bool:
        """Whether keys that are done had to be left, because what is left had become too much to keep."""
        return self._left.refused

    def open_keys(self) -> int:
        """Keys without an outcome, those that wait for the retry phase included."""
        late = len(self._apart) - len(self._ended_late())
        return late + sum(batch.open for batch in self._open()) + sum(not one.ended() for one in self._open_apart())

    def open_batches(self, range_number: int) -> int:
        """How many batches of a range are not committed."""
        return len(self._queues.get(range_number, ()))

    def give_up(self) -> None:
        """The run is over: whatever has no outcome, or waits for a second round, was not attempted to its end."""
        self._settle_open()
        over = [*self._open(), *self._open_apart(), *self._apart]
        for batch in over:
            if batch.waiting:
                batch.resume()
            batch.not_attempted()
            self._leave(batch)
        self._end_put_off(Outcome.NOT_ATTEMPTED)
        self._queues.clear()
        self._apart.clear()
        self._ended.clear()

    def total(self) -> Tally:
        """All counts so far."""
        total = Tally()
        for tally in (self._settled, self._unsettled):
            total.add(tally)
        for batch in (*self._open(), *self._open_apart(), *(late := self._ended_late())):
            total.add(batch.tally)
        total.listed += len(self._apart) - len(late)
        return total

    def snapshot(self) -> Snapshot:
        """What is left and what is settled; a key is in exactly one of the two.

        Settles what has its end by now, also in batches that are still open, unless that would take too many bytes.
        """
        self._settle_open()
        settled = Tally()
        settled.add(self._settled)
        return Snapshot(self._left.ranges(), settled)

    def settled_rows(self) -> list[ReportRow]:
        """The rows of what settled since this was last asked; ask right after `snapshot`, whose counts they explain."""
        rows, self._rows = self._rows, []
        return rows

    def unsettled_rows(self, least: int = 0) -> list[ReportRow]:
        """The rows, since this was last asked, of what has its end and a later attempt does again; none if fewer."""
        if len(self._unsettled_rows) < least:
            return []
        rows, self._unsettled_rows = self._unsettled_rows, []
        return rows

    def rows_waiting(self) -> int:
        """How many rows nobody has asked for yet."""
        return len(self._rows) + len(self._unsettled_rows)

    def _commit(self, range_number: int, batch: Batch, *, last: bool) -> CommittedBatch:
        """The batch settles without the keys set apart that are not good, or else not at all."""
        end = self._ranges[range_number].end if last and range_number in self._listed else batch.last_key
        ended = [one for one in batch.apart if one.ended()]
        again = batch.pending()
        tally = Tally()
        for counts in (batch.settled, batch.tally, *(one.tally for one in ended)):
            tally.add(counts)
        in_a_row = 0 if again else self._in_a_row[range_number] + tally.listed
        self._in_a_row[range_number] = in_a_row
        settles = self._left.cut(without(KeyRange(batch.after, end), again), in_a_row)
        for one in (batch, *ended):
            (self._settle if settles and one.good() else self._leave)(one)
        self._apart.update((one, settles) for one in batch.apart if not one.ended())
        return CommittedBatch(batch.number, batch.last_key, tally)

    def _file_late(self) -> list[CommittedBatch]:
        """Keys that were set apart and ended after their batches, as if they were one."""
        tally, last_key = Tally(), ""
        for one in self._ended_late():
            settles = self._apart.pop(one) and one.good() and self._left.cut([one.interval()])
            (self._settle if settles else self._leave)(one)
            tally.add(one.tally)
            last_key = one.last_key
        self._ended.clear()
        return [CommittedBatch(self._number(), last_key, tally)] if tally.listed else []

    def _end_put_off(self, outcome: Outcome) -> None:
        number = max(0, self.put_off)
        self._unsettled.listed += number
        self._unsettled.count(outcome, keys=number)
        self.put_off -= number

    def _settle_open(self) -> None:
        """Take what has its end out of the open batches; what costs too much stays in them until they commit."""
        for batch in self._open():
            if not batch.has_done():
                continue
            gaps = without(KeyRange(batch.after, batch.last_key), batch.pending())
            if self._left.cut(gaps, is_transient=True):
                for one in batch.take_done():
                    self._settle(one)

    def _number(self) -> int:
        self._next_number += 1
        return self._next_number - 1

    def _open(self) -> list[Batch]:
        return [batch for queue in self._queues.values() for batch in queue]

    def _open_apart(self) -> list[Batch]:
        return [one for batch in self._open() for one in batch.apart]

    def _ended_late(self) -> list[Batch]:
        return [one for one in self._ended if one in self._apart]

    def _settle(self, batch: Batch) -> None:
        self._settled.add(batch.tally)
        self._rows += batch.rows

    def _leave(self, batch: Batch) -> None:
        self._unsettled.add(batch.tally)
        self._unsettled_rows += batch.rows
