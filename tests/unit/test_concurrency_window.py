from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.virtual_server import Served

from s3_crosscopy.core.concurrency_window import (
    PATIENCE,
    START,
    THREADS,
    AdaptiveWindow,
    Mode,
    Seen,
    Step,
    Window,
    after_throttle,
    after_worth,
    threads_for,
    window_for,
)

CEILING = 1024
DOUBLING, HOLDING, RECOVERING = Mode.DOUBLING, Mode.HOLDING, Mode.RECOVERING


def test_the_window_has_room_for_what_is_not_in_flight() -> None:
    window = Window(3)
    assert [window.room(in_flight) for in_flight in (0, 2, 3, 4)] == [3, 1, 0, 0]


def test_the_window_counts_throttled_attempts_and_a_fixed_one_does_nothing_about_them() -> None:
    window = Window(3)
    window.on_throttled(2)
    window.on_ended(100, 3, 1.0)
    window.on_throttled(3)
    assert (window.throttled, window.limit) == (5, 3)


@pytest.mark.parametrize(
    ("seen", "step"),
    [
        pytest.param(Seen(DOUBLING, 16, True, 100.0), Step(DOUBLING, 32, True), id="the first worth doubles"),
        pytest.param(Seen(DOUBLING, 32, True, 120.0, 100.0, 16), Step(DOUBLING, 64, True), id="grew: doubles again"),
        pytest.param(Seen(DOUBLING, 32, True, 119.0, 100.0, 16), Step(HOLDING, 16), id="did not grow: taken back"),
        pytest.param(Seen(DOUBLING, 32, False, 50.0, 100.0, 16), Step(DOUBLING, 32, True), id="not full: says nothing"),
        pytest.param(Seen(DOUBLING, 16, False, 50.0), Step(DOUBLING, 16), id="not full at first"),
        pytest.param(Seen(DOUBLING, 600, True, 9e3), Step(DOUBLING, CEILING, True), id="the last doubling is cut"),
        pytest.param(Seen(DOUBLING, CEILING, True, 9e3, 5e3, 600), Step(HOLDING, CEILING), id="the ceiling is held"),
        pytest.param(Seen(HOLDING, 64, True, 100.0, 0.0, 64, 3), Step(HOLDING, 64), id="held"),
        pytest.param(Seen(HOLDING, 64, True, 100.0, 0.0, 64, PATIENCE), Step(DOUBLING, 128, True), id="tried again"),
        pytest.param(Seen(HOLDING, CEILING, True, 1.0, 0.0, 64, PATIENCE), Step(HOLDING, CEILING), id="nowhere to go"),
        pytest.param(Seen(RECOVERING, 8, True, 100.0, 0.0, 80), Step(RECOVERING, 18), id="towards the last good one"),
        pytest.param(Seen(RECOVERING, 78, True, 100.0, 0.0, 80), Step(RECOVERING, 80), id="to it, not beyond"),
        pytest.param(Seen(RECOVERING, 80, True, 100.0, 0.0, 80), Step(RECOVERING, 82), id="and carefully past it"),
        pytest.param(Seen(RECOVERING, 1, True, 1.0, 0.0, 1), Step(RECOVERING, 2), id="from one"),
        pytest.param(Seen(RECOVERING, 160, True, 9.0, 0.0, 80), Step(RECOVERING, 180), id="further past it, faster"),
        pytest.param(Seen(RECOVERING, 8, False, 1.0, 0.0, 80), Step(RECOVERING, 8), id="not full: no need of more"),
        pytest.param(Seen(RECOVERING, CEILING, True, 1.0, 0.0, CEILING), Step(RECOVERING, CEILING), id="never beyond"),
    ],
)
def test_what_follows_a_windows_worth_of_completions(seen: Seen, step: Step) -> None:
    assert after_worth(seen, CEILING) == step


@pytest.mark.parametrize(("limit", "half"), [(64, 32), (3, 1), (1, 1)])
def test_a_throttle_halves_and_leaves_one(limit: int, half: int) -> None:
    assert after_throttle(limit) == Step(RECOVERING, half)


