"""From pairs to batches and jobs: each pair is decided once and entered; what has to be copied waits here."""

from __future__ import annotations

from collections import deque

from s3_crosscopy.engine.settling import UNSEEN, Job, Settling
from s3_crosscopy.engine.walks import Walk
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Listed
from s3_crosscopy.model.outcomes import Action, Decision, Verified
from s3_crosscopy.plan.decide import COPIED_EARLIER, Decide
from s3_crosscopy.plan.filters import make_last
from s3_crosscopy.plan.ledger import Batch, Ledger
from s3_crosscopy.plan.resolve import Spec
from s3_crosscopy.plan.window import Window

PAIRS_A_TURN = 5000
"""So that an unchanged sync, which never waits, still hears a stop signal and tells its progress."""


class Placing:
    """Decides about the pairs of every walk; `closed` are the walks that came to their end.

    `backlog` holds the jobs that no request was made for yet, `last` those of the keys that go last, each with the
    number of its glob.
    """

    def __init__(
        self, spec: Spec, ledger: Ledger, settling: Settling, choose: Decide, ranges: int, window: Window
    ) -> None:
        options = spec.options
        self.backlog: deque[Job] = deque()
        self.closed: set[int] = set()
        self.last: list[tuple[int, Job]] = []
        self._turn_of = make_last(options.copy_last, len(spec.source_prefix))
        self._ledger = ledger
        self._settling = settling
        self._batches: list[Batch | None] = [None] * ranges
        self._batch_size = options.batch_size
        self._threshold = options.multipart_threshold
        self._choose = choose
        self._window = window

    def take(self, number: int, walk: Walk) -> None:
        """Decide about the pairs that are known, as long as their copies would not only queue up."""
        left = PAIRS_A_TURN
        pairs = walk.pairs()
        # A few batches open at a time keep the window full across their borders, whatever their size.
        most_waiting, most_open = self._window.limit, 4 + 2 * self._window.limit // self._batch_size
        while left and len(self.backlog) < most_waiting:
            if self._batches[number] is None and self._ledger.open_batches(number) >= most_open:
                return
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
            self.closed.add(number)

    def _place(self, number: int, source: Listed, dest: Listed | None) -> None:
        batch = self._batch(number)
        after = batch.last_key
        decision = self._choose(source, dest)
        to_copy = decision.action in (Action.COPY, Action.COMPARE)
        turn = self._turn_of(source.key) if to_copy and self._turn_of is not None else None
        if turn is not None:
            apart = self._ledger.detach(after, source.key)
            batch.pass_by(source.key)
            self.last.append((turn, Job(apart, source, decision.reason, after)))
        elif to_copy and source.size >= self._threshold:
            apart = self._ledger.detach(after, source.key)
            batch.pass_by(source.key)
            self.backlog.append(Job(apart, source, decision.reason, after))
        else:
            batch.take(source.key)
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
        batch = self._batches[number]
        if batch is None:
            batch = self._batches[number] = self._ledger.begin(number)
        return batch

    def _enter(self, batch: Batch, source: Listed, decision: Decision, after: str) -> None:
        if decision is COPIED_EARLIER and source.size < self._threshold:
            self._settling.arrived(Job(batch, source, decision.reason, after), Verified.ETAG)
        elif not self._settling.entered(batch, source, decision, after):
            self.backlog.append(Job(batch, source, decision.reason, after))

    def _seal(self, number: int) -> None:
        batch = self._batches[number]
        if batch is not None:
            batch.sealed = True
            self._batches[number] = None
