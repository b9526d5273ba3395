"""The numbers by which a scan of two listings is scheduled: what is held, on its way, and still to be listed."""

from __future__ import annotations

from s3_crosscopy.core.merge_join import Join
from s3_crosscopy.engine.listing.index_join import IndexJoin, NoIndex
from s3_crosscopy.engine.listing.page_reader import PageReader
from s3_crosscopy.model.operations import Side
from s3_crosscopy.model.s3_limits import PAGE_KEYS

AHEAD_KEYS = 2 * PAGE_KEYS
"""Source keys that are listed ahead of the copies: enough to hide a page's latency, no more are held."""


class ScanProgress:
    """The part of a `RangeScan` that only counts."""

    _source: PageReader
    _dest: PageReader
    _join: Join
    _index: IndexJoin | NoIndex

    @property
    def joined(self) -> int:
        """The number of pairs given out."""
        return self._join.joined - self._index.held

    @property
    def empty(self) -> bool:
        """True if the range turned out to have no key."""
        return self._source.ended and self._source.full == 0 and self.joined + self._waiting_keys == 0

    @property
    def source_ended(self) -> bool:
        """True if every key of the range was listed at the source."""
        return self._source.ended

    @property
    def held(self) -> int:
        """The number of listed source keys that were not given out yet."""
        return self._waiting_keys

    @property
    def pages(self) -> tuple[int, int]:
        """The number of requested pages of the source and of the destination."""
        return self._source.pages, self._dest.pages

    @property
    def full_pages(self) -> tuple[int, int]:
        """The number of full pages of the source and of the destination."""
        return self._source.full, self._dest.full

    @property
    def waiting(self) -> int:
        """The number of source keys that are held, plus the keys of both sides that are on their way."""
        return self._waiting_keys + PAGE_KEYS * self.asking

    @property
    def sides(self) -> int:
        """The number of listings that have not ended."""
        return 2 - self._source.ended - self._dest.ended

    @property
    def asking(self) -> int:
        """The number of pages on their way."""
        return self._source.asking + self._dest.asking

    @property
    def wants(self) -> bool:
        """True if another page of the source is needed."""
        return not (self._source.ended or self._source.asking) and self._join.source_waiting < AHEAD_KEYS

    @property
    def untried(self) -> frozenset[Side]:
        """The sides whose listing has not been answered yet."""
        sides = ((Side.SOURCE, self._source), (Side.DEST, self._dest))
        return frozenset(side for side, reader in sides if not (reader.ended or reader.answers))

    @property
    def _waiting_keys(self) -> int:
        return self._join.source_waiting + self._index.held
