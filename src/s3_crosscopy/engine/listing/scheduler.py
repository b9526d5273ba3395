"""Schedules the scans of a run: begins them, requests their pages as far as there is room, gives out their pairs.

The loop turns thousands of times a second, so it only visits a scan that has news, or for which there is room.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from functools import partial

from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.listing_estimate import ListingEstimate
from s3_crosscopy.engine.listing.pair_consumer import PairConsumer, RangeBook
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.listing.range_scan import RangeScan
from s3_crosscopy.engine.listing.range_splitter import RangeSplitter
from s3_crosscopy.engine.listing.scan_progress import AHEAD_KEYS
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.s3_limits import PAGE_KEYS
from s3_crosscopy.ports import EventSink

MIN_SCANS, MAX_SCANS = 4, 44
"""Listings at the same time; a scan has one or two. More for a transport that carries more requests."""
REQUESTS_A_SCAN = 23
LEAST_PAGES, MOST_PAGES = 5, 44
"""Pages that are held or on their way, of both sides together: each takes 0.7 MB with the text it is parsed from."""
REQUESTS_A_PAGE = 23

SERIAL = "this server ignores start-after: the remaining keys are listed page by page, without parallel ranges"


class ScanScheduler:
    """Scans the ranges of `ledger`, by its numbers, for `consumer`. `date` is the time of S3's first answer, "" before.

    `make` opens the scan of a range when its turn comes, in this `order` (None: the order of the keys): a resumed run
    can have hundreds. `joined` counts the pairs given out, `pages` the requested pages of both sides.
    """

    def __init__(
        self,
        ranges: Sequence[KeyRange],
        make: Callable[[KeyRange], PairSource],
        ledger: RangeBook,
        consumer: PairConsumer,
        splitter: RangeSplitter,
        sink: EventSink,
        *,
        capacity: int,
        order: Sequence[int] | None = None,
    ) -> None:
        self.date = ""
        self._make = make
        self._ledger = ledger
        self._consumer = consumer
        self._splitter = splitter
        self._sink = sink
        self._most_scans = min(MAX_SCANS, max(MIN_SCANS, capacity // REQUESTS_A_SCAN))
        self._most_keys = min(MOST_PAGES, max(LEAST_PAGES, capacity // REQUESTS_A_PAGE)) * PAGE_KEYS
        self._queued = deque((number, ranges[number]) for number in (range(len(ranges)) if order is None else order))
        self._scans: dict[int, PairSource] = {}
        # Scans with pairs to take, those that may need a page, and those that need one when less is held.
        self._ready: dict[int, None] = {}
        self._hungry: dict[int, None] = {}
        self._parked: dict[int, None] = {}
        self._counts: dict[int, tuple[int, int]] = {}
        self._waiting = self._asking = 0
        self._fresh = self._blocked = False
        self._ended_joined = 0
        self._ended_pages = [0, 0]
        self._ended_dest_full = 0
        self._estimate = ListingEstimate()

    @property
    def ended(self) -> bool:
        """True if every pair of every range was given out."""
        return not self._scans and not self._queued

    @property
    def joined(self) -> int:
        """The number of pairs given out."""
        return self._ended_joined + sum(scan.joined for scan in self._scans.values())

    @property
    def pages(self) -> tuple[int, int]:
        """The number of requested pages of the source and of the destination."""
        source, dest = (self._ended_pages[side] + sum(w.pages[side] for w in self._scans.values()) for side in (0, 1))
        return source, dest

    def estimated_rest(self, prefix: str) -> int | None:
        """Return an estimate of the pairs that were not given out yet; None while nothing is known. No request."""
        return None if self._queued else self._estimate.keys(self._scans, prefix)

    def pump(self, dispatcher: Dispatcher) -> None:
        """Begin scans, split some, and request the pages that are needed next, as far as there is room."""
        if self._fresh and not self._blocked:
            self._split(dispatcher)
        # After the splits: what is queued has few keys in a resumed run, and what is split has many.
        while self._queued and self._listings() < self._most_scans:
            number, key_range = self._queued.popleft()
            self._begin(number, self._make(key_range))
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
        """Give out the known pairs. Raises the error that ended a scan early."""
        if self._splitter.start_after_check is not None:
            self._end_start_after_check()
        # No pair can be taken yet: copying takes longer than listing, and more pages would only be held.
        self._blocked = False
        for number in tuple(self._ready):
            if self._consumer.full():
                self._blocked = True
                return
            scan = self._scans[number]
            if self._consumer.take(number, scan):
                del self._ready[number]
                if scan.ended:
                    self._close(number, scan)
                    continue
            elif self._consumer.full():
                self._blocked = True
            self._hungry[number] = None
            self._count(number, scan)

    def _may_ask(self, dispatcher: Dispatcher) -> bool:
        """True if there is room for a LIST; there is always room for one, because copies wait for it or will."""
        return self._asking == 0 or dispatcher.room() > 0

    def _may_hold(self, most: int) -> bool:
        """True if another page of the source may be held; always, if there is nothing else to wait for."""
        return self._waiting < most or not (self._asking or self._ready)

    def _ask(self, number: int, dispatcher: Dispatcher, *, source: bool) -> None:
        scan = self._scans[number]
        scan.pump(dispatcher, source=source)
        self._count(number, scan)
        if scan.wants:
            self._parked[number] = None

    def _news(self, number: int) -> None:
        scan = self._scans.get(number)
        if scan is None:  # Nobody needs the page any more.
            return
        self._ready[number] = self._hungry[number] = None
        self._parked.pop(number, None)
        self._fresh = True
        self.date = self.date or scan.date
        self._count(number, scan)
        self._splitter.heard(number, self._scans)

    def _count(self, number: int, scan: PairSource | None) -> None:
        before = self._counts.pop(number, (0, 0))
        after = (scan.waiting, scan.asking) if scan is not None else (0, 0)
        self._waiting += after[0] - before[0]
        self._asking += after[1] - before[1]
        if scan is not None:
            self._counts[number] = after

    def _begin(self, number: int, scan: PairSource) -> None:
        self._scans[number] = scan
        self._hungry[number] = None
        scan.news = partial(self._news, number)
        if scan.ended:
            self._ready[number] = None

    def _close(self, number: int, scan: PairSource) -> None:
        self._estimate.close(scan, self._scans.values())
        self._ended_joined += scan.joined
        for side in (0, 1):
            self._ended_pages[side] += scan.pages[side]
        self._ended_dest_full += scan.full_pages[1]
        self._forget(number)

    def _forget(self, number: int) -> None:
        del self._scans[number]
        self._count(number, None)
        for numbers in (self._ready, self._hungry, self._parked):
            numbers.pop(number, None)
        self._splitter.forget(number)
        self._fresh = True

    def _split(self, dispatcher: Dispatcher) -> None:
        """Split as many scans as make sense now. Each listing needs room for a request, or it would only wait."""
        self._fresh = False
        most = min(self._most_scans, dispatcher.window.limit)
        while self._listings() < most:
            dest_full = self._ended_dest_full + sum(scan.full_pages[1] for scan in self._scans.values())
            place = self._splitter.next(self._scans, dest_full)
            if place is None:
                return
            number = self._ledger.split(place.number, place.split.key)
            self._begin(number, self._splitter.split(place, number))
            self._count(place.number, place.scan)

    def _listings(self) -> int:
        return sum(scan.sides for scan in self._scans.values())

    def _end_start_after_check(self) -> None:
        check = self._splitter.start_after_check
        assert check is not None
        left, right = self._scans[check.left], self._scans[check.right]
        assert isinstance(left, RangeScan)
        assert isinstance(right, RangeScan)
        if right.error is None:
            self._splitter.passed(left, right)
            return
        self._sink.emit(Warned(SERIAL))
        self._splitter.stop()
        left.take_back(right)
        self._ledger.unsplit(check.left, check.right)
        self._close(check.right, right)
