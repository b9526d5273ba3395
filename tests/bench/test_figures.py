"""Slopes, ratios and how figures are written."""

from __future__ import annotations

import pytest
from bench.figures import UNITS, Spread, Target, at_size, ratios, slope, spread, written
from hypothesis import given
from hypothesis import strategies as st

SECONDS = st.floats(0.001, 1000)


def test_a_slope_leaves_out_what_both_sizes_pay() -> None:
    assert slope((1_000, 3.0), (11_000, 4.0)) == pytest.approx(0.0001)


@given(start=SECONDS, each=SECONDS, few=st.integers(1, 1_000), more=st.integers(1, 100_000), size=st.integers(0, 10**6))
def test_a_line_through_two_sizes_tells_every_other(start: float, each: float, few: int, more: int, size: int) -> None:
    small, large = ((number, start + each * number) for number in (few, few + more))
    assert at_size(small, large, size) == pytest.approx(start + each * size, rel=1e-6, abs=1e-3)


def test_a_spread_of_one_run_is_that_run() -> None:
    assert spread([2.5]) == Spread(2.5, 2.5, 2.5)


def test_one_slow_run_does_not_move_the_median() -> None:
    assert spread([1.0, 9.0, 1.2]) == Spread(1.0, 1.2, 9.0)


def test_a_ratio_is_taken_within_each_round() -> None:
    # The machine was twice as slow in the second round, for both.
    assert ratios([6.0, 12.0], [1.0, 2.0]) == Spread(6.0, 6.0, 6.0)


def test_a_round_that_only_one_of_both_has_does_not_count() -> None:
    assert ratios([6.0, 12.0, 100.0], [1.0, 2.0]) == Spread(6.0, 6.0, 6.0)


@pytest.mark.parametrize(
    ("target", "value", "met"),
    [
        (Target(6, "6x"), 6.0, True),
        (Target(6, "6x"), 5.9, False),
        (Target(20, "+20 MB", at_most=True), 20.0, True),
        (Target(20, "+20 MB", at_most=True), 20.1, False),
    ],
)
def test_a_target_is_met_from_its_own_side(target: Target, value: float, met: bool) -> None:
    assert target.is_met_by(value) is met


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        ("times", 7.0312, "7.03x"),
        ("times", 123.4, "123x"),
        ("share", 0.1834, "18.3 %"),
        ("MB", 1.26, "+1.3 MB"),
        ("MB", -0.5, "-0.5 MB"),
        ("a second", 61_832.0, "61,800/s"),
        ("a second", 999.9, "1,000/s"),
        ("us", 68.94, "68.9 us"),
        ("s", 0.0, "0 s"),
        ("requests", 8_201.0, "8,201"),
    ],
)
def test_figures_are_written_with_three_digits(unit: str, value: float, text: str) -> None:
    assert written(unit)(value) == text


@given(value=st.floats(0, 1e9))
def test_every_unit_writes_every_figure(value: float) -> None:
    assert all(written(unit)(value) for unit in UNITS)
