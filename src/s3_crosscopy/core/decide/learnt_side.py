"""Learns of one side, from the HEADs of a run, what its listing does not tell. Pure: the same answers, the same result.

Two things are learnt: if objects have checksums that the listing does not name, as on some servers (AWS names them),
and if plain ETags are MD5s, which KMS encryption decides. Both are the same for most buckets as a whole.
"""

from __future__ import annotations

from functools import lru_cache

from s3_crosscopy.core.decide.comparison import has_plain_etag, is_md5
from s3_crosscopy.model.objects import CHECKSUM_NOT_LISTED, Facts, Listed

ENOUGH = 100
"""HEADs with the same result after which the side is taken to be like that as a whole."""

NONE: frozenset[str] = frozenset()


class LearntSide:
    """One side of a run. A result that contradicts the earlier ones ends the belief in them for good."""

    def __init__(self) -> None:
        self._names_checksums = False
        self._hides_checksums = False
        self._without_checksum = 0
        self._md5s = 0
        self._other_etags = 0

    def whole_checksums(self, row: Listed) -> frozenset[str] | None:
        """Return the algorithms of the checksums of the whole content that an object may have; None if not known."""
        if row.checksum == CHECKSUM_NOT_LISTED:
            return None
        if row.checksum:
            self._names_checksums = True
            return _whole(row.checksum)
        if self._hides_checksums:
            return None
        return NONE if self._names_checksums or self._without_checksum >= ENOUGH else None

    @property
    def guesses_checksums(self) -> bool:
        """True if only HEADs of other objects tell that a row that names no checksum means that there is none."""
        return not self._names_checksums

    def etags_are_md5s(self) -> bool | None:
        """Return True if plain ETags are MD5s, False if KMS encrypts the objects, None if not known or both occur."""
        if self._md5s and self._other_etags:
            return None
        return self._md5s > 0 if self._md5s + self._other_etags >= ENOUGH else None

    def learn(self, facts: Facts) -> None:
        """Take the result of a HEAD. The row of its object was seen by `whole_checksums` before."""
        if facts.checksum is None:
            self._without_checksum += 1
        elif not self._names_checksums:
            self._hides_checksums = True
        if has_plain_etag(facts):
            if is_md5(facts):
                self._md5s += 1
            else:
                self._other_etags += 1


@lru_cache(maxsize=64)
def _whole(checksum: str) -> frozenset[str]:
    """Return the algorithms in `Listed.checksum`, none if they are checksums of the parts."""
    algorithms, _, kind = checksum.partition(":")
    return NONE if kind == "COMPOSITE" else frozenset(algorithms.split(","))
