from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.shards.apportion import allot


@given(st.lists(st.integers(0, 10**9), min_size=1, max_size=20), st.integers(1, 500))
def test_every_prefix_gets_at_least_one_and_all_shards_are_given_out(keys: list[int], shards: int) -> None:
    given_out = allot(keys, shards)
    assert min(given_out) >= 1
    assert sum(given_out) == max(shards, len(keys))


@pytest.mark.parametrize(
    ("keys", "shards", "given_out"),
    [
        ([100], 8, [8]),
        ([300, 100], 8, [6, 2]),
        ([1_000_000, 1, 1], 8, [6, 1, 1]),
        ([0, 0, 0], 8, [3, 3, 2]),
        ([5, 5], 1, [1, 1]),
        ([1, 1, 1], 4, [2, 1, 1]),
    ],
)
def test_shards_go_where_the_keys_are(keys: list[int], shards: int, given_out: list[int]) -> None:
    assert allot(keys, shards) == given_out
