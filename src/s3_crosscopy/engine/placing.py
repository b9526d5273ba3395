"""From pairs to batches and jobs: each pair is decided once and entered; what has to be copied waits here."""

from __future__ import annotations

from collections import deque

from s3_crosscopy.engine.settling import UNSEEN, Job, Settling
from s3_crosscopy.engine.walks import Walk
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Action, Decision, Verified
from s3_crosscopy.plan.batches import Batch
from s3_crosscopy.plan.decide import COPIED_EARLIER, Decide
from s3_crosscopy.plan.filters import make_last
from s3_crosscopy.plan.ledger import Ledger
from s3_crosscopy.plan.resolve import Spec
from s3_crosscopy.plan.window import Window

PAIRS_A_TURN = 5000
"""So that an unchanged sync, which never waits, still hears a stop signal and tells its progress."""


class Placing:
    """Decides about the pairs of every walk.

    `backlog` holds the jobs that no request was made for yet, `last` those of the keys that go last, each with the
    number of its glob.
    """

    def __init__(self, spec: Spec, ledger: Ledger, settling: Settling, choose: Decide, window: Window) -> None:
        options = spec.options
        self.backlog: deque[Job] = deque()
        self.last: list[tuple[int, Job]] = []
        self._turn_of = make_last(options.copy_last, len(spec.source_prefix))
        self._ledger = ledger
        self._settling = settling
        self._batches: dict[int, Batch] = {}
        self._dry_run = options.dry_run
        self._batch_size = options.batch_size
        self._threshold = options.multipart_threshold
        self._choose = choose
        self._window = window

    def full(self) -> bool:
        """Whether what is waiting is enough to keep the window full: then copying is what takes the time."""
        return len(self.backlog) >= self._window.limit

    def take(self, number: int, walk: Walk) -> bool:
        """Decide about the pairs that are known, as long as their copies would not only queue up; whether none is left.

        A walk that ended is closed with that.
        """
        left = PAIRS_A_TURN
        pairs = walk.pairs()
        # A few batches open at a time keep the window full across their borders, whatever their size.
        most_waiting, most_open = self._window.limit, 4 + 2 * self._window.limit // self._batch_size
        while True:
            if not left or len(self.backlog) >= most_waiting:
                return False
            if number not in self._batches and self._ledger.open_batches(number) >= most_open:
                return False
            pair = next(pairs, None)
            if pair is None:
                break
            error = walk.refused.pop(pair[0].key, None) if walk.refused else None
            if error is None:
                self._place(number, *pair)
            else:
                self._unseen(number, pair[0], error)
            left -= 1
        if walk.ended:
            self._seal(number)
            self._ledger.end_range(number)
        return True

    def _place(self, number: int, source: Listed, dest: Listed | None) -> None:
        batch = self._batch(number)
        after = batch.last_key
        decision = self._choose(source, dest)
        to_copy = decision.action in (Action.COPY, Action.COMPARE)
        turn = self._turn_of(source.key) if to_copy and self._turn_of is not None else None
        batch.take(source.key)
        if turn is not None:
            self.last.append((turn, Job(batch, source, decision.reason, after).stand_apart()))
        elif to_copy and source.size >= self._threshold and not self._dry_run:
            self.backlog.append(Job(batch, source, decision.reason, after).stand_apart())
        else:
            self._enter(batch, source, decision, after)
        if batch.keys() >= self._batch_size:
            self._seal(number)

    def _unseen(self, number: int, source: Listed, error: S3Error) -> None:
        """A key of which nothing is known: to copy it unseen would be to copy it unguarded. Maybe the second round."""
        decision = self._choose(source, None)
        if decision.action is Action.FILTER:
            self._place(number, source, None)
            return
        batch = self._batch(number)
        job = Job(batch, source, UNSEEN, batch.last_key)
        batch.take(source.key)
        # In its second round a marker would come before the data.
        job.second = self._turn_of is not None and self._turn_of(source.key) is not None
        self._settling.failed(job, error)
        if batch.keys() >= self._batch_size:
            self._seal(number)

    def _batch(self, number: int) -> Batch:
        batch = self._batches.get(number)
        if batch is None:
            batch = self._batches[number] = self._ledger.begin(number)
        return batch

    def _enter(self, batch: Batch, source: Listed, decision: Decision, after: str) -> None:
        if decision is COPIED_EARLIER and source.size < self._threshold:
            self._settling.arrived(Job(batch, source, decision.reason, after), Verified.ETAG)
        elif self._settling.entered(batch, source, decision, after):
            return
        elif self._dry_run and decision.action is Action.COPY:
            self._settling.would_copy(Job(batch, source, decision.reason, after))
        else:
            self.backlog.append(Job(batch, source, decision.reason, after))

    def _seal(self, number: int) -> None:
        batch = self._batches.pop(number, None)
        if batch is not None:
            batch.sealed = True
