"""Walks for the phases after the main one: over ranges that were walked before, in parallel like then."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from s3_crosscopy.core.state.remaining import Among, union
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.factory import ScanFactory
from s3_crosscopy.engine.listing.pair_consumer import RangeBook, Taker
from s3_crosscopy.engine.listing.range_scan import RangeScan
from s3_crosscopy.engine.listing.range_splitter import RangeSplitter
from s3_crosscopy.engine.listing.scheduler import ScanScheduler
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.ports import EventSink


class WalkingAgain:
    """Begins walks with what `splitter` learnt of both servers.

    `ranges` are those of the main phase; of their keys only those in the intervals `left` are this run's.
    """

    def __init__(
        self,
        routes: ScanFactory,
        splitter: RangeSplitter,
        ranges: Sequence[KeyRange],
        left: Sequence[KeyRange],
        sink: EventSink,
        capacity: int,
    ) -> None:
        self._scans = routes
        self._splitter = splitter
        self.ranges = ranges
        self.left = Among(union(left))
        self._sink = sink
        self._capacity = capacity

    def may_begin(
        self, ranges: Sequence[KeyRange], dispatcher: Dispatcher, turn: Callable[[], None], *, look: bool
    ) -> bool:
        """Whether listings can begin where these ranges do. Where nobody knows yet, one page is asked for."""
        if self._scans.by_key or self._splitter.sure or not any(one.after for one in ranges):
            return True
        if self._splitter.stopped:
            return False
        trial = self._scans.walk(ranges[-1], look=look)
        assert isinstance(trial, RangeScan)
        trial.on_trial = True
        trial.pump(dispatcher)
        while trial.asking and trial.error is None:
            turn()
        return trial.error is None

    def over(
        self,
        ranges: Sequence[KeyRange],
        taker: Taker,
        book: RangeBook,
        *,
        look: bool,
        wanted: Callable[[str], bool] | None = None,
    ) -> ScanScheduler:
        """Walks over these ranges; `look` and `wanted` as for `ScanFactory.walk`."""
        make = partial(self._scans.walk, look=look, wanted=wanted)
        return ScanScheduler(ranges, make, book, taker, self._splitter.anew(), self._sink, capacity=self._capacity)
