"""Deletes of what only the destination has: judged before the first, only what was judged, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.core.mirror.candidate_rows import TOO_NEW
from s3_crosscopy.engine.mirror.key_deleter import AGAIN_AT_SOURCE, CHANGED
from s3_crosscopy.errors import Interrupted
from s3_crosscopy.model.events import Event, PhaseStarted
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.run_scope import KeySubset, RunRole
from s3_crosscopy.report.report_writer import StoredReport
from s3_crosscopy.testing import Fault
from tests.engine.harness import Rig
from tests.engine.mirrors import deletion, history, mirror, mirror_rig, rows_of, stale, take_back
from tests.engine.test_resume import Death, Killed, dying_rig, revive
from tests.memory_files import MemoryFiles


@pytest.fixture
def rig() -> Rig:
    rig = mirror_rig()
    rig.seed_keys(*(f"p/{name}" for name in "bdf"))
    return rig


@pytest.fixture
def files() -> MemoryFiles:
    return MemoryFiles()


def test_the_destination_equals_the_source_and_everything_can_be_taken_back(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a", "c", "x")
    rig.store.put("dst", "other/x", b"not below the prefix")

    report = mirror(rig, files)

    assert rig.store.keys("dst") == ["other/x", "q/b", "q/d", "q/f"]
    assert deletion(report)[:4] == (3, 0, 0, "")
    assert report.ok
    rows = rows_of(files, "deleted")
    assert [row.dest_key for row in rows] == ["q/a", "q/c", "q/x"]
    assert all(row.marker for row in rows)
    assert take_back(rig, files) == ["", "", ""]
    assert rig.store.read("dst", "q/c") == b"stale c"
    assert [len(versions) for key, versions in history(rig).items() if key in ("q/a", "q/c", "q/x")] == [1, 1, 1]


def test_the_first_twenty_are_named(rig: Rig, files: MemoryFiles) -> None:
    names = [f"x{number:02}" for number in range(25)]
    stale(rig, *names)

    report = mirror(rig, files, copy_last=["x1*"])

    assert report.extraneous is not None
    assert report.extraneous.first == tuple(f"q/{name}" for name in names[:20])


def test_each_key_costs_a_head_and_a_delete_and_the_phase_one_more_listing(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a", "c", "x")

    mirror(rig, files)

    assert rig.source.counts() == {"ListObjectsV2": 2, "HeadObject": 3}
    assert rig.dest.counts() == {"ListObjectsV2": 2, "CopyObject": 3, "GetBucketVersioning": 1, "DeleteObject": 3}


@pytest.mark.parametrize(("most", "deleted"), [(2, 0), (3, 3), ("49%", 0), ("50%", 3), (0, 0)])
def test_more_than_max_delete_deletes_nothing_and_fails(
    rig: Rig, files: MemoryFiles, most: int | str, deleted: int
) -> None:
    stale(rig, "a", "c", "x")

    report = mirror(rig, files, max_delete=most)

    assert deletion(report).deleted == deleted
    assert report.ok is bool(deleted)
    assert "DeleteObject" in rig.dest.counts() if deleted else "DeleteObject" not in rig.dest.counts()
    if not deleted:
        assert deletion(report).why.startswith("nothing was deleted: 3 of 6 keys at the destination (50.0 %) are more")
        assert [row.dest_key for row in rows_of(files, "not_deleted")] == ["q/a", "q/c", "q/x"]


def test_an_empty_source_deletes_nothing(files: MemoryFiles) -> None:
    rig = mirror_rig()
    stale(rig, "a")

    report = mirror(rig, files)

    assert deletion(report).why == "nothing was deleted: the source is empty"
    assert rig.store.keys("dst") == ["q/a"]


@pytest.mark.parametrize("versioning", ["", "Suspended"])
def test_a_bucket_without_versioning_is_refused_unless_the_delete_may_be_permanent(
    files: MemoryFiles, versioning: str
) -> None:
    rig = mirror_rig(versioning=versioning)
    rig.seed_keys("p/b")
    stale(rig, "a")

    report = mirror(rig, files)
    assert (report.ok, deletion(report).deleted, rig.store.keys("dst")) == (False, 0, ["q/a", "q/b"])
    assert "permanent_delete" in deletion(report).why

    report = mirror(rig, files, permanent_delete=True)
    assert (report.ok, deletion(report).deleted, rig.store.keys("dst")) == (True, 1, ["q/b"])


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault("CopyObject", "InvalidRequest", 400, key="p/b", times=None), "1 objects failed"),
        (Fault("ListObjectsV2", "AccessDenied", 403), "the run stopped early"),
        (Fault("GetBucketVersioning", "AccessDenied", 403), "GetBucketVersioning"),
        (Fault("ListObjectsV2", "AccessDenied", 403, key="q/", skip=1), "ListObjectsV2"),
        (Fault("ListObjectsV2", "AccessDenied", 403, key="p/", skip=1), "ListObjectsV2"),
    ],
    ids=str,
)
def test_what_is_not_complete_deletes_nothing(files: MemoryFiles, fault: Fault, why: str) -> None:
    rig = mirror_rig(faults=[fault])
    rig.seed_keys("p/b", "p/d")
    stale(rig, "a")

    report = mirror(rig, files, max_failures=5)

    assert why in deletion(report).why
    assert "q/a" in rig.store.keys("dst")
    assert not rows_of(files, "deleted")


def test_a_marker_held_back_deletes_nothing(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a")
    rig.seed_keys("p/_SUCCESS")
    rig.store.put("src", "p/_SUCCESS", b"too new")

    report = mirror(rig, files, copy_last=["_SUCCESS"])

    assert deletion(report).why == "nothing was deleted: 1 objects were held back"
    assert report.ok


def test_filtered_keys_are_protected_unless_they_are_named(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a.tmp", "c")

    report = mirror(rig, files, exclude=["*.tmp"])
    assert rig.store.keys("dst") == ["q/a.tmp", "q/b", "q/d", "q/f"]
    assert report.extraneous is not None
    assert report.extraneous[:2] == (1, 1)

    mirror(rig, files, exclude=["*.tmp"], delete_filtered=True)
    assert rig.store.keys("dst") == ["q/b", "q/d", "q/f"]


def test_a_filtered_key_that_the_source_has_is_never_deleted(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "b")

    mirror(rig, files, exclude=["b"], delete_filtered=True)

    assert rig.store.keys("dst") == ["q/b", "q/d", "q/f"]


def test_the_marker_of_the_prefix_itself_stays(rig: Rig, files: MemoryFiles) -> None:
    rig.store.put("dst", "q/", b"")
    stale(rig, "a")

    mirror(rig, files)

    assert rig.store.keys("dst") == ["q/", "q/b", "q/d", "q/f"]


def test_what_was_written_since_the_run_began_stays(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a")
    rig.sink.on_event = lambda event: (
        stale(rig, "new") if isinstance(event, PhaseStarted) and event.phase == "extraneous" else None
    )

    report = mirror(rig, files)

    assert deletion(report)[:3] == (1, 1, 0)
    assert [(row.dest_key, row.reason) for row in rows_of(files, "kept")] == [("q/new", TOO_NEW)]


def at_phase(rig: Rig, phase: str, then: Any) -> None:
    """Somebody else acts when a phase begins."""

    def on_event(event: Event) -> None:
        if isinstance(event, PhaseStarted) and event.phase == phase:
            then()

    rig.sink.on_event = on_event


def test_a_key_that_the_source_has_again_is_kept(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a", "c")
    at_phase(rig, "delete", lambda: rig.store.put("src", "p/a", b"again"))

    report = mirror(rig, files)

    assert deletion(report)[:4] == (1, 1, 0, "")
    assert [(row.dest_key, row.reason) for row in rows_of(files, "kept")] == [("q/a", AGAIN_AT_SOURCE)]


def test_a_key_that_changed_since_it_was_listed_is_kept(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a", "c")
    at_phase(rig, "delete", lambda: rig.store.put("dst", "q/a", b"somebody else's"))

    report = mirror(rig, files)

    assert [(row.dest_key, row.reason) for row in rows_of(files, "kept")] == [("q/a", CHANGED)]
    assert report.ok


@pytest.mark.parametrize("there", [True, False])
def test_after_a_404_of_a_proxy_a_list_of_the_key_decides(files: MemoryFiles, there: bool) -> None:
    rig = mirror_rig(faults=[Fault("HeadObject", "404", 404, key="p/a", proxy=True)])
    rig.seed_keys("p/b")
    stale(rig, "a")
    if there:
        at_phase(rig, "delete", lambda: rig.store.put("src", "p/a", b"again"))

    report = mirror(rig, files)

    assert rig.source.of_key("ListObjectsV2", "p/a") == 1
    assert (report.ok, deletion(report)[:3]) == ((False, (0, 0, 1)) if there else (True, (1, 0, 0)))
    assert not there or rows_of(files, "not_deleted")[0].call == "HeadObject"


@pytest.mark.parametrize("code", ["AccessDenied", "InternalError"])
def test_the_first_refused_delete_ends_the_phase(files: MemoryFiles, code: str) -> None:
    status = 403 if code == "AccessDenied" else 500
    rig = mirror_rig(faults=[Fault("DeleteObject", code, status, key="q/a0005", times=None)])
    rig.seed_keys("p/b")
    stale(rig, *(f"a{number:04}" for number in range(1100)))

    report = mirror(rig, files, outage_deadline=0)

    assert not report.ok
    deleted, kept, left = deletion(report)[:3]
    assert (deleted + left, kept) == (1100, 0)
    assert deleted < 999
    assert deletion(report).why.startswith("stopped at 'q/a0005', which could not be deleted")
    assert deletion(report).retryable is (code == "InternalError")
    assert len(rows_of(files, "not_deleted")) == left
    assert "q/a1099" in rig.store.keys("dst")


def test_a_lost_answer_is_found_by_its_marker(files: MemoryFiles) -> None:
    rig = mirror_rig(faults=[Fault("DeleteObject", "RequestTimeout", 0, applied=True)])
    rig.seed_keys("p/b")
    stale(rig, "a")
    before = history(rig)

    report = mirror(rig, files)

    assert deletion(report)[:3] == (1, 0, 0)
    assert take_back(rig, files) == [""]
    assert history(rig)["q/a"] == before["q/a"]


def test_markers_go_before_their_data_in_the_reverse_order_of_copy_last(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "z/data", "a/data", "a/_SUCCESS", "a/_LAST")
    order: list[str] = []
    delete = rig.dest.delete_object

    def noted(bucket: Bucket, key: str, etag: str, version: str = "") -> str:
        order.append(key)
        return delete(bucket, key, etag, version)

    rig.dest.delete_object = noted  # type: ignore[method-assign]

    mirror(rig, files, copy_last=["*_SUCCESS", "*_LAST"], max_concurrency=1)

    assert order[:2] == ["q/a/_LAST", "q/a/_SUCCESS"]
    assert sorted(order[2:]) == ["q/a/data", "q/z/data"]


def test_if_a_marker_stays_its_data_stays(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a/data", "a/_SUCCESS")
    at_phase(rig, "delete", lambda: rig.store.put("src", "p/a/_SUCCESS", b"again"))

    report = mirror(rig, files, copy_last=["*_SUCCESS"])

    assert rig.store.keys("dst")[:2] == ["q/a/_SUCCESS", "q/a/data"]
    assert deletion(report)[:3] == (0, 1, 1)
    assert "'q/a/_SUCCESS' of copy_last was kept" in deletion(report).why


def test_a_dry_run_deletes_nothing_and_counts_to_the_end(rig: Rig) -> None:
    stale(rig, *(f"x{number:05}" for number in range(12_000)))

    report = rig.copy(extraneous="delete", max_delete="100%", dry_run=True)

    assert report.extraneous is not None
    assert report.extraneous[:3] == (12_000, 0, False)
    assert deletion(report)[:5] == (0, 0, 12_000, "a dry run deletes nothing", True)
    assert len(rig.store.keys("dst")) == 12_000


def test_shards_delete_nothing_and_the_publish_run_deletes_for_all(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a", "c")
    assert rig.copy(extraneous="delete", report="memory", role=RunRole(KeySubset.DATA)).extraneous is not None
    assert rig.store.keys("dst") == ["q/a", "q/b", "q/c", "q/d", "q/f"]
    began = rig.store.now()
    rig.clock.advance(5)

    published = RunRole(KeySubset.MARKERS, began=began)
    report = mirror(rig, files, ranges=(), role=published)

    assert deletion(report)[:3] == (2, 0, 0)
    assert rig.store.keys("dst") == ["q/b", "q/d", "q/f"]


def test_the_publish_run_deletes_nothing_if_a_shard_is_not_complete(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a")

    report = mirror(rig, files, ranges=(), role=RunRole(KeySubset.MARKERS, began=rig.store.now(), complete=False))

    assert deletion(report).why == "nothing was deleted: not every shard is complete"
    assert report.ok


@pytest.mark.parametrize("at", range(1, 60, 3))
def test_a_killed_phase_goes_on_deletes_only_what_was_judged_and_loses_no_marker(at: int, files: MemoryFiles) -> None:
    rig, death = mirror_rig(seed=at), Death()
    rig.seed_keys(*(f"p/{number:02}" for number in range(8)))
    stale(rig, *(f"x{number:02}" for number in range(15)), "a/_SUCCESS")
    before, keys = history(rig), rig.store.keys("dst")
    rig.checkpoint = death
    dying_rig(rig, death, at)
    options: dict[str, Any] = {"copy_last": ["*_SUCCESS"], "max_concurrency": 3}
    report = None
    try:
        report = mirror(rig, files, **options)
    except Killed:
        rig = revive(rig)
        rig.checkpoint = RecordedAfter(death)
        if death.last() is not None and death.last().deleting is not None:  # type: ignore[union-attr]
            stale(rig, "x99-not-judged")
        report = mirror(rig, files, resumed=death.last(), **options)

    judged = [key for key in keys if key.startswith("q/")]
    assert report.ok
    assert [row.dest_key for row in rows_of(files, "deleted")] == judged
    assert set(rig.store.keys("dst")) - {"q/x99-not-judged"} == {f"q/{number:02}" for number in range(8)}
    assert set(take_back(rig, files)) == {""}
    assert {key: versions for key, versions in history(rig).items() if key in before} == before


class RecordedAfter(Death):
    """The checkpoint of the next process."""

    def __init__(self, before: Death) -> None:
        super().__init__()
        self.saved = list(before.saved)


def test_candidates_of_another_copy_are_not_deleted(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a")
    at_phase(rig, "delete", lambda: swap(files))

    report = mirror(rig, files)

    assert not report.ok
    assert "names keys of another copy" in deletion(report).why
    assert "q/a" in rig.store.keys("dst")


def swap(files: MemoryFiles) -> None:
    """Somebody writes other keys into the file of candidates."""
    from s3_crosscopy.model.report_row import ReportRow
    from s3_crosscopy.report.jsonl import to_lines

    name = next(name for name in files.content if name.startswith("candidates/"))
    files.content[name] = to_lines([ReportRow("p/b", "elsewhere/b", "extraneous", "", 1, "e")])


def test_a_stopped_phase_leaves_the_rest_to_a_retry(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a", "c")
    at_phase(rig, "delete", rig.cancel.set)

    with pytest.raises(Interrupted):
        mirror(rig, files)

    rig.cancel.clear()
    rig.sink.on_event = lambda event: None
    assert rig.store.keys("dst") == ["q/a", "q/b", "q/c", "q/d", "q/f"]
    report = mirror(rig, files, resumed=rig.checkpoint.saved[-1])  # type: ignore[attr-defined]
    assert deletion(report)[:3] == (2, 0, 0)
    assert isinstance(rig.report, StoredReport)
