"""Uploads whose answers are lost or late, errors inside a 200, and aborts that fail: nothing is left behind unsaid."""

from __future__ import annotations

import pytest

from s3_crosscopy import PermanentFailure, Reason, RetryableFailure
from s3_crosscopy.model.events import Warned
from tests.faults.fault_scripts import LATE_S, SHORT_S, begun_now, forward_late
from tests.faults.harness import DEST_PREFIX, IN_PARTS, LARGE, World
from tests.servers.http_messages import DROP, Response
from tests.servers.s3_responses import error, late
from tests.servers.stub_rules import always, forward_then_drop, in_turn

INTERNAL = error("InternalError", 500)
DENIED = error("AccessDenied", 403)


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_complete_whose_answer_is_lost_counts_as_copied(world: World, attempts: int) -> None:
    world.seed_large()
    world.script(forward_then_drop(world.stub, "CompleteMultipartUpload"))

    ended = world.run(attempts=attempts, **IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == 1
    assert world.sent("CreateMultipartUpload") == 1
    assert world.sent("UploadPartCopy") == 3
    world.check(ended.report)
    world.finish(**IN_PARTS)


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_complete_slower_than_the_read_time_out_counts_as_copied(world: World, attempts: int) -> None:
    world.seed_large()
    world.script(forward_late(world.stub, "CompleteMultipartUpload", times=1))

    ended = world.run(attempts=attempts, read_timeout=SHORT_S, **IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == 1
    assert world.sent("UploadPartCopy") == 3
    world.check(ended.report)
    world.finish(**IN_PARTS)


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_complete_whose_answer_is_lost_counts_as_copied_when_nothing_may_be_overwritten(
    world: World, attempts: int
) -> None:
    world.seed_large()
    world.script(forward_then_drop(world.stub, "CompleteMultipartUpload"))

    ended = world.run(attempts=attempts, overwrite="never", **IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == 1
    world.check(ended.report)
    world.finish(**IN_PARTS)


def test_a_412_after_our_own_unheard_complete_is_no_other_writers_object(world: World) -> None:
    """S3 may look at the condition before it looks for the upload."""
    world.seed_large()
    lost = forward_then_drop(world.stub, "CompleteMultipartUpload")
    world.script(lost, in_turn("CompleteMultipartUpload", error("PreconditionFailed", 412)))

    ended = world.run(attempts=2, overwrite="never", **IN_PARTS)

    assert ended.error is None
    world.check(ended.report)
    assert ended.report.counts["copied"] == 1


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_part_whose_answer_is_lost_is_copied_again(world: World, attempts: int) -> None:
    world.seed_large()
    world.script(forward_then_drop(world.stub, "UploadPartCopy"))

    ended = world.run(attempts=attempts, **IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == 1
    world.check(ended.report)
    world.finish(**IN_PARTS)


@pytest.mark.parametrize("attempts", [1, 2])
def test_an_upload_whose_creation_was_never_answered_is_not_left_behind(world: World, attempts: int) -> None:
    world.seed_large()
    world.script(forward_then_drop(world.stub, "CreateMultipartUpload"), begun_now(world.stub))

    ended = world.run(attempts=attempts, **IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == 1
    world.check(ended.report)


@pytest.mark.parametrize(("call", "attempts"), [("UploadPartCopy", 1), ("CompleteMultipartUpload", 2)])
def test_an_error_inside_a_200_is_never_taken_for_a_success(world: World, call: str, attempts: int) -> None:
    world.seed_large()
    world.script(in_turn(call, late(INTERNAL)))

    ended = world.run(attempts=attempts, **IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == 1
    world.check(ended.report)
    world.finish(**IN_PARTS)


@pytest.mark.parametrize("call", ["UploadPartCopy", "CompleteMultipartUpload"])
def test_an_error_inside_every_200_is_named_and_leaves_no_upload(world: World, call: str) -> None:
    world.seed_large()
    world.script(always(call, late(INTERNAL)))

    ended = world.run(attempts=1, **IN_PARTS)

    assert isinstance(ended.error, RetryableFailure)
    assert ended.report.failures[0].call == call
    world.check(ended.report, failed={LARGE: Reason.SERVER})
    assert world.finish(**IN_PARTS).counts["copied"] == 1


def test_a_denied_part_is_named_is_not_tried_again_and_leaves_no_upload(world: World) -> None:
    world.seed_large()
    world.script(always("UploadPartCopy", DENIED))

    ended = world.run(**IN_PARTS)

    assert isinstance(ended.error, PermanentFailure)
    assert world.sent("CreateMultipartUpload") == 1
    world.check(ended.report, failed={LARGE: Reason.DENIED})
    assert world.finish(**IN_PARTS).counts["copied"] == 1


@pytest.mark.parametrize("answer", [INTERNAL, DROP, error("SlowDown", 503)], ids=["500", "reset", "throttled"])
def test_an_abort_that_fails_in_passing_is_repeated(world: World, answer: Response) -> None:
    world.seed_large()
    world.script(always("UploadPartCopy", DENIED), in_turn("AbortMultipartUpload", answer))

    ended = world.run(attempts=2, **IN_PARTS)

    assert isinstance(ended.error, PermanentFailure)
    world.check(ended.report, failed={LARGE: Reason.DENIED})
    world.finish(**IN_PARTS)


def test_an_abort_whose_answer_is_lost_is_no_trouble(world: World) -> None:
    world.seed_large()
    world.script(always("UploadPartCopy", DENIED), forward_then_drop(world.stub, "AbortMultipartUpload"))

    ended = world.run(attempts=2, **IN_PARTS)

    assert [event for event in ended.events if isinstance(event, Warned)] == []
    world.check(ended.report, failed={LARGE: Reason.DENIED})
    world.finish(**IN_PARTS)


def test_an_upload_that_nobody_could_abort_is_told_by_its_key_and_does_not_hide_why_the_copy_failed(
    world: World,
) -> None:
    world.seed_large()
    world.script(always("UploadPartCopy", DENIED), always("AbortMultipartUpload", INTERNAL))

    ended = world.run(attempts=1, **IN_PARTS)

    (warned,) = [event for event in ended.events if isinstance(event, Warned)]
    assert repr(DEST_PREFIX + LARGE) in warned.text
    world.check(ended.report, failed={LARGE: Reason.DENIED}, orphans=[LARGE])


def test_an_abort_that_does_not_take_is_repeated_until_the_upload_is_gone(world: World) -> None:
    """S3 says that a part under way may survive an abort: here one timed out, and the first abort had no effect."""
    world.seed_large()
    stalled = Response(delay_s=LATE_S, drop=True)
    world.script(always("UploadPartCopy", stalled), in_turn("AbortMultipartUpload", Response(204)))

    ended = world.run(attempts=1, read_timeout=SHORT_S, **IN_PARTS)

    assert isinstance(ended.error, RetryableFailure)
    world.check(ended.report, failed={LARGE: Reason.TIMED_OUT})
