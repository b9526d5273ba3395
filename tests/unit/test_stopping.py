from __future__ import annotations

from collections import Counter

import pytest

from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.plan.stopping import LEAST_BATCH, STOPPING, UNTRIED, EarlyStop


def tally(listed: int, **failed: int) -> Tally:
    """A batch of so many keys of which some failed, by `Reason` name."""
    made = Tally()
    made.listed = listed
    made.failed = sum(failed.values())
    made.copied = listed - made.failed
    made.reasons = Counter({Reason[name].value: many for name, many in failed.items()})
    return made


def fail(early: EarlyStop, times: int, reason: Reason = Reason.DENIED) -> None:
    for _ in range(times):
        early.failed(reason)


def test_a_hundred_first_failures_for_one_permanent_reason_stop_the_run() -> None:
    early = EarlyStop()
    fail(early, 99)
    early.weigh(99, 99)
    assert early.why == early.suspicion == ""
    fail(early, 1)
    early.weigh(100, 100)
    assert early.why == "the first 100 copies all failed: denied"


@pytest.mark.parametrize("reason", Reason)
def test_only_what_would_hit_every_object_stops_the_run(reason: Reason) -> None:
    early = EarlyStop()
    fail(early, 500, reason)
    early.committed(tally(1000, **{reason.name: 1000}), 1000)
    early.weigh(1000, 1000)
    assert bool(early.why) is (reason in STOPPING)
    assert ("most often a proxy's" in early.why) is (reason is Reason.UNCONFIRMED)
    assert {each.value for each in STOPPING} == {"denied", "credentials", "invalid", "unknown", "unconfirmed 404"}


@pytest.mark.parametrize("first", [0, 1, 99, 100])
def test_one_key_that_arrived_keeps_the_run_going(first: int) -> None:
    early = EarlyStop()
    fail(early, first)
    early.arrived()
    fail(early, 500)
    early.weigh(first + 500, 1000)
    assert early.why == ""


@pytest.mark.parametrize("untried", UNTRIED)
def test_a_batch_of_which_nothing_was_tried_is_no_reason_to_stop(untried: str) -> None:
    early = EarlyStop()
    made = tally(1000, DENIED=LEAST_BATCH - 1)
    made.failed += 991
    made.copied -= 991
    made.reasons[untried] = 991
    early.committed(made, 1000)
    assert early.suspicion == ""
    made.reasons["denied"] += 1
    made.reasons[untried] -= 1
    early.committed(made, 1000)
    assert early.suspicion == "all 10 copies of a batch failed: denied"


def test_archived_objects_are_no_attempts() -> None:
    """A prefix of archived objects of which one is restored and denied: what is asked decides."""
    early = EarlyStop()
    fail(early, 50)
    fail(early, 500, Reason.ARCHIVED)
    assert early.suspicion == ""
    fail(early, 50)
    assert early.suspicion == "the first 100 copies all failed: denied"


@pytest.mark.parametrize("other", [Reason.INVALID, Reason.SERVER, Reason.CHANGED])
def test_another_failure_among_the_first_keeps_the_run_going(other: Reason) -> None:
    early = EarlyStop()
    fail(early, 99)
    early.failed(other)
    fail(early, 500)
    assert early.suspicion == ""


def test_the_reason_is_told_once() -> None:
    early = EarlyStop(first_attempts=2)
    fail(early, 2)
    early.weigh(2, 2)
    said = early.why
    early.failed(Reason.INVALID)
    early.committed(tally(1000, INVALID=1000), 1000)
    early.weigh(1002, 1002)
    assert early.why == said == "the first 2 copies all failed: denied"


@pytest.mark.parametrize(
    ("batch", "batch_size", "suspicion"),
    [
        (tally(1000, DENIED=1000), 1000, "all 1,000 copies of a batch failed: denied"),
        (tally(10, INVALID=10), 10, "all 10 copies of a batch failed: invalid"),
        (tally(999, DENIED=999), 1000, ""),  # the last batch is not full
        (tally(1000, DENIED=999), 1000, ""),
        (tally(1000), 1000, ""),
        (tally(1000, DENIED=500, INVALID=500), 1000, ""),
        (tally(1000, ARCHIVED=1000), 1000, ""),  # nothing was asked
        (tally(1000, DENIED=500, ARCHIVED=500), 1000, "all 500 copies of a batch failed: denied"),
        (tally(1000, DENIED=9, ARCHIVED=991), 1000, ""),
        (tally(1000, SERVER=1000), 1000, ""),
        (tally(9, DENIED=9), 1, ""),  # too few to say anything of the rest
        (tally(10, DENIED=10), 1, "all 10 copies of a batch failed: denied"),
    ],
)
def test_a_full_batch_that_fails_for_one_permanent_reason_stops_the_run(
    batch: Tally, batch_size: int, suspicion: str
) -> None:
    early = EarlyStop()
    early.arrived()
    early.committed(batch, batch_size)
    early.weigh(batch.failed, batch.listed)
    assert early.why == early.suspicion == suspicion


@pytest.mark.parametrize(
    ("max_failures", "failed", "listed", "stops"),
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
    max_failures: int | str, failed: int, listed: int, stops: bool
) -> None:
    early = EarlyStop(max_failures)
    fail(early, 100)
    early.weigh(failed, listed)
    assert bool(early.why) is stops


def test_failures_without_a_reason_to_stop_are_not_weighed() -> None:
    early = EarlyStop()
    fail(early, 99)
    early.weigh(99, 100)
    assert early.why == ""
