"""An ETag index in a folder or below an S3 prefix, for one run: that of the last complete run, and the next one."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from s3_crosscopy.errors import CrossCopyError, PermanentFailure
from s3_crosscopy.etag_index.found_list import find_list
from s3_crosscopy.etag_index.index_files import LIST, names_of, part_folder, read_segment, write_list, write_segment
from s3_crosscopy.etag_index.unfinished import UnfinishedRun
from s3_crosscopy.etag_index.writer_mark import WriterMark
from s3_crosscopy.model.etag_index import Block, IndexList, IndexPair, IndexSegment
from s3_crosscopy.report.files import RemovableFiles

NOT_RESUMED = (
    "what an earlier attempt recorded of the ETag index at {!r} cannot be used, its objects are compared again: {}"
)


class StoredIndex:
    """See `ports.EtagIndex`. `below`: the folder of a shard's report, "" for a run that copies everything.

    warning: one line if there is an index that cannot be used, "" if all is well. writable: False if it belongs to
    another pair of places, or to a later version.
    """

    def __init__(self, files: RemovableFiles, pair: IndexPair, below: str = "") -> None:
        self.segments: Sequence[IndexSegment] = ()
        self.pending: Sequence[Block] = ()
        self.not_removed = ""
        self.warning = ""
        self.writable = True
        self._files = files
        self._pair = pair
        self._part = part_folder(below)
        self._unfinished = UnfinishedRun(files, self._part, pair)
        self._mark = WriterMark(files, self._unfinished.folder)
        self._number = 0
        # The segments of the list that the new one replaces, and those that no list names.
        self._former: frozenset[str] = frozenset()
        self._abandoned: frozenset[str] = frozenset()
        self._listed: frozenset[str] = frozenset()

    def open(self, resumed_run: str = "") -> None:
        """Read the list of the last complete run, and what earlier attempts of this run wrote.

        `resumed_run`: the start of the run that is resumed, by S3's clock; "" for a run that starts over. Raises no
        error: what cannot be read is not used.
        """
        last = find_list(self._files, LIST, self._pair)
        self.warning, self.writable = last.warning, not last.foreign
        if last.foreign:
            return
        if last.usable is not None:
            self.segments = last.usable.segments
        self._read_unfinished(resumed_run)
        ended = find_list(self._files, self._part + LIST, self._pair) if self._part else last
        # A shard leaves the former index: others still read it.
        self._former = ended.names - last.names if self._part else last.names
        self._abandoned = names_of(self._unfinished.segments) | ended.unneeded
        self._listed = last.names
        self._resume(resumed_run, ended.usable)

    def read(self, segment: IndexSegment) -> list[Block]:
        return read_segment(self._files, segment)

    def write(self, blocks: Sequence[Block]) -> None:
        self._unfinished.segments.append(write_segment(self._files, blocks, self._mark.name_of(self._number)))
        self._number += 1

    def save(self, run: str, pending: Sequence[Block]) -> None:
        self._mark.check()
        self._unfinished.save(run, pending)

    def finish(self, run: str) -> None:
        """Write the list. What it replaces is removed last, and named in it, in case that the process dies before."""
        self._mark.check()
        segments = {segment.name: segment for segment in self._unfinished.segments}
        replaced = (self._former if self._part else self._former | self._replaced()) - segments.keys()
        abandoned = self._abandoned.union(self._mark.former_names()) - self._listed - replaced - segments.keys()
        problem = remove(self._files, abandoned)
        index = IndexList(self._pair, run, tuple(segments.values()), unneeded=tuple(sorted(replaced)))
        write_list(self._files, self._part + LIST, index)
        own = {*self._unfinished.names(), self._mark.name}
        self.not_removed = remove(self._files, own | replaced) or problem

    def _replaced(self) -> frozenset[str]:
        """Return the segments of the list that is there now: perhaps of another run, which ended after this one began.

        Raises PermanentFailure if it is not to be replaced.
        """
        current = find_list(self._files, LIST, self._pair)
        if current.foreign:
            raise PermanentFailure(current.warning)
        return current.names

    def _read_unfinished(self, resumed_run: str) -> None:
        try:
            self._unfinished.read()
        except (CrossCopyError, ValueError, OSError) as error:
            self._unfinished.forget()
            if resumed_run:
                self._warn(NOT_RESUMED.format(self._files.where(), error))

    def _resume(self, resumed_run: str, ended: IndexList | None) -> None:
        if not resumed_run or not self._unfinished.is_of(resumed_run):
            self._unfinished.forget()
        elif self._unfinished.pending is not None:
            self._read_pending(self._unfinished.pending)
        if resumed_run and ended is not None and ended.run == resumed_run:
            # The run ended with failures, which this attempt copies.
            self._unfinished.segments += ended.segments

    def _read_pending(self, pending: IndexSegment) -> None:
        try:
            self.pending = read_segment(self._files, pending)
        except (FileNotFoundError, ValueError, OSError, CrossCopyError) as error:
            self._warn(NOT_RESUMED.format(self._files.where(pending.name), error))

    def _warn(self, text: str) -> None:
        self.warning = self.warning or text


def remove(files: RemovableFiles, names: AbstractSet[str]) -> str:
    """Remove files, and return why some could not be removed, "" if all are gone."""
    try:
        files.remove(sorted(names))
    except CrossCopyError as error:
        return str(error)
    return ""
