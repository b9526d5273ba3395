"""Tags too long for a header: one CopyObject carries them, or they are put afterwards, and none gets lost unsaid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from s3_crosscopy.errors import Interrupted
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Facts, KeyRange
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import TIMEOUT_S, RecordingCheckpoint, Rig
from tests.engine.test_resume import Death, Killed, revive
from tests.waiting import wait_until

GIB = 2**30
PARTS: dict[str, Any] = {"multipart_threshold": "5GiB", "part_size": "2GiB"}
TAGS = {f"key-{i}": "ü" * 256 for i in range(10)}


def rig_of(*faults: Fault, layout: Sequence[int] = (), size: int = 8 * GIB) -> Rig:
    """One object, too large for CopyObject, whose tags fit no header."""
    rig = Rig(faults)
    rig.store.put("src", "p/big", sparse(size, "x"), tags=TAGS, parts=layout)
    rig.clock.advance(2)
    return rig


@pytest.mark.parametrize(("code", "status"), [("InternalError", 500), ("ReadTimeout", 0), ("SlowDown", 503)])
def test_tags_that_were_refused_in_passing_are_put_again_and_nothing_is_copied_again(code: str, status: int) -> None:
    rig = rig_of(Fault("PutObjectTagging", code, status))
    report = rig.copy(**PARTS)
    assert report.ok
    assert report.counts["copied"] == 1
    assert rig.store.get("dst", "q/big").tags == TAGS
    assert rig.requests("CompleteMultipartUpload") == 1
    assert rig.requests("PutObjectTagging") == 2
    # The one of the first round: an equal object at the destination would prove nothing about its tags.
    assert rig.requests("HeadObject") == 1


def test_an_object_that_copyobject_takes_is_copied_in_one_whatever_the_threshold_says() -> None:
    rig = rig_of(layout=[GIB] * 4, size=4 * GIB)
    report = rig.copy(multipart_threshold="5MiB", part_size="5MiB")
    assert report.counts["copied"] == 1
    assert rig.store.get("dst", "q/big").tags == TAGS
    assert rig.requests("CreateMultipartUpload") == rig.requests("PutObjectTagging") == 0
    # The ETag of an object in parts is another one now; the checksum of a HEAD proves the content all the same.
    assert report.verified_by == {"checksum": 1}


@pytest.mark.parametrize("size", [5 * GIB, 5 * GIB + 1])
def test_copyobject_carries_long_tags_up_to_five_gibibytes_and_not_a_byte_more(size: int) -> None:
    rig = rig_of(size=size)
    assert rig.copy(**PARTS).ok
    assert rig.store.get("dst", "q/big").tags == TAGS
    assert rig.requests("CopyObject") == (size == 5 * GIB)


def test_the_upload_of_an_earlier_attempt_is_aborted_where_one_copyobject_is_enough() -> None:
    rig = rig_of(size=4 * GIB)
    upload_id = rig.dest.create_upload(Bucket("dst"), "q/big", {})
    unrecorded = rig.dest.create_upload(Bucket("dst"), "q/big", {})
    etag = rig.store.get("src", "p/big").etag
    began = rig.store.now()
    known = OpenUpload("q/big", upload_id, etag, GIB)
    state = CheckpointState("", (KeyRange(),), {}, {}, {}, Bucket("dst"), (known,), began)
    report = rig.copy(**PARTS | {"multipart_threshold": "2GiB"}, resumed=state)
    assert report.counts["copied"] == 1
    assert unrecorded not in rig.store.open_uploads("dst")
    assert rig.store.open_uploads("dst") == {}


def test_a_single_copy_that_fails_in_passing_gets_its_second_round() -> None:
    rig = rig_of(Fault("CopyObject", "InternalError", 500), size=4 * GIB)
    assert rig.copy(**PARTS | {"multipart_threshold": "2GiB"}).counts["copied"] == 1
    assert rig.store.get("dst", "q/big").tags == TAGS


def test_a_run_that_was_stopped_meanwhile_begins_no_single_copy() -> None:
    rig = rig_of(size=4 * GIB)
    tags = rig.source.tags

    def then_it_is_stopped(*args: Any) -> Any:
        assert rig.engine is not None
        (copy,) = rig.engine.parts.multipart._active
        rig.cancel.set()
        wait_until(lambda: copy.stopped, TIMEOUT_S, lambda: "nobody stopped it", poll_s=0.001)
        return tags(*args)

    rig.source.tags = then_it_is_stopped  # type: ignore[method-assign,assignment]
    with pytest.raises(Interrupted):
        rig.copy(**PARTS | {"multipart_threshold": "2GiB"})
    assert rig.store.keys("dst") == []
    assert rig.requests("CopyObject") == 0


@pytest.mark.parametrize("size", [8 * GIB, 3])
def test_named_tags_that_fit_no_header_are_put_after_a_copy_of_any_size(size: int) -> None:
    rig = rig_of(size=size)
    named = {f"name-{i}": "ä" * 200 for i in range(10)}
    report = rig.copy(**PARTS, tags=named)
    assert report.counts["copied"] == 1
    assert rig.store.get("dst", "q/big").tags == named
    assert rig.requests("PutObjectTagging") == 1


def test_a_small_copy_that_may_not_get_its_named_tags_is_no_success() -> None:
    rig = rig_of(Fault("PutObjectTagging", "AccessDenied", 403, times=1), size=3)
    named = {f"name-{i}": "ä" * 200 for i in range(10)}
    assert rig.copy(**PARTS, tags=named).counts["failed"] == 1
    assert rig.store.keys("dst") == []
    assert rig.copy(**PARTS, tags=named).counts["copied"] == 1
    assert rig.store.get("dst", "q/big").tags == named


def test_a_copy_that_may_not_be_tagged_is_deleted_so_that_the_next_run_makes_it_with_its_tags() -> None:
    rig = rig_of(Fault("PutObjectTagging", "AccessDenied", 403, times=1))
    report = rig.copy(**PARTS)
    (failure,) = report.failures
    assert (failure.reason, failure.call) == (Reason.DENIED, "PutObjectTagging")
    assert "the copy was deleted again" in failure.message
    assert rig.store.open_uploads("dst") == {}
    assert rig.store.keys("dst") == []
    rig.clock.advance(2)
    assert rig.copy(**PARTS).counts["copied"] == 1
    assert rig.store.get("dst", "q/big").tags == TAGS


@pytest.mark.parametrize("call", ["DeleteObject", "HeadObject"])
def test_a_copy_that_may_not_be_deleted_either_is_a_failure_that_says_how_to_get_the_tags(call: str) -> None:
    rig = rig_of(Fault("PutObjectTagging", "AccessDenied", 403, times=1), Fault(call, "AccessDenied", 403, "q/big"))
    (failure,) = rig.copy(**PARTS).failures
    assert (failure.reason, failure.call) == (Reason.DENIED, "PutObjectTagging")
    assert "at the destination without its tags" in failure.message
    assert "overwrite='always'" in failure.message
    assert f"could not be deleted: {call}: AccessDenied" in failure.message
    rig.clock.advance(2)
    assert rig.copy(**PARTS, overwrite="always").ok
    assert rig.store.get("dst", "q/big").tags == TAGS


def test_what_somebody_else_wrote_meanwhile_is_never_deleted() -> None:
    rig = rig_of(Fault("PutObjectTagging", "AccessDenied", 403, times=1))
    head = rig.dest.head

    def somebody_writes(bucket: Bucket, key: str, **which: Any) -> Facts:
        facts = head(bucket, key, **which)
        rig.store.put("dst", key, b"mine")
        return facts

    rig.dest.head = somebody_writes  # type: ignore[method-assign]
    (failure,) = rig.copy(**PARTS).failures
    assert "another object is in the copy's place" in failure.message
    assert rig.store.read("dst", "q/big") == b"mine"
    again = rig_of(Fault("PutObjectTagging", "AccessDenied", 403, times=1))
    complete = again.dest.complete_upload

    def then_somebody_writes(bucket: Bucket, key: str, *rest: Any) -> Any:
        copied = complete(bucket, key, *rest)
        again.store.put("dst", key, b"mine")
        return copied

    again.dest.complete_upload = then_somebody_writes  # type: ignore[method-assign,assignment]
    (failure,) = again.copy(**PARTS).failures
    assert "another object is in the copy's place" in failure.message
    assert again.store.read("dst", "q/big") == b"mine"


def test_a_copy_that_got_its_tags_unheard_is_a_success_and_stays() -> None:
    rig = rig_of(Fault("PutObjectTagging", "ReadTimeout", 0, times=2, applied=True))
    assert rig.copy(**PARTS).counts["copied"] == 1
    assert rig.store.get("dst", "q/big").tags == TAGS
    assert rig.requests("DeleteObject") == 0


def test_a_copy_whose_tags_may_not_even_be_read_is_deleted_too() -> None:
    rig = rig_of(
        Fault("PutObjectTagging", "AccessDenied", 403), Fault("GetObjectTagging", "AccessDenied", 403, "q/big")
    )
    assert rig.copy(**PARTS).counts["failed"] == 1
    assert rig.store.keys("dst") == []


def test_tags_that_fail_twice_in_passing_are_left_to_a_retry_that_copies_again() -> None:
    rig = rig_of(Fault("PutObjectTagging", "InternalError", 500, times=2))
    report = rig.copy(**PARTS)
    assert report.counts["failed"] == 1
    assert report.retryable
    assert rig.store.keys("dst") == []
    assert rig.copy(**PARTS).counts["copied"] == 1
    assert rig.store.get("dst", "q/big").tags == TAGS


def test_a_copy_that_was_not_deleted_is_not_left_to_a_retry_that_would_skip_it() -> None:
    rig = rig_of(
        Fault("PutObjectTagging", "InternalError", 500, times=2), Fault("DeleteObject", "AccessDenied", 403, times=None)
    )
    report = rig.copy(**PARTS)
    assert "overwrite='always'" in report.failures[0].message
    assert not report.retryable


def test_a_run_that_goes_on_puts_the_tags_that_the_one_before_could_not() -> None:
    rig = rig_of(
        Fault("PutObjectTagging", "InternalError", 500, times=2), Fault("DeleteObject", "AccessDenied", 403, times=None)
    )
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    assert not rig.copy(**PARTS).ok
    report = revive(rig).copy(**PARTS, resumed=checkpoint.saved[-1])
    assert report.decisions == {"copied earlier": 1}
    assert rig.store.get("dst", "q/big").tags == TAGS


def test_a_copy_of_an_earlier_attempt_is_not_deleted_because_it_may_be_another_one() -> None:
    refused = Fault("PutObjectTagging", "AccessDenied", 403, times=None)
    rig = rig_of(refused, Fault("DeleteObject", "AccessDenied", 403, times=1))
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    rig.copy(**PARTS)
    (failure,) = revive(rig, refused).copy(**PARTS, resumed=checkpoint.saved[-1]).failures
    assert "overwrite='always'" in failure.message
    assert rig.store.keys("dst") == ["q/big"]


@pytest.mark.parametrize("layout", [(), (2 * GIB,) * 4], ids=["another etag", "same etag"])
def test_a_process_that_died_before_the_tags_leaves_them_to_its_retry(layout: Sequence[int]) -> None:
    rig, death = rig_of(layout=layout), Death()
    rig.checkpoint = death

    def dies(*_: Any) -> None:
        death.dead = True
        raise Killed

    rig.dest.put_tags = dies  # type: ignore[method-assign,assignment]
    with pytest.raises(Killed):
        rig.copy(**PARTS, keep_uploads=True)
    assert rig.store.get("dst", "q/big").tags == {}
    again = revive(rig)
    report = again.copy(**PARTS, resumed=death.last())
    assert report.counts["copied"] == 1
    assert again.requests("UploadPartCopy") == 0
    assert rig.store.get("dst", "q/big").tags == TAGS


def test_tags_of_a_copy_that_was_completed_unheard_are_put_too() -> None:
    rig = rig_of(
        Fault("CompleteMultipartUpload", "ReadTimeout", 0, applied=True), Fault("HeadObject", "ReadTimeout", 0, "q/big")
    )
    report = rig.copy(**PARTS)
    assert report.counts["copied"] == 1
    assert rig.requests("CompleteMultipartUpload") == 1
    assert rig.store.get("dst", "q/big").tags == TAGS


def test_a_copy_that_was_deleted_before_its_tags_is_made_again_and_not_missing() -> None:
    rig = rig_of()
    put_tags = rig.dest.put_tags
    deleted: list[str] = []

    def somebody_deletes_it(bucket: Bucket, key: str, tags: Any) -> None:
        if not deleted:
            deleted.append(key)
            rig.store.delete("dst", key)
        put_tags(bucket, key, tags)

    rig.dest.put_tags = somebody_deletes_it  # type: ignore[method-assign]
    report = rig.copy(**PARTS)
    assert (report.counts["copied"], report.counts["missing"]) == (1, 0)
    assert rig.same_on_both_sides()


def test_tags_that_are_dropped_cost_a_run_that_goes_on_nothing() -> None:
    rig = rig_of()
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    rig.copy(**PARTS, tags="drop")
    state = checkpoint.saved[0]
    again = revive(rig)
    assert again.copy(**PARTS, tags="drop", resumed=state).decisions == {"copied earlier": 1}
    assert again.requests("GetObjectTagging") == again.requests("PutObjectTagging") == 0
