"""Answers that never come: resets before and after the request was applied, stalls, a server's own errors."""

from __future__ import annotations

import pytest

from s3_crosscopy import Reason, RetryableFailure
from tests.faults.fault_scripts import LATE_S, SHORT_S, forward_late, of_key
from tests.faults.harness import IN_PARTS, KEYS, LARGE, World
from tests.servers.http_messages import DROP, Response
from tests.servers.s3_responses import error, late
from tests.servers.stub_rules import always, forward_then_drop, in_turn

INTERNAL = error("InternalError", 500)
STALLED = Response(delay_s=LATE_S, drop=True)


@pytest.mark.parametrize(
    ("answer", "attempts"),
    [
        pytest.param(INTERNAL, 1, id="500"),
        pytest.param(INTERNAL, 2, id="500-retried"),
        pytest.param(late(INTERNAL), 1, id="500-inside-a-200"),
        pytest.param(DROP, 1, id="reset"),
        pytest.param(DROP, 2, id="reset-retried"),
    ],
)
def test_a_copy_that_fails_in_passing_arrives(world: World, answer: Response, attempts: int) -> None:
    world.seed()
    world.script(of_key("/a", in_turn("CopyObject", answer)))

    ended = world.run(attempts=attempts)

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)
    assert world.sent("CopyObject") == len(KEYS) + 1
    world.check(ended.report)
    assert world.finish().counts["skipped"] == len(KEYS)


@pytest.mark.parametrize(
    ("answer", "reason", "code"),
    [
        pytest.param(INTERNAL, Reason.SERVER, "InternalError", id="500"),
        pytest.param(late(INTERNAL), Reason.SERVER, "InternalError", id="500-inside-a-200"),
        pytest.param(DROP, Reason.TIMED_OUT, "ConnectionClosed", id="reset"),
    ],
)
def test_a_copy_that_never_gets_an_answer_is_named_and_may_be_retried(
    world: World, answer: Response, reason: Reason, code: str
) -> None:
    world.seed()
    world.script(of_key("/a", always("CopyObject", answer)))

    ended = world.run(attempts=1)

    assert isinstance(ended.error, RetryableFailure)
    assert ended.report.failures[0].code == code
    # The second round asks once more, and nobody else does.
    assert world.sent("CopyObject", "a") == 2
    world.check(ended.report, failed={"a": reason})
    assert world.finish().counts["copied"] == 1


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_copy_whose_answer_is_lost_counts_as_copied(world: World, attempts: int) -> None:
    world.seed()
    world.script(of_key("/a", forward_then_drop(world.stub, "CopyObject", times=attempts)))

    ended = world.run(attempts=attempts)

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)
    # By the client's own retries, and never once more: a HEAD tells that it is there.
    assert world.sent("CopyObject", "a") == attempts
    world.check(ended.report)
    assert world.finish().counts["skipped"] == len(KEYS)


def test_a_single_copy_slower_than_the_read_time_out_is_not_copied_again_and_counts_as_copied(world: World) -> None:
    world.seed()
    world.script(of_key("/a", forward_late(world.stub, "CopyObject", times=9)))

    ended = world.run(attempts=1, read_timeout=SHORT_S)

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)
    assert world.sent("CopyObject", "a") == 1
    world.check(ended.report)
    world.finish()


def test_a_stall_that_the_clients_retry_survives_costs_one_more_request(world: World) -> None:
    world.seed()
    world.script(of_key("/a", in_turn("CopyObject", STALLED)))

    ended = world.run(attempts=2, read_timeout=SHORT_S)

    assert ended.error is None
    assert world.sent("CopyObject", "a") == 2
    world.check(ended.report)
    world.finish()


def test_a_copy_that_always_stalls_is_named_as_timed_out(world: World) -> None:
    world.seed()
    world.script(of_key("/a", always("CopyObject", STALLED)))

    ended = world.run(attempts=1, read_timeout=SHORT_S)

    assert isinstance(ended.error, RetryableFailure)
    assert ended.report.failures[0].code == "ReadTimeout"
    world.check(ended.report, failed={"a": Reason.TIMED_OUT})
    assert world.finish().counts["copied"] == 1


@pytest.mark.parametrize(
    ("call", "answer"),
    [
        pytest.param("HeadObject", DROP, id="head-reset"),
        pytest.param("GetObjectTagging", INTERNAL, id="tags-500"),
        pytest.param("UploadPartCopy", INTERNAL, id="part-500"),
        pytest.param("UploadPartCopy", DROP, id="part-reset"),
        pytest.param("CompleteMultipartUpload", INTERNAL, id="complete-500"),
        pytest.param("CompleteMultipartUpload", DROP, id="complete-reset"),
    ],
)
def test_a_large_copy_that_fails_in_passing_at_any_of_its_steps_arrives(
    world: World, call: str, answer: Response
) -> None:
    world.seed_large()
    world.script(in_turn(call, answer))

    ended = world.run(attempts=1, **IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == 1
    world.check(ended.report)
    world.finish(**IN_PARTS)


@pytest.mark.parametrize("call", ["CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"])
def test_a_large_copy_that_always_fails_at_a_step_is_named_and_leaves_no_upload(world: World, call: str) -> None:
    world.seed()
    world.seed_large()
    world.script(always(call, INTERNAL))

    ended = world.run(attempts=1, **IN_PARTS)

    assert isinstance(ended.error, RetryableFailure)
    assert (ended.report.failures[0].call, ended.report.failures[0].code) == (call, "InternalError")
    world.check(ended.report, failed={LARGE: Reason.SERVER})
    assert world.finish(**IN_PARTS).counts["copied"] == 1


def test_a_part_that_always_stalls_is_named_and_leaves_no_upload(world: World) -> None:
    world.seed_large()
    world.script(always("UploadPartCopy", STALLED))

    ended = world.run(attempts=1, read_timeout=SHORT_S, **IN_PARTS)

    assert isinstance(ended.error, RetryableFailure)
    world.check(ended.report, failed={LARGE: Reason.TIMED_OUT})
    assert world.finish(**IN_PARTS).counts["copied"] == 1
