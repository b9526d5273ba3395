"""The contracts of a scan's users: `PairConsumer` takes the pairs, `RangeBook` numbers the ranges."""

from __future__ import annotations

from typing import Protocol

from s3_crosscopy.engine.listing.pair_source import PairSource

PAIRS_A_TURN = 5000
"""Pairs taken in one turn of the loop, so that an unchanged sync, which never waits, notices a stop signal."""


class PairConsumer(Protocol):
    """Takes the pairs of all scans."""

    def full(self) -> bool:
        """Return True if no pair can be taken now, so that more pages would only be held."""

    def take(self, number: int, scan: PairSource) -> bool:
        """Take known pairs of the scan of this range, all or some. Returns True if none remains."""


class RangeBook(Protocol):
    """Numbers the ranges: the first ones by their place, one that is split off gets the next number."""

    def split(self, range_number: int, key: str) -> int:
        """End the range at a key behind all keys taken of it. Returns the number of the range that begins there."""

    def unsplit(self, range_number: int, other: int) -> None:
        """Undo that split, before any key of the `other` range was taken."""
