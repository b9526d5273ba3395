"""What the walks of several ranges need: somebody who takes their pairs, and somebody who numbers the ranges."""

from __future__ import annotations

from typing import Protocol

from s3_crosscopy.engine.listing.pair_source import PairSource

PAIRS_A_TURN = 5000
"""So that an unchanged sync, which never waits, still hears a stop signal and tells its progress."""


class Taker(Protocol):
    """Takes the pairs of all walks."""

    def full(self) -> bool:
        """Whether no pair can be taken now, so that more pages would only be held."""

    def take(self, number: int, walk: PairSource) -> bool:
        """Take the pairs that are known of the walk of this range, or some of them; whether none is left."""


class RangeBook(Protocol):
    """Numbers the ranges: those of the beginning have their place, one that is split off gets the next number."""

    def split(self, range_number: int, at: str) -> int:
        """End the range at a key behind all that were taken of it; the number of the range that begins there."""

    def unsplit(self, range_number: int, other: int) -> None:
        """Take back that split, before any key was taken of the `other` range."""
