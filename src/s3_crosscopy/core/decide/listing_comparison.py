"""Decides about objects of equal size and different ETags by their listings, where HEADs could tell no more."""

from __future__ import annotations

from s3_crosscopy.core.decide.comparison import ETAG_DIFFERS, UNCLEAR, decide_by_times, has_plain_etag
from s3_crosscopy.core.decide.comparison_table import By, look_up
from s3_crosscopy.core.decide.learnt_side import LearntSide
from s3_crosscopy.model.objects import Facts, Listed
from s3_crosscopy.model.operations import Side
from s3_crosscopy.model.outcomes import Decision

SAMPLED = 1000
"""One HEAD for so many objects that are decided by the HEADs of others, so that a contradiction is noticed."""


class ListingComparison:
    """Compares the objects of a run by their listings. Learns from each HEAD of the run."""

    def __init__(self) -> None:
        self._sides = {Side.SOURCE: LearntSide(), Side.DEST: LearntSide()}
        self._by = {
            (common, plain, md5s): look_up(common, plain, md5s)
            for common in (True, False, None)
            for plain in (True, False)
            for md5s in (True, False, None)
        }
        self._guessed = 0

    def learn(self, side: Side, facts: Facts) -> None:
        """Take the result of a HEAD that compares an object."""
        self._sides[side].learn(facts)

    def decide(self, source: Listed, dest: Listed) -> Decision:
        """Decide about objects of equal size and different ETags; UNCLEAR if HEADs have to."""
        source_side, dest_side = self._sides[Side.SOURCE], self._sides[Side.DEST]
        common = _common(source_side.whole_checksums(source), dest_side.whole_checksums(dest))
        plain = has_plain_etag(source) and has_plain_etag(dest)
        by = self._by[common, plain, self._md5s() if plain else None]
        if by is By.HEADS or (self._guesses(plain) and self._is_sample()):
            return UNCLEAR
        return ETAG_DIFFERS if by is By.CONTENT else decide_by_times(source, dest)

    def _md5s(self) -> bool | None:
        """Return True if the plain ETags of both sides are MD5s, False if those of a side are not."""
        known = [side.etags_are_md5s() for side in self._sides.values()]
        if False in known:
            return False
        return None if None in known else True

    def _guesses(self, plain: bool) -> bool:
        return plain or any(side.guesses_checksums for side in self._sides.values())

    def _is_sample(self) -> bool:
        self._guessed += 1
        return self._guessed % SAMPLED == 0


def _common(source: frozenset[str] | None, dest: frozenset[str] | None) -> bool | None:
    """Return True if both sides may have a checksum by the same algorithm, False if not, None if it is not known."""
    if source is not None and dest is not None:
        return not source.isdisjoint(dest)
    # One side without any is enough.
    return False if source == frozenset() or dest == frozenset() else None
