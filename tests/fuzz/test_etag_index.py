"""The files of an ETag index: whatever is in them, no pair is known that no run found, and one line says why."""

from __future__ import annotations

import hashlib
import json
import struct
import zlib
from functools import partial
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from s3_crosscopy.core.etag_index.block_codec import unpack_block
from s3_crosscopy.core.etag_index.known_pairs import TOO_MANY, SegmentTable
from s3_crosscopy.core.etag_index.segment_codec import MAGIC, block_of, blocks_of
from s3_crosscopy.engine.listing.index_join import UNUSABLE, IndexReader
from s3_crosscopy.errors import PermanentFailure
from s3_crosscopy.etag_index.index_merge import Part, merge_index
from s3_crosscopy.etag_index.stored_index import StoredIndex
from s3_crosscopy.model.etag_index import Block, IndexPair, IndexRow
from s3_crosscopy.model.events import Event, Warned
from s3_crosscopy.model.input_limits import ETAG_SEGMENT
from s3_crosscopy.model.objects import KeyRange
from tests.fuzz.budget import parsed
from tests.fuzz.damage import damaged_bytes, damaged_text, enlarged
from tests.memory_files import MemoryFiles

PAIR = IndexPair("s3://src/p/", "s3://dst/q/", "src", "dst")
OTHER = PAIR._replace(dest="s3://dst/other/")
RUN = "2026-11-01T10:00:00+00:00"
LIST, RECORD, PENDING = "etags.json", "unfinished/00000/etags.json", "unfinished/pending-1.etags"
MARK = "unfinished/writer.json"
PART = "parts/shard-0001/etags.json"


def row(number: int) -> IndexRow:
    return f"p/{number:04}", hashlib.md5(f"s{number}".encode()).hexdigest() + "-7", f"copy-{number}"


def block(*numbers: int) -> Block:
    return block_of([row(number) for number in numbers])


TRUE = {key: (etag, copy_etag) for key, etag, copy_etag in map(row, range(60))}


def written(pair: IndexPair, first: int) -> dict[str, bytes]:
    """An index as two runs leave it: one that ended, and one that was killed."""
    files = MemoryFiles({})
    ended, killed = StoredIndex(files, pair), StoredIndex(files, pair)
    ended.write([block(*range(first, first + 5)), block(*range(first + 5, first + 10))])
    ended.write([block(*range(first + 10, first + 20))])
    ended.finish("2026-10-31T10:00:00+00:00")
    killed.write([block(*range(first + 20, first + 25))])
    killed.save(RUN, [block(*range(first + 25, first + 30))])
    return files.content


INDEX, FOREIGN = written(PAIR, 0), written(OTHER, 30)
SEGMENTS = sorted(name for name in INDEX if name.startswith("segments/"))


class Warnings:
    def __init__(self) -> None:
        self.texts: list[str] = []

    def emit(self, event: Event) -> None:
        assert isinstance(event, Warned)
        self.texts.append(event.text)


def looked_up(index: StoredIndex, warnings: Warnings) -> dict[str, tuple[str, str]]:
    """What a scan of all keys finds in the index."""
    reader, rows = IndexReader(index, warnings), {}
    known = reader.table.after("")
    for key in TRUE:
        while known.until is not None and key >= known.until and not known.advance(key):
            for number in known.wanted(2, None):
                blocks = reader.read(reader.table.segments[number])
                known.put(number, blocks if isinstance(blocks, list) else None)
                if isinstance(blocks, str):
                    reader.warn(blocks)
        if known.problem:
            reader.warn(known.problem)
        if key in known.rows:
            rows[key] = known.rows[key]
    return rows


def used(files: MemoryFiles) -> dict[str, tuple[str, str]]:
    """Use an index as a resumed run does, to its end. Returns the rows that it knew, and those that it kept."""
    warnings, index = Warnings(), StoredIndex(files, PAIR)
    index.open(RUN)
    rows = looked_up(index, warnings)
    for part in index.pending:
        rows |= unpack_block(part.data)
    if index.writable:
        try:
            index.write([block(59)])
            index.save(RUN, [])
            index.finish(RUN)
        except PermanentFailure as error:
            warnings.texts.append(str(error))
        else:
            again = StoredIndex(files, PAIR)
            again.open()
            assert again.warning == ""
            rows |= looked_up(again, Warnings())
    for text in filter(None, [index.warning, *warnings.texts]):
        assert "\n" not in text
    assert len(warnings.texts) <= 2
    return rows


