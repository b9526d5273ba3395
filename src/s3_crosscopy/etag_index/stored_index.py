"""An ETag index in a folder or below an S3 prefix, for one run: that of the last complete run, and the next one."""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.errors import CrossCopyError, S3Error
from s3_crosscopy.etag_index.index_files import (
    LIST,
    names_of,
    part_folder,
    read_list,
    read_segment,
    write_list,
    write_segment,
)
from s3_crosscopy.etag_index.unfinished import UnfinishedRun
from s3_crosscopy.model.etag_index import Block, IndexList, IndexPair, IndexSegment, NewerFormat
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.report.files import RemovableFiles

NOT_OURS = "{place!r} has the ETag index of a copy from {pair.source} to {pair.dest}"
KEEP = "it is neither used nor replaced, and every object is compared as without an index: name another place"
REPLACE = "it is not used, and this run replaces it"


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
        self._former_names: set[str] = set()
        self._abandoned_names: set[str] = set()

    def open(self, resumed_run: str = "") -> None:
        """Read the list of the last complete run, and what earlier attempts of this run wrote.

        `resumed_run`: the start of the run that is resumed, by S3's clock; "" for a run that starts over. Raises no
        error: what cannot be read is not used.
        """
        finished = self._read_finished()
        if not self.writable:
            return
        try:
            self._unfinished.read()
        except (CrossCopyError, ValueError):
            self._unfinished.forget()
        self._abandoned_names = names_of(self._unfinished.segments) - self._former_names
        if resumed_run and self._unfinished.run == resumed_run:
            self._read_pending()
            return
        self._unfinished.forget()
        if resumed_run and finished is not None and finished.run == resumed_run:
            # The run ended with failures, which this attempt copies.
            self._unfinished.segments += finished.segments

    def read(self, segment: IndexSegment) -> list[Block]:
        return read_segment(self._files, segment)

    def write(self, blocks: Sequence[Block]) -> None:
        self._unfinished.segments.append(write_segment(self._files, blocks))

    def save(self, run: str, pending: Sequence[Block]) -> None:
        self._unfinished.save(run, pending)

    def finish(self, run: str) -> None:
        """Write the list last. A shard leaves the former index: others still read it."""
        written = self._unfinished.segments
        write_list(self._files, self._part + LIST, IndexList(self._pair, run, tuple(written)))
        unneeded = self._abandoned_names | (set() if self._part else self._former_names)
        unneeded -= names_of(written)
        unneeded.update(self._unfinished.names())
        self.not_removed = remove(self._files, unneeded)

    def _read_finished(self) -> IndexList | None:
        try:
            index = read_list(self._files, LIST)
        except NewerFormat as error:
            self.writable = False
            self.warning = f"{self._files.where(LIST)!r} {error}; {KEEP}"
        except S3Error as error:
            hint = " (or there is none: without s3:ListBucket S3 denies both)" if error.reason is Reason.DENIED else ""
            self.warning = f"the ETag index at {self._files.where()!r} cannot be read{hint}: {error}"
        except (ValueError, CrossCopyError) as error:
            self.warning = f"{self._files.where(LIST)!r} {error}; {REPLACE}"
        else:
            return self._accepted(index) if index is not None else None
        return None

    def _accepted(self, index: IndexList) -> IndexList | None:
        """Return the list if it is of this pair of places."""
        if index.pair == self._pair:
            self.segments = index.segments
            self._former_names |= names_of(index.segments)
            return index
        text = NOT_OURS.format(place=self._files.where(), pair=index.pair)
        if index.pair._replace(compare=self._pair.compare) == self._pair:
            self._former_names |= names_of(index.segments)
            self.warning = f"{text} with compare={index.pair.compare!r}; {REPLACE}"
        else:
            self.writable = False
            same = index.pair[:2] == self._pair[:2]
            self.warning = f"{text}{' on other servers' if same else ''}; {KEEP}"
        return None

    def _read_pending(self) -> None:
        pending = self._unfinished.pending
        if pending is None:
            return
        try:
            self.pending = read_segment(self._files, pending)
        except (FileNotFoundError, ValueError, CrossCopyError) as error:
            self.warning = f"{self._files.where(pending.name)!r} {error}: some objects are compared as without an index"


def remove(files: RemovableFiles, names: set[str]) -> str:
    """Remove files, and return why some could not be removed, "" if all are gone."""
    try:
        files.remove(sorted(names))
    except CrossCopyError as error:
        return str(error)
    return ""
