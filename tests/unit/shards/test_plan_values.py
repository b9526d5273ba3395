"""A plan of shards becomes small enough for XCom: as it is, or with shorter bounds, and always of all keys."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.input_limits import PLANNED
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.packed_json import unpack
from s3_crosscopy.shards.plan_values import LEAST, MOST_SHARE, PLAN, TOGETHER, Fitted, fitted, share, unpacked
from s3_crosscopy.shards.shard import Shard

KEYS = st.text(st.sampled_from("ab/é"), min_size=1, max_size=12)


def planned(*bounds: list[str], source: str = "s3://raw/p/", dest: str = "s3://copy/q/") -> list[Shard]:
    """Shards between these keys, a list of them for each pair."""
    of = sum(len(one) + 1 for one in bounds)
    made: list[Shard] = []
    for pair, own in enumerate(bounds, start=1):
        for one in pairwise(["", *own, None]):
            after, end = one
            number = len(made) + 1
            made.append(Shard(number, of, pair, len(bounds), source, dest, KeyRange(after or "", end), 1000))
    return made


def read_back(made: Fitted) -> list[Shard]:
    parts = [unpack(text, PLANNED) for text in made.packed]
    return unpacked([part for part in parts if isinstance(part, list)])


def test_a_plan_that_fits_stays_as_it_is() -> None:
    shards = planned([f"p/{number:04}" for number in range(40)])
    made = fitted(shards)
    assert (made.shards, made.fits) == (shards, True)
    assert len(made.packed) == -(-len(shards) // TOGETHER)
    assert read_back(made) == shards


def long_keys(number: int, *, alike: int, own: int) -> list[str]:
    """Keys of a common beginning and an end of their own that nothing packs."""
    rng = random.Random(7)
    common = "p/" + "".join(rng.choices("abcdefghijklmnop", k=alike))
    return sorted(common + "".join(rng.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=own)) for _ in range(number))


def test_a_thousand_keys_of_1024_bytes_that_begin_alike_stay_as_they_are() -> None:
    shards = planned([f"p/{'x' * 1010}{number:010}" for number in range(999)])
    made = fitted(shards)
    assert made.shards == shards
    assert made.fits


def test_of_keys_that_nothing_packs_enough_is_kept_to_tell_them_apart() -> None:
    shards = planned(long_keys(999, alike=300, own=700))
    made = fitted(shards)
    assert made.fits
    assert len(made.shards) == 1000, "no shard was lost"
    assert max(len(one.range.after) for one in made.shards) < 320
    assert sum(len(text) * TOGETHER for text in made.packed) <= PLAN + TOGETHER * LEAST


def test_directories_with_long_names_of_their_own_become_fewer_shards() -> None:
    names = long_keys(500, alike=0, own=900)
    shards = planned(sorted(f"{name}/{part}" for name in names for part in "ab"))
    made = fitted(shards)
    assert made.fits
    assert 400 <= len(made.shards) <= 501
    assert sum(one.keys for one in made.shards) == 1000 * len(shards)
    assert [one.number for one in made.shards] == list(range(1, len(made.shards) + 1))
    assert {one.of for one in made.shards} == {len(made.shards)}


def test_places_that_are_too_long_are_told_of() -> None:
    rng = random.Random(3)
    shards = [
        Shard(n, 1000, n, 1000, f"s3://raw/{rng.randbytes(500).hex()}/", "s3://copy/q/", KeyRange(), 1)
        for n in range(1, 1001)
    ]
    made = fitted(shards)
    assert not made.fits
    assert made.shards == shards


def test_a_plan_of_nothing_is_a_plan() -> None:
    assert fitted([]) == Fitted([], [], fits=True)


@given(bounds=st.lists(st.lists(KEYS, max_size=30, unique=True), min_size=1, max_size=3), total=st.integers(0, 40_000))
def test_the_shards_are_always_the_whole_key_space(bounds: list[list[str]], total: int) -> None:
    shards = planned(*(sorted(f"p/{key}" for key in own) for own in bounds))
    made = fitted(shards, total)
    assert read_back(made) == made.shards
    for pair in range(1, len(bounds) + 1):
        own = [one for one in made.shards if one.pair == pair]
        assert (own[0].range.after, own[-1].range.end) == ("", None)
        assert all(one.range.end == other.range.after for one, other in pairwise(own))
        assert all(one.range.end is None or one.range.after < one.range.end for one in own)
    assert sum(one.keys for one in made.shards) == sum(one.keys for one in shards)


@pytest.mark.parametrize(
    ("of", "bytes_each"), [(0, MOST_SHARE), (1, MOST_SHARE), (64, 12_500), (1000, 800), (10_000, LEAST)]
)
def test_fewer_shards_have_larger_shares(of: int, bytes_each: int) -> None:
    assert share(800_000, of) == bytes_each


def test_a_plan_of_another_version_is_one_line() -> None:
    with pytest.raises(InvalidInput, match=r"^shard: is not a shard of this version"):
        unpacked([[{"number": 1}]])
