"""Where the keys lie that are left to the publish task: nothing is lost, and the JSON stays small."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.core.state.deferred_ranges import MOST_BYTES, NEAR_KEYS, DeferredRanges, coarsened
from s3_crosscopy.core.state.remaining import union, without
from s3_crosscopy.model.checkpoint_values import range_bytes
from s3_crosscopy.model.objects import KeyRange

FAR = NEAR_KEYS + 1


def size(ranges: tuple[KeyRange, ...]) -> int:
    return sum(map(range_bytes, ranges))


def test_markers_far_apart_have_intervals_of_their_own() -> None:
    markers = DeferredRanges()
    markers.add(0, KeyRange("a", "b"), 1)
    markers.add(0, KeyRange("c", "d"), 1 + FAR)
    assert markers.ranges() == (KeyRange("a", "b"), KeyRange("c", "d"))


def test_markers_within_one_page_of_a_listing_share_an_interval() -> None:
    markers = DeferredRanges()
    for number, one in enumerate([KeyRange("a", "b"), KeyRange("c", "d"), KeyRange("e", "f")]):
        markers.add(0, one, 1 + number * NEAR_KEYS)
    assert markers.ranges() == (KeyRange("a", "f"),)


def test_the_walks_of_two_ranges_do_not_lie_beside_each_other() -> None:
    markers = DeferredRanges()
    markers.add(0, KeyRange("a", "b"), 1)
    markers.add(1, KeyRange("x", "y"), 1)
    markers.add(0, KeyRange("c", "d"), 2)
    assert markers.ranges() == (KeyRange("a", "d"), KeyRange("x", "y"))


def test_however_many_there_are_few_are_held() -> None:
    markers = DeferredRanges(most_bytes=200, most_held=50)
    for number in range(1000):
        markers.add(0, KeyRange(f"{number:04}", f"{number:04}x"), number * FAR)
    assert len(markers._ranges) <= 50
    assert size(markers.ranges()) <= 200
    assert markers.ranges()[0].after == "0000"
    assert markers.ranges()[-1].end == "0999x"


def test_those_are_joined_first_between_which_few_keys_can_lie() -> None:
    months = [KeyRange(f"2024/{month}/{day}/z", f"2024/{month}/{day}/~") for month in "123" for day in "12"]
    whole = tuple(KeyRange(f"2024/{month}/1/z", f"2024/{month}/2/~") for month in "123")
    assert coarsened(months, size(whole)) == whole


def test_one_interval_is_the_least() -> None:
    assert coarsened([KeyRange("a", "b"), KeyRange("c", "d"), KeyRange("e")], 0) == (KeyRange("a"),)


def test_what_is_small_stays_as_it_is() -> None:
    assert coarsened([KeyRange("c", "d"), KeyRange("a", "b"), KeyRange("b", "bb")]) == (
        KeyRange("a", "bb"),
        KeyRange("c", "d"),
    )
    assert coarsened([]) == ()


@pytest.mark.parametrize("count", [1, 5000])
def test_any_number_of_long_keys_fits(count: int) -> None:
    keys = [f"{number:05}\U0010ffff" for number in range(count)]
    ranges = [KeyRange(key + "\x01" * 900, f"{key}\x02") for key in keys]
    assert size(coarsened(ranges)) <= MOST_BYTES


KEYS = st.text(alphabet="ab/é\U0001f600", min_size=1, max_size=5)
RANGES = st.lists(st.tuples(KEYS, KEYS).map(lambda two: KeyRange(min(two), max(two))), max_size=30)


@given(ranges=RANGES, most=st.integers(0, 400))
def test_every_key_stays_within_and_the_intervals_are_in_order_and_apart(ranges: list[KeyRange], most: int) -> None:
    coarse = coarsened(ranges, most)
    assert coarse == union(coarse)
    assert all(one.end is not None and one.end < other.after for one, other in pairwise(coarse))
    assert [left for one in ranges if one.after < (one.end or "") for left in without(one, coarse)] == []
    assert size(coarse) <= most or len(coarse) <= 1


def test_ranges_that_are_not_stored_stay_apart_up_to_their_number() -> None:
    markers = DeferredRanges(None, most_held=3000)
    for number in range(3000):
        markers.add(0, KeyRange(f"p/{number:04}/_", f"p/{number:04}/_SUCCESS"), number * FAR)
    assert len(markers.ranges()) == 3000


@pytest.mark.parametrize("most_bytes", [None, 2**20])
def test_at_the_limit_ranges_are_merged_once_in_a_while_and_not_for_each_key(most_bytes: int | None) -> None:
    markers = DeferredRanges(most_bytes, most_held=100)
    for number in range(101):
        markers.add(0, KeyRange(f"{number:04}", f"{number:04}x"), number * FAR)
    assert len(markers._ranges) <= 60
