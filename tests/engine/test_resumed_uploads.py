"""What was copied of an upload is kept where only the moment was bad and somebody goes on with it."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.engine.transfer.incomplete_uploads import MOST_KEPT
from s3_crosscopy.errors import Interrupted
from s3_crosscopy.model.operations import CopyPart
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import RecordingCheckpoint, Rig
from tests.engine.test_resume import revive
from tests.engine.test_stopped_uploads import PARTS, large

MIB = 2**20


@pytest.mark.parametrize(
    "answer", [("SlowDown", 503), ("InternalError", 500), ("ReadTimeout", 0), ("ExpiredToken", 400)]
)
def test_an_upload_to_be_kept_outlives_a_part_that_was_refused_in_passing(answer: tuple[str, int]) -> None:
    rig = large(Fault("UploadPartCopy", *answer, skip=3, times=None))
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    copy_part, sent = rig.dest.copy_part, []

    def then_stop(op: CopyPart) -> Any:
        sent.append(op)
        if len(sent) == 4:
            rig.cancel.set()
        return copy_part(op)

    rig.dest.copy_part = then_stop  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        rig.copy(**PARTS, keep_uploads=True)
    assert len(rig.store.open_uploads("dst")) == 1
    state = checkpoint.saved[-1]
    assert [upload.dest_key for upload in state.uploads] == ["q/big"]
    again = revive(rig)
    report = again.copy(**PARTS, resumed=state)
    assert report.counts["copied"] == 1
    assert again.requests("UploadPartCopy") == 10 - 3
    assert rig.store.open_uploads("dst") == {}


def test_a_part_that_was_refused_for_good_is_aborted_although_uploads_are_kept() -> None:
    rig = large(Fault("UploadPartCopy", "AccessDenied", 403, skip=3, times=None))
    rig.copy(**PARTS, keep_uploads=True)
    assert rig.store.open_uploads("dst") == {}


@pytest.mark.parametrize("seed", [None, 1, 2])
@pytest.mark.parametrize(
    ("fault", "parts"),
    [
        (Fault("UploadPartCopy", "InternalError", 500, skip=7), 11),
        (Fault("UploadPartCopy", "ReadTimeout", 0, skip=7, applied=True), 10),
        (Fault("CompleteMultipartUpload", "InternalError", 500), 10),
    ],
    ids=["a part refused", "a part unheard", "complete"],
)
def test_the_second_round_goes_on_with_the_parts_that_are_there(fault: Fault, parts: int, seed: int | None) -> None:
    rig = Rig([fault], seed=seed)
    rig.store.put("src", "p/big", sparse(50 * MIB, "x"))
    rig.clock.advance(2)
    report = rig.copy(**{**PARTS, "max_concurrency": 2})
    assert report.counts["copied"] == 1
    assert rig.requests("CreateMultipartUpload") == 1
    assert rig.requests("AbortMultipartUpload") == 0
    assert rig.requests("UploadPartCopy") == parts
    assert rig.same_on_both_sides()
    assert rig.store.open_uploads("dst") == {}


def test_who_may_not_list_parts_begins_anew_in_the_second_round() -> None:
    rig = large(Fault("UploadPartCopy", "InternalError", 500, skip=7))
    rig.store.allow = lambda who, action, bucket, key: action != "s3:ListMultipartUploadParts"
    report = rig.copy(**PARTS)
    assert report.counts["copied"] == 1
    assert rig.requests("CreateMultipartUpload") == 2
    assert rig.store.open_uploads("dst") == {}


@pytest.mark.parametrize("keep", [True, False])
def test_an_upload_that_fails_in_passing_twice_is_kept_only_for_a_retry(keep: bool) -> None:
    rig = large(Fault("UploadPartCopy", "InternalError", 500, skip=7, times=None))
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    report = rig.copy(**PARTS, keep_uploads=keep)
    assert report.retryable
    assert len(rig.store.open_uploads("dst")) == len(checkpoint.saved[-1].uploads) == int(keep)
    if keep:
        again = revive(rig)
        assert again.copy(**PARTS, resumed=checkpoint.saved[-1]).counts["copied"] == 1
        assert again.requests("UploadPartCopy") == 10 - 7


def test_a_success_within_the_budget_keeps_no_upload_as_no_retry_follows() -> None:
    rig = large(Fault("UploadPartCopy", "InternalError", 500, skip=7, times=None))
    assert rig.copy(**PARTS, keep_uploads=True, max_failures=1).ok
    assert rig.store.open_uploads("dst") == {}


def test_a_second_round_that_cannot_begin_leaves_the_upload_where_it_was() -> None:
    rig = large(
        Fault("UploadPartCopy", "InternalError", 500, skip=7), Fault("ListParts", "InternalError", 500, times=1)
    )
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    assert rig.copy(**PARTS, keep_uploads=True).retryable
    assert [upload.dest_key for upload in checkpoint.saved[-1].uploads] == ["q/big"]
    again = revive(rig)
    assert again.copy(**PARTS, resumed=checkpoint.saved[-1]).ok
    # The parts beside the one that failed were copied before anybody was told of it.
    assert again.requests("UploadPartCopy") == 1


def test_no_more_uploads_are_kept_than_a_checkpoint_has_room_for() -> None:
    rig = Rig([Fault("UploadPartCopy", "InternalError", 500, times=None)])
    for number in range(MOST_KEPT + 5):
        rig.store.put("src", f"p/{number:02}", sparse(10 * MIB, str(number)))
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    report = rig.copy(**PARTS, keep_uploads=True, outage_deadline=0)
    assert report.counts["failed"] == MOST_KEPT + 5
    assert len(checkpoint.saved[-1].uploads) == MOST_KEPT == len(rig.store.open_uploads("dst"))
