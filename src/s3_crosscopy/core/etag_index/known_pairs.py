"""Finds the rows of an ETag index for the keys of a scan, which come in order. Loads nothing itself."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

from s3_crosscopy.core.etag_index.block_codec import KnownEtags, unpack_block
from s3_crosscopy.model.etag_index import Block, IndexSegment

MOST_OPEN = 50
"""Blocks around one key that are unpacked, about 15 MB. A run writes a few: large objects, and what it tries again."""
MOST_HELD_BYTES = 32 * 2**20
"""Bytes of packed blocks that wait for their keys. A run's own segments have 230 KB each, and hardly overlap."""
TOO_MANY = "more blocks of it overlap than any run writes"


class SegmentTable:
    """The segments of an index, by their first keys. They may overlap."""

    def __init__(self, segments: Iterable[IndexSegment]) -> None:
        self.segments = sorted(segments, key=lambda segment: segment.first)
        # The largest last key so far grows with the position, so that a search finds where a range begins.
        self._reach = list(accumulate((segment.last for segment in self.segments), max))

    def after(self, key: str) -> KnownPairs:
        """Return the rows for a scan of the keys after this one."""
        return KnownPairs(self.segments, bisect_right(self._reach, key), key)


class KnownPairs:
    """The rows around the current key of one scan.

    `rows` has the rows for all keys from the last one that `advance` was called with, up to but without `until`
    (None: to the end). `problem` says why blocks are left out of them, "" if none is.
    """

    def __init__(self, segments: Sequence[IndexSegment], first: int, after: str) -> None:
        self.rows: KnownEtags = {}
        self.until: str | None = after
        self.problem = ""
        self._segments = segments
        self._next = first
        self._after = after
        self._key = ""
        # None for a segment that cannot be had; it has no key here while it is on its way.
        self._loaded: dict[int, Sequence[Block] | None] = {}
        self._requested: set[int] = set()
        self._blocks: list[Block] = []
        self._open: list[tuple[str, KnownEtags]] = []

    def wanted(self, ahead: int, end: str | None) -> list[int]:
        """Return the numbers of the segments to load now: of the next `ahead` up to the key `end` those that are not.

        Each is returned once.
        """
        numbers: list[int] = []
        number, waiting = self._next, 0
        while number < len(self._segments) and waiting < ahead:
            segment = self._segments[number]
            if end is not None and segment.first > end:
                break
            if segment.last > self._after and segment.last >= self._key:
                waiting += 1
                if number not in self._requested:
                    numbers.append(number)
            number += 1
        self._requested.update(numbers)
        return numbers

    def put(self, number: int, blocks: Sequence[Block] | None) -> None:
        """Add a segment that was loaded; None if it cannot be had."""
        if number >= self._next:
            self._loaded[number] = blocks

    def advance(self, key: str) -> bool:
        """Make `rows` right for this key. Returns False if a segment is missing that is not loaded yet."""
        self._key = key
        while self._next < len(self._segments) and self._segments[self._next].first <= key:
            needed = self._segments[self._next].last >= key
            if needed and self._next not in self._loaded:
                return False
            blocks = self._loaded.pop(self._next, None)
            self._requested.discard(self._next)
            self._next += 1
            if needed and blocks is not None:
                self._hold(blocks)
        self._open_blocks(key)
        following = [block.first for block in self._blocks[-1:]]
        following += [segment.first for segment in self._segments[self._next : self._next + 1]]
        self.until = min(following, default=None)
        return True

    def _hold(self, blocks: Sequence[Block]) -> None:
        if sum(len(block.data) for held in (self._blocks, blocks) for block in held) > MOST_HELD_BYTES:
            self.problem = TOO_MANY
            return
        self._blocks = sorted([*self._blocks, *blocks], key=lambda block: block.first, reverse=True)

    def _open_blocks(self, key: str) -> None:
        self._open = [(last, rows) for last, rows in self._open if last >= key]
        while self._blocks and self._blocks[-1].first <= key:
            block = self._blocks.pop()
            if block.last >= key:
                self._open_block(block)
        if len(self._open) == 1:
            self.rows = self._open[0][1]
        else:
            self.rows = {key: etags for _, rows in self._open for key, etags in rows.items()}

    def _open_block(self, block: Block) -> None:
        if len(self._open) >= MOST_OPEN:
            self.problem = TOO_MANY
            return
        try:
            self._open.append((block.last, unpack_block(block.data)))
        except ValueError as error:
            self.problem = str(error)
