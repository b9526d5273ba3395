"""Merges the lists of a copy's shards into one ETag index. Reads and moves no row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.etag_index.found_list import find_list
from s3_crosscopy.etag_index.index_files import LIST, part_folder, read_list, write_list
from s3_crosscopy.etag_index.stored_index import remove
from s3_crosscopy.model.etag_index import IndexList, IndexPair, IndexSegment
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.report.files import RemovableFiles

NO_LIST = "{} of {} shards have written no list of the ETag index: the next run compares what they copied"


class Part(NamedTuple):
    """A shard: the folder of its report, its key ranges, and its start by S3's clock."""

    below: str
    ranges: Sequence[KeyRange]
    began: str


def merge_index(files: RemovableFiles, pair: IndexPair, parts: Sequence[Part], run: str) -> str:
    """Write the index of all shards, and remove what is not in it. Returns a warning, "" if all is well.

    `pair`: without the servers, which are those of the shards. A shard without a list keeps what the former index has
    of its range: rows are never wrong, only out of date. Raises S3Error and RetryableFailure.
    """
    lists = {part: index for part in parts if (index := _list_of(files, pair, part)) is not None}
    whole_pair = next((index.pair for index in lists.values()), None)
    if whole_pair is None:
        return NO_LIST.format(len(parts), len(parts)) if parts else ""
    former = find_list(files, LIST, whole_pair)
    if former.foreign:
        return former.warning
    missing = [part for part in parts if part not in lists]
    segments = {segment.name: segment for index in lists.values() for segment in index.segments}
    for segment in former.usable.segments if former.usable is not None else ():
        if any(_overlap(segment, key_range) for part in missing for key_range in part.ranges):
            segments.setdefault(segment.name, segment)
    replaced = former.names - segments.keys()
    problem = remove(files, former.unneeded - former.names - segments.keys())
    write_list(files, LIST, IndexList(whole_pair, run, tuple(segments.values()), unneeded=tuple(sorted(replaced))))
    problem = remove(files, replaced | {part_folder(part.below) + LIST for part in lists}) or problem
    return "; ".join(filter(None, (_missing_text(missing, parts), problem)))


def _missing_text(missing: Sequence[Part], parts: Sequence[Part]) -> str:
    return NO_LIST.format(len(missing), len(parts)) if missing else ""


def _list_of(files: RemovableFiles, pair: IndexPair, part: Part) -> IndexList | None:
    """Return the list of a shard, None if it has none of this run."""
    try:
        index = read_list(files, part_folder(part.below) + LIST)
    except (CrossCopyError, ValueError):
        return None
    if index is None or index.run != part.began or index.pair._replace(servers=()) != pair:
        return None
    return index


def _overlap(segment: IndexSegment, key_range: KeyRange) -> bool:
    return segment.last > key_range.after and (key_range.end is None or segment.first <= key_range.end)
