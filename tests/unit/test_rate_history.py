from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.airflow.plugin.progress_model import Rate
from s3_crosscopy.airflow.plugin.rate_curve import rates, summed
from s3_crosscopy.core.rate_history import MOST_POINTS, Point, thinned

histories = st.lists(st.tuples(st.floats(0.5, 20), st.floats(0, 5_000)), min_size=1, max_size=400).map(
    lambda steps: [(sum(width for width, _ in steps[: at + 1]), rate) for at, (_, rate) in enumerate(steps)]
)
spans = st.lists(st.tuples(st.floats(0, 1_000), st.floats(0.5, 300), st.floats(0, 5_000)), min_size=1, max_size=30).map(
    lambda each: [Rate(since, since + width, rate) for since, width, rate in each]
)


def objects(history: list[Point] | tuple[Point, ...]) -> float:
    begins = [0.0, *(end for end, _ in history)]
    return sum((end - begin) * rate for begin, (end, rate) in zip(begins, history, strict=False))


@given(histories)
def test_a_thinned_history_tells_of_the_same_objects_in_the_same_time(history: list[Point]) -> None:
    kept: tuple[Point, ...] = ()
    for point in history:
        kept = thinned((*kept, point))
        assert len(kept) <= MOST_POINTS
    assert kept[-1][0] == history[-1][0]
    assert objects(kept) == pytest.approx(objects(history), rel=1e-6, abs=1e-6)


def test_a_short_history_is_left_as_it_is() -> None:
    assert thinned([(5.0, 10.0), (10.0, 20.0)]) == ((5.0, 10.0), (10.0, 20.0))


def test_of_an_odd_number_the_last_point_stands_alone() -> None:
    history = [(float(at + 1), float(at)) for at in range(MOST_POINTS + 1)]
    kept = thinned(history)
    assert kept[:2] == ((2.0, 0.5), (4.0, 2.5))
    assert kept[-1] == history[-1]
    assert len(kept) == MOST_POINTS // 2 + 1


def test_a_history_ends_when_it_was_saved() -> None:
    assert rates([(5.0, 10.0), (10.0, 20.0)], 1_000.0) == (Rate(990.0, 995.0, 10.0), Rate(995.0, 1_000.0, 20.0))
    assert rates([], 1_000.0) == ()


def test_a_point_that_goes_back_in_time_is_left_out() -> None:
    assert rates([(5.0, 10.0), (4.0, 99.0), (10.0, 20.0)], 10.0) == (Rate(0.0, 5.0, 10.0), Rate(5.0, 10.0, 20.0))


def test_no_rates_are_no_curve() -> None:
    assert summed([]) is None


def test_what_runs_at_the_same_time_adds_up_and_a_pause_is_nought() -> None:
    curve = summed([Rate(0, 10, 100), Rate(5, 10, 50), Rate(15, 20, 30)])
    assert curve == (0, 20, (100.0, 150.0, 0.0, 30.0))


@given(spans)
def test_a_curve_tells_of_all_objects_in_a_bounded_number_of_steps(each: list[Rate]) -> None:
    curve = summed(each)
    assert curve is not None
    assert (curve.since, curve.until) == (min(one.since for one in each), max(one.until for one in each))
    assert 1 <= len(curve.objects_per_second) <= MOST_POINTS
    width = (curve.until - curve.since) / len(curve.objects_per_second)
    moved = sum((one.until - one.since) * one.objects_per_second for one in each)
    assert sum(curve.objects_per_second) * width == pytest.approx(moved, rel=1e-6, abs=1e-6)


def test_a_span_that_the_numbers_cannot_tell_from_nothing_has_no_curve() -> None:
    assert summed([Rate(1e11, 1e11 + 1e-9, 5.0)]) is None
