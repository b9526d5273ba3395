from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.core.rate_limit import APART, SAVES_A_SECOND, TokenBucket, between_saves

rates = st.one_of(st.floats(0.01, 10_000), st.integers(1, 5_000).map(float))
# A clock may start anywhere: a machine's uptime is a large number with few bits left for fractions.
starts = st.sampled_from([0.0, 1.0, 12_345.678, 1e8])
waits_s = st.one_of(st.just(0.0), st.floats(0, 0.01), st.floats(0, 5))


def burst(rate: float) -> float:
    return max(1.0, rate / 10)


@given(rates, starts, st.lists(st.tuples(waits_s, st.floats(0, 1)), max_size=30))
def test_no_span_of_time_ever_sees_more_than_the_rate_and_one_burst(
    rate: float, start: float, turns: list[tuple[float, float]]
) -> None:
    pace, now = TokenBucket(rate), start
    began: list[tuple[float, int]] = []
    for wait_s, share in turns:
        now += wait_s
        allowed = pace.allowed(now)
        assert allowed is not None
        assert allowed >= 0
        requests = round(allowed * share)
        pace.spend(requests)
        began.append((now, requests))
    for index, (since, _) in enumerate(began):
        total = 0
        for at, requests in began[index:]:
            total += requests
            assert total <= burst(rate) + rate * (at - since) + 2e-3


@given(rates, starts, st.integers(1, 40))
def test_whoever_waits_as_told_may_begin_and_is_no_slower_than_the_rate(rate: float, start: float, many: int) -> None:
    pace, now = TokenBucket(rate), start
    for _ in range(many):
        if not pace.allowed(now):
            now += pace.wait_s()
            assert (pace.allowed(now) or 0) >= 1
        pace.spend(1)
    # Rounding of a large clock adds up, but to nothing that anybody would notice.
    assert now - start <= max(0.0, many - int(burst(rate))) / rate + 1e-4 * many


@given(rates, st.integers(2, 50))
def test_debt_is_paid_before_the_next_request(rate: float, extra: int) -> None:
    pace = TokenBucket(rate)
    allowed = pace.allowed(0.0)
    assert allowed is not None
    pace.spend(allowed + extra)
    assert pace.allowed(0.0) == 0
    assert pace.allowed((extra - 1) / rate * 0.99) == 0
    assert pace.wait_s() > 0


def test_idle_time_saves_up_one_burst_and_no_more() -> None:
    pace = TokenBucket(50)
    assert pace.allowed(0.0) == 5
    pace.spend(5)
    assert pace.allowed(0.0) == 0
    assert pace.wait_s() == pytest.approx(0.02)
    assert pace.allowed(0.05) == 2
    assert pace.allowed(3600.0) == 5
    assert pace.wait_s() == 0


def test_without_a_limit_there_is_nothing_to_wait_for() -> None:
    pace = TokenBucket(None)
    assert pace.allowed(1.0) is None
    pace.spend(1_000_000)
    assert pace.allowed(1.0) is None
    assert pace.wait_s() == 0


def test_a_run_alone_saves_as_often_as_it_is_told() -> None:
    assert between_saves(10.0, 1, 0.7) == 10.0


@given(st.integers(2, 5_000), st.floats(0, 1))
def test_all_runs_together_save_no_more_often_than_they_may(runs: int, drawn: float) -> None:
    wait_s = between_saves(10.0, runs, drawn)

    assert wait_s >= 10.0
    assert runs / wait_s <= SAVES_A_SECOND * (1 + 1e-9)
    assert wait_s <= max(10.0, runs / SAVES_A_SECOND) * (1 + APART)


def test_runs_that_began_together_do_not_save_together_for_ever() -> None:
    assert between_saves(10.0, 1000, 0.0) < between_saves(10.0, 1000, 0.5) < between_saves(10.0, 1000, 1.0)
