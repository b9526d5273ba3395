"""Ranges tile the key space whatever the pages say, and are about equal where keys are named as people name them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.key_space_samples import (
    PAGE,
    Block,
    Keys,
    counters,
    dates,
    deep_beside_few,
    flat_counters,
    sharing_200_bytes,
    two_pages,
    unicode_names,
    unpadded,
    users,
    uuids,
)
from tests.unit.value_samples import KEY_CHARACTERS

from s3_crosscopy.core.keyspace.estimator import Cut, KeySpace
from s3_crosscopy.core.keyspace.key_codec import kind
from s3_crosscopy.model.location import MAX_KEY_BYTES

AT_ONCE = 64
"""As a plan over the fast data path asks; fewer at a time only cost more arithmetic."""
PIECES_A_SHARD = 8
LISTS_A_SHARD = 20
few_characters = st.text(alphabet=st.sampled_from(KEY_CHARACTERS), min_size=1, max_size=5)
any_text = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
some_keys = st.lists(few_characters | any_text | st.from_regex(r"[ab]/[0-9]{1,3}", fullmatch=True), max_size=80)


def surveyed(keys: Sequence[str], shards: int, page: Callable[[str], tuple[list[str], bool]], prefix: str) -> KeySpace:
    """What `engine.surveying` does with a server that lists like this."""
    space, left, at_once = KeySpace(prefix), LISTS_A_SHARD * shards, min(AT_ONCE, shards)
    while left > 0:
        asked = space.ask(min(left, at_once), max(float(PAGE), space.keys / (shards * PIECES_A_SHARD)))
        if not asked:
            break
        left -= len(asked)
        for after in sorted(asked):
            found, more = page(after)
            space.learn(after, found, more)
    return space


def must_tile(cuts: list[Cut]) -> None:
    assert cuts[0].range.after == ""
    assert cuts[-1].range.end is None
    for one, other in pairwise(cuts):
        assert one.range.end == other.range.after
        assert one.range.after < other.range.after, "none is empty"


def heaviest(keys: Keys, cuts: list[Cut]) -> float:
    held = [keys.held(*cut.range) for cut in cuts]
    assert sum(held) == len(keys), "none is lost, none is twice"
    return max(held) * len(cuts) / len(keys)


@pytest.mark.parametrize(
    ("make", "shards"),
    [
        *[pytest.param(make, 16, id=f"{make.__name__}-16") for make in (unicode_names, dates, unpadded, two_pages)],
        *[
            pytest.param(make, shards, id=f"{make.__name__}-{shards}", marks=pytest.mark.slow)
            for make, shards in (
                (deep_beside_few, 16),
                (sharing_200_bytes, 16),
                (dates, 64),
                (uuids, 16),
                (flat_counters, 16),
                (users, 16),
            )
        ],
    ],
)
def test_the_heaviest_shard_holds_at_most_twice_the_mean_for_at_most_twenty_lists_a_shard(
    make: Callable[[], Iterator[Block]], shards: int
) -> None:
    keys = Keys(make())
    space = surveyed(keys, shards, keys.page, "")
    cuts = space.cut(shards)
    assert space.requests <= LISTS_A_SHARD * shards
    assert len(cuts) == min(shards, max(1, space.keys // PAGE))
    must_tile(cuts)
    assert heaviest(keys, cuts) <= 2


@pytest.mark.parametrize("number", [0, 1, 999, 1000])
def test_a_tiny_prefix_is_one_shard_for_one_list(number: int) -> None:
    keys = Keys([counters(number, "t/{:05d}")])
    space = surveyed(keys, 64, keys.page, "t/")
    assert space.requests == 1
    assert space.keys == number
    assert space.cut(64) == [Cut(space.cut(1)[0].range, number)]


@settings(max_examples=80, deadline=None)
@given(some_keys, st.integers(1, 12), st.integers(1, 9), st.sampled_from(["", "p/", "é漢/"]), st.data())
def test_ranges_tile_the_keys_whatever_pages_of_any_length_say_in_any_order(
    names: list[str], shards: int, page_keys: int, prefix: str, data: st.DataObject
) -> None:
    keys = sorted({prefix + name for name in names})
    space = KeySpace(prefix)
    for _ in range(data.draw(st.integers(0, 12))):
        asked = space.ask(data.draw(st.integers(1, 5)), data.draw(st.sampled_from([0.5, 3.0, 1000.0])))
        for after in data.draw(st.permutations(asked)):
            assert len(after.encode()) <= MAX_KEY_BYTES + 4
            behind = [key for key in keys if key > after]
            space.learn(after, behind[:page_keys], len(behind) > page_keys)
    cuts = space.cut(shards)
    assert len(cuts) <= shards
    must_tile(cuts)
    for key in keys:
        assert sum(cut.range.after < key and (cut.range.end is None or key <= cut.range.end) for cut in cuts) == 1


@given(st.lists(few_characters, max_size=60), st.integers(1, 7))
def test_a_space_that_was_walked_to_its_end_is_known_exactly(names: list[str], page_keys: int) -> None:
    keys = sorted(set(names))
    space, after, more = KeySpace(""), "", True
    while more:
        behind = [key for key in keys if key > after]
        more = len(behind) > page_keys
        space.learn(after, behind[:page_keys], more)
        after = behind[:page_keys][-1] if behind else after
    assert space.keys == len(keys)
    assert space.ask(5, 0.25) == []


@settings(max_examples=30, deadline=None)
@given(st.lists(few_characters, min_size=1, max_size=60), st.integers(1, 7))
def test_questions_come_to_an_end(names: list[str], page_keys: int) -> None:
    keys = sorted(set(names))
    space = KeySpace("")
    while asked := space.ask(5, 1.0):
        for after in asked:
            behind = [key for key in keys if key > after]
            space.learn(after, behind[:page_keys], len(behind) > page_keys)
        # Of a gap in a whole script each question leaves half; the worst of 3,000 such spaces took 60 a page.
        assert space.requests <= 200 * (len(keys) + 1)


def test_keys_that_are_written_meanwhile_leave_the_ranges_whole() -> None:
    space = KeySpace("")
    space.learn("", [f"a{number:03d}" for number in range(10)], True)
    space.learn("a500", ["a600"], False)
    space.learn("a600", ["a700", "a800"], True)
    space.learn("a100", ["a200"], False)
    must_tile(space.cut(4))


def test_what_is_written_behind_the_last_key_moves_the_end() -> None:
    space = KeySpace("")
    space.learn("", ["a"], True)
    space.learn("b", [], False)
    space.learn("a", ["c", "d"], True)
    assert space.ask(3, 0.25), "nobody knows any more where it ends"
    must_tile(space.cut(4))


def test_a_directory_that_begins_at_the_end_of_a_page_may_be_a_large_one() -> None:
    alone, beside = KeySpace(""), KeySpace("")
    before = [f"a/{number:04d}" for number in range(990)]
    alone.learn("", [*before, "b"], True)
    beside.learn("", [*before, *(f"b/{number:06d}" for number in range(10))], True)
    for space in (alone, beside):
        space.learn("m", ["z"], False)
        must_tile(space.cut(4))
    assert beside.ask(1, 0.25)


@pytest.mark.parametrize(
    ("character", "name"), [("7", "0"), ("q", "a"), ("Q", "A"), ("漢", "0x6fff"), ("/", ""), ("-", "")]
)
def test_characters_count_within_their_kind(character: str, name: str) -> None:
    assert kind(character) == name
