"""503 SlowDown: counted, waited out, and a failure only when nothing moves any more."""

from __future__ import annotations

import pytest

from s3_crosscopy import Reason, RetryableFailure
from s3_crosscopy.engine import dispatcher as io
from tests.faults.fault_scripts import in_bucket, of_key
from tests.faults.harness import IN_PARTS, KEYS, LARGE, World
from tests.servers.http_messages import Response
from tests.servers.s3_responses import error, late
from tests.servers.stub_rules import always, in_turn

SLOW_DOWN = error("SlowDown", 503)


@pytest.mark.parametrize("answer", [SLOW_DOWN, late(SLOW_DOWN)], ids=["503", "inside-a-200"])
def test_a_short_burst_is_waited_out_and_counted(world: World, answer: Response) -> None:
    world.seed()
    world.script(in_turn("CopyObject", *[answer] * 3))

    ended = world.run()

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)
    assert ended.report.throttled == 3
    assert world.sent("CopyObject") == len(KEYS) + 3
    world.check(ended.report)
    assert world.finish().counts["skipped"] == len(KEYS)


def test_a_burst_longer_than_the_clients_retries_is_waited_out_too(world: World) -> None:
    world.seed()
    world.script(of_key("/a", in_turn("CopyObject", *[SLOW_DOWN] * 3)))

    ended = world.run(attempts=1)

    assert ended.error is None
    assert ended.report.throttled == 3
    assert world.sent("CopyObject", "a") == 4
    assert world.sent("CopyObject") == len(KEYS) + 3
    world.check(ended.report)
    world.finish()


@pytest.mark.parametrize("side", ["source", "dest"])
def test_a_throttled_listing_is_asked_again(world: World, side: str) -> None:
    world.seed()
    bucket = world.source if side == "source" else world.dest
    world.script(in_bucket(bucket, in_turn("ListObjectsV2", SLOW_DOWN, SLOW_DOWN)))

    ended = world.run(attempts=1)

    assert ended.error is None
    assert ended.report.throttled == 2
    world.check(ended.report)
    world.finish()


@pytest.mark.parametrize(
    "call",
    [
        "HeadObject",
        "CreateMultipartUpload",
        "UploadPartCopy",
        "CompleteMultipartUpload",
    ],
)
def test_a_large_copy_is_throttled_at_any_of_its_steps_and_arrives(world: World, call: str) -> None:
    world.seed_large()
    world.script(in_turn(call, SLOW_DOWN, SLOW_DOWN))

    ended = world.run(attempts=1, **IN_PARTS)

    assert ended.error is None
    assert ended.report.throttled == 2
    assert ended.report.counts["copied"] == 1
    assert world.sent("CreateMultipartUpload") == (3 if call == "CreateMultipartUpload" else 1)
    world.check(ended.report)
    world.finish(**IN_PARTS)


def test_what_stays_throttled_until_nothing_moves_is_named_and_may_be_retried(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(io, "STALL_S", 0.3)
    world.seed()
    world.script(of_key("/a", always("CopyObject", SLOW_DOWN)))

    ended = world.run(attempts=1)

    assert isinstance(ended.error, RetryableFailure)
    assert ended.report.failures[0].code == "SlowDown"
    world.check(ended.report, failed={"a": Reason.THROTTLED})
    assert world.finish().counts["copied"] == 1


def test_a_large_copy_that_stays_throttled_leaves_no_upload(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(io, "STALL_S", 0.3)
    world.seed()
    world.seed_large()
    world.script(always("UploadPartCopy", SLOW_DOWN))

    ended = world.run(attempts=1, **IN_PARTS)

    assert isinstance(ended.error, RetryableFailure)
    world.check(ended.report, failed={LARGE: Reason.THROTTLED})
    assert world.finish(**IN_PARTS).counts["copied"] == 1


def test_an_adaptive_window_waits_out_a_burst_of_throttles(world: World) -> None:
    names = [f"{number:03d}" for number in range(60)]
    world.seed(names)
    world.script(in_turn("CopyObject", *[SLOW_DOWN] * 30))

    ended = world.run(attempts=2, max_concurrency="auto")

    assert ended.error is None
    assert ended.report.counts["copied"] == len(names)
    assert ended.report.throttled == 30
    world.check(ended.report)
    assert world.finish(max_concurrency="auto").counts["skipped"] == len(names)
