"""Tags too long for a header are put after the copy: whatever happens in between, none gets lost unsaid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.testing import Fault, sparse
from tests.engine.rig import RecordingCheckpoint, Rig
from tests.engine.test_resume import Death, Killed, revive

MIB = 2**20
PARTS: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB"}
TAGS = {f"key-{i}": "ü" * 256 for i in range(10)}


def rig_of(*faults: Fault, layout: Sequence[int] = ()) -> Rig:
    """One large object whose tags fit no header."""
    rig = Rig(faults)
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"), tags=TAGS, parts=layout)
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


def test_a_copy_that_may_not_be_tagged_is_a_failure_that_says_how_to_get_the_tags() -> None:
    rig = rig_of(Fault("PutObjectTagging", "AccessDenied", 403, times=1))
    report = rig.copy(**PARTS)
    (failure,) = report.failures
    assert (failure.reason, failure.call) == (Reason.DENIED, "PutObjectTagging")
    assert "at the destination without its tags" in failure.message
    assert "overwrite='always'" in failure.message
    assert rig.store.open_uploads("dst") == {}
    rig.clock.advance(2)
    assert rig.copy(**PARTS, overwrite="always").ok
    assert rig.store.get("dst", "q/big").tags == TAGS


def test_tags_that_fail_for_good_are_not_left_to_a_retry_that_would_skip_the_copy() -> None:
    rig = rig_of(Fault("PutObjectTagging", "InternalError", 500, times=None))
    report = rig.copy(**PARTS)
    assert report.counts["failed"] == 1
    assert "overwrite='always'" in report.failures[0].message
    assert not report.retryable


def test_a_run_that_goes_on_puts_the_tags_that_the_one_before_could_not() -> None:
    rig = rig_of(Fault("PutObjectTagging", "InternalError", 500, times=2))
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    assert not rig.copy(**PARTS).ok
    report = revive(rig).copy(**PARTS, resumed=checkpoint.saved[-1])
    assert report.decisions == {"copied earlier": 1}
    assert rig.store.get("dst", "q/big").tags == TAGS


@pytest.mark.parametrize("layout", [(), (5 * MIB,) * 4], ids=["another etag", "same etag"])
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
