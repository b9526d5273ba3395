"""An ETag index in memory: what runs at one place leave to each other, without files."""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.errors import PermanentFailure
from s3_crosscopy.model.etag_index import Block, IndexSegment


class MemoryIndexPlace:
    """A place that several runs open, one after another or at once."""

    def __init__(self) -> None:
        self.run = ""
        self.segments: list[IndexSegment] = []
        self.blocks: dict[str, list[Block]] = {}
        self.unfinished: tuple[str, list[IndexSegment], list[Block]] = ("", [], [])
        self.writer: object = None

    def open(self, resumed_run: str = "") -> MemoryIndex:
        """Open the index for a run; `resumed_run` as in `StoredIndex.open`."""
        return MemoryIndex(self, resumed_run)


class MemoryIndex:
    """See `ports.EtagIndex`."""

    def __init__(self, place: MemoryIndexPlace, resumed_run: str = "") -> None:
        self.segments: Sequence[IndexSegment] = tuple(place.segments)
        self.pending: Sequence[Block] = ()
        self.not_removed = ""
        self._place = place
        self._written: list[IndexSegment] = []
        self._is_writer = False
        run, segments, pending = place.unfinished
        if resumed_run and run == resumed_run:
            self._written, self.pending = list(segments), list(pending)
        if resumed_run and place.run == resumed_run:
            self._written += place.segments

    def read(self, segment: IndexSegment) -> list[Block]:
        if segment.name not in self._place.blocks:
            raise FileNotFoundError(segment.name)
        return self._place.blocks[segment.name]

    def write(self, blocks: Sequence[Block]) -> None:
        self._claim()
        first, last = min(block.first for block in blocks), max(block.last for block in blocks)
        name = f"segment-{len(self._place.blocks)}"
        rows, size = sum(block.rows for block in blocks), sum(len(block.data) for block in blocks)
        self._place.blocks[name] = list(blocks)
        self._written.append(IndexSegment(name, first, last, rows, size, ""))

    def save(self, run: str, pending: Sequence[Block]) -> None:
        self._check()
        self._place.unfinished = (run, list(self._written), list(pending))

    def finish(self, run: str) -> None:
        self._check()
        place = self._place
        place.run, place.segments, place.unfinished, place.writer = run, self._written, ("", [], []), None
        place.blocks = {segment.name: place.blocks[segment.name] for segment in self._written}

    def _claim(self) -> None:
        if not self._is_writer:
            self._is_writer, self._place.writer = True, self

    def _check(self) -> None:
        self._claim()
        if self._place.writer is not self:
            raise PermanentFailure("another run has written the index since, or still does")
