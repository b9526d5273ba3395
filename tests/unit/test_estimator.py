"""Ranges tile the key space whatever the pages say, and are about equal where keys are named as people name them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.key_space_samples import PAGE, SKEWED, Block, Keys, counters, two_pages, unicode_names, unpadded
from tests.unit.value_samples import KEY_CHARACTERS

from s3_crosscopy.core.keyspace.estimator import Cut, KeySpace
from s3_crosscopy.core.keyspace.key_codec import KeyCodec, kind, shared
from s3_crosscopy.model.location import MAX_KEY_BYTES

AT_ONCE = 16
GAPS_A_SHARD = 24
LEAST_LISTS = 1280
"""These three are those of a plan."""
EVERY_NUMBER = "EVERY_NUMBER_OF_SHARDS" in os.environ
"""`make soak` cuts each skewed key space in 16 and in 64; otherwise every other one is cut in 16."""
FEW_UNDER_THE_TRACER = settings().max_examples
"""And 200 without it: see conftest.py."""
few_characters = st.text(alphabet=st.sampled_from(KEY_CHARACTERS), min_size=1, max_size=5)
any_text = st.text(st.characters(codec="utf-8"), min_size=1, max_size=8)
some_keys = st.lists(few_characters | any_text | st.from_regex(r"[ab]/[0-9]{1,3}", fullmatch=True), max_size=80)


def surveyed(keys: Sequence[str], shards: int, page: Callable[[str], tuple[list[str], bool]], prefix: str) -> KeySpace:
    """What `engine.listing.sampler` does with a server that lists like this."""
    space, left, at_once = KeySpace(prefix), LEAST_LISTS, min(AT_ONCE, shards)
    while left > 0:
        asked = space.ask(min(left, at_once), max(float(PAGE), space.keys / (shards * GAPS_A_SHARD)))
        if not asked:
            break
        left -= len(asked)
        for after in sorted(asked):
            space.learn(after, *page(after))
    return space


def must_tile(cuts: list[Cut]) -> None:
    assert cuts[0].range.after == ""
    assert cuts[-1].range.end is None
    for cut, following in pairwise(cuts):
        assert cut.range.end == following.range.after
        assert cut.range.after < following.range.after, "none is empty"


def heaviest(keys: Keys, cuts: list[Cut]) -> float:
    held = [keys.held(*cut.range) for cut in cuts]
    assert sum(held) == len(keys), "none is lost, none is twice"
    return max(held) * len(cuts) / max(1, len(keys))


def full_counter() -> Iterator[Block]:
    """All names of three digits, and then names of another kind."""
    yield counters(1_000, "x/a{:03d}")
    yield counters(30_000, "x/b{:05d}")
    yield counters(9_000, "x/q{:05d}")


def one_large_at_the_end() -> Iterator[Block]:
    for number in range(1_000):
        yield counters(30, f"user-{number:05d}/{{:03d}}")
    yield counters(200_000, "user-01000/{:09d}")


def base_32() -> Iterator[Block]:
    """Names that begin with the time, as ULIDs do: all begin with the same characters."""
    alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

    def key(number: int) -> str:
        time = 1_700_000_000_000 + number * 37
        return "events/" + "".join(alphabet[time >> shift & 31] for shift in range(45, -5, -5)) + "XYZ"

    yield Block(90_000, key)


@pytest.mark.parametrize(
    ("make", "shards"),
    [
        *[
            pytest.param(make, 16, id=f"{make.__name__}-16")
            for make in (unicode_names, unpadded, two_pages, full_counter, one_large_at_the_end, base_32)
        ],
        *[
            pytest.param(make, shards, id=f"{make.__name__}-{shards}-slow", marks=pytest.mark.slow)
            for place, make in enumerate(SKEWED)
            for shards in (16, 64)
            if EVERY_NUMBER or place % 2 == (shards == 16)
        ],
    ],
)
def test_the_heaviest_shard_holds_at_most_twice_the_mean_for_at_most_1280_lists(
    make: Callable[[], Iterator[Block]], shards: int
) -> None:
    keys = Keys(make())
    space = surveyed(keys, shards, keys.page, "")
    cuts = space.cut(shards)
    assert space.requests <= LEAST_LISTS
    assert len(cuts) == (shards if len(keys) >= shards * PAGE else max(1, len(keys) // PAGE))
    must_tile(cuts)
    assert heaviest(keys, cuts) <= 2


@pytest.mark.parametrize("number", [0, 1, 999, 1000])
def test_a_tiny_prefix_is_one_shard_for_one_list(number: int) -> None:
    keys = Keys([counters(number, "t/{:05d}")])
    space = surveyed(keys, 64, keys.page, "t/")
    assert space.requests == 1
    assert space.keys == number
    assert space.cut(64) == [Cut(space.cut(1)[0].range, number)]


@settings(max_examples=min(80, FEW_UNDER_THE_TRACER))
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


@settings(max_examples=min(30, FEW_UNDER_THE_TRACER))
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


@pytest.mark.parametrize(("character", "name"), [("7", "0"), ("q", "a"), ("Q", "A"), ("/", ""), ("-", "")])
def test_characters_count_within_their_kind(character: str, name: str) -> None:
    assert kind(character) == name


def test_characters_of_one_script_are_of_one_kind() -> None:
    assert kind("漢") == kind("本")
    assert kind("漢") not in {kind("é"), kind("🎉")}


@given(st.lists(few_characters | any_text, min_size=1, max_size=20), st.data())
def test_numbers_of_keys_are_in_the_order_of_the_keys(names: list[str], data: st.DataObject) -> None:
    keys = sorted(set(names))
    codec = KeyCodec(keys, "", "")
    numbers = [codec.of(key) for key in keys]
    assert numbers == sorted(numbers)
    assert 0 <= numbers[0] <= numbers[-1] <= codec.most
    number = data.draw(st.integers(0, codec.most))
    assert codec.of(codec.text(number)) == number or not codec.text(number).isascii()


def test_keys_outside_the_head_are_before_or_behind_all_numbers() -> None:
    codec = KeyCodec(["b/1", "b/3"], "b/", "")
    assert codec.of("a") == 0
    assert codec.of("c") == codec.most == 9


def test_the_zeros_before_a_counter_count_too() -> None:
    codec = KeyCodec(["part-0001.csv", "part-0002.csv"], "part-", "")
    assert codec.most == 9_999
    assert codec.text(1234) == "part-1234.csv"


def test_another_directory_shows_the_digits_of_names_that_begin_alike() -> None:
    keys = ["a/day-1/x", "b/day-7/x", "b/month-9", "b", "c/day-5"]
    assert KeyCodec(keys, "a/", "day").text(7) == "a/day-7/x"
    assert KeyCodec(keys, "a/day-1/", "x").most == 0


def test_half_of_a_surrogate_pair_is_left_out_of_a_text() -> None:
    codec = KeyCodec(["a\ud7fb", "a\ud7ff"], "a", "")
    assert [codec.text(number) for number in (0, 4, 5)] == ["a\ud7fb", "a\ud7ff", "a"]


@pytest.mark.parametrize(
    ("first", "second", "number"),
    [("", "a", 0), ("same", "same", 4), ("a/b", "a/c", 2), ("a/b", "a/bc", 3), ("x", "y", 0)],
)
def test_the_characters_that_two_keys_share(first: str, second: str, number: int) -> None:
    assert shared(first, second) == number
