from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.plan.ahead import Ahead


def test_one_more_page_may_be_awaited_with_each_that_is_looked_at_when_it_comes() -> None:
    ahead = Ahead(24, 64)
    for _ in range(10):
        ahead.came(unseen=0)
    assert ahead.pages == 34


def test_a_crowd_of_pages_takes_it_back_and_a_few_change_nothing() -> None:
    ahead = Ahead(24, 64)
    for _ in range(16):
        ahead.came(unseen=0)
    ahead.came(unseen=10)
    assert ahead.pages == 40, "a quarter is no crowd yet"
    ahead.came(unseen=11)
    assert ahead.pages == 39


@given(st.integers(0, 5), st.integers(0, 20), st.lists(st.integers(0, 30)))
def test_it_stays_between_its_bounds(least: int, more: int, came: list[int]) -> None:
    ahead = Ahead(least, least + more)
    for unseen in came:
        ahead.came(unseen)
        assert least <= ahead.pages <= least + more