def test_throttles_of_the_same_windows_worth_are_one_signal() -> None:
    window = AdaptiveWindow(CEILING, start=64)
    for _ in range(3):
        window.on_throttled(5)
    assert (window.limit, window.throttled) == (32, 15)
    # Ten of the 64 answers came with those, and 53 more come here.
    window.on_ended(53, 64, 1.0)
    window.on_throttled(1)
    assert window.limit == 32
    window.on_throttled(1)
    assert window.limit == 16


def test_no_throttled_attempts_are_no_signal() -> None:
    window = AdaptiveWindow(CEILING, start=64)
    window.on_throttled(0)
    assert window.limit == 64


def test_where_each_request_needs_a_thread_an_adaptive_window_has_an_end() -> None:
    assert [threads_for(7), threads_for("auto")] == [7, THREADS]


def test_the_window_of_the_option() -> None:
    fixed, adaptive, small = window_for(7, CEILING), window_for("auto", CEILING), window_for("auto", 4)
    assert type(fixed) is Window
    assert [one.limit for one in (fixed, adaptive, small)] == [7, START, 4]


def test_no_window_is_wider_than_what_the_lane_carries() -> None:
    assert [window_for(wished, 16).limit for wished in (15, 16, 17, 10_000)] == [15, 16, 16, 16]


def test_a_server_that_never_throttles_is_given_the_whole_ceiling_within_a_second() -> None:
    served = Served(AdaptiveWindow(CEILING), lambda now: float("inf"))
    served.run(3.0)
    assert served.window.limit == CEILING
    assert served.between(1.0, 3.0) == [CEILING] * len(served.between(1.0, 3.0))


@pytest.mark.parametrize(
    "most",
    [3, 40, *(pytest.param(most, marks=pytest.mark.slow) for most in (200, 700))],  # a million requests
)
def test_a_server_that_throttles_above_a_number_gets_about_that_number(most: int) -> None:
    served = Served(AdaptiveWindow(CEILING), lambda now: most)
    served.run(60.0)
    settled = served.between(20.0, 60.0)
    assert 0.5 * most <= statistics.mean(settled) <= 1.1 * most + 1
    assert max(settled) <= 1.3 * most + 2
    assert served.ended >= 0.6 * 60 * most / 0.04


def test_a_window_is_not_widened_where_that_only_makes_requests_wait() -> None:
    served = Served(AdaptiveWindow(CEILING), lambda now: float("inf"), per_second=2000)
    served.run(30.0)
    # 2,000 a second at 40 ms are 80 at once.
    assert statistics.median(served.between(5.0, 30.0)) <= 160
    assert served.ended >= 0.9 * 30 * 2000


@pytest.mark.slow
def test_after_a_bad_minute_it_is_back_soon() -> None:
    served = Served(AdaptiveWindow(CEILING), lambda now: 2 if 10 <= now < 70 else float("inf"))
    served.run(80.0)
    assert max(served.between(20.0, 70.0)) <= 8
    assert served.between(75.0, 80.0)[0] >= 512


def test_a_window_that_is_not_full_does_not_grow() -> None:
    window = AdaptiveWindow(CEILING)
    for second in range(100):
        window.on_ended(5, 5, float(second))
    assert window.limit == START


signals = st.lists(
    st.tuples(st.sampled_from(["ended", "throttled"]), st.integers(1, 300), st.integers(0, 2000), st.floats(0, 10)),
    max_size=60,
)


@given(st.integers(1, 2000), signals)
def test_whatever_happens_the_window_stays_between_one_and_its_ceiling(
    ceiling: int, script: list[tuple[str, int, int, float]]
) -> None:
    window, now = AdaptiveWindow(ceiling), 0.0
    for kind, number, in_flight, wait_s in script:
        now += wait_s
        before = window.limit
        if kind == "ended":
            window.on_ended(number, in_flight, now)
            assert window.limit <= 2 * before
        else:
            window.on_throttled(number)
            assert window.limit in (before, max(1, before // 2))
        assert 1 <= window.limit <= ceiling
