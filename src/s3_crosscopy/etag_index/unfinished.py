"""Records what an unfinished run has written of its ETag index, so that its next attempt has it.

The segments are listed in several files, of which a save writes only the last: each has at most a thousand. The last
one also names the file with the rows that are in no segment yet; two such files are used in turn, so that the one that
a list names is not changed.
"""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.errors import S3Error
from s3_crosscopy.etag_index.index_files import PENDING, UNFINISHED, read_list, write_list, write_segment
from s3_crosscopy.model.etag_index import Block, IndexList, IndexPair, IndexSegment
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.report.files import Files

LIST_SEGMENTS = 1000
"""Segments in one list, about 250 KB."""


class UnfinishedRun:
    """The lists of the run that began at `run`, below `folder`, and the segments in them.

    `folder` of the arguments is that of a shard's files, `self.folder` that of the lists.
    """

    def __init__(self, files: Files, folder: str, pair: IndexPair) -> None:
        self.run = ""
        self.segments: list[IndexSegment] = []
        self.pending: IndexSegment | None = None
        self.folder = f"{folder}{UNFINISHED}"
        self._files = files
        self._pair = pair
        self._read_pair: IndexPair | None = None
        self._listed = self._lists = 0

    def read(self) -> None:
        """Read the lists that are there, whichever run they are of. Raises ValueError and S3Error."""
        while (index := self._next_list()) is not None:
            if self._lists and (index.run, index.pair) != (self.run, self._read_pair):
                break
            self.run, self.pending, self._read_pair = index.run, index.pending, index.pair
            self.segments += index.segments
            self._lists += 1
        self._listed = len(self.segments)

    def _next_list(self) -> IndexList | None:
        try:
            return read_list(self._files, self._name(self._lists))
        except S3Error as error:
            # Without s3:ListBucket S3 answers so where there is none.
            if error.reason is Reason.DENIED:
                return None
            raise

    def is_of(self, run: str) -> bool:
        """Return True if the lists that were read are those of this pair's run that began at `run`."""
        return (self.run, self._read_pair) == (run, self._pair)

    def forget(self) -> None:
        """Begin anew: the lists are those of another run."""
        self.segments, self.pending = [], None
        self._listed = 0

    def save(self, run: str, blocks: Sequence[Block]) -> None:
        """Write what is new."""
        self.run = run
        names = [self.folder + name for name in PENDING]
        used = self.pending.name if self.pending is not None else ""
        self.pending = write_segment(self._files, blocks, names[used == names[0]]) if blocks else None
        first, last = (number // LIST_SEGMENTS for number in (self._listed, len(self.segments)))
        # A list behind that of this run would be read as its next.
        for number in range(first, last + 1):
            segments = tuple(self.segments[number * LIST_SEGMENTS : (number + 1) * LIST_SEGMENTS])
            write_list(self._files, self._name(number), IndexList(self._pair, run, segments, self.pending))
        self._listed = len(self.segments)
        self._lists = max(self._lists, last + 1)

    def names(self) -> list[str]:
        """Return the names of all files that there may be."""
        if not self._lists:
            return []
        return [*(self._name(number) for number in range(self._lists)), *(self.folder + name for name in PENDING)]

    def _name(self, number: int) -> str:
        return f"{self.folder}{number:05d}/etags.json"
