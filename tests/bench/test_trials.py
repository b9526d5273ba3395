"""What an object costs is read off two runs, and a peer that is not there is told once."""

from __future__ import annotations

from pathlib import Path

import pytest
from bench.canned_server import Front
from bench.peers import Client, Job, environment
from bench.runner import Bench, Cost
from bench.timing import Failed, Run, timed


def run(cpu_s: float, wall_s: float) -> Run:
    return Run(cpu_s, wall_s, 60_000, 0.0, 0.0, "")


def test_an_object_costs_what_two_sizes_differ_by() -> None:
    cost = Cost(1_000, 101_000, run(0.4, 0.5), run(5.4, 10.5))
    assert cost.cpu_s() == pytest.approx(50e-6)
    assert cost.wall_s() == pytest.approx(100e-6)


def test_a_size_that_was_not_run_lies_on_the_same_line() -> None:
    cost = Cost(50, 300, run(0.0, 9.0), run(0.0, 19.0))
    assert cost.wall_s(10_000) == pytest.approx(407.0)
    assert cost.wall_s(0) == pytest.approx(7.0)


def test_a_peer_that_is_not_there_is_told_once_and_left_out(tmp_path: Path) -> None:
    bench = Bench(tmp_path, quick=False)
    bench.peers = {"a peer": Client("a peer", None, {Job.COPY: lambda front: [front.url]})}
    assert bench.peer("a peer", Job.COPY, 1_000, 2_000) == []
    assert bench.peer("a peer", Job.COPY, 1_000, 2_000) == []
    assert bench.notes == ["a peer: is not installed, so its figures are missing; `make bench` installs it"]


@pytest.mark.parametrize(
    ("quick", "rounds", "expected"), [(False, None, 3), (True, None, 1), (False, 2, 2), (True, 2, 1)]
)
def test_a_smoke_test_has_one_round(tmp_path: Path, quick: bool, rounds: int | None, expected: int) -> None:
    assert Bench(tmp_path, quick=quick, rounds=rounds).rounds(3) == expected


def test_a_smoke_test_has_a_tenth_of_the_objects_and_enough_for_a_slope(tmp_path: Path) -> None:
    bench = Bench(tmp_path, quick=True)
    assert [bench.size(number) for number in (50, 300, 1_000, 101_000)] == [50, 100, 100, 10_100]


def test_what_several_rows_rest_on_is_measured_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, quick=True)
    answers = iter((1, 2))
    assert [bench.once("plain", lambda: next(answers)) for _ in range(2)] == [1, 1]


@pytest.mark.parametrize(
    ("command", "line"),
    [
        (["no-such-program-here"], "no-such-program-here: No such file or directory"),
        (["sh", "-c", "echo one >&2; echo two >&2; exit 3"], "sh: exit code 3: two"),
        (["sh", "-c", "exit 3"], "sh: exit code 3: without a word"),
    ],
)
def test_a_client_that_fails_says_so_in_one_line(command: list[str], line: str) -> None:
    with pytest.raises(Failed) as raised:
        timed(command, {"PATH": "/usr/bin:/bin"})
    assert str(raised.value) == line


def test_a_client_may_be_killed_in_the_middle() -> None:
    ended = timed(["sh", "-c", "sleep 600"], {"PATH": "/usr/bin:/bin"}, until=lambda: True)
    assert ended.wall_s < 500


def test_a_client_that_ends_before_it_is_killed_is_a_failure_if_it_failed() -> None:
    with pytest.raises(Failed, match="exit code 3"):
        timed(["sh", "-c", "exit 3"], {"PATH": "/usr/bin:/bin"}, until=lambda: False)


def test_a_client_runs_with_compiled_modules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    env = environment(Front("http://127.0.0.1:9900", None, 1), tmp_path)
    assert [name for name in env if name.startswith("PYTHON")] == ["PYTHONPATH"]


def test_a_client_that_ends_well_says_what_it_took() -> None:
    ended = timed(["sh", "-c", "echo done"], {"PATH": "/usr/bin:/bin"})
    assert ended.said == "done\n"
    assert 0 <= ended.cpu_s < ended.wall_s + 1
    assert ended.peak_kib > 0
