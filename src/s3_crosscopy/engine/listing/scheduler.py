"""All walks of a run: which are under way, which ask for a page, which have news, and when one is split.

The loop turns thousands of times a second, so that it only comes to a walk that has news, or for which there is room.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.pair_consumer import RangeBook, Taker
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.listing.range_scan import AHEAD_KEYS, RangeScan
from s3_crosscopy.engine.listing.range_splitter import RangeSplitter
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.s3_limits import PAGE_KEYS
from s3_crosscopy.ports import EventSink

LEAST_WALKS, MOST_WALKS = 4, 44
"""How many listings go on at once, of which a range has one or two: more for a lane that carries more requests."""
REQUESTS_A_WALK = 23
LEAST_PAGES, MOST_PAGES = 5, 44
"""Pages that are held or on their way, of both sides together: each takes 0.7 MB with the text that it is read from."""
REQUESTS_A_PAGE = 23

SERIAL = (
    "this server does not begin a listing where it is told to (start-after):"
    " what is left is listed page by page, without parallel ranges"
)


class ScanScheduler:
    """Walks the ranges of `ledger`, by its numbers, for `taker`. `date` is when S3 first answered, "" before.

    `make` makes the walk of a range when its turn comes, in this `order` (None: in that of the keys): what is left of a
    run can be hundreds. `joined` counts the pairs that came out, `pages` the pages of both sides that were asked for.
    """

    def __init__(
        self,
        ranges: Sequence[KeyRange],
        make: Callable[[KeyRange], PairSource],
        ledger: RangeBook,
        taker: Taker,
        splitter: RangeSplitter,
        sink: EventSink,
        *,
        capacity: int,
        order: Sequence[int] | None = None,
    ) -> None:
        self.date = ""
        self._make = make
        self._ledger = ledger
        self._taker = taker
        self._splitter = splitter
        self._sink = sink
        self._most_walks = min(MOST_WALKS, max(LEAST_WALKS, capacity // REQUESTS_A_WALK))
        self._most_keys = min(MOST_PAGES, max(LEAST_PAGES, capacity // REQUESTS_A_PAGE)) * PAGE_KEYS
        self._queued = deque((number, ranges[number]) for number in (range(len(ranges)) if order is None else order))
        self._walks: dict[int, PairSource] = {}
        # Walks with pairs to take, those that may want a page, and those that want one when less is held.
        self._ready: dict[int, None] = {}
        self._hungry: dict[int, None] = {}
        self._parked: dict[int, None] = {}
        self._counts: dict[int, tuple[int, int]] = {}
        self._waiting = self._asking = 0
        self._fresh = self._blocked = False
        self._ended_joined = 0
        self._ended_pages = [0, 0]
        self._ended_dest_full = 0

    @property
    def ended(self) -> bool:
        """Whether every pair of every range came out."""
        return not self._walks and not self._queued

    @property
    def joined(self) -> int:
        """Pairs that came out."""
        return self._ended_joined + sum(walk.joined for walk in self._walks.values())

    @property
    def pages(self) -> tuple[int, int]:
        """Pages that were asked for, of the source and of the destination."""
        source, dest = (self._ended_pages[side] + sum(w.pages[side] for w in self._walks.values()) for side in (0, 1))
        return source, dest

    def pump(self, dispatcher: Dispatcher) -> None:
        """Begin walks, split some, and ask for the pages that are needed next, as far as there is room."""
        while self._queued and len(self._walks) < self._most_walks:
            number, one = self._queued.popleft()
            self._begin(number, self._make(one))
        if self._fresh and not self._blocked:
            self._split(dispatcher)
        most = AHEAD_KEYS if self._blocked else self._most_keys
        for number in tuple(self._hungry):
            if not self._may_ask(dispatcher):
                return
            del self._hungry[number]
            self._ask(number, dispatcher, source=self._may_hold(most))
        for number in tuple(self._parked) if self._may_hold(most) else ():
            if not (self._may_hold(most) and self._may_ask(dispatcher)):
                return
            del self._parked[number]
            self._ask(number, dispatcher, source=True)

    def take(self) -> None:
        """Give out the pairs that are known. Raises what ended a walk before its time."""
        if self._splitter.trial is not None:
            self._end_trial()
        # Pairs that nobody can take yet: copying takes longer than listing, and more pages would only be held.
        self._blocked = False
        for number in tuple(self._ready):
            if self._taker.full():
                self._blocked = True
                return
            walk = self._walks[number]
            if self._taker.take(number, walk):
                del self._ready[number]
                if walk.ended:
                    self._close(number, walk)
                    continue
            elif self._taker.full():
                self._blocked = True
            self._hungry[number] = None
            self._count(number, walk)

    def _may_ask(self, dispatcher: Dispatcher) -> bool:
        """Room for a LIST; there is always room for one, because copies wait for it or will do."""
        return self._asking == 0 or dispatcher.room() > 0

    def _may_hold(self, most: int) -> bool:
        """Room for another page of the source; there always is if nothing else could be waited for."""
        return self._waiting < most or not (self._asking or self._ready)

    def _ask(self, number: int, dispatcher: Dispatcher, *, source: bool) -> None:
        walk = self._walks[number]
        walk.pump(dispatcher, source=source)
        self._count(number, walk)
        if walk.wants:
            self._parked[number] = None

    def _news(self, number: int) -> None:
        walk = self._walks.get(number)
        if walk is None:  # A page that nobody needed after all.
            return
        self._ready[number] = self._hungry[number] = None
        self._parked.pop(number, None)
        self._fresh = True
        self.date = self.date or walk.date
        self._count(number, walk)
        self._splitter.heard(number, self._walks)

    def _count(self, number: int, walk: PairSource | None) -> None:
        before = self._counts.pop(number, (0, 0))
        after = (walk.waiting, walk.asking) if walk is not None else (0, 0)
        self._waiting += after[0] - before[0]
        self._asking += after[1] - before[1]
        if walk is not None:
            self._counts[number] = after

    def _begin(self, number: int, walk: PairSource) -> None:
        self._walks[number] = walk
        self._hungry[number] = None
        walk.news = partial(self._news, number)
        if walk.ended:
            self._ready[number] = None

    def _close(self, number: int, walk: PairSource) -> None:
        self._ended_joined += walk.joined
        for side in (0, 1):
            self._ended_pages[side] += walk.pages[side]
        self._ended_dest_full += walk.full_pages[1]
        self._forget(number)

    def _forget(self, number: int) -> None:
        del self._walks[number]
        self._count(number, None)
        for kept in (self._ready, self._hungry, self._parked):
            kept.pop(number, None)
        self._splitter.forget(number)
        self._fresh = True

    def _split(self, dispatcher: Dispatcher) -> None:
        """As many splits as make sense now. A listing needs a request, or it would only wait for its turn."""
        self._fresh = False
        most = min(self._most_walks, dispatcher.window.limit)
        while sum(walk.sides for walk in self._walks.values()) < most and not self._queued:
            dest_full = self._ended_dest_full + sum(walk.full_pages[1] for walk in self._walks.values())
            place = self._splitter.next(self._walks, dest_full)
            if place is None:
                return
            number = self._ledger.split(place.number, place.split.at)
            self._begin(number, self._splitter.split(place, number))
            self._count(place.number, place.walk)

    def _end_trial(self) -> None:
        trial = self._splitter.trial
        assert trial is not None
        left, right = self._walks[trial.left], self._walks[trial.right]
        assert isinstance(left, RangeScan)
        assert isinstance(right, RangeScan)
        if right.error is None:
            self._splitter.passed(left, right)
            return
        self._sink.emit(Warned(SERIAL))
        self._splitter.stop()
        left.take_back(right)
        self._ledger.unsplit(trial.left, trial.right)
        self._close(trial.right, right)
