"""The estimate of what a running listing has still to list."""

from __future__ import annotations

import pytest

from s3_crosscopy.core.keyspace.remaining_keys import Frontier, ListedPage, remaining_keys

KEYS = [f"p/{number:06}" for number in range(100_000)]


def page(begin: int, keys: list[str] | None = None) -> ListedPage:
    """The page of 1,000 keys from this one on, of which every 15th is kept, and the last."""
    keys = KEYS if keys is None else keys
    listed = keys[begin : begin + 1000]
    return ListedPage(keys[begin - 1] if begin else "", [*listed[::15], listed[-1]], len(listed))


def test_keys_that_count_are_estimated_well() -> None:
    middle = KEYS[50_000]
    first = {"": page(0), middle: page(50_001)}
    frontiers = [Frontier(middle, page(9_000)), Frontier(KEYS[-1], page(60_000))]
    estimate = remaining_keys(frontiers, first, "p/")
    assert estimate == pytest.approx(40_000 + 39_000, rel=0.15)


def test_a_range_that_was_not_listed_yet_is_a_part_of_the_gap_before_it() -> None:
    first = {"": page(0)}
    frontiers = [Frontier(KEYS[30_000], page(9_000)), Frontier(KEYS[50_000], None)]
    whole = remaining_keys([Frontier(KEYS[50_000], page(9_000))], first, "p/")
    assert remaining_keys(frontiers, first, "p/") == whole


def test_behind_the_last_page_as_much_may_follow_as_before() -> None:
    estimate = remaining_keys([Frontier(None, page(9_000))], {"": page(0)}, "p/")
    assert estimate is not None
    assert 2_000 < estimate < 1_000_000


def test_nothing_is_known_before_the_first_page() -> None:
    assert remaining_keys([Frontier(None, None)], {}, "p/") is None


def test_nothing_remains_where_everything_is_listed() -> None:
    assert remaining_keys([], {}, "p/") == 0
    assert remaining_keys([Frontier(KEYS[9_999], page(9_000))], {}, "p/") == 0
