"""A scan finds each row that is in the index, wherever segments and blocks begin, and says which segments it needs."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3_crosscopy.core.etag_index import known_pairs
from s3_crosscopy.core.etag_index.known_pairs import KnownPairs, SegmentTable
from s3_crosscopy.core.etag_index.segment_codec import block_of
from s3_crosscopy.model.etag_index import Block, IndexSegment


def key(number: int) -> str:
    return f"{number:04d}"


def segment(*groups: list[int]) -> tuple[IndexSegment, list[Block]]:
    """A segment with a block for each of these groups of keys."""
    blocks = [block_of([(key(n), f"s{n}", f"c{n}") for n in group]) for group in groups]
    first, last = min(block.first for block in blocks), max(block.last for block in blocks)
    return IndexSegment(f"{first}-{last}", first, last, sum(map(len, groups)), 1, ""), blocks


class Index:
    def __init__(self, *parts: tuple[IndexSegment, list[Block]]) -> None:
        names: Counter[str] = Counter()
        segments = []
        for entry, blocks in parts:
            names[entry.name] += 1
            again = f"-{names[entry.name]}" if names[entry.name] > 1 else ""
            segments.append((entry._replace(name=entry.name + again), blocks))
        self.table = SegmentTable(entry for entry, _ in segments)
        self.blocks = {entry.name: blocks for entry, blocks in segments}
        self.loads: list[str] = []

    def load(self, known: KnownPairs, ahead: int = 2, end: str | None = None) -> None:
        for number in known.wanted(ahead, end):
            name = self.table.segments[number].name
            self.loads.append(name)
            known.put(number, self.blocks[name])

    def looked_up(self, known: KnownPairs, number: int) -> tuple[str, str] | None:
        while known.until is not None and key(number) >= known.until and not known.advance(key(number)):
            self.load(known)
        return known.rows.get(key(number))


@given(
    st.lists(st.lists(st.lists(st.integers(0, 300), min_size=1, max_size=20), min_size=1, max_size=3), max_size=8),
    st.lists(st.integers(0, 310), unique=True).map(sorted),
    st.integers(0, 300),
)
@settings(deadline=None)
def test_every_row_is_found_and_no_other(groups: list[list[list[int]]], scan: list[int], after: int) -> None:
    index = Index(*(segment(*blocks) for blocks in groups))
    there = {n for blocks in groups for block in blocks for n in block}
    known = index.table.after(key(after))
    for number in (n for n in scan if n > after):
        assert index.looked_up(known, number) == ((f"s{number}", f"c{number}") if number in there else None)


def test_a_scan_loads_what_is_next_and_nothing_twice() -> None:
    parts = [segment(list(range(start, start + 100))) for start in range(0, 1000, 100)]
    random.Random(2).shuffle(parts)
    index = Index(*parts)
    known = index.table.after(key(250))
    index.load(known, end=key(499))
    assert index.loads == ["0200-0299", "0300-0399"]
    index.load(known, end=key(499))
    assert len(index.loads) == 2
    assert index.looked_up(known, 310) == ("s310", "c310")
    index.load(known, end=key(399))
    assert len(index.loads) == 2
    index.load(known, end=key(499))
    assert index.loads[2:] == ["0400-0499"]


def test_a_scan_waits_for_its_segment_and_for_no_other() -> None:
    index = Index(segment(list(range(10))), segment(list(range(20, 30))))
    known = index.table.after("")
    assert not known.advance(key(5))
    assert known.advance(key(15))
    assert known.rows == {}
    assert not known.advance(key(20))
    known.put(1, None)  # it cannot be had
    assert known.advance(key(20))
    assert known.rows == {}
    known.put(0, [])  # too late
    assert known.until is None


def test_a_scan_that_jumps_to_the_last_key_of_a_segment_waits_for_it() -> None:
    index = Index(segment(list(range(10))), segment(list(range(20, 30))), segment(list(range(40, 50))))
    known = index.table.after("")
    assert not known.advance(key(49))
    index.load(known)
    assert index.loads == ["0040-0049"]
    assert index.looked_up(known, 49) == ("s49", "c49")


def test_a_segment_that_ends_before_the_range_is_not_wanted() -> None:
    index = Index(segment([0, 500]), segment([10, 20]), segment([30, 600]))
    known = index.table.after(key(100))
    assert [index.table.segments[number].name for number in known.wanted(2, None)] == ["0000-0500", "0030-0600"]


def test_a_block_that_cannot_be_unpacked_is_none() -> None:
    entry, _ = segment([1, 2])
    known = SegmentTable([entry]).after("")
    known.put(0, [Block(key(1), key(2), 2, b"damaged")])
    assert known.advance(key(1))
    assert (known.rows, known.problem) == ({}, "it is cut")


def test_an_index_without_segments_is_never_asked() -> None:
    known = SegmentTable([]).after("")
    assert known.wanted(2, None) == []
    assert known.advance("a")
    assert known.until is None


def overlapping(number: int) -> tuple[IndexSegment, list[Block]]:
    """Blocks that all have the same keys around them, as no run writes them."""
    return segment(*([0, 300 + n] for n in range(number)))


def test_blocks_that_overlap_beyond_any_run_are_left_out() -> None:
    entry, blocks = overlapping(known_pairs.MOST_OPEN + 5)
    known = SegmentTable([entry]).after("")
    known.put(0, blocks)
    assert known.advance(key(1))
    assert len(known._open) == known_pairs.MOST_OPEN
    assert known.problem == known_pairs.TOO_MANY


def test_blocks_that_wait_for_their_keys_take_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    parts = [segment([0, number], [500 + number]) for number in range(100, 120)]
    size = sum(len(block.data) for block in parts[0][1])
    monkeypatch.setattr(known_pairs, "MOST_HELD_BYTES", 3 * size)
    known = SegmentTable(entry for entry, _ in parts).after("")
    for number, (_, blocks) in enumerate(parts):
        known.put(number, blocks)
    assert known.advance(key(1))
    assert sum(len(block.data) for block in known._blocks) <= 3 * size
    assert known.problem == known_pairs.TOO_MANY
