"""S3 is away and comes back, at the wire: the run pauses and goes on. Also: a LIST or a HEAD that is never answered."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace

import pytest

from s3_crosscopy import RetryableFailure
from s3_crosscopy.model.events import KeyFailed, Paused, PhaseStarted, WentOn
from tests.faults.fault_scripts import LATE_S, change_answer
from tests.faults.harness import World
from tests.servers.http_messages import DROP, Answer, Request, Response
from tests.servers.s3_responses import error
from tests.servers.stub_rules import always, in_turn
from tests.servers.stub_server import Rule

MANY = tuple(f"{number:03}" for number in range(40))


@pytest.fixture(autouse=True)
def shorter_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """How long a pause is, is not what these tests are about."""
    monkeypatch.setattr("s3_crosscopy.core.outage_rules.FIRST_PAUSE_S", 0.3)
    monkeypatch.setattr("s3_crosscopy.core.outage_rules.FIRST_LIST_PAUSE_S", 0.05)


def for_the_first(times: int, answer: Response, operation: Callable[[Request], bool]) -> Rule:
    """So many requests get this answer, of those that count."""
    lock = threading.Lock()
    left = times

    def rule(request: Request) -> Answer | None:
        nonlocal left
        with lock:
            if left <= 0 or not operation(request):
                return None
            left -= 1
            return answer

    return rule


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(error("InternalError", 500), id="500"),
        pytest.param(error("ServiceUnavailable", 503), id="503"),
        pytest.param(DROP, id="reset"),
    ],
)
def test_copies_wait_until_s3_is_back(world: World, answer: Response) -> None:
    world.seed(MANY)
    world.script(
        for_the_first(23, answer, lambda request: request.operation == "CopyObject"),
        # Those on their way together with the last of them: no success is known before each of these has failed.
        change_answer(world.stub, "CopyObject", lambda copied: replace(copied, delay_s=1.0), times=8),
    )

    ended = world.run(attempts=1, outage_deadline=900)

    assert ended.error is None
    assert ended.report.counts["copied"] == len(MANY)
    kinds = [type(event) for event in ended.events]
    assert Paused in kinds
    assert WentOn in kinds
    assert PhaseStarted not in kinds
    assert KeyFailed not in kinds
    assert world.sent("CopyObject") == len(MANY) + 23
    world.check(ended.report)


def test_a_run_ends_for_a_retry_when_s3_stays_away(world: World) -> None:
    world.seed(MANY)
    world.script(always("CopyObject", error("ServiceUnavailable", 503)))

    ended = world.run(attempts=1, outage_deadline=1)

    assert isinstance(ended.error, RetryableFailure)
    assert "S3 answers 503: paused for 1" in str(ended.error)
    assert (ended.report.counts["failed"], ended.report.counts["copied"]) == (0, 0)
    assert ended.report.counts["not_attempted"] == ended.report.counts["listed"]
    assert world.finish().counts["copied"] == len(MANY)


@pytest.mark.parametrize(
    "answer", [pytest.param(error("InternalError", 500), id="500"), pytest.param(DROP, id="reset")]
)
def test_a_page_of_a_listing_is_asked_for_again(world: World, answer: Response) -> None:
    world.seed()
    world.script(in_turn("ListObjectsV2", answer, answer))

    ended = world.run(attempts=1, outage_deadline=900)

    assert ended.error is None
    assert world.sent("ListObjectsV2") == 2 + 2
    world.check(ended.report)


@pytest.mark.parametrize("operation", ["ListObjectsV2", "HeadObject"])
def test_what_only_reads_is_not_waited_for_as_long_as_a_copy(
    world: World, monkeypatch: pytest.MonkeyPatch, operation: str
) -> None:
    monkeypatch.setattr("s3_crosscopy.adapters.boto.read_timeouts.READS_TIMEOUT_S", 1.0)
    world.seed()
    world.script(in_turn(operation, Response(delay_s=LATE_S, drop=True)))

    # A new value for the metadata needs a HEAD an object.
    ended = world.run(attempts=2, read_timeout=300, metadata={"by": "test"}, outage_deadline=0)

    assert ended.error is None
    assert ended.report.counts["copied"] == 4
    assert ended.report.seconds < LATE_S - 5


def test_a_time_out_that_the_user_set_counts_for_all_requests(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("s3_crosscopy.adapters.boto.read_timeouts.READS_TIMEOUT_S", 0.2)
    world.seed()
    world.script(in_turn("ListObjectsV2", Response(delay_s=1.0, drop=True)))

    ended = world.run(attempts=1, read_timeout=20, outage_deadline=0)

    assert isinstance(ended.error, RetryableFailure)
    assert "ConnectionClosed" in str(ended.error)
