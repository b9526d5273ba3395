"""An ETag index that cannot be written is one warning: the copy, its checkpoint and its report do not depend on it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from s3_crosscopy.api.etag_indexes import index_pair
from s3_crosscopy.core.error_codes import classify
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.engine import index_writer
from s3_crosscopy.errors import RetryableFailure, S3Error
from s3_crosscopy.etag_index.stored_index import StoredIndex
from s3_crosscopy.model.etag_index import Block
from s3_crosscopy.model.events import BatchSettled, Event
from s3_crosscopy.model.report import Report
from s3_crosscopy.report.local_files import FolderFiles
from tests.engine.harness import RecordingCheckpoint, Rig, keys, saves_written
from tests.engine.test_etag_index import copied, kms_rig, opened, warnings

SPEC = resolve_spec("s3://src/p/", "s3://kms/q/", {})


def denied() -> S3Error:
    code = "AccessDenied"
    return S3Error(call="PutObject", bucket="i", key="k", code=code, status=403, message="", reason=classify(code, 403))


class Broken(StoredIndex):
    """Every write does this before it is made."""

    def __init__(self, folder: Path, before: Callable[[], None]) -> None:
        super().__init__(FolderFiles(str(folder), "etag_index"), index_pair(SPEC, ()))
        self.before = before
        self.writes = 0

    def write(self, blocks: Sequence[Block]) -> None:
        self.writes += 1
        self.before()
        super().write(blocks)

    def save(self, run: str, pending: Sequence[Block]) -> None:
        self.writes += 1
        self.before()
        super().save(run, pending)


def run(rig: Rig, folder: Path, index: Broken) -> Report:
    rig.index = index
    return rig.copy(dest="s3://kms/q/", etag_index=str(folder), batch_size=50)


def raising(error: Exception) -> Callable[[], None]:
    def raise_it() -> None:
        raise error

    return raise_it


def slowly(rig: Rig, seconds: float) -> None:
    """The clock goes on with every batch, so that saves are due."""

    def tick(event: Event) -> None:
        if isinstance(event, BatchSettled):
            saves_written(rig)
            rig.clock.advance(seconds)

    rig.sink.on_event = tick


@pytest.mark.parametrize("seconds", [0, 4])
def test_a_refused_write_gives_the_index_up(tmp_path: Path, seconds: float) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(1000))
    slowly(rig, seconds)
    index = Broken(tmp_path, raising(denied()))
    assert run(rig, tmp_path, index).counts["copied"] == 1000
    [warning] = [text for text in warnings(rig) if "ETag index" in text]
    assert "is not renewed" in warning
    assert "AccessDenied" in warning
    assert index.writes == 1
    assert opened(tmp_path).segments == ()


def test_a_store_that_is_away_for_a_while_gets_everything(tmp_path: Path) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(1000))
    slowly(rig, 4)
    errors = [RetryableFailure("full")] * 2

    def now_and_then() -> None:
        if errors:
            raise errors.pop()

    assert run(rig, tmp_path, Broken(tmp_path, now_and_then)).counts["copied"] == 1000
    rig.sink.on_event = lambda event: None
    assert copied(rig, tmp_path).decisions == {"same as indexed": 1000}


def test_a_store_that_stays_away_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_writer, "AWAY_S", 30.0)
    rig = kms_rig()
    rig.seed_keys(*keys(1000))
    slowly(rig, 4)
    assert run(rig, tmp_path, Broken(tmp_path, raising(RetryableFailure("full")))).counts["copied"] == 1000
    assert any("is not renewed" in text for text in warnings(rig))


def test_checkpoints_do_not_wait_long_for_an_index(tmp_path: Path) -> None:
    rig, checkpoint, hangs = kms_rig(), RecordingCheckpoint(), threading.Event()
    rig.checkpoint = checkpoint
    rig.seed_keys(*keys(2000))
    slowly(rig, 4)
    saved_while_hanging = []

    def watch(event: Event) -> None:
        if isinstance(event, BatchSettled):
            rig.clock.advance(4)
            if event.number == 35:
                saved_while_hanging.append(len(checkpoint.saved))
                hangs.set()

    rig.sink.on_event = watch

    def hang() -> None:
        hangs.wait(20)

    assert run(rig, tmp_path, Broken(tmp_path, hang)).counts["copied"] == 2000
    assert saved_while_hanging[0] > 1
    rig.sink.on_event = lambda event: None
    assert copied(rig, tmp_path).decisions == {"same as indexed": 2000}


def test_keys_are_taken_only_as_fast_as_segments_are_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index_writer, "MOST_SEGMENTS", 1)
    monkeypatch.setattr("s3_crosscopy.core.etag_index.pending_rows.SEGMENT_ROWS", 100)
    monkeypatch.setattr("s3_crosscopy.core.etag_index.pending_rows.BLOCK_ROWS", 50)
    rig = kms_rig()
    rig.seed_keys(*keys(1500))
    assert run(rig, tmp_path, Broken(tmp_path, lambda: None)).counts["copied"] == 1500
    assert len(opened(tmp_path).segments) >= 10
    assert copied(rig, tmp_path).decisions == {"same as indexed": 1500}


def test_files_that_stay_are_one_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rig = kms_rig()
    rig.seed_keys(*keys(10))
    copied(rig, tmp_path)
    rig.seed_keys("p/new")
    monkeypatch.setattr(FolderFiles, "remove", lambda self, names: raising(RetryableFailure("they stay"))())
    copied(rig, tmp_path)
    assert warnings(rig) == ["files of the former ETag index could not be removed, which harms nothing: they stay"]
    assert copied(rig, tmp_path).decisions == {"same as indexed": 11}
