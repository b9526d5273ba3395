"""A busy machine is waited for, a disturbed round measured again, and after some patience it is an end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from bench.other_load import AGAIN, PATIENCE_S, Busy, Patience, disturbed, noise
from bench.runner import Bench
from bench.timing import CORES, Run


def run(share: float, wall_s: float = 10.0) -> Run:
    return Run(1.0, wall_s, 60_000, 0.0, share * wall_s * CORES, "")


class Clock:
    def __init__(self) -> None:
        self.now_s = 0.0


def patience(*shares: float, refuses: bool = True, each_s: float = 1.0) -> tuple[Patience, list[str]]:
    """Patience with these shares one after the other, the last one for ever; each look takes so long."""
    told: list[str] = []
    clock, waiting = Clock(), list(shares)

    def share() -> float:
        clock.now_s += each_s
        return waiting.pop(0) if len(waiting) > 1 else waiting[0]

    return Patience(refuses=refuses, tell=told.append, share=share, clock=lambda: clock.now_s), told


def test_a_quiet_machine_is_not_waited_for() -> None:
    one, told = patience(0.05)
    one.wait_for_quiet()
    assert told == []


def test_it_is_told_once_that_others_are_waited_for() -> None:
    one, told = patience(0.4, 0.3, 0.05)
    one.wait_for_quiet()
    assert told == ["waiting: other processes have 40 % of the machine"]


def test_the_patience_of_a_whole_run_ends_in_one_line() -> None:
    one, _ = patience(0.37, each_s=PATIENCE_S / 4)
    with pytest.raises(Busy, match=r"^other processes have 37 % of the machine; at most 10 % count$"):
        one.wait_for_quiet()
    with pytest.raises(Busy):
        one.wait_for_quiet()


def test_a_trial_takes_the_machine_as_it_is() -> None:
    one, _ = patience(0.9, refuses=False)
    one.wait_for_quiet()
    assert not one.wants_again([run(0.9)], 1)
    assert one.refusal(noise([run(0.9)])) is None


@pytest.mark.parametrize(("share", "wall_s", "expected"), [(0.11, 10, True), (0.09, 10, False), (0.9, 0.3, False)])
def test_a_round_is_disturbed_above_a_tenth_and_if_it_was_long_enough_to_tell(
    share: float, wall_s: float, expected: bool
) -> None:
    assert disturbed([run(share, wall_s)]) is expected


def test_a_row_counts_by_its_median_run() -> None:
    one, _ = patience(0.0)
    assert one.refusal(noise([run(0.01), run(0.02), run(0.9)])) is None
    refused = one.refusal(noise([run(0.01), run(0.22), run(0.9)]))
    assert refused == "other processes had 22 % of the machine in its median run"
    assert one.refusal({}) is None


def rounds(bench: Bench, shares: list[float], wall_s: float = 10.0) -> Callable[[], float]:
    def measure() -> float:
        bench.runs.append(run(shares.pop(0), wall_s))
        return bench.runs[-1].others_share

    return measure


def bench(tmp_path: Path) -> Bench:
    made = Bench(tmp_path, quick=False)
    made.patience, _ = patience(0.0)
    return made


def test_a_disturbed_round_is_measured_again_and_forgotten(tmp_path: Path) -> None:
    one = bench(tmp_path)
    assert one.undisturbed(rounds(one, [0.5, 0.03])) == pytest.approx(0.03)
    assert len(one.runs) == 1


def test_it_is_measured_again_a_few_times_only(tmp_path: Path) -> None:
    one, shares = bench(tmp_path), [0.5, 0.4, 0.3, 0.2]
    assert one.undisturbed(rounds(one, shares)) == pytest.approx(0.3)
    assert len(shares) == 4 - 1 - AGAIN


def test_a_long_round_is_not_repeated_beyond_the_patience(tmp_path: Path) -> None:
    one, shares = bench(tmp_path), [0.5, 0.4]
    assert one.undisturbed(rounds(one, shares, PATIENCE_S)) == pytest.approx(0.5)


def test_a_shared_measurement_has_its_runs_in_every_row(tmp_path: Path) -> None:
    one = bench(tmp_path)
    one.once("plain", rounds(one, [0.2]))
    one.runs.clear()
    one.once("plain", rounds(one, []))
    assert noise(one.runs) == {"median": 0.2, "most": 0.2}
