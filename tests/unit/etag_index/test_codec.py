"""Blocks and segments of an ETag index: what is packed comes back, and nothing else does."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3_crosscopy.core.etag_index.block_codec import pack_block, unpack_block
from s3_crosscopy.core.etag_index.segment_codec import MAGIC, block_of, blocks_of, to_segment
from s3_crosscopy.model.etag_index import Block, IndexRow
from s3_crosscopy.model.input_limits import ETAG_BLOCK, ETAG_ROWS

HEX = st.text("0123456789abcdef", min_size=32, max_size=32)
PARTS = st.integers(1, 10_000).map(lambda number: f"-{number}")
STRANGE = st.one_of(
    st.text(max_size=70),
    HEX.map(str.upper),
    HEX.map(lambda text: f"{text}=x"),
    HEX.map(lambda text: f" {text[1:]}"),
    st.just(""),
    st.just("="),
)
ETAGS = st.one_of(HEX, st.builds("{}{}".format, HEX, PARTS), STRANGE)
KEYS = st.one_of(st.text(min_size=1, max_size=20), st.text('aü\n\0"\\', min_size=1, max_size=1024))
ROWS = st.lists(st.tuples(KEYS, ETAGS, ETAGS), min_size=1, max_size=30, unique_by=lambda row: row[0])


def etag(number: int) -> str:
    return hashlib.md5(str(number).encode(), usedforsecurity=False).hexdigest()


def rows(number: int, first: int = 0) -> list[IndexRow]:
    return [(f"lake/part-{i:06d}", f"{etag(i)}-7", etag(-i - 1)) for i in range(first, first + number)]


def known(pairs: list[IndexRow]) -> dict[str, tuple[str, str]]:
    return {key: (source, copy) for key, source, copy in pairs}


@given(ROWS)
@settings(deadline=None)
def test_any_rows_come_back(pairs: list[IndexRow]) -> None:
    assert unpack_block(pack_block(pairs)) == known(pairs)


@given(ROWS, ROWS)
@settings(deadline=None)
def test_any_blocks_come_back_from_a_segment(first: list[IndexRow], second: list[IndexRow]) -> None:
    blocks = [block_of(list(first)), block_of(list(second))]
    assert blocks_of(to_segment(blocks)) == blocks
    assert blocks[0].first == min(first)[0]
    assert blocks[0].last == max(first)[0]


def test_a_key_of_commas_comes_back() -> None:
    pairs = [("," * 1024, etag(1), etag(2))]
    assert unpack_block(pack_block(pairs)) == known(pairs)


def test_a_row_takes_far_less_than_sixty_bytes_where_keys_are_alike() -> None:
    pairs = rows(1000)
    assert len(pack_block(pairs)) < 40 * len(pairs)


def test_keys_with_a_random_name_take_sixty_bytes() -> None:
    name = "lake/events/dt=2026-01-01/part-{:05d}-{}-c000.snappy.parquet"
    pairs = []
    for i in range(1000):
        text = etag(i)
        uuid = f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
        pairs.append((name.format(i, uuid), f"{etag(i + 1000)}-7", etag(i + 2000)))
    assert len(to_segment([block_of(pairs)])) <= 60 * len(pairs)


def cut(data: bytes) -> bytes:
    return data[:-1]


def longer(data: bytes) -> bytes:
    return data + b"x"


def block(text: bytes, number: int = 1, digits: bytes = bytes(32)) -> bytes:
    packed = zlib.compress(text)
    return struct.pack(">II", number, len(packed)) + packed + digits


@pytest.mark.parametrize("damage", [cut, longer, lambda data: b"", lambda data: data[:6], lambda data: data[:20]])
def test_a_damaged_block_is_refused(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(ValueError, match="it"):
        unpack_block(damage(pack_block(rows(3))))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\0\0\0\1\0\0\0\2xx" + bytes(32), "its texts cannot be unpacked"),
        (struct.pack(">II", 1, 5) + zlib.compress(b"[]")[:5] + bytes(32), "its texts are cut"),
        (block(b"{}"), "it has other columns"),
        (block(b'[["a"],[""],1]'), "it has other columns"),
        (block(b'[["a"],[""],[1]]'), "it holds something that is no text"),
        (block(b'[["a"],[""],["",""]]'), "its columns differ in length"),
        (block(b'[["a"],[""],[""]]', number=2), "its columns differ in length"),
        (block(b"x" * (ETAG_BLOCK.most + 1)), ETAG_BLOCK.exceeded),
        (block(b"[" + b"[]," * 2_000 + b"[]]"), "it holds more values than rows"),
        (struct.pack(">II", ETAG_ROWS.most + 1, 0), ETAG_ROWS.exceeded),
    ],
)
def test_a_block_that_nobody_wrote_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        unpack_block(data)


def segment(heads: bytes, rest: bytes = b"") -> bytes:
    return MAGIC + struct.pack(">I", len(heads)) + heads + rest


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is no segment of an ETag index"),
        (MAGIC, "is no segment of an ETag index"),
        (b"something else altogether", "is no segment of an ETag index"),
        (segment(b"5"), "describes its blocks otherwise"),
        (segment(b'[["a","b"]]'), "not enough values"),
        (segment(b'[["a","b",1,"c"]]'), "describes its blocks otherwise"),
        (segment(b'[["a","b",1,-1]]'), "describes its blocks otherwise"),
        (segment(b'[["a",1,1,1]]'), "describes its blocks otherwise"),
        (segment(b'[["a","b",1,3]]', b"ab"), "is cut, or goes on behind its end"),
        (segment(b'[["a","b",1,3]]', b"abcd"), "is cut, or goes on behind its end"),
    ],
)
def test_a_segment_that_nobody_wrote_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        blocks_of(data)


def test_a_segment_may_have_no_block() -> None:
    assert blocks_of(to_segment(())) == []
    assert blocks_of(to_segment([Block("a", "b", 1, b"x")])) == [Block("a", "b", 1, b"x")]
