"""Collects the rows of a run's ETag index until they fill segments. Nothing is sorted across the ranges of the run.

The objects of one range end nearly in the order of their keys, so that sorting a thousand at a time gives segments that
hardly overlap. Detached objects, which take longer, are collected apart. Rows are facts: they do not depend on what the
run commits, and one that is out of date only costs the comparison that it would have saved.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from s3_crosscopy.core.etag_index.segment_codec import block_of
from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.model.etag_index import Block, IndexRow

BLOCK_ROWS = 1000
"""Rows that are packed together, and unpacked together."""
SEGMENT_ROWS = 4000
"""Rows of one file, about 230 KB: reading two of them ahead in each of 44 ranges takes 20 MB."""
MOST_LOOSE = 32_000
"""Rows that may wait to be packed, about 10 MB: then all are, also where they are fewer than a block."""
MOST_WAITING = 256_000
"""Packed rows that may wait for others of their range, about 15 MB: then all become segments, also short ranges."""


class PendingRows:
    """The rows that are in no segment yet. `ready` has the blocks of complete segments, until they are written."""

    def __init__(self) -> None:
        self.ready: list[Sequence[Block]] = []
        self._loose: dict[tuple[int, bool], list[IndexRow]] = {}
        self._blocks: dict[tuple[int, bool], list[Block]] = {}
        self._loose_rows = self._waiting_rows = 0
        self._stopped = False

    def add(self, batch: Batch, key: str, etag: str, copy_etag: str) -> None:
        """Add the copy of an object. Equal ETags need no row: the listings alone show that they are equal."""
        if etag != copy_etag:
            self.add_all(batch, [(key, etag, copy_etag)])

    def add_all(self, batch: Batch, rows: Sequence[IndexRow]) -> None:
        """Add rows of one range, with different ETags."""
        if self._stopped:
            return
        stream = (batch.range_number, batch.is_detached())
        loose = self._loose.setdefault(stream, [])
        loose += rows
        self._loose_rows += len(rows)
        if len(loose) >= BLOCK_ROWS:
            self._pack(stream)
        if self._loose_rows > MOST_LOOSE:
            for number in tuple(self._loose):
                self._pack(number)
        if self._waiting_rows > MOST_WAITING:
            self.complete()

    def add_blocks(self, blocks: Iterable[Block]) -> None:
        """Add the blocks that an earlier attempt had not written as segments."""
        waiting = self._blocks.setdefault((-1, True), [])
        waiting += blocks
        self._waiting_rows += sum(block.rows for block in waiting)
        if self._waiting_rows > MOST_WAITING:  # Else they would be recorded again and again, with ever more.
            self.complete()

    def pack(self) -> list[Block]:
        """Return all rows that are in no segment, in blocks. They stay: small blocks would take more bytes a row."""
        loose = sorted(row for rows in self._loose.values() for row in rows)
        packed = [block_of(loose[start : start + BLOCK_ROWS]) for start in range(0, len(loose), BLOCK_ROWS)]
        return [*(block for blocks in self._blocks.values() for block in blocks), *packed]

    def complete(self) -> None:
        """Make segments of all rows, in the order of the keys."""
        segment: list[Block] = []
        for block in sorted(self.pack(), key=lambda block: block.first):
            segment.append(block)
            if sum(part.rows for part in segment) >= SEGMENT_ROWS:
                self.ready.append(segment)
                segment = []
        if segment:
            self.ready.append(segment)
        self._blocks.clear()
        self._loose.clear()
        self._loose_rows = self._waiting_rows = 0

    def stop(self) -> None:
        """Forget all rows, and collect no more."""
        self._stopped = True
        self.ready.clear()
        self._loose.clear()
        self._blocks.clear()

    def _pack(self, stream: tuple[int, bool]) -> None:
        loose = sorted(self._loose.pop(stream))
        self._loose_rows -= len(loose)
        for index in range(0, len(loose), BLOCK_ROWS):
            blocks = self._blocks.setdefault(stream, [])
            blocks.append(block_of(loose[index : index + BLOCK_ROWS]))
            self._waiting_rows += blocks[-1].rows
            if (rows := sum(block.rows for block in blocks)) >= SEGMENT_ROWS:
                self.ready.append(self._blocks.pop(stream))
                self._waiting_rows -= rows
