"""Chooses the scan that is split next: of those that have earned it, the one with most remaining keys.

If a server turns out to ignore start-after, the split is undone and no other follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_crosscopy.core.keyspace.range_split import LEAST_LEFT_PAGES, Earned, Split
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.listing.range_scan import RangeScan
from s3_crosscopy.model.operations import Side

REACH_PAGES = 2.0
"""Pages that the first split of a range without an end reaches ahead; after each that finds keys, twice as many."""


class SplitPlace(NamedTuple):
    """A scan that may be split, and where."""

    number: int
    scan: RangeScan
    split: Split


class StartAfterCheck(NamedTuple):
    """A split for which it is unknown yet whether the server honored start-after for the right half."""

    left: int
    right: int


class RangeSplitter:
    """Keeps how many splits every scan has earned, and which sides are known to honor start-after."""

    def __init__(self) -> None:
        self.start_after_check: StartAfterCheck | None = None
        self._stopped = False
        self._sure: frozenset[Side] = frozenset()
        self._earned: dict[int, Earned] = {}
        self._reach: dict[int, float] = {}
        self._parents: dict[int, int] = {}
        self._dest_spent = 0

    @property
    def sure(self) -> bool:
        """True if both sides were seen to honor start-after."""
        return not self._stopped and self._sure >= frozenset(Side)

    @property
    def stopped(self) -> bool:
        """True if one of them is known to ignore it."""
        return self._stopped

    def anew(self) -> RangeSplitter:
        """Return a splitter for other scans that knows what this one learnt of the servers."""
        other = RangeSplitter()
        other._stopped, other._sure = self._stopped, self._sure
        return other

    def next(self, scans: Mapping[int, PairSource], dest_full: int) -> SplitPlace | None:
        """Return the scan to split now, or None. `dest_full` is the number of full destination pages so far."""
        if self._stopped or self.start_after_check is not None:
            return None
        places = [place for number, scan in scans.items() if (place := self._place(number, scan)) is not None]
        affordable = dest_full > self._dest_spent
        places = [place for place in places if affordable or not place.scan.costs_dest_page(place.split.key)]
        return max(places, key=lambda place: place.split.pages or float("inf"), default=None)

    def split(self, place: SplitPlace, right_number: int) -> RangeScan:
        """Split a scan. Returns the scan of the right half, which gets this number."""
        left = place.number
        self._dest_spent += place.scan.costs_dest_page(place.split.key)
        right = place.scan.split(place.split.key)
        self._earned[left].spend(place.scan.full_pages[0])
        self._earned[right_number] = Earned(1)
        self._reach[right_number] = 2 * self._reach.get(left, REACH_PAGES)
        self._parents[right_number] = left
        if right.untried - self._sure:
            self.start_after_check = StartAfterCheck(left, right_number)
            right.checks_start_after = True
            place.scan.keep_open()
        return right

    def heard(self, number: int, scans: Mapping[int, PairSource]) -> None:
        """Note that a page of this scan came."""
        parent, scan = self._parents.get(number), scans[number]
        if parent is None or not isinstance(scan, RangeScan) or Side.SOURCE in scan.untried:
            return
        del self._parents[number]
        if scan.empty and parent in scans:
            self._earned[parent].wasted(scans[parent].full_pages[0])

    def passed(self, left: RangeScan, right: RangeScan) -> None:
        """End the start-after check with success if a listing of the right half was answered."""
        if right.ended or not right.untried:
            self._sure |= frozenset(Side) - right.untried
            self.start_after_check, right.checks_start_after = None, False
            left.let_go()

    def stop(self) -> None:
        """Split no more."""
        self._stopped, self.start_after_check = True, None

    def forget(self, number: int) -> None:
        """Forget a scan that ended."""
        for by_number in (self._earned, self._reach, self._parents):
            by_number.pop(number, None)

    def _place(self, number: int, scan: PairSource) -> SplitPlace | None:
        if not isinstance(scan, RangeScan):
            return None
        earned = self._earned.setdefault(number, Earned())
        if not earned.enough(scan.full_pages[0]):
            return None
        split = scan.split_place(self._reach.get(number, REACH_PAGES))
        if split is None or (split.pages is not None and split.pages < LEAST_LEFT_PAGES):
            return None
        return SplitPlace(number, scan, split)
