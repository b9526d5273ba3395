"""Where a range is split never decides what is copied; these tests hold it to being a place at all, and a good one."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.value_samples import KEY_CHARACTERS

from s3_crosscopy.core.keyspace.range_split import FIRST_PAGES, MOST_PAGES, Earned, split_point
from s3_crosscopy.model.location import MAX_KEY_BYTES

few = st.text(alphabet=st.sampled_from(KEY_CHARACTERS), min_size=1, max_size=6)
any_text = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
some_keys = st.lists(few | any_text, min_size=1, max_size=30, unique=True).map(sorted)
prefixes = st.sampled_from(["", "p/", "ü/漢/", "x" * 200])


@given(some_keys, st.none() | few | any_text, prefixes, st.floats(0.5, 1e6))
def test_a_split_lies_behind_the_page_and_before_the_end_and_is_a_key(
    rests: list[str], end: str | None, prefix: str, reach: float
) -> None:
    seen = [prefix + rest for rest in rests]
    split = split_point(seen, None if end is None else prefix + end, prefix, reach)
    if split is None:
        return
    assert seen[-1] < split.key
    assert end is None or split.key < prefix + end
    assert split.key.startswith(prefix)
    assert len(split.key.encode()) <= MAX_KEY_BYTES
    assert (split.pages is None) == (end is None)


@given(some_keys, st.lists(st.integers(0, 28), max_size=8))
def test_splitting_again_and_again_leaves_ranges_that_tile_the_keys(keys: list[str], order: list[int]) -> None:
    edges: list[str | None] = ["", None]
    for number in order:
        at = number % (len(edges) - 1)
        after, end = edges[at], edges[at + 1]
        assert after is not None
        inside = [key for key in keys if key > after and (end is None or key <= end)]
        split = split_point(inside[: max(2, len(inside) // 2)], end)
        if split is not None:
            edges.insert(at + 1, split.key)
    held = [
        [key for key in keys if after is not None and key > after and (end is None or key <= end)]
        for after, end in pairwise(edges)
    ]
    assert sorted(edge for edge in edges if edge is not None) == edges[:-1]
    assert [key for one in held for key in one] == keys


def page(text: str, first: int, last: int) -> list[str]:
    return [text.format(number) for number in range(first, last)]


def test_a_counter_without_an_end_is_split_some_pages_further() -> None:
    split = split_point(page("p/part-{:09d}.gz", 0, 1000), None, "p/", reach=2)
    assert split is not None
    assert "p/part-000003900" <= split.key <= "p/part-000004100"


def test_a_counter_with_an_end_is_split_in_the_middle_of_what_is_left() -> None:
    split = split_point(page("p/part-{:09d}", 1000, 2000), "p/part-000100000", "p/")
    assert split is not None
    assert "p/part-00005" <= split.key <= "p/part-000052"
    assert split.pages == pytest.approx(98, rel=0.05)


@pytest.mark.parametrize(
    ("seen", "end", "low", "high"),
    [
        pytest.param(page("{:04x}-aa", 0, 0x1000), "ffff-aa", "7f", "91", id="hex digits"),
        pytest.param(page("2024-01-{:02d}", 1, 10), "2024-12-31", "2024-05", "2024-08", id="dates"),
        pytest.param(page("x" * 200 + "/{:03d}", 0, 100), "y", "x" * 200 + "/4", "x" * 200 + "/9", id="200 bytes"),
        pytest.param(page("漢/{:03d}", 0, 100), "漢/999", "漢/5", "漢/6", id="unicode"),
    ],
)
def test_the_middle_is_found_in_the_characters_that_keys_really_have(
    seen: list[str], end: str, low: str, high: str
) -> None:
    split = split_point(seen, end)
    assert split is not None
    assert low <= split.key <= high


@pytest.mark.parametrize(
    ("seen", "end"),
    [
        pytest.param(["only"], None, id="one key"),
        pytest.param([], None, id="no key"),
        pytest.param(["a", "b"], "b0", id="nothing between"),
        pytest.param(["p/a", "p/b"], "q", id="an end outside the prefix"),
        pytest.param([*page("{:03d}", 0, 1000)], None, id="behind the last number"),
    ],
)
def test_there_may_be_no_place_to_split(seen: list[str], end: str | None) -> None:
    assert split_point(seen, end, "p/" if end == "q" else "") is None


def test_a_place_is_never_longer_than_a_key_may_be() -> None:
    # A digit of three bytes, where only one byte is left.
    long = "a" * 1022
    split = split_point([long + "1", long + "13", long + "2"], long + "漢")
    assert split is None or len(split.key.encode()) <= MAX_KEY_BYTES


def test_splits_are_earned_by_full_pages_and_waste_makes_them_dearer() -> None:
    earned = Earned()
    assert [earned.enough(pages) for pages in (FIRST_PAGES - 1, FIRST_PAGES)] == [False, True]
    earned.spend(FIRST_PAGES)
    assert [earned.enough(FIRST_PAGES + more) for more in (0, 1)] == [False, True]
    at = FIRST_PAGES
    for dearer in (3, 6, 12, MOST_PAGES, MOST_PAGES):
        earned.wasted(at)
        assert [earned.enough(at + pages) for pages in (dearer - 1, dearer)] == [False, True]


@given(st.lists(st.sampled_from(["page", "split", "waste"]), max_size=100))
def test_there_are_never_more_splits_than_full_pages_before_them(script: list[str]) -> None:
    earned, pages, splits = Earned(), 0, 0
    for step in script:
        if step == "page":
            pages += 1
        elif step == "split" and earned.enough(pages):
            earned.spend(pages)
            splits += 1
        elif step == "waste":
            earned.wasted(pages)
    assert splits <= max(0, pages - FIRST_PAGES + 1)
