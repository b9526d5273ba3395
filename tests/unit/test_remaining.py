"""Intervals against a plain set of keys, and the limit that they never exceed."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.core.state.remaining import LIMITS, Among, RemainingRanges, SizeLimits, limits_for, union, without
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.packed_ranges import packed_bytes

KEYS = [f"k{number:02d}" for number in range(24)]
PROBES = [*KEYS, "a", "k03x", "z"]
TIGHT = SizeLimits(easy_bytes=20, most_bytes=30, step_bytes=8, provisional_bytes=20, patience=4)

bounds = st.sampled_from(["", *KEYS[:8]])
some_ranges = st.lists(st.builds(KeyRange, bounds, st.none() | bounds), max_size=6)
gaps = some_ranges.map(union)


def inside(ranges: tuple[KeyRange, ...], key: str) -> bool:
    return any(one.after < key and (one.end is None or key <= one.end) for one in ranges)


@given(some_ranges)
def test_a_union_holds_the_same_keys_as_its_ranges_in_order_and_as_short_as_can_be(ranges: list[KeyRange]) -> None:
    merged = union(ranges)
    assert [inside(merged, key) for key in PROBES] == [inside(tuple(ranges), key) for key in PROBES]
    assert all(one.end is None or one.after < one.end for one in merged)
    for before, after in pairwise(merged):
        assert before.end is not None
        assert before.end < after.after, "what touches is one range"


@given(bounds, st.none() | bounds, gaps)
def test_an_interval_without_gaps_holds_its_other_keys(after: str, end: str | None, gaps: tuple[KeyRange, ...]) -> None:
    left = tuple(without(KeyRange(after, end), gaps))
    for key in PROBES:
        assert inside(left, key) == (inside((KeyRange(after, end),), key) and not inside(gaps, key))


@given(some_ranges, st.lists(gaps, max_size=6), st.sampled_from([LIMITS, TIGHT]), st.integers(0, 9))
def test_what_is_cut_is_gone_and_what_would_be_too_large_is_not_cut(
    ranges: list[KeyRange], cuts: list[tuple[KeyRange, ...]], limits: SizeLimits, in_a_row: int
) -> None:
    left = RemainingRanges(ranges, limits)
    most = max(left.size, limits.most_bytes)
    for gap in cuts:
        before = left.ranges()
        made = left.subtract(gap, in_a_row)
        assert made or limits is TIGHT
        for key in PROBES:
            assert inside(left.ranges(), key) == (inside(before, key) and not (made and inside(gap, key)))
        assert left.size == packed_bytes(left.ranges()) <= most


def test_above_what_is_easy_a_gap_has_to_be_worth_it_and_the_next_one_twice_as_much() -> None:
    limits = SizeLimits(easy_bytes=6, most_bytes=30, step_bytes=7, provisional_bytes=6, patience=4)
    left = RemainingRanges([KeyRange()], limits)
    assert not left.subtract([KeyRange("a", "b")], 3)
    assert left.subtract([KeyRange("a", "b")], 4)
    # To make it longer costs nothing more.
    assert left.subtract([KeyRange("b", "c")], 0)
    assert not left.subtract([KeyRange("d", "e")], 7)
    assert left.subtract([KeyRange("d", "e")], 8)
    assert left.subtract([KeyRange("x", None)], 0), "what makes it smaller is always cut"


def test_what_would_not_fit_at_all_is_never_cut() -> None:
    left = RemainingRanges(
        [KeyRange()], SizeLimits(easy_bytes=5, most_bytes=6, step_bytes=16, provisional_bytes=6, patience=1)
    )
    assert not left.subtract([KeyRange("a", "b")], 10**12)


@pytest.mark.parametrize(
    ("key", "held"), [("a", False), ("b", False), ("c", True), ("d", True), ("e", False), ("k", False), ("l", True)]
)
def test_a_key_is_among_the_intervals_that_hold_it(key: str, held: bool) -> None:
    assert Among((KeyRange("b", "d"), KeyRange("k", None))).holds(key) is held
    assert not Among(()).holds(key)


def test_a_gap_that_passes_takes_no_room_of_those_that_stay() -> None:
    left = RemainingRanges(
        [KeyRange()], SizeLimits(easy_bytes=60, most_bytes=70, step_bytes=8, provisional_bytes=15, patience=9)
    )
    assert left.subtract([KeyRange("a", "b")], provisional=True)
    assert not left.subtract([KeyRange("ccc", "ddd"), KeyRange("eee", "fff")], provisional=True)
    assert not left.refused, "it is tried again"
    assert left.subtract([KeyRange("ccc", "ddd"), KeyRange("eee", "fff")])
    assert not left.subtract([KeyRange("g" * 20, "h" * 20)])
    assert left.refused


@given(some_ranges, gaps, gaps)
def test_many_gaps_in_many_intervals_are_cut_as_if_one_by_one(
    ranges: list[KeyRange], first: tuple[KeyRange, ...], second: tuple[KeyRange, ...]
) -> None:
    at_once, one_by_one = RemainingRanges(ranges), RemainingRanges(ranges)
    for many in (first, second):
        at_once.subtract(many)
        for one in many:
            one_by_one.subtract([one])
    assert at_once.ranges() == one_by_one.ranges()
    assert at_once.size == one_by_one.size


def test_half_of_a_checkpoint_is_for_what_is_left() -> None:
    limits = limits_for(48 * 1024)
    assert limits == LIMITS
    assert (limits.most_bytes, limits.easy_bytes, limits.step_bytes) == (24576, 20480, 512)
    assert limits.provisional_bytes == 12288