def is_true(files: MemoryFiles) -> None:
    rows = parsed(partial(used, files))
    assert rows is not None
    assert rows.items() <= TRUE.items()


@given(st.sampled_from([LIST, RECORD]), st.data())
def test_a_damaged_list_makes_no_row_that_was_not_found(name: str, data: st.DataObject) -> None:
    is_true(MemoryFiles({**INDEX, name: data.draw(damaged_text(json.loads(INDEX[name])))}))


@pytest.mark.parametrize("name", [LIST, RECORD])
def test_a_list_with_anything_large_in_it_makes_none_either(name: str) -> None:
    for value in enlarged(json.loads(INDEX[name])):
        is_true(MemoryFiles({**INDEX, name: json.dumps(value).encode()}))


@given(st.sampled_from([*SEGMENTS, PENDING]), st.data())
def test_a_damaged_file_makes_none_either(name: str, data: st.DataObject) -> None:
    is_true(MemoryFiles({**INDEX, name: data.draw(damaged_bytes(INDEX[name]) | st.binary(max_size=100))}))


@given(damaged_text([["0" * 16, 100], ["1" * 16, 3]]))
@example(json.dumps([["0" * 16, 10**9]] * 1000).encode())
@example(b"[" * 50_000)
def test_a_damaged_mark_of_the_writer_makes_none_either(data: bytes) -> None:
    is_true(MemoryFiles({**INDEX, MARK: data}))


@given(st.lists(st.sampled_from([*INDEX]), max_size=6), st.randoms(use_true_random=False))
def test_files_in_each_others_places_make_none_either(names: list[str], chance: Any) -> None:
    content = {**INDEX}
    for name in names:
        there = chance.choice([*INDEX.values(), *FOREIGN.values(), None])
        content.pop(name, None)
        if there is not None:
            content[name] = there
    is_true(MemoryFiles(content))


def test_the_index_of_another_pair_is_neither_used_nor_replaced() -> None:
    files = MemoryFiles({**INDEX, **FOREIGN})
    assert used(files) == {}
    assert files.content == {**INDEX, **FOREIGN}
    only_recorded = MemoryFiles({**INDEX, RECORD: FOREIGN[RECORD], PENDING: FOREIGN[PENDING]})
    assert used(only_recorded).items() <= {key: TRUE[key] for key in [*list(TRUE)[:20], row(59)[0]]}.items()


def named(data: bytes, first: str = "p/0000", last: str = "p/0059", number: int = 1) -> MemoryFiles:
    """An index whose list names this file as whoever may write there would: with its size and its digest."""
    raw = json.loads(INDEX[LIST])
    digest = hashlib.sha256(data).hexdigest()
    names = [f"segments/{digest[:16]}-{count:06d}.etags" for count in range(number)]
    raw["segments"] = [[name, first, last, 60, len(data), digest] for name in names]
    return MemoryFiles({LIST: json.dumps(raw).encode(), **dict.fromkeys(names, data)})


def segment(*blocks: tuple[str, str, bytes], tail: bytes = b"") -> bytes:
    heads = json.dumps([[first, last, 1, len(data)] for first, last, data in blocks]).encode()
    return MAGIC + struct.pack(">I", len(heads)) + heads + b"".join(data for *_, data in blocks) + tail


def bomb(text: bytes, number: int) -> bytes:
    packed = zlib.compress(text, 9)
    return struct.pack(">II", number, len(packed)) + packed + bytes(32 * min(number, 4000))


BOMBS = [
    bomb(bytes(200 * 2**20), 1000),
    bomb(b"[" * 2**23, 1000),
    bomb(b"[" + b"[]," * 2**21 + b"[]]", 4000),
    bomb(b"[" + b'"ab",' * 2**20 + b'"ab"]', 4000),
    bomb(b"[[1e999],[],[]]", 1),
    bomb(b'[["p/0001"],[""],[""]]', 2**32 - 1),
    struct.pack(">II", 1, 2**32 - 1),
    b"",
]


