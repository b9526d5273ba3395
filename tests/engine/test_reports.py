"""Every object's outcome is a row of the report exactly once, whatever happens in between."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.core.error_codes import classify
from s3_crosscopy.engine import report_segments as segments
from s3_crosscopy.errors import InvalidInput, PermanentFailure, RetryableFailure, S3Error
from s3_crosscopy.manifest.manifest_reader import open_manifest
from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.events import BatchSettled, Event
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.report_reader import read_index, read_rows, read_summary
from s3_crosscopy.report.report_writer import StoredReport
from s3_crosscopy.report.segment import Segment
from s3_crosscopy.testing import Fault, VirtualClock, sparse
from tests.engine.harness import Rig, keys
from tests.engine.test_resume import Death, Killed, dying_rig, revive
from tests.report.samples import no_client

MIB = 2**20
SMALL_PARTS: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB", "max_concurrency": 8}


def stored(rig: Rig, folder: Path, *, resumed: bool = False, report_format: str = "jsonl") -> FolderFiles:
    files = FolderFiles(str(folder))
    report = StoredReport(files, report_format)
    report.begin(resumed=resumed)
    rig.report = report
    return files


def rows_by_key(files: FolderFiles) -> dict[str, ReportRow]:
    """The rows; no key may have two."""
    rows = list(read_rows(files))
    found = {row.key: row for row in rows}
    assert len(found) == len(rows)
    return found


@pytest.mark.parametrize("report_format", ["jsonl", "parquet"])
def test_every_object_is_a_row_with_what_became_of_it(tmp_path: Path, report_format: str) -> None:
    rig = Rig(seed=1)
    rig.seed_keys(*keys(500), "p/ünï \n")
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    files = stored(rig, tmp_path, report_format=report_format)
    report = rig.copy(batch_size=50, **SMALL_PARTS)
    found = rows_by_key(files)
    assert set(found) == set(rig.store.keys("src"))
    assert {row.outcome for row in found.values()} == {"copied"}
    assert all(0 <= row.took_s <= row.at_s <= report.seconds for row in found.values())
    etag = rig.store.get("src", "p/000007").etag
    # Time passes while a thread writes rows.
    row = found["p/000007"]._replace(at_s=0.0)
    assert row == ReportRow("p/000007", "q/000007", "copied", "new", 3, etag, "etag")
    assert found["p/big"].verified_by == "checksum"
    assert read_summary(files) == report.as_dict()


@pytest.mark.parametrize(("wanted", "rows"), [(False, 6), (True, 10)])
def test_skipped_and_filtered_objects_are_rows_when_asked_for(tmp_path: Path, wanted: bool, rows: int) -> None:
    rig = Rig()
    rig.seed_keys(*keys(3))
    rig.copy()
    rig.seed_keys(*keys(8), "p/x.tmp", "p/y.tmp")
    rig.store.delete("dst", "q/000002")
    files = stored(rig, tmp_path)
    report = rig.copy(exclude=["*.tmp"], report="here", report_skipped=wanted)
    assert (report.counts["skipped"], report.counts["filtered"]) == (2, 2)
    found = rows_by_key(files)
    assert len(found) == rows
    if wanted:
        assert (found["p/000000"].outcome, found["p/000000"].reason) == ("skipped", "same etag")
        assert (found["p/x.tmp"].outcome, found["p/x.tmp"].reason) == ("filtered", "filtered by glob")


def test_failed_keys_have_their_error_and_are_a_manifest(tmp_path: Path) -> None:
    rig = Rig([Fault("CopyObject", "AccessDenied", 403, key=key, times=None) for key in ("p/000003", "p/000170")])
    rig.seed_keys(*keys(200))
    files = stored(rig, tmp_path)
    report = rig.copy(batch_size=10)
    found = rows_by_key(files)
    assert len(found) == 200
    failed = found["p/000003"]
    assert (failed.outcome, failed.reason, failed.call, failed.code) == (
        "failed", "denied", "CopyObject", "AccessDenied",
    )  # fmt: skip
    assert failed.request_id == "SCRIPTED"
    index = read_index(files)
    # What a retry would try again is the failed keys alone.
    assert [part["rows"] for part in index["rest"]] == [2]
    assert index["failed"]["rows"] == report.counts["failed"] == 2
    name = files.where(index["failed"]["name"])
    with open_manifest(name, prefix="p/", client_for=no_client) as named:
        assert list(named.between("", None)) == ["p/000003", "p/000170"]
        again = revive(rig)
        again.manifest = named.between
        assert again.copy().counts["copied"] == 2
    assert again.same_on_both_sides()


def test_failures_far_apart_keep_no_rows_of_their_neighbours(tmp_path: Path) -> None:
    """One in five hundred: what is held in memory and written at the end is the failed keys, not the run."""
    rig = Rig([Fault("CopyObject", "AccessDenied", 403, key=key, times=None) for key in keys(10_000)[::500]])
    rig.seed_keys(*keys(10_000))
    files = stored(rig, tmp_path)
    most = [0]

    def looked_at(event: Event) -> None:
        assert rig.engine is not None
        if isinstance(event, BatchSettled):
            most[0] = max(most[0], len(rig.engine.parts.ledger.rows._uncommitted))

    rig.sink.on_event = looked_at
    report = rig.copy(batch_size=100)

    assert report.counts["failed"] == 20
    index = read_index(files)
    assert ([part["rows"] for part in index["rest"]], index["failed"]["rows"]) == ([20], 20)
    assert len(rows_by_key(files)) == 10_000
    # Those of the batches under way, and the failed.
    assert most[0] < 1_000


@pytest.mark.parametrize("report_format", ["jsonl", "parquet"])
def test_rows_that_a_retry_writes_anew_do_not_pile_up_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, report_format: str
) -> None:
    monkeypatch.setattr(segments, "REST_ROWS", 50)
    faults = [Fault("CopyObject", "AccessDenied", 403, key=key, times=None) for key in keys(2000)[1::2]]
    rig, death = Rig(faults), Death()
    rig.seed_keys(*keys(2000))
    rig.checkpoint = death
    files = stored(rig, tmp_path, report_format=report_format)
    report = rig.copy(batch_size=100, max_requests_per_second=50)
    index = read_index(files)
    assert (report.counts["failed"], index["failed"]["rows"]) == (1000, 1000)
    assert len(index["rest"]) > 3
    assert len(rows_by_key(files)) == 2000
    with open_manifest(files.where(index["failed"]["name"]), prefix="p/", client_for=no_client) as named:
        assert list(named.between("", None)) == keys(2000)[1::2]

    again = revive(rig)
    files = stored(again, tmp_path, resumed=True, report_format=report_format)
    report = again.copy(batch_size=100, resumed=death.last())
    found = rows_by_key(files)
    assert len(found) == report.counts["copied"] == 2000
    assert {row.outcome for row in found.values()} == {"copied"}
    assert read_index(files)["rest"] == []


def test_missing_and_held_back_keys_are_rows(tmp_path: Path) -> None:
    rig = Rig([Fault("CopyObject", "AccessDenied", 403, key="p/000004", times=None)])
    rig.seed_keys(*keys(10), "p/x/_SUCCESS")
    rig.deleted_when_listed("p/000003")
    files = stored(rig, tmp_path)
    rig.copy(copy_last=["*/_SUCCESS"])
    found = rows_by_key(files)
    assert len(found) == 11
    assert found["p/000003"].outcome == "missing"
    assert found["p/x/_SUCCESS"].outcome == "held_back"


def test_a_dry_run_is_reported_too(tmp_path: Path) -> None:
    rig = Rig()
    rig.seed_keys(*keys(10))
    files = stored(rig, tmp_path)
    rig.copy(dry_run=True)
    assert {row.outcome for row in rows_by_key(files).values()} == {"would_copy"}


@pytest.mark.parametrize("at", random.Random(11).sample(range(2, 295), 16))
def test_a_report_is_whole_and_without_duplicates_after_any_kill(tmp_path: Path, at: int) -> None:
    skipped = at % 2 == 0
    denied = Fault("CopyObject", "AccessDenied", 403, key="p/000111", times=None)
    rig, death = Rig([denied], seed=at), Death()
    rig.seed_keys(*keys(20))
    rig.copy()
    rig.seed_keys(*keys(300)[20:], "p/x/_SUCCESS")
    rig.store.put("src", "p/000050-big", sparse(40 * MIB, "x"))
    rig.clock.advance(2)
    options: dict[str, Any] = {
        "batch_size": 10, "report": "here", "report_skipped": skipped, "copy_last": ["*/_SUCCESS"], **SMALL_PARTS,
    }  # fmt: skip
    stored(rig, tmp_path)
    rig.checkpoint = death
    dying_rig(rig, death, at)
    with pytest.raises(Killed):
        rig.copy(**options, keep_uploads=True)
    with pytest.raises(InvalidInput, match="is not finished"):
        read_index(FolderFiles(str(tmp_path)))

    again = revive(rig)
    files = stored(again, tmp_path, resumed=death.last() is not None)
    report = again.copy(**options, resumed=death.last())
    found = rows_by_key(files)
    counts = report.counts
    assert report.ok
    assert counts["listed"] == 302
    # What was copied by the dead attempt and not saved may be told as skipped by the next: never lost, never twice.
    assert len(found) == counts["listed"] - (0 if skipped else counts["skipped"])
    assert [row.outcome for row in found.values()].count("copied") == counts["copied"]
    expected = set(again.store.keys("src")) - set(() if skipped else keys(20))
    # See the next test for the large one.
    assert set(found) | {"p/000050-big"} == expected


def test_a_large_object_that_arrived_just_before_the_kill_is_a_row_too(tmp_path: Path) -> None:
    rig, death = Rig(), Death()
    rig.store.put("src", "p/big", sparse(40 * MIB, "x"))
    rig.clock.advance(2)
    rig.checkpoint = death
    stored(rig, tmp_path)
    complete = rig.dest.complete_upload

    def then_die(*args: Any) -> Any:
        complete(*args)
        death.dead = True
        raise Killed

    rig.dest.complete_upload = then_die  # type: ignore[method-assign,assignment]
    with pytest.raises(Killed):
        rig.copy(**SMALL_PARTS, keep_uploads=True)
    again = revive(rig)
    files = stored(again, tmp_path, resumed=True)
    report = again.copy(**SMALL_PARTS, resumed=death.last())
    assert again.requests("UploadPartCopy") == 0
    assert report.counts["copied"] == 1
    assert set(rows_by_key(files)) == {"p/big"}


def test_a_retry_of_failures_tells_each_object_once(tmp_path: Path) -> None:
    rig, death = Rig([Fault("CopyObject", "AccessDenied", 403, key="p/000111", times=None)]), Death()
    rig.seed_keys(*keys(300))
    rig.checkpoint = death
    files = stored(rig, tmp_path)
    rig.copy(batch_size=10)
    assert rows_by_key(files)["p/000111"].outcome == "failed"
    again = revive(rig)
    files = stored(again, tmp_path, resumed=True)
    report = again.copy(batch_size=10, resumed=death.last())
    found = rows_by_key(files)
    assert len(found) == report.counts["copied"] == 300
    assert {row.outcome for row in found.values()} == {"copied"}
    assert read_index(files)["failed"]["rows"] == 0


class Watched(StoredReport):
    """Notes what is written when, and may die at the end."""

    def __init__(self, rig: Rig, folder: Path, dies: str = "") -> None:
        super().__init__(FolderFiles(str(folder)))
        self.begin()
        self.segments: list[tuple[int, int, int]] = []
        self._rig = rig
        self._dies = dies

    def write_segment(self, number: int, rows: Segment) -> None:
        self.segments.append((number, len(rows), len(self._rig.store.keys("dst"))))
        super().write_segment(number, rows)

    def finish(self, segments: int, rest: Sequence[ReportRow], report: Report) -> None:
        if self._dies == "before":
            raise Killed
        super().finish(segments, rest, report)
        if self._dies == "after":
            raise Killed


def test_segments_are_written_while_the_run_goes_on_so_that_rows_do_not_pile_up(tmp_path: Path) -> None:
    rig = Rig()
    rig.seed_keys(*keys(5000))
    rig.report = watched = Watched(rig, tmp_path)
    rig.copy(batch_size=100, max_requests_per_second=50)
    assert [number for number, _, _ in watched.segments] == list(range(len(watched.segments)))
    assert len(watched.segments) >= 8
    assert max(rows for _, rows, _ in watched.segments) <= 700
    assert watched.segments[0][2] < 1000
    assert len(rows_by_key(FolderFiles(str(tmp_path)))) == 5000


class TickingClock(VirtualClock):
    """A clock that is later each time that it is read, as a real one."""

    def now(self) -> float:
        self.advance(0.01)
        return super().now()


def test_no_row_is_older_than_its_run_also_before_the_loop_has_waited(monkeypatch: pytest.MonkeyPatch) -> None:
    rig = Rig()
    rig.clock = TickingClock()
    rig.seed_keys(*keys(3))
    first: list[float] = []
    monkeypatch.setattr(rig, "prepare", lambda engine, _: first.append(engine.parts.recorder._row_recorder._now()))
    rig.copy()
    assert 0 <= first[0] < 1


def test_rows_are_encoded_while_their_segment_is_not_due(tmp_path: Path) -> None:
    """A row takes 500 bytes, its encoded line a few."""
    rig = Rig()
    rig.seed_keys(*keys(5000))
    rig.report = watched = Watched(rig, tmp_path)
    most, original = [0], segments.SegmentWriter.encode

    def encode(writer: segments.SegmentWriter, *args: Any, **more: Any) -> None:
        assert rig.engine is not None
        most[0] = max(most[0], len(rig.engine.parts.ledger.rows))
        original(writer, *args, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments.SegmentWriter, "encode", encode)
        rig.copy(batch_size=100)
    assert [rows for _, rows, _ in watched.segments] == [5000]
    assert 0 < most[0] < 2 * segments.ENCODED_AT_ONCE
    assert len(rows_by_key(FolderFiles(str(tmp_path)))) == 5000


@pytest.mark.parametrize("dies", ["before", "after"])
def test_finished_is_said_last(tmp_path: Path, dies: str) -> None:
    rig, death = Rig(), Death()
    rig.seed_keys(*keys(300))
    rig.checkpoint = death
    rig.report = Watched(rig, tmp_path, dies)
    original = rig.report.finish

    def finish(segments: int, rest: Sequence[ReportRow], report: Report) -> None:
        try:
            original(segments, rest, report)
        finally:
            death.dead = True

    rig.report.finish = finish  # type: ignore[method-assign]
    with pytest.raises(Killed):
        rig.copy(batch_size=50)
    state = death.last()
    assert state is not None
    assert not state.finished
    assert state.remaining == ()
    assert state.segments == 1

    again = revive(rig)
    again.checkpoint = final = Death()
    files = stored(again, tmp_path, resumed=True)
    report = again.copy(batch_size=50, resumed=state)
    assert report.counts["copied"] == 300
    assert again.requests("CopyObject") == 0
    assert len(rows_by_key(files)) == 300
    last: CheckpointState | None = final.last()
    assert last is not None
    assert last.finished


class Refusing(StoredReport):
    """A place that takes nothing any more from some segment on; -1: only the end is refused."""

    def __init__(self, folder: Path, error: Exception, at: int) -> None:
        super().__init__(FolderFiles(str(folder)))
        self.begin()
        self._error, self._at = error, at

    def write_segment(self, number: int, rows: Segment) -> None:
        if 0 <= self._at <= number:
            raise self._error
        super().write_segment(number, rows)

    def finish(self, segments: int, rest: Sequence[ReportRow], report: Report) -> None:
        raise self._error


def refused(code: str, status: int) -> S3Error:
    reason = classify(code, status)
    return S3Error(
        call="PutObject", bucket="reports", key="r/part", code=code, status=status, message="no", reason=reason
    )


@pytest.mark.parametrize("at", [0, 2, -1])
@pytest.mark.parametrize(
    ("error", "failure"),
    [
        (refused("AccessDenied", 403), PermanentFailure),
        (refused("InternalError", 500), RetryableFailure),
        (RetryableFailure("report: cannot be written: No space left on device"), RetryableFailure),
    ],
)
def test_a_report_that_cannot_be_written_fails_the_run(
    tmp_path: Path, at: int, error: Exception, failure: type[Exception]
) -> None:
    rig, death = Rig(), Death()
    rig.seed_keys(*keys(2000))
    rig.checkpoint = death
    rig.report = Refusing(tmp_path, error, at)
    with pytest.raises(failure, match="written"):
        rig.copy(batch_size=100, max_requests_per_second=50)
    state = death.last()
    assert state is not None
    assert not state.finished
    with pytest.raises(InvalidInput, match="is not finished"):
        read_index(FolderFiles(str(tmp_path)))
    # A retry with a place that takes rows tells them all.
    again = revive(rig)
    files = stored(again, tmp_path, resumed=True)
    assert again.copy(batch_size=100, resumed=state).ok
    assert len(rows_by_key(files)) == 2000


def test_the_summary_says_when_the_run_was_and_of_a_retry_when_the_first_attempt_began() -> None:
    rig = Rig()
    rig.seed_keys("p/a")
    run = rig.copy().run
    assert run is not None
    assert run.as_dict()["started"] == "2026-01-01T00:00:02Z"
    assert run.started <= run.ended
    assert run.first_started == ""
