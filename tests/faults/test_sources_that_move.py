"""Others write while the copy runs: at the source, where a guard tells, and at the destination, where one must hold."""

from __future__ import annotations

from itertools import count

import pytest

from s3_crosscopy import Reason, RetryableFailure
from tests.faults.fault_scripts import before_each, of_key, once
from tests.faults.harness import IN_PARTS, KEYS, LARGE, PART, World
from tests.servers.s3_responses import error
from tests.servers.stub_rules import always, forward_then_drop, in_turn

CONFLICT = error("ConditionalRequestConflict", 409)


def test_a_source_overwritten_in_mid_run_is_copied_as_it_is_now(world: World) -> None:
    world.seed()
    world.script(of_key("/a", once("CopyObject", lambda: world.put("a", b"written since"))))

    ended = world.run()

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)
    # One was refused because of the listed ETag.
    assert world.sent("CopyObject", "a") == 2
    world.check(ended.report)
    assert world.finish().counts["skipped"] == len(KEYS)


def test_a_source_that_changes_before_every_copy_is_named_as_changed(world: World) -> None:
    world.seed()
    versions = count()
    world.script(of_key("/a", before_each("CopyObject", lambda: world.put("a", b"version %d" % next(versions)))))

    ended = world.run()

    assert isinstance(ended.error, RetryableFailure)
    world.check(ended.report, failed={"a": Reason.CHANGED})
    assert world.finish().counts["copied"] == 1


def test_a_source_deleted_in_mid_run_is_missing_and_no_failure(world: World) -> None:
    world.seed()
    world.script(of_key("/a", once("CopyObject", lambda: world.delete("a"))))

    ended = world.run()

    assert ended.error is None
    assert ended.report.counts["missing"] == 1
    assert ended.report.counts["listed"] == len(KEYS)
    world.check(ended.report)
    assert world.finish().counts["listed"] == len(KEYS) - 1


def test_a_source_deleted_before_its_second_round_is_missing(world: World) -> None:
    world.seed()

    delete = before_each("CopyObject", lambda: world.delete("a"))
    world.script(of_key("/a", delete), of_key("/a", always("CopyObject", error("InternalError", 500))))

    ended = world.run(attempts=1)

    assert ended.error is None
    assert ended.report.counts["missing"] == 1
    world.check(ended.report)
    world.finish()


@pytest.mark.parametrize("call", ["HeadObject", "CreateMultipartUpload", "UploadPartCopy"])
def test_a_large_source_overwritten_in_mid_copy_is_copied_as_it_is_now(world: World, call: str) -> None:
    world.seed_large()
    world.script(once(call, lambda: world.put(LARGE, b"n" * (PART + 1))))

    ended = world.run(**IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == 1
    world.check(ended.report)
    world.finish(**IN_PARTS)


@pytest.mark.parametrize("call", ["HeadObject", "CreateMultipartUpload", "UploadPartCopy"])
def test_a_large_source_deleted_in_mid_copy_is_missing_and_leaves_no_upload(world: World, call: str) -> None:
    world.seed()
    world.seed_large()
    world.script(once(call, lambda: world.delete(LARGE)))

    ended = world.run(**IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["missing"] == 1
    world.check(ended.report)
    world.finish(**IN_PARTS)


def test_a_large_source_that_shrinks_below_the_threshold_arrives_in_one(world: World) -> None:
    world.seed_large()
    world.script(once("UploadPartCopy", lambda: world.put(LARGE, b"small by now")))

    ended = world.run(**IN_PARTS)

    assert ended.error is None
    assert world.sent("CopyObject") == 1
    world.check(ended.report)
    world.finish(**IN_PARTS)


def test_what_came_to_the_destination_since_the_listing_is_not_overwritten_and_counts_as_skipped(
    world: World,
) -> None:
    world.seed()
    world.script(of_key("/a", once("CopyObject", lambda: world.put_dest("a", b"not ours"))))

    ended = world.run(overwrite="never")

    assert ended.error is None
    assert ended.report.counts["skipped"] == 1
    assert ended.report.decisions["exists"] == 1
    assert world.sent("CopyObject", "a") == 1
    world.check(ended.report, others={"a": b"not ours"})
    assert world.finish(overwrite="never", others={"a": b"not ours"}).counts["skipped"] == len(KEYS)


def test_a_large_object_is_not_written_over_what_came_during_its_upload(world: World) -> None:
    world.seed_large()
    world.script(once("CompleteMultipartUpload", lambda: world.put_dest(LARGE, b"not ours")))

    ended = world.run(overwrite="never", **IN_PARTS)

    assert ended.error is None
    assert ended.report.decisions["exists"] == 1
    world.check(ended.report, others={LARGE: b"not ours"})
    world.finish(overwrite="never", others={LARGE: b"not ours"}, **IN_PARTS)


def test_with_both_guards_a_changed_source_is_not_taken_for_a_destination_that_exists(world: World) -> None:
    world.seed()
    world.script(of_key("/a", once("CopyObject", lambda: world.put("a", b"written since"))))

    ended = world.run(overwrite="never")

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)
    world.check(ended.report)
    world.finish(overwrite="never")


@pytest.mark.parametrize("attempts", [1, (2)])
def test_a_412_after_our_own_unheard_copy_is_no_other_writers_object(world: World, attempts: int) -> None:
    world.seed()
    world.script(of_key("/a", forward_then_drop(world.stub, "CopyObject")))

    ended = world.run(attempts=attempts, overwrite="never")

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)
    world.check(ended.report)
    world.finish(overwrite="never")


@pytest.mark.parametrize("attempts", [1, 2])
def test_a_copy_that_conflicts_with_another_writer_is_tried_again(world: World, attempts: int) -> None:
    world.seed()
    world.script(of_key("/a", in_turn("CopyObject", CONFLICT)))

    ended = world.run(attempts=attempts, overwrite="never")

    assert ended.error is None
    assert ended.report.counts["copied"] == len(KEYS)
    world.check(ended.report)
    world.finish(overwrite="never")


def test_a_complete_that_conflicts_starts_over(world: World) -> None:
    world.seed_large()
    world.script(in_turn("CompleteMultipartUpload", CONFLICT))

    ended = world.run(attempts=1, overwrite="never", **IN_PARTS)

    assert ended.error is None
    assert ended.report.counts["copied"] == 1
    assert world.sent("CreateMultipartUpload") == 2
    world.check(ended.report)
    world.finish(**IN_PARTS)


def test_a_conflict_that_stays_is_named_and_may_be_retried(world: World) -> None:
    world.seed()
    world.script(of_key("/a", always("CopyObject", CONFLICT)))

    ended = world.run(attempts=1, overwrite="never")

    assert isinstance(ended.error, RetryableFailure)
    assert ended.report.failures[0].code == "ConditionalRequestConflict"
    world.check(ended.report, failed={"a": Reason.SERVER})
    assert world.finish(overwrite="never").counts["copied"] == 1