@pytest.mark.parametrize("data", BOMBS, ids=range(len(BOMBS)))
def test_a_packed_block_never_takes_much_memory(data: bytes) -> None:
    assert parsed(partial(unpack_block, data), ValueError) is None
    is_true(named(segment(("p/0000", "p/0059", data))))


@given(st.binary(max_size=200).map(lambda data: bomb(data, 3)) | damaged_bytes(block(1, 2, 3).data))
def test_a_block_is_rows_or_refused(data: bytes) -> None:
    rows = parsed(partial(unpack_block, data), ValueError)
    assert rows is None or all(type(text) is str for key, etags in rows.items() for text in (key, *etags))


HEADS = json.loads(json.dumps([["p/0000", "p/0001", 2, 10], ["p/0002", "p/0003", 2, 10]]))


@given(damaged_text(HEADS), st.binary(max_size=30))
@example(b"[" * 100_000, b"")
@example(b'[["a","b",1,1e999]]', b"")
@example(b'[["a","b",1,' + b"9" * 25 + b"]]", b"")
def test_a_segment_is_blocks_or_refused(heads: bytes, rest: bytes) -> None:
    blocks = parsed(partial(blocks_of, MAGIC + struct.pack(">I", len(heads)) + heads + rest), ValueError)
    assert sum(len(part.data) for part in blocks or ()) <= len(rest)


def test_the_first_part_of_a_segment_is_not_read_without_end() -> None:
    heads = b"[" + b"[]," * 2**21 + b"[]]"
    is_true(named(MAGIC + struct.pack(">I", len(heads)) + heads))
    is_true(named(MAGIC + struct.pack(">I", 2**32 - 1) + heads))


def test_a_file_that_is_larger_than_any_segment_is_not_read() -> None:
    raw = json.loads(INDEX[LIST])
    raw["segments"][0][4] = ETAG_SEGMENT.most + 1
    is_true(MemoryFiles({**INDEX, LIST: json.dumps(raw).encode()}))


def test_blocks_that_all_overlap_are_read_in_little_memory() -> None:
    """A thousand segments around every key: what is opened at once is bounded."""
    files = named(segment(*[("p/0000", "p/0059", block(*range(60)).data)] * 200), number=16)
    index, warnings = StoredIndex(files, PAIR), Warnings()
    index.open()
    assert parsed(partial(looked_up, index, warnings)) is not None
    assert warnings.texts == [UNUSABLE.format(TOO_MANY)]


def test_segments_in_the_wrong_order_give_the_same_rows() -> None:
    raw = json.loads(INDEX[LIST])
    raw["segments"].reverse()
    index = StoredIndex(MemoryFiles({**INDEX, LIST: json.dumps(raw).encode()}), PAIR)
    index.open()
    assert looked_up(index, Warnings()) == {key: TRUE[key] for key in list(TRUE)[:20]}
    disordered = segment(*[(f"p/{n:04}", f"p/{n:04}", block(n).data) for n in (7, 3, 5)])
    index = StoredIndex(named(disordered), PAIR)
    index.open()
    assert set(looked_up(index, Warnings())) == {"p/0003", "p/0005", "p/0007"}


@given(damaged_text({**json.loads(INDEX[LIST]), "run": RUN}))
def test_lists_of_shards_are_merged_or_left_out(data: bytes) -> None:
    files = MemoryFiles({**INDEX, PART: data})
    text = parsed(
        partial(merge_index, files, PAIR._replace(servers=()), [Part("shard-0001/", (KeyRange(),), RUN)], RUN)
    )
    assert text is not None
    again = StoredIndex(files, PAIR)
    again.open()
    assert looked_up(again, Warnings()).items() <= TRUE.items()


def test_the_index_is_a_valid_one_before_it_is_damaged() -> None:
    assert used(MemoryFiles(INDEX)) == {key: TRUE[key] for key in [*list(TRUE)[:30], row(59)[0]]}
    assert len(SegmentTable([]).segments) == 0
