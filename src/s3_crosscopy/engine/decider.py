"""Decides once about each pair, records the decision in its batch, and queues the jobs of what is to be copied."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from itertools import islice

from s3_crosscopy.core.concurrency_window import Window
from s3_crosscopy.core.decide.comparison import COPIED_EARLIER, Decide
from s3_crosscopy.core.decide.filters import make_last
from s3_crosscopy.core.decide.iceberg_tables import ENDS, IcebergTables
from s3_crosscopy.core.merge_join import Pair
from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.core.state.deferred_ranges import DeferredRanges
from s3_crosscopy.core.state.ledger import Ledger
from s3_crosscopy.core.state.remaining import Among
from s3_crosscopy.core.transfer.preconditions import expected_of
from s3_crosscopy.engine.listing.pair_consumer import PAIRS_A_TURN
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.run_config import RunConfig
from s3_crosscopy.engine.transfer.job import UNSEEN, CopyJob
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import KeyRange, Listed
from s3_crosscopy.model.option_parsers import AUTO
from s3_crosscopy.model.outcomes import Action, Decision, Verified
from s3_crosscopy.model.run_scope import KeySubset

MOST_HELD = 1000
"""The most `copy_last` keys that are held as they were listed; others are listed again when their turn comes."""
MOST_IN_ORDER = 10_000
"""The same for `copy_last="auto"`, whose keys are copied in order only if they are held: 10 MB."""
MOST_RANGES = 20_000
"""The most ranges of those others, per glob: 5 MB for keys of 40 characters. More hold keys that are listed again."""


class Decider:
    """Decides about the pairs of every scan.

    `tables`: the Iceberg tables among the keys to copy.
    `backlog`: jobs without a request yet. `last`: jobs of the first `copy_last` keys, each with the number of its glob.
    `put_off`: the ranges of the other `copy_last` keys, by glob. `markers`: the ranges of those that a run for `DATA`
    leaves to the publish run. `passed_over` counts the keys that do not belong to this run: in a run for `MARKERS` all
    others, and those not `among` the remaining keys of a resumed run (None: all remain).
    """

    def __init__(
        self,
        config: RunConfig,
        ledger: Ledger,
        recorder: OutcomeRecorder,
        choose: Decide,
        window: Window,
        among: Among | None = None,
    ) -> None:
        spec, options = config.spec, config.spec.options
        self.backlog: deque[CopyJob] = deque()
        self.last: list[tuple[int, CopyJob]] = []
        self.put_off: dict[int, DeferredRanges] = {}
        self.markers = DeferredRanges()
        self.passed_over = 0
        self._part = config.role.part
        self._among = among
        self._scan: PairSource | None = None
        self.tables = IcebergTables()
        # In a dry run the order changes nothing, and keys are recorded many at once.
        self._glob_of = None if options.dry_run and options.copy_last == AUTO else make_last(spec)
        self._most_held = MOST_IN_ORDER if options.copy_last == AUTO else MOST_HELD
        self._ledger = ledger
        self._recorder = recorder
        self._batches: dict[int, Batch] = {}
        self._dry_run = options.dry_run
        self._batch_size = options.batch_size
        self._threshold = options.multipart_threshold
        self._choose = choose
        self._window = window

    def full(self) -> bool:
        """Return True if the backlog keeps the window full: then copying, not listing, takes the time."""
        return len(self.backlog) >= self._window.limit

    def take(self, number: int, scan: PairSource) -> bool:
        """Decide about known pairs until the backlog is full. Returns True if none remains.

        Also ends the range of a scan that has ended.
        """
        budget = PAIRS_A_TURN
        self._scan, pairs = scan, scan.pairs()
        # A few batches open at a time keep the window full across their borders, whatever their size.
        most_waiting, most_open = self._window.limit, 4 + 2 * self._window.limit // self._batch_size
        while True:
            if budget <= 0 or len(self.backlog) >= most_waiting:
                return False
            if number not in self._batches and self._ledger.open_batches(number) >= most_open:
                return False
            pair = next(pairs, None)
            if pair is None:
                break
            budget -= 1
            if self._among is not None and not self._among.holds(pair[0].key):
                self.passed_over += 1
                continue
            error = scan.refused.pop(pair[0].key, None) if scan.refused else None
            if error is not None:
                self._enter_unseen(number, pair[0], error)
                continue
            decision = self._place(number, *pair)
            if self._by_count(decision) and not scan.refused:
                budget -= self._place_alike(number, decision, scan, pairs, budget)
        if scan.ended:
            self._seal(number)
            self._ledger.end_range(number)
        return True

    def _by_count(self, decision: Decision) -> bool:
        may_be_copy_last = self._glob_of is not None and decision.action is Action.COPY
        return not may_be_copy_last and self._part is not KeySubset.MARKERS and self._recorder.by_count(decision)

    def _place_alike(self, number: int, decision: Decision, scan: PairSource, pairs: Iterator[Pair], most: int) -> int:
        """Place the next pairs while they have the same decision, and the first with another. Returns their number.

        Most objects of most runs have the decision of their neighbours: placed together they cost half.
        """
        batch = self._batches.get(number)
        if batch is None:
            return 0
        choose, alike, copies, other = self._choose, [], [], None
        for source, dest in islice(pairs, min(most, self._batch_size - batch.keys())):
            if self._among is not None and not self._among.holds(source.key):
                self.passed_over += 1
                continue
            if choose(source, dest) is not decision:
                other = source, dest
                break
            alike.append(source)
            copies.append(dest)
        if alike:
            if decision.action is Action.COPY:
                self._look_for_tables(alike)
            self._recorder.entered_alike(batch, decision, alike)
            self._recorder.unchanged(batch, decision, alike, copies)
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
        glob = self._glob_of(source.key) if ours and self._glob_of is not None else None
        if glob is None and self._part is KeySubset.MARKERS:
            self.passed_over += 1
            return decision
        if to_copy and source.key.endswith(ENDS):
            self.tables.see(source.key)
        batch = self._batch(number)
        after = batch.last_key
        batch.take(source.key)
        if glob is not None and to_copy:
            self._defer(number, batch, CopyJob(batch, source, decision, after, expected_of(decision, dest)), glob)
        elif to_copy and source.size >= self._threshold and not self._dry_run:
            self.backlog.append(CopyJob(batch, source, decision, after, expected_of(decision, dest)).detach())
        else:
            self._enter(batch, (source, dest), decision, after)
            if not to_copy:
                self._recorder.unchanged(batch, decision, (source,), (dest,))
        if batch.keys() >= self._batch_size:
            self._seal(number)
        return decision

    def _defer(self, number: int, batch: Batch, job: CopyJob, glob: int) -> None:
        assert self._scan is not None
        interval = KeyRange(job.after, job.source.key)
        if self._part is KeySubset.DATA:
            self._recorder.left_to_publish(job)
            self.markers.add(number, interval, self._scan.joined)
        elif len(self.last) < self._most_held:
            self.last.append((glob, job.detach()))
        else:
            self._ledger.defer(batch, job.after, job.source.key)
            ranges = self.put_off.setdefault(glob, DeferredRanges(None, MOST_RANGES))
            ranges.add(number, interval, self._scan.joined)

    def _enter_unseen(self, number: int, source: Listed, error: S3Error) -> None:
        """Record a key whose HEAD failed: without it the copy would have no precondition. The retry phase may help."""
        decision = self._choose(source, None)
        if decision.action is Action.FILTER:
            self._place(number, source, None)
            return
        batch = self._batch(number)
        job = CopyJob(batch, source, UNSEEN, batch.last_key)
        batch.take(source.key)
        # In the retry phase a marker would be copied before the data.
        if self._glob_of is not None and self._glob_of(source.key) is not None:
            job.second, job.doubt = True, error
        self._recorder.failed(job, error)
        if batch.keys() >= self._batch_size:
            self._seal(number)

    def _look_for_tables(self, objects: Sequence[Listed]) -> None:
        for source in objects:
            if source.key.endswith(ENDS):
                self.tables.see(source.key)

    def _batch(self, number: int) -> Batch:
        batch = self._batches.get(number)
        if batch is None:
            batch = self._batches[number] = self._ledger.begin(number)
        return batch

    def _enter(self, batch: Batch, pair: Pair, decision: Decision, after: str) -> None:
        source, dest = pair
        if decision is COPIED_EARLIER and source.size < self._threshold:
            self._recorder.arrived(CopyJob(batch, source, decision, after), Verified.ETAG)
        elif self._recorder.entered(batch, source, decision, after):
            return
        elif self._dry_run and decision.action is Action.COPY:
            self._recorder.would_copy(CopyJob(batch, source, decision, after))
        else:
            self.backlog.append(CopyJob(batch, source, decision, after, expected_of(decision, dest)))

    def _seal(self, number: int) -> None:
        batch = self._batches.pop(number, None)
        if batch is not None:
            batch.sealed = True
