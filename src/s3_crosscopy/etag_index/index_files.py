"""Reads and writes the files of an ETag index. A segment is named by the run that writes it: none is ever overwritten.

etags.json              the list of the last complete run's segments, and the pair of places that it is of
segments/<run>-<number>.etags
                        rows; of shards' lists and the one of the whole, both may name one file
unfinished/             lists and rows of a run that has not ended, for its next attempt, and which run writes them
parts/<shard>/          the same for a shard: its list until the summary merges those of all shards
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence

from s3_crosscopy.adapters.bounded_files import json_of
from s3_crosscopy.core.etag_index.segment_codec import blocks_of, to_segment
from s3_crosscopy.model.etag_index import Block, IndexList, IndexSegment, from_json, to_json
from s3_crosscopy.model.input_limits import ETAG_LIST, ETAG_PENDING, ETAG_SEGMENT
from s3_crosscopy.report.files import Files

LIST = "etags.json"
SEGMENTS = "segments/"
UNFINISHED = "unfinished/"
PENDING = ("pending-1.etags", "pending-2.etags")
PARTS = "parts/"


def part_folder(below: str) -> str:
    """Return the folder of a shard's list, from the folder of its report ("pair-0001/shard-0002/")."""
    return f"{PARTS}{below.strip('/').replace('/', '-')}/" if below else ""


def segment_name(token: str, number: int) -> str:
    """Return the name of a segment of the run with this token."""
    return f"{SEGMENTS}{token}-{number:06d}.etags"


def read_list(files: Files, name: str) -> IndexList | None:
    """Return a list; None if it is not there. Raises ValueError with a text that follows the file's name, S3Error."""
    try:
        with files.open(name) as file:
            return from_json(json_of(file, ETAG_LIST))
    except FileNotFoundError:
        return None


def write_list(files: Files, name: str, index: IndexList) -> None:
    """Write a list durably."""
    files.write(name, json.dumps(to_json(index), ensure_ascii=False, separators=(",", ":")).encode())


def read_segment(files: Files, segment: IndexSegment) -> list[Block]:
    """Return the blocks of a segment. Raises ValueError, FileNotFoundError, S3Error."""
    limit = ETAG_SEGMENT if segment.name.startswith(SEGMENTS) else ETAG_PENDING
    if segment.bytes > limit.most:
        raise ValueError(limit.exceeded)
    with files.open(segment.name) as file:
        data = file.read(segment.bytes + 1)
    if len(data) != segment.bytes or hashlib.sha256(data).hexdigest() != segment.sha256:
        raise ValueError("is not the file that the index names: it is damaged, or another run writes there")
    return blocks_of(data)


def write_segment(files: Files, blocks: Sequence[Block], name: str) -> IndexSegment:
    """Write a segment durably."""
    data = to_segment(blocks)
    digest = hashlib.sha256(data).hexdigest()
    files.write(name, data)
    first, last = min(block.first for block in blocks), max(block.last for block in blocks)
    return IndexSegment(name, first, last, sum(block.rows for block in blocks), len(data), digest)


def names_of(segments: Iterable[IndexSegment]) -> frozenset[str]:
    """Return the names of the segments' files."""
    return frozenset(segment.name for segment in segments)
