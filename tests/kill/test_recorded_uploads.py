"""An upload that an earlier attempt recorded is never just forgotten."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.errors import Interrupted, InvalidInput
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.open_uploads import OpenUploads
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.report_reader import read_index, read_uploads
from s3_crosscopy.report.report_writer import StoredReport
from s3_crosscopy.testing import Counting, Fault, Faulty, MemoryS3, sparse
from tests.engine.harness import RecordingCheckpoint, Rig, saves_written
from tests.report.samples import a_report

MIB = 2**20
OPTIONS: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB", "max_concurrency": 2}


def test_a_recorded_upload_whose_source_may_not_be_read_any_more_is_aborted() -> None:
    rig, checkpoint = Rig(), RecordingCheckpoint()
    rig.store.put("src", "p/large", sparse(100 * MIB, "large"))
    rig.checkpoint = checkpoint
    copy_part = rig.dest.copy_part

    def stops(op: Any) -> Any:
        rig.cancel.set()
        return copy_part(op)

    rig.dest.copy_part = stops  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        rig.copy(**OPTIONS, keep_uploads=True)
    state = checkpoint.saved[-1]
    assert [upload.upload_id for upload in state.uploads] == list(rig.store.open_uploads("dst"))

    again = Rig()
    again.clock, again.store = rig.clock, rig.store
    denied = Fault("HeadObject", "AccessDenied", 403, key="p/large", times=None)
    again.source = Counting(Faulty(MemoryS3(rig.store, "reader"), [denied]))
    again.dest = Counting(MemoryS3(rig.store, "copier"))
    report = again.copy(**OPTIONS, resumed=state)

    assert report.counts["failed"] == 1
    assert again.store.open_uploads("dst") == {}


class Witness(RecordingCheckpoint):
    """Keeps with each state what the report names at that moment: after a kill both are what is left."""

    def __init__(self, files: FolderFiles) -> None:
        super().__init__()
        self.named: list[OpenUploads] = []
        self._files = files

    def save(self, state: CheckpointState) -> None:
        super().save(state)
        self.named.append(read_uploads(self._files))


def rig_with_a_report(folder: Path, *, resumed: bool = False) -> tuple[Rig, FolderFiles, Witness]:
    rig, files = Rig(), FolderFiles(str(folder))
    rig.report = report = StoredReport(files)
    report.begin(resumed=resumed)
    rig.checkpoint = witness = Witness(files)
    return rig, files, witness


def test_the_report_names_an_upload_as_soon_as_a_checkpoint_does_so_that_a_kill_leaves_both(tmp_path: Path) -> None:
    rig, files, witness = rig_with_a_report(tmp_path)
    rig.store.put("src", "p/large", sparse(100 * MIB, "large"))
    copy_part = rig.dest.copy_part

    def slowly(op: Any) -> Any:
        saves_written(rig)
        rig.clock.advance(11)
        return copy_part(op)

    rig.dest.copy_part = slowly  # type: ignore[method-assign]
    rig.copy(**OPTIONS, expected_bucket_owner="222222222222")

    assert any(state.uploads for state in witness.saved)
    for state, named in zip(witness.saved, witness.named, strict=True):
        assert named.uploads == state.uploads
        assert named.bucket == Bucket("dst", "222222222222") or not named.uploads
    assert read_index(files)["uploads"] is None


def test_an_interrupted_runs_report_names_its_uploads_until_the_retry_has_ended(tmp_path: Path) -> None:
    rig, files, witness = rig_with_a_report(tmp_path)
    rig.store.put("src", "p/large", sparse(100 * MIB, "large"))
    copy_part = rig.dest.copy_part

    def stops(op: Any) -> Any:
        rig.cancel.set()
        return copy_part(op)

    rig.dest.copy_part = stops  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        rig.copy(**OPTIONS, keep_uploads=True)

    with pytest.raises(InvalidInput, match="is not finished"):
        read_index(files)
    assert [upload.upload_id for upload in read_uploads(files).uploads] == list(rig.store.open_uploads("dst"))

    again, files, _ = rig_with_a_report(tmp_path, resumed=True)
    again.clock, again.store = rig.clock, rig.store
    again.source, again.dest = Counting(MemoryS3(rig.store, "reader")), Counting(MemoryS3(rig.store, "copier"))
    again.copy(**OPTIONS, resumed=witness.saved[-1])

    assert read_uploads(files).uploads == ()


def test_a_written_report_says_how_many_uploads_are_open(tmp_path: Path) -> None:
    rig, files, _ = rig_with_a_report(tmp_path)
    assert rig.report is not None
    left = OpenUploads(Bucket("dst"), (OpenUpload("q/large", "id", "etag", 5 * MIB),))
    rig.report.write_uploads(left)
    rig.report.finish(0, [], a_report())

    assert read_index(files)["uploads"] == {"name": "uploads.json", "open": 1}
    assert read_uploads(files) == left
