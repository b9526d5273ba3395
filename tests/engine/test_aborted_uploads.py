"""Parts that a dead process asked for may still land: an upload is aborted until it is gone."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from s3_crosscopy.errors import Interrupted
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.operations import CopyPart
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import RecordingCheckpoint, Rig
from tests.engine.test_resume import revive
from tests.engine.test_stopped_uploads import PARTS, large

MIB = 2**20


def lands_late(rig: Rig, upload: OpenUpload, times: int) -> list[int]:
    """After an abort a part of the dead process still lands, so many times: the upload is there again."""
    abort, aborts = rig.dest.abort_upload, []
    uploads = rig.store.buckets["dst"].uploads
    zombie = uploads[upload.upload_id]

    def and_a_part_lands(bucket: Any, key: str, upload_id: str) -> None:
        abort(bucket, key, upload_id)
        if upload_id == upload.upload_id:
            aborts.append(1)
            if len(aborts) <= times:
                uploads[upload_id] = zombie

    rig.dest.abort_upload = and_a_part_lands  # type: ignore[method-assign]
    return aborts


def killed_in_mid_upload() -> tuple[Rig, RecordingCheckpoint]:
    rig = large()
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    copy_part = rig.dest.copy_part

    def stops(op: CopyPart) -> Any:
        rig.cancel.set()
        return copy_part(op)

    rig.dest.copy_part = stops  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        rig.copy(**PARTS, keep_uploads=True)
    return revive(rig), checkpoint


@pytest.mark.parametrize("what", ["source changed", "source gone", "other arguments", "unrecorded"])
def test_an_upload_of_a_dead_process_is_aborted_until_it_is_gone(what: str) -> None:
    rig, checkpoint = killed_in_mid_upload()
    state = checkpoint.saved[-1]
    (upload,) = state.uploads
    aborts = lands_late(rig, upload, 2)
    given: dict[str, Any] = {"resumed": state}
    if what == "source changed":
        rig.store.put("src", "p/big", sparse(40 * MIB, "new"))
    elif what == "source gone":
        rig.store.delete("src", "p/big")
    elif what == "unrecorded":
        given = {"resumed": state._replace(uploads=())}
    else:
        given = {"incomplete_uploads": (upload,)}
    rig.copy(**PARTS, **given)
    assert len(aborts) == 3
    assert rig.store.open_uploads("dst") == {}
    assert rig.sink.of(Warned) == []


def test_an_upload_that_outlives_every_abort_is_told() -> None:
    rig, checkpoint = killed_in_mid_upload()
    (upload,) = checkpoint.saved[-1].uploads
    lands_late(rig, upload, 1000)
    rig.copy(**PARTS, incomplete_uploads=(upload,))
    (warned,) = rig.sink.of(Warned)
    assert "'q/big' may stay at the destination" in warned.text


def test_an_abort_that_has_not_ended_when_the_run_has_to_stop_is_told() -> None:
    rig, checkpoint = killed_in_mid_upload()
    (upload,) = checkpoint.saved[-1].uploads
    may_end = threading.Event()
    abort = rig.dest.abort_upload

    def hangs(bucket: Bucket, key: str, upload_id: str) -> None:
        may_end.wait(10)
        abort(bucket, key, upload_id)

    rig.dest.abort_upload = hangs  # type: ignore[method-assign]
    rig.sink.on_event = lambda event: may_end.set() if isinstance(event, Warned) else None
    rig.cancel.set()
    with pytest.raises(Interrupted):
        rig.copy(**PARTS, incomplete_uploads=(upload,))
    (warned,) = rig.sink.of(Warned)
    assert "the run had to stop before" in warned.text


def of_an_earlier_attempt(rig: Rig, *names: str) -> tuple[OpenUpload, ...]:
    begun = [(name, rig.dest.create_upload(Bucket("dst"), name, {})) for name in names]
    return tuple(OpenUpload(name, upload_id, "e", 5 * MIB) for name, upload_id in begun)


@pytest.mark.parametrize("gone_on_with", [True, False])
def test_an_upload_of_an_earlier_attempt_that_was_not_aborted_stays_recorded_and_is_told_by_its_id(
    gone_on_with: bool,
) -> None:
    rig = Rig([Fault("AbortMultipartUpload", "InternalError", 500, key="q/gone1", times=None)])
    rig.seed_keys("p/a", "p/b")
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    uploads = of_an_earlier_attempt(rig, "q/gone1", "q/gone2")
    if gone_on_with:
        state = CheckpointState("", (KeyRange(),), Tally().as_dict(), {}, {}, Bucket("dst"), uploads, "2026-01-01")
        report = rig.copy(resumed=state, keep_uploads=True)
    else:
        report = rig.copy(incomplete_uploads=uploads)
    assert report.ok
    assert checkpoint.saved[-1].uploads == uploads[:1]
    assert checkpoint.saved[-1].finished
    assert list(rig.store.open_uploads("dst")) == [uploads[0].upload_id]
    (warned,) = rig.sink.of(Warned)
    assert f"have it aborted (upload id {uploads[0].upload_id})" in warned.text


def test_of_two_recorded_uploads_of_a_key_one_is_gone_on_with_and_the_other_one_aborted() -> None:
    rig, checkpoint = killed_in_mid_upload()
    state = checkpoint.saved[-1]
    other = of_an_earlier_attempt(rig, "q/big")
    report = rig.copy(**PARTS, resumed=state._replace(uploads=(*state.uploads, *other)))
    assert report.ok
    assert rig.store.open_uploads("dst") == {}


def test_an_upload_of_its_own_that_a_run_could_not_abort_is_recorded() -> None:
    rig = large(
        Fault("UploadPartCopy", "AccessDenied", 403, skip=3, times=None),
        Fault("AbortMultipartUpload", "AccessDenied", 403, times=None),
    )
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    rig.copy(**PARTS)
    (upload_id,) = rig.store.open_uploads("dst")
    assert [upload.upload_id for upload in checkpoint.saved[-1].uploads] == [upload_id]
