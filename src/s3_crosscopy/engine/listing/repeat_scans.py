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
    """Begins walks with what `splitting` learnt of both servers.

    `ranges` are those of the main phase; of their keys only those in the intervals `left` are this run's.
    """

    def __init__(
        self,
        routes: ScanFactory,
        splitting: RangeSplitter,
        ranges: Sequence[KeyRange],
        left: Sequence[KeyRange],
        sink: EventSink,
        capacity: int,
    ) -> None:
        self._routes = routes
        self._splitting = splitting
        self.ranges = ranges
        self.left = Among(union(left))
        self._sink = sink
        self._capacity = capacity

    def may_begin(self, ranges: Sequence[KeyRange], io: Dispatcher, turn: Callable[[], None], *, look: bool) -> bool:
        """Whether listings can begin where these ranges do. Where nobody knows yet, one page is asked for."""
        if self._routes.by_key or self._splitting.sure or not any(one.after for one in ranges):
            return True
        if self._splitting.stopped:
            return False
        trial = self._routes.walk(ranges[-1], look=look)
        assert isinstance(trial, RangeScan)
        trial.on_trial = True
        trial.pump(io)
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
        make = partial(self._routes.walk, look=look, wanted=wanted)
        return ScanScheduler(ranges, make, book, taker, self._splitting.anew(), self._sink, capacity=self._capacity)
