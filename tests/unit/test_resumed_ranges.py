"""The ranges that a resumed run walks: all that is left is in them, and there are never too many."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.core.state.remaining import Among, union
from s3_crosscopy.core.state.resumed_ranges import (
    FEW_KEYS,
    LEAST_RANGES,
    MOST_RANGES,
    first_page_keys,
    open_ledger,
    ranges_to_scan,
    scan_order,
)
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.s3_limits import PAGE_KEYS
from s3_crosscopy.model.tally import Tally

ROOM = 2**20


def singles(number: int, day: str = "p/day={:06d}/") -> list[KeyRange]:
    return [KeyRange(f"{day.format(one)}a", f"{day.format(one)}b") for one in range(number)]


def test_few_intervals_are_walked_as_they_are() -> None:
    left = [*singles(LEAST_RANGES - 1), KeyRange("q", None)]
    assert ranges_to_scan(left, 0) == tuple(left)
    ledger, ranges, among = open_ledger(left, Tally(), ROOM, join=True)
    assert (ranges, among) == (tuple(left), None)
    assert ledger.snapshot().remaining == tuple(left)


def test_many_intervals_are_walked_as_fewer_ranges_that_hold_them_all_in_order() -> None:
    left = [*singles(5000), KeyRange("q", None)]
    ranges = ranges_to_scan(left, 0)
    assert len(ranges) == LEAST_RANGES
    assert all(one.end is not None and one.end < other.after for one, other in pairwise(ranges))
    among = Among(ranges)
    assert all(among.holds(one.end or "z") for one in left)
    assert ranges[-1].end is None


def test_intervals_are_parted_where_their_neighbours_have_least_in_common() -> None:
    far = [KeyRange(f"{letter}/x", f"{letter}/y") for letter in "abc"]
    left = [*far, *(KeyRange(f"d/{number:04d}", f"d/{number:04d}x") for number in range(LEAST_RANGES))]
    assert ranges_to_scan(left, 0)[:3] == tuple(far)


def test_there_are_at_most_twice_as_many_ranges_as_pages_of_committed_keys() -> None:
    left = singles(24_000)
    assert len(ranges_to_scan(left, 300 * PAGE_KEYS)) == 600
    assert len(ranges_to_scan(left, 10**9)) == MOST_RANGES


def test_keys_that_are_asked_for_one_by_one_are_not_joined() -> None:
    left = singles(2 * LEAST_RANGES)
    _, ranges, among = open_ledger(left, Tally(), ROOM, join=False)
    assert (ranges, among) == (left, None)


def test_of_joined_ranges_it_is_known_which_keys_count_and_what_is_left_stays_what_it_was() -> None:
    left = singles(2 * LEAST_RANGES)
    ledger, ranges, among = open_ledger(left, Tally(), ROOM, join=True)
    assert len(ranges) == LEAST_RANGES
    assert among is not None
    assert among.holds("p/day=000001/b")
    assert not among.holds("p/day=000001/c")
    assert ledger.snapshot().remaining == tuple(left)


bounds = st.text("abc", max_size=3)


@given(st.lists(st.builds(KeyRange, bounds, st.none() | bounds), max_size=6).map(union), bounds)
def test_a_key_is_among_the_intervals_if_one_holds_it(ranges: tuple[KeyRange, ...], key: str) -> None:
    held = any(one.after < key and (one.end is None or key <= one.end) for one in ranges)
    assert Among(ranges).holds(key) == held


def test_ranges_that_may_hold_many_keys_are_walked_before_those_of_single_ones() -> None:
    singles = [KeyRange("p/a1", "p/a100"), KeyRange("p/000006", "p/000007")]
    assert scan_order([singles[1], KeyRange("p/1", "p/a"), singles[0], KeyRange("p/e", None)]) == [3, 1, 2, 0]
    assert scan_order([KeyRange()]) == [0]
    assert scan_order([KeyRange("a", "b"), KeyRange("c", "d")]) == [0, 1], "in the order of the keys if nothing tells"


@pytest.mark.parametrize(
    ("after", "end", "keys"),
    [
        ("p/part-00957", "p/part-00958", FEW_KEYS),
        ("p/part-0095", "p/part-00958", FEW_KEYS),
        ("p/part-00999", "p/part-01000", PAGE_KEYS),
        ("p/a", "p/b", FEW_KEYS),
        ("", "p", PAGE_KEYS),
        ("p/a", None, PAGE_KEYS),
        ("p/day=01/", "p/day=02/hour", PAGE_KEYS),
    ],
)
def test_few_keys_are_asked_for_first_where_a_range_may_hold_one(after: str, end: str | None, keys: int) -> None:
    assert first_page_keys(KeyRange(after, end)) == keys
