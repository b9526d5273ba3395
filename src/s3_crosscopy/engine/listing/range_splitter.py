"""Which walk is split next: the one with most left of those that have earned it, as long as more at once would help.

Splits are taken back, and there is no other, where a server turns out not to begin a listing where it is told to.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_crosscopy.core.keyspace.range_split import LEAST_LEFT_PAGES, Earned, Split
from s3_crosscopy.engine.listing.pair_source import PairSource
from s3_crosscopy.engine.listing.range_scan import RangeScan
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.operations import Side

DIRECTORY_BUCKET = "--x-s3"
"""The end of a directory bucket's name (User Guide, "Directory bucket naming rules"): it knows no StartAfter."""
REACH_PAGES = 2.0
"""How far the first split of a range without an end reaches; each one that finds keys there reaches twice as far."""


class Place(NamedTuple):
    """A walk that may be split, and where."""

    number: int
    walk: RangeScan
    split: Split


class StartAfterCheck(NamedTuple):
    """A split of which is not known yet whether the server began the right half where it was told to."""

    left: int
    right: int


class RangeSplitter:
    """Keeps what every walk has earned, and which sides are known to begin a listing where they are told to."""

    def __init__(self, buckets: Mapping[Side, Bucket]) -> None:
        self.trial: StartAfterCheck | None = None
        self._stopped = any(bucket.name.endswith(DIRECTORY_BUCKET) for bucket in buckets.values())
        self._sure: frozenset[Side] = frozenset()
        self._earned: dict[int, Earned] = {}
        self._reach: dict[int, float] = {}
        self._parents: dict[int, int] = {}
        self._dest_spent = 0

    @property
    def sure(self) -> bool:
        """Whether both sides were seen to begin a listing where they were told to."""
        return not self._stopped and self._sure >= frozenset(Side)

    @property
    def stopped(self) -> bool:
        """Whether one of them is known not to."""
        return self._stopped

    def anew(self) -> RangeSplitter:
        """One for other walks, which knows what this one learnt of the servers."""
        other = RangeSplitter({})
        other._stopped, other._sure = self._stopped, self._sure
        return other

    def next(self, walks: Mapping[int, PairSource], dest_full: int) -> Place | None:
        """The walk to split now; `dest_full` pages of the destination came so far that were full."""
        if self._stopped or self.trial is not None:
            return None
        places = [place for number, walk in walks.items() if (place := self._place(number, walk)) is not None]
        affordable = dest_full > self._dest_spent
        places = [place for place in places if affordable or not place.walk.costs_dest_page(place.split.at)]
        return max(places, key=lambda place: place.split.pages or float("inf"), default=None)

    def split(self, place: Place, right_number: int) -> RangeScan:
        """Split it: the walk of the right half, which gets this number."""
        left = place.number
        self._dest_spent += place.walk.costs_dest_page(place.split.at)
        right = place.walk.split(place.split.at)
        self._earned[left].spend(place.walk.full_pages[0])
        self._earned[right_number] = Earned(1)
        self._reach[right_number] = 2 * self._reach.get(left, REACH_PAGES)
        self._parents[right_number] = left
        if right.untried - self._sure:
            self.trial = StartAfterCheck(left, right_number)
            right.on_trial = True
            place.walk.keep_open()
        return right

    def heard(self, number: int, walks: Mapping[int, PairSource]) -> None:
        """A page of this walk came."""
        parent, walk = self._parents.get(number), walks[number]
        if parent is None or not isinstance(walk, RangeScan) or Side.SOURCE in walk.untried:
            return
        del self._parents[number]
        if walk.empty and parent in walks:
            self._earned[parent].wasted(walks[parent].full_pages[0])

    def passed(self, left: RangeScan, right: RangeScan) -> None:
        """End the trial well if its right half was answered."""
        if right.ended or not right.untried:
            self._sure |= frozenset(Side) - right.untried
            self.trial, right.on_trial = None, False
            left.let_go()

    def stop(self) -> None:
        """No split any more."""
        self._stopped, self.trial = True, None

    def forget(self, number: int) -> None:
        """The walk came to its end."""
        for kept in (self._earned, self._reach, self._parents):
            kept.pop(number, None)

    def _place(self, number: int, walk: PairSource) -> Place | None:
        if not isinstance(walk, RangeScan):
            return None
        earned = self._earned.setdefault(number, Earned())
        if not earned.enough(walk.full_pages[0]):
            return None
        split = walk.split_place(self._reach.get(number, REACH_PAGES))
        if split is None or (split.pages is not None and split.pages < LEAST_LEFT_PAGES):
            return None
        return Place(number, walk, split)
