from __future__ import annotations

import pytest

from s3_crosscopy.core import early_stop as stopping
from s3_crosscopy.core.early_stop import ONE_PLACE_ATTEMPTS, STOPPING, EarlyStop
from s3_crosscopy.model.outcomes import Reason


def fail(early: EarlyStop, times: int, reason: Reason = Reason.DENIED, below: str = "p/") -> None:
    for number in range(times):
        early.failed(reason, f"{below}{number:06d}")


def stops(early: EarlyStop) -> bool:
    early.weigh(10**9, 10**9)
    return bool(early.why)


def test_a_hundred_first_failures_for_one_permanent_reason_stop_the_run() -> None:
    early = EarlyStop(root="p/")
    fail(early, 99)
    early.weigh(99, 99)
    assert early.why == early.suspicion == ""
    fail(early, 1)
    early.weigh(100, 100)
    assert early.why == "the first 100 copies all failed: denied"


@pytest.mark.parametrize("reason", Reason)
def test_only_what_would_hit_every_object_stops_the_run(reason: Reason) -> None:
    early = EarlyStop(root="p/")
    fail(early, 20_000, reason)
    early.weigh(20_000, 20_000)
    assert bool(early.why) is (reason in STOPPING)
    assert ("most often a proxy's" in early.why) is (reason is Reason.UNCONFIRMED)
    assert {each.value for each in STOPPING} == {"denied", "credentials", "invalid", "unknown", "unconfirmed 404"}


@pytest.mark.parametrize("first", [0, 1, 99, 100])
def test_one_key_that_arrived_keeps_the_run_going(first: int) -> None:
    early = EarlyStop(root="p/")
    fail(early, first)
    early.arrived("p/x")
    fail(early, 500)
    early.weigh(first + 500, 1000)
    assert early.why == ""


def test_a_thousand_in_a_row_stop_a_run_in_which_something_arrived() -> None:
    early = EarlyStop(root="p/")
    early.arrived("p/x")
    fail(early, 999)
    assert early.suspicion == ""
    fail(early, 1)
    assert early.suspicion == "the last 1,000 copies all failed: denied"


def test_archived_objects_are_no_attempts() -> None:
    """A prefix of archived objects of which one is restored and denied: what is asked decides."""
    early = EarlyStop(root="p/")
    fail(early, 50)
    fail(early, 500, Reason.ARCHIVED)
    assert early.suspicion == ""
    fail(early, 50)
    assert early.suspicion == "the first 100 copies all failed: denied"


@pytest.mark.parametrize("other", [Reason.INVALID, Reason.SERVER, Reason.CHANGED])
def test_another_failure_among_the_first_keeps_the_run_going(other: Reason) -> None:
    early = EarlyStop(root="p/")
    fail(early, 99)
    early.failed(other, "p/y")
    fail(early, 500)
    assert early.suspicion == ""
    fail(early, 500)
    assert early.suspicion == "the last 1,000 copies all failed: denied"


def test_the_reason_is_told_once() -> None:
    early = EarlyStop(root="p/")
    fail(early, 100)
    early.weigh(100, 100)
    said = early.why
    fail(early, 2000, Reason.INVALID)
    early.weigh(2100, 2100)
    assert early.why == said == "the first 100 copies all failed: denied"


@pytest.mark.parametrize("arrived", [(), ("p/a/1", "p/a/2")])
@pytest.mark.parametrize("forbidden", ["p/b-hr/", "p/b-hr/dt=1/", "p/a/hr/"])
def test_one_forbidden_directory_does_not_stop_the_rest(arrived: tuple[str, ...], forbidden: str) -> None:
    early = EarlyStop(root="p/")
    for key in arrived:
        early.arrived(key)
    fail(early, 1500, below=forbidden)
    assert not stops(early)


def test_the_directories_below_a_forbidden_one_are_one_place() -> None:
    early = EarlyStop(root="p/")
    early.arrived("p/a/1")
    for day in range(3000):
        early.failed(Reason.DENIED, f"p/hr/dt={day}/1")
    assert not stops(early)


def test_two_forbidden_directories_side_by_side_do_not_stop_the_rest_and_three_do() -> None:
    early = EarlyStop(root="p/")
    early.arrived("p/a/1")
    fail(early, 1500, below="p/b/")
    fail(early, 1500, below="p/c/")
    assert not stops(early)
    fail(early, 1, below="p/d/")
    assert early.suspicion == "the last 3,001 copies all failed: denied"


def test_a_hundred_first_failures_in_three_directories_stop_the_run() -> None:
    early = EarlyStop(root="p/")
    fail(early, 60, below="p/a/")
    fail(early, 60, below="p/b/")
    assert not stops(early)
    fail(early, 1, below="p/c/")
    fail(early, 1, below="p/d/")
    assert stops(early)


def test_a_directory_that_was_open_and_is_forbidden_now_stops_the_run() -> None:
    """A grant that was taken away while it was copied: no directory explains that."""
    early = EarlyStop(root="p/")
    early.arrived("p/only/1")
    fail(early, 1000, below="p/only/")
    assert stops(early)


def test_one_directory_may_be_all_that_there_is() -> None:
    early = EarlyStop(root="p/")
    fail(early, ONE_PLACE_ATTEMPTS - 1, below="p/only/")
    assert not stops(early)
    fail(early, 1, below="p/only/")
    assert early.suspicion == "the first 10,000 copies all failed: denied"


@pytest.mark.parametrize("reason", [Reason.CREDENTIALS, Reason.UNCONFIRMED])
def test_a_wrong_secret_or_endpoint_is_wrong_in_every_directory(reason: Reason) -> None:
    early = EarlyStop(root="p/")
    fail(early, 100, reason, below="p/only/")
    assert stops(early)


def test_an_arrival_in_a_directory_counts_for_those_above_it() -> None:
    early = EarlyStop(root="p/")
    early.arrived("p/a/b/c/1")
    early.arrived("p/a/b/c/2")
    for directory in ("p/a/", "p/a/b/", "p/a/b/c/"):
        fail(early, 400, below=directory)
    assert stops(early)


def test_directories_without_number_are_forgotten_and_the_run_only_stops_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stopping, "MOST_PLACES", 2)
    early = EarlyStop(root="p/")
    for name in "abc":
        early.arrived(f"p/{name}/1")
    fail(early, 1500, below="p/a/")
    assert not stops(early)


@pytest.mark.parametrize(
    ("max_failures", "failed", "listed", "expected"),
    [
        (0, 100, 100, True),
        (100, 100, 100, False),
        (100, 101, 5000, True),
        ("10%", 100, 1000, False),
        ("10%", 101, 1000, True),
        ("10%", 101, 1009, True),  # a share is rounded down
        ("10%", 101, 1010, False),
        ("100%", 1000, 1000, False),
    ],
)
def test_the_run_goes_on_while_no_more_failed_than_may(
    max_failures: int | str, failed: int, listed: int, expected: bool
) -> None:
    early = EarlyStop(max_failures, "p/")
    fail(early, 100)
    early.weigh(failed, listed)
    assert bool(early.why) is expected


def test_failures_without_a_reason_to_stop_are_not_weighed() -> None:
    early = EarlyStop(root="p/")
    fail(early, 99)
    early.weigh(99, 100)
    assert early.why == ""
