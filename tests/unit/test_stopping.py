from __future__ import annotations

from collections import Counter

import pytest

from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.plan.stopping import EarlyStop


def tally(listed: int, **failed: int) -> Tally:
    """A batch of so many keys of which some failed, by `Reason` name."""
    made = Tally()
    made.listed = listed
    made.failed = sum(failed.values())
    made.copied = listed - made.failed
    made.reasons = Counter({Reason[name].value: many for name, many in failed.items()})
    return made


def test_a_hundred_first_failures_for_one_permanent_reason_stop_the_run() -> None:
    early = EarlyStop()
    for _ in range(99):
        early.failed(Reason.DENIED)
    assert early.why == ""
    early.failed(Reason.DENIED)
    assert early.why == "the first 100 copies all failed: denied"


@pytest.mark.parametrize("first", [0, 1, 99])
def test_one_key_that_arrived_among_the_first_keeps_the_run_going(first: int) -> None:
    early = EarlyStop()
    for _ in range(first):
        early.failed(Reason.DENIED)
    early.arrived()
    for _ in range(500):
        early.failed(Reason.DENIED)
    assert early.why == ""


def test_two_reasons_among_the_first_keep_the_run_going() -> None:
    early = EarlyStop()
    for _ in range(99):
        early.failed(Reason.DENIED)
    early.failed(Reason.ARCHIVED)
    for _ in range(500):
        early.failed(Reason.DENIED)
    assert early.why == ""


def test_a_first_failure_that_may_pass_by_itself_keeps_the_run_going() -> None:
    early = EarlyStop()
    early.failed(Reason.SERVER)
    for _ in range(500):
        early.failed(Reason.DENIED)
    assert early.why == ""


def test_what_may_pass_by_itself_never_stops_the_run() -> None:
    early = EarlyStop()
    for _ in range(500):
        early.failed(Reason.THROTTLED)
    early.committed(tally(1000, THROTTLED=1000), 1000)
    assert early.why == ""


def test_the_reason_is_told_once() -> None:
    early = EarlyStop(first_attempts=2)
    early.failed(Reason.DENIED)
    early.failed(Reason.DENIED)
    said = early.why
    early.failed(Reason.ARCHIVED)
    early.committed(tally(1000, ARCHIVED=1000), 1000)
    assert early.why == said == "the first 2 copies all failed: denied"


@pytest.mark.parametrize(
    ("batch", "batch_size", "why"),
    [
        (tally(1000, DENIED=1000), 1000, "all 1,000 copies of a batch failed: denied"),
        (tally(10, ARCHIVED=10), 10, "all 10 copies of a batch failed: archived"),
        (tally(999, DENIED=999), 1000, ""),  # the last batch is not full
        (tally(1000, DENIED=999), 1000, ""),
        (tally(1000), 1000, ""),
        (tally(1000, DENIED=500, ARCHIVED=500), 1000, ""),
        (tally(1000, SERVER=1000), 1000, ""),
        (tally(9, DENIED=9), 1, ""),  # too few to say anything of the rest
        (tally(10, DENIED=10), 1, "all 10 copies of a batch failed: denied"),
    ],
)
def test_a_full_batch_that_fails_for_one_permanent_reason_stops_the_run(
    batch: Tally, batch_size: int, why: str
) -> None:
    early = EarlyStop()
    early.arrived()
    early.committed(batch, batch_size)
    assert early.why == why
