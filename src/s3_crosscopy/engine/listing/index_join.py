"""Joins an ETag index to the pairs of a scan, as a third sorted stream.

A pair whose two ETags are in the index gets a `KnownCopy` in the place of its destination object; every other pair is
given as it is. A scan waits for a segment that is on its way as it waits for a page; one that cannot be had, or is not
what the index says, costs the comparisons that it would have saved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from s3_crosscopy.core.etag_index.known_pairs import KnownPairs, SegmentTable
from s3_crosscopy.core.merge_join import Pair
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.errors import CrossCopyError, S3Error
from s3_crosscopy.model.etag_index import Block, IndexSegment
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.objects import KeyRange, KnownCopy
from s3_crosscopy.ports import EtagIndex, EventSink

AHEAD = 2
"""Segments that each scan has loaded or requested: 4,000 rows take longer to compare than a segment to arrive."""

UNUSABLE = "a segment of the ETag index cannot be used, its keys are compared as without it: {}"
"""Of the first; more may follow."""


class IndexReader:
    """Reads the segments of an index for all scans of a run. Warns of the first that cannot be used."""

    def __init__(self, index: EtagIndex, sink: EventSink) -> None:
        self.table = SegmentTable(index.segments)
        self._index = index
        self._sink = sink
        self._warned = False

    def read(self, segment: IndexSegment) -> list[Block] | str:
        """Return the blocks of a segment, or why they cannot be had. Called on threads."""
        try:
            return self._index.read(segment)
        except FileNotFoundError:
            return f"{segment.name} is not there"
        except CrossCopyError as error:
            return str(error)
        except OSError as error:
            return f"{segment.name} cannot be read: {error.strerror}"
        except ValueError as error:
            return f"{segment.name} {error}"

    def warn(self, why: str) -> None:
        """Warn once of a segment that cannot be used."""
        if not self._warned:
            self._warned = True
            self._sink.emit(Warned(UNUSABLE.format(why)))


class IndexJoin:
    """Joins the index to the pairs of one scan. `held` is 1 while a pair waits for its segment, else 0.

    `news` is called when a segment arrived.
    """

    def __init__(self, reader: IndexReader, after: str) -> None:
        self.news: Callable[[], None] = lambda: None
        self._reader = reader
        self._known: KnownPairs = reader.table.after(after)
        self._held: Pair | None = None

    @property
    def held(self) -> int:
        """The number of pairs that were taken from the listings and not given out."""
        return int(self._held is not None)

    def split(self, after: str) -> IndexJoin:
        """Return the join for the scan of the keys after this one."""
        return IndexJoin(self._reader, after)

    def pump(self, dispatcher: Dispatcher, end: str | None) -> None:
        """Request the segments that are needed next, up to the key `end`."""
        for number in self._known.wanted(AHEAD, end):
            job = partial(self._reader.read, self._reader.table.segments[number])
            dispatcher.call(job, self._arrived, number, requests=0)

    def pairs(self, pairs: Iterator[Pair]) -> Iterator[Pair]:
        """Iterate over the pairs, up to the first whose segment is on its way."""
        known, held = self._known, self._held
        if held is not None:
            if not self._advance(held[0].key):
                return
            self._held = None
            yield self._joined(held)
        for pair in pairs:
            source, dest = pair
            if dest is None or source.etag == dest.etag:
                yield pair
                continue
            if known.until is not None and source.key >= known.until and not self._advance(source.key):
                self._held = pair
                return
            if known.rows.get(source.key) == (source.etag, dest.etag):
                yield source, KnownCopy._make(dest)
            else:
                yield pair

    def _advance(self, key: str) -> bool:
        is_ready = self._known.advance(key)
        if self._known.problem:
            self._reader.warn(self._known.problem)
        return is_ready

    def _joined(self, pair: Pair) -> Pair:
        source, dest = pair
        if dest is None or self._known.rows.get(source.key) != (source.etag, dest.etag):
            return pair
        return source, KnownCopy._make(dest)

    def _arrived(self, number: int, blocks: list[Block] | str | None, error: S3Error | None) -> None:
        if isinstance(blocks, list):
            self._known.put(number, blocks)
        else:
            self._known.put(number, None)
            self._reader.warn(str(error or blocks))
        self.news()


class NoIndex(IndexJoin):
    """Gives every pair as it is, for a scan without an index."""

    held = 0

    def __init__(self) -> None:
        self.news = lambda: None

    def split(self, after: str) -> IndexJoin:
        return self

    def pump(self, dispatcher: Dispatcher, end: str | None) -> None:
        pass

    def pairs(self, pairs: Iterator[Pair]) -> Iterator[Pair]:
        return pairs


def index_join(reader: IndexReader | None, key_range: KeyRange) -> IndexJoin:
    """Return the join of the index for this range, or one that does nothing."""
    return NoIndex() if reader is None else IndexJoin(reader, key_range.after)
