"""Rows become segments of one range each, in the order of their keys, however they came."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from s3_crosscopy.core.etag_index import pending_rows
from s3_crosscopy.core.etag_index.block_codec import unpack_block
from s3_crosscopy.core.etag_index.pending_rows import BLOCK_ROWS, SEGMENT_ROWS, PendingRows
from s3_crosscopy.core.state.batch import Batch
from s3_crosscopy.model.etag_index import Block, IndexRow


def batch(range_number: int = 0, number: int = 1) -> Batch:
    made = Batch(number, "", [])
    made.range_number = range_number
    return made


def rows(number: int, first: int = 0) -> list[IndexRow]:
    return [(f"{i:08d}", f"s{i}", f"c{i}") for i in range(first, first + number)]


def keys_of(blocks: Sequence[Block]) -> list[str]:
    return [key for block in blocks for key in unpack_block(block.data)]


def test_rows_of_equal_etags_are_not_collected() -> None:
    pending = PendingRows()
    pending.add(batch(), "a", "x", "x")
    pending.add(batch(), "b", "x", "y")
    assert keys_of(pending.pack()) == ["b"]


def test_a_segment_is_complete_when_it_has_its_rows() -> None:
    pending = PendingRows()
    shuffled = rows(SEGMENT_ROWS + 1)
    random.Random(1).shuffle(shuffled)
    pending.add_all(batch(), shuffled)
    [segment] = pending.ready
    assert keys_of(segment) == [row[0] for row in rows(SEGMENT_ROWS)]
    assert [block.rows for block in segment] == [BLOCK_ROWS] * 4
    assert keys_of(pending.pack()) == [f"{SEGMENT_ROWS:08d}"]


def test_ranges_and_detached_keys_are_collected_apart() -> None:
    pending = PendingRows()
    for start in range(0, SEGMENT_ROWS, 100):
        pending.add_all(batch(1), rows(100, start))
        pending.add_all(batch(2), rows(100, 1_000_000 + start))
        pending.add_all(batch(1, number=0), rows(10, start + 50))
    assert sorted((segment[0].first, segment[-1].last) for segment in pending.ready) == [
        ("00000000", "00003999"),
        ("01000000", "01003999"),
    ]
    pending.complete()
    assert keys_of(pending.ready[-1])[:2] == ["00000050", "00000051"]


def test_the_rest_is_put_together_in_the_order_of_the_keys() -> None:
    pending = PendingRows()
    for number in (3, 1, 2):
        pending.add_all(batch(number), rows(900, 10_000 * number))
    pending.add_blocks([])
    pending.complete()
    [segment] = pending.ready
    assert [(block.first, block.rows) for block in segment] == [
        ("00010000", 1000),
        ("00020100", 1000),
        ("00030200", 700),
    ]
    assert pending.pack() == []
    pending.complete()
    assert len(pending.ready) == 1


def test_few_rows_of_many_ranges_do_not_stay_loose(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_rows, "MOST_LOOSE", 50)
    pending = PendingRows()
    for number in range(60):
        pending.add_all(batch(number), rows(1, number))
    assert pending._loose_rows == 9
    assert len(keys_of(pending.pack())) == 60


def test_few_blocks_of_many_ranges_become_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_rows, "MOST_WAITING", 5000)
    pending = PendingRows()
    for number in range(6):
        pending.add_all(batch(number), rows(1000, 1000 * number))
    assert [sum(block.rows for block in segment) for segment in pending.ready] == [4000, 2000]


def test_blocks_of_an_earlier_attempt_are_kept() -> None:
    pending, former = PendingRows(), PendingRows()
    former.add_all(batch(), rows(10))
    pending.add_blocks(former.pack())
    pending.add_all(batch(), rows(10, 10))
    assert len(keys_of(pending.pack())) == 20


def test_blocks_of_many_attempts_become_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pending_rows, "MOST_WAITING", 5000)
    former, pending = PendingRows(), PendingRows()
    former.add_all(batch(), rows(3000))
    pending.add_blocks(former.pack())
    assert pending.ready == []
    for number in range(3):
        pending.add_all(batch(number), rows(1000, 10_000 * (number + 1)))
    assert [sum(block.rows for block in segment) for segment in pending.ready] == [4000, 2000]
    resumed = PendingRows()
    resumed.add_blocks([*former.pack(), *former.pack()])
    assert sum(block.rows for segment in resumed.ready for block in segment) == 6000


def test_a_record_of_all_rows_leaves_them_to_their_blocks() -> None:
    pending = PendingRows()
    for number in range(3):
        for first in range(0, 900, 30):
            pending.add_all(batch(number), rows(30, 10_000 * number + first))
            packed = pending.pack()
    assert [block.rows for block in packed] == [1000, 1000, 700]
    pending.complete()
    assert [block.rows for block in pending.ready[0]] == [1000, 1000, 700]


def test_nothing_is_collected_after_a_stop() -> None:
    pending = PendingRows()
    pending.add_all(batch(), rows(SEGMENT_ROWS + 10))
    pending.stop()
    pending.add_all(batch(), rows(10))
    assert pending.pack() == []
    assert pending.ready == []
