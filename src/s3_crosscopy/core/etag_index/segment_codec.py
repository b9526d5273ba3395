"""Puts packed blocks of rows into one segment, with the keys of each in front: only the blocks needed are unpacked."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from json import dumps
from typing import Any

from s3_crosscopy.core.etag_index.block_codec import pack_block
from s3_crosscopy.model.etag_index import Block, IndexRow
from s3_crosscopy.model.input_limits import ETAG_HEADS
from s3_crosscopy.model.json_text import read_json

MAGIC = b"s3xcetag"
"""The first bytes of every segment."""
_LENGTH = struct.Struct(">I")
_HEADER = len(MAGIC) + _LENGTH.size


def block_of(rows: list[IndexRow]) -> Block:
    """Return the block of these rows, at least one, and sort them by their keys."""
    rows.sort()
    return Block(rows[0][0], rows[-1][0], len(rows), pack_block(rows))


def to_segment(blocks: Sequence[Block]) -> bytes:
    """Return the bytes of a segment with these blocks."""
    described = [[block.first, block.last, block.rows, len(block.data)] for block in blocks]
    heads = dumps(described, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass")
    return b"".join([MAGIC, _LENGTH.pack(len(heads)), heads, *(block.data for block in blocks)])


def blocks_of(data: bytes) -> list[Block]:
    """Return the blocks of a segment. Raises ValueError for anything else."""
    if not data.startswith(MAGIC) or len(data) < _HEADER:
        raise ValueError("is no segment of an ETag index")
    start = _HEADER + _LENGTH.unpack_from(data, len(MAGIC))[0]
    heads = read_json(data[_HEADER : min(start, _HEADER + ETAG_HEADS.most + 1)], ETAG_HEADS)
    try:
        return _blocks(data, start, heads)
    except TypeError as error:
        raise ValueError("is damaged: it describes its blocks otherwise") from error


def _blocks(data: bytes, start: int, heads: Any) -> list[Block]:
    blocks = []
    for first, last, rows, size in heads:
        if not (isinstance(first, str) and isinstance(last, str) and isinstance(rows, int) and size >= 0):
            raise ValueError("is damaged: it describes its blocks otherwise")
        blocks.append(Block(first, last, rows, data[start : start + size]))
        start += size
    if start != len(data):
        raise ValueError("is cut, or goes on behind its end")
    return blocks
