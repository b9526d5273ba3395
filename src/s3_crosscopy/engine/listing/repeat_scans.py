"""Scans ranges again, in parallel, for the phases after the main one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from s3_crosscopy.core.state.remaining import Among, union
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.listing.open_scan import open_scan
from s3_crosscopy.engine.listing.pair_consumer import PairConsumer, RangeBook
from s3_crosscopy.engine.listing.range_scan import RangeScan
from s3_crosscopy.engine.listing.range_splitter import RangeSplitter
from s3_crosscopy.engine.listing.scheduler import ScanScheduler
from s3_crosscopy.engine.listing.tail_budget import TailBudget
from s3_crosscopy.engine.run_config import Ports, RunConfig, looks_up_keys
from s3_crosscopy.model.objects import KeyRange


class RepeatScans:
    """Begins scans with what `splitter` learnt of both servers.

    `ranges` are those of the main phase; `remaining` are the intervals whose keys belong to this run.
    """

    def __init__(self, config: RunConfig, ports: Ports, splitter: RangeSplitter, ranges: Sequence[KeyRange]) -> None:
        self.ranges = ranges
        self.remaining = Among(union(config.attempt.remaining_of(config.ranges)))
        self._open = partial(open_scan, config, ports)
        self._looks_up_keys = looks_up_keys(config, ports)
        self._splitter = splitter
        self._sink = ports.sink
        self._capacity = ports.transport.capacity

    def may_begin(
        self, ranges: Sequence[KeyRange], dispatcher: Dispatcher, turn: Callable[[], None], *, list_dest: bool
    ) -> bool:
        """Return True if listings can begin at these ranges. If that is unknown yet, asks for one page."""
        if self._looks_up_keys or self._splitter.sure or not any(key_range.after for key_range in ranges):
            return True
        if self._splitter.stopped:
            return False
        scan = self._open(ranges[-1], list_dest=list_dest)
        assert isinstance(scan, RangeScan)
        scan.checks_start_after = True
        scan.pump(dispatcher)
        while scan.asking and scan.error is None:
            turn()
        return scan.error is None

    def over(
        self,
        ranges: Sequence[KeyRange],
        consumer: PairConsumer,
        book: RangeBook,
        *,
        list_dest: bool,
        wanted: Callable[[str], bool] | None = None,
        tail: TailBudget | None = None,
    ) -> ScanScheduler:
        """Return a scheduler for scans of these ranges; `list_dest`, `wanted` and `tail` as in `open_scan`."""
        make = partial(self._open, list_dest=list_dest, wanted=wanted, tail=tail)
        return ScanScheduler(ranges, make, book, consumer, self._splitter.anew(), self._sink, capacity=self._capacity)
