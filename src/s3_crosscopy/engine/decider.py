"""From pairs to batches and jobs: each pair is decided once and entered; what has to be copied waits here."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice

from s3_crosscopy.core.concurrency_window import Window
from s3_crosscopy.core.decide.comparison import COPIED_EARLIER, Decide
from s3_crosscopy.core.decide.filters import make_last
from s3_crosscopy.core.merge_join import Pair
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.core.state.deferred_ranges import DeferredRanges
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.core.state.remaining import Among
from s3_crosscopy.engine.listing.pair_consumer import PAIRS_A_TURN
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.transfer.job import UNSEEN, CopyJob
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import KeyRange, Listed
from s3_crosscopy.model.outcomes import Action, Decision, Verified
from s3_crosscopy.model.run_scope import KeySubset

MOST_HELD = 1000
"""So many keys that go last are held as they were listed; all others are listed again when their turn comes."""
RANGES_BYTES = 64 * 1024
"""How large the intervals of those may get, by glob; with more of them, keys in between are listed again too."""


class Decider:
    """Decides about the pairs of every walk.

    `backlog` holds the jobs that no request was made for yet, `last` those of the first keys that go last, each with
    the number of its glob; `put_off` tells by glob where the others are. A run for `DATA` leaves all of them to another
    one: `markers` tells where they are. One for `MARKERS` passes over all others, as if they had not been listed:
    `passed_over` counts them. So it does with the keys that are not in `left`, which earlier attempts settled (None:
    all are left).
    """

    def __init__(
        self,
        spec: CopySpec,
        ledger: Ledger,
        recorder: OutcomeRecorder,
        choose: Decide,
        window: Window,
        part: KeySubset = KeySubset.WHOLE,
        left: Among | None = None,
    ) -> None:
        options = spec.options
        self.backlog: deque[CopyJob] = deque()
        self.last: list[tuple[int, CopyJob]] = []
        self.put_off: dict[int, DeferredRanges] = {}
        self.markers = DeferredRanges()
        self.passed_over = 0
        self._part = part
        self._among = left
        self._walk: PairSource | None = None
        self._turn_of = make_last(spec)
        self._ledger = ledger
        self._recorder = recorder
        self._batches: dict[int, Batch] = {}
        self._dry_run = options.dry_run
        self._batch_size = options.batch_size
        self._threshold = options.multipart_threshold
        self._choose = choose
        self._window = window

    def full(self) -> bool:
        """Whether what is waiting is enough to keep the window full: then copying is what takes the time."""
        return len(self.backlog) >= self._window.limit

    def take(self, number: int, walk: PairSource) -> bool:
        """Decide about the pairs that are known, as long as their copies would not only queue up; whether none is left.

        A walk that ended is closed with that.
        """
        left = PAIRS_A_TURN
        self._walk, pairs = walk, walk.pairs()
        # A few batches open at a time keep the window full across their borders, whatever their size.
        most_waiting, most_open = self._window.limit, 4 + 2 * self._window.limit // self._batch_size
        while True:
            if left <= 0 or len(self.backlog) >= most_waiting:
                return False
            if number not in self._batches and self._ledger.open_batches(number) >= most_open:
                return False
            pair = next(pairs, None)
            if pair is None:
                break
            left -= 1
            if self._among is not None and not self._among.holds(pair[0].key):
                self.passed_over += 1
                continue
            error = walk.refused.pop(pair[0].key, None) if walk.refused else None
            if error is not None:
                self._unseen(number, pair[0], error)
                continue
            decision = self._place(number, *pair)
            if self._by_count(decision) and not walk.refused:
                left -= self._place_alike(number, decision, walk, pairs, left)
        if walk.ended:
            self._seal(number)
            self._ledger.end_range(number)
        return True

    def _by_count(self, decision: Decision) -> bool:
        may_go_last = self._turn_of is not None and decision.action is Action.COPY
        return not may_go_last and self._part is not KeySubset.MARKERS and self._recorder.by_count(decision)

    def _place_alike(self, number: int, decision: Decision, walk: PairSource, pairs: Iterator[Pair], most: int) -> int:
        """Place the pairs that follow as long as they are decided like the one before, and the first that is not.

        Most objects of most runs are decided like their neighbours: as one they cost half. How many pairs were placed.
        """
        batch = self._batches.get(number)
        if batch is None:
            return 0
        choose, alike, other = self._choose, [], None
        for source, dest in islice(pairs, min(most, self._batch_size - batch.keys())):
            if self._among is not None and not self._among.holds(source.key):
                self.passed_over += 1
                continue
            if choose(source, dest) is not decision:
                other = source, dest
                break
            alike.append(source)
        if alike:
            self._recorder.entered_alike(batch, decision, alike)
            if batch.keys() >= self._batch_size:
                self._seal(number)
        if other is None:
            return len(alike)
        self._place(number, *other)
        return len(alike) + 1

    def _place(self, number: int, source: Listed, dest: Listed | None) -> Decision:
        decision = self._choose(source, dest)
        to_copy = decision.action in (Action.COPY, Action.COMPARE)
        ours = to_copy or decision is COPIED_EARLIER
        turn = self._turn_of(source.key) if ours and self._turn_of is not None else None
        if turn is None and self._part is KeySubset.MARKERS:
            self.passed_over += 1
            return decision
        batch = self._batch(number)
        after = batch.last_key
        batch.take(source.key)
        if turn is not None and to_copy:
            self._goes_last(number, batch, CopyJob(batch, source, decision, after), turn)
        elif to_copy and source.size >= self._threshold and not self._dry_run:
            self.backlog.append(CopyJob(batch, source, decision, after).detach())
        else:
            self._enter(batch, source, decision, after)
        if batch.keys() >= self._batch_size:
            self._seal(number)
        return decision

    def _goes_last(self, number: int, batch: Batch, job: CopyJob, turn: int) -> None:
        assert self._walk is not None
        one = KeyRange(job.after, job.source.key)
        if self._part is KeySubset.DATA:
            self._recorder.left_to_publish(job)
            self.markers.add(number, one, self._walk.joined)
        elif len(self.last) < MOST_HELD:
            self.last.append((turn, job.detach()))
        else:
            self._ledger.leave_for_now(batch, job.after, job.source.key)
            self.put_off.setdefault(turn, DeferredRanges(RANGES_BYTES)).add(number, one, self._walk.joined)

    def _unseen(self, number: int, source: Listed, error: S3Error) -> None:
        """A key of which nothing is known: to copy it unseen would be to copy it unguarded. Maybe the second round."""
        decision = self._choose(source, None)
        if decision.action is Action.FILTER:
            self._place(number, source, None)
            return
        batch = self._batch(number)
        job = CopyJob(batch, source, UNSEEN, batch.last_key)
        batch.take(source.key)
        # In its second round a marker would come before the data.
        if self._turn_of is not None and self._turn_of(source.key) is not None:
            job.second, job.doubt = True, error
        self._recorder.failed(job, error)
        if batch.keys() >= self._batch_size:
            self._seal(number)

    def _batch(self, number: int) -> Batch:
        batch = self._batches.get(number)
        if batch is None:
            batch = self._batches[number] = self._ledger.begin(number)
        return batch

    def _enter(self, batch: Batch, source: Listed, decision: Decision, after: str) -> None:
        if decision is COPIED_EARLIER and source.size < self._threshold:
            self._recorder.arrived(CopyJob(batch, source, decision, after), Verified.ETAG)
        elif self._recorder.entered(batch, source, decision, after):
            return
        elif self._dry_run and decision.action is Action.COPY:
            self._recorder.would_copy(CopyJob(batch, source, decision, after))
        else:
            self.backlog.append(CopyJob(batch, source, decision, after))

    def _seal(self, number: int) -> None:
        batch = self._batches.pop(number, None)
        if batch is not None:
            batch.sealed = True
