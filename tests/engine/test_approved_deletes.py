"""A dry run plans the deletes, and a copy with its approval deletes nothing else."""

from __future__ import annotations

import pytest

from s3_crosscopy.core.mirror.candidate_rows import NOT_APPROVED
from s3_crosscopy.model.approval import NO_DELETES, PlannedDeletes
from s3_crosscopy.model.report import Report
from tests.engine.harness import Rig
from tests.engine.mirrors import deletion, mirror, mirror_rig, rows_of, stale
from tests.memory_files import MemoryFiles


@pytest.fixture
def rig() -> Rig:
    rig = mirror_rig()
    rig.seed_keys(*(f"p/{name}" for name in "bdf"))
    return rig


@pytest.fixture
def files() -> MemoryFiles:
    return MemoryFiles()


def planned(report: Report) -> PlannedDeletes:
    assert report.planned_deletes is not None
    return report.planned_deletes


def test_a_dry_run_judges_the_deletes_and_names_them_in_files(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a", "c")

    plan = mirror(rig, files, dry_run=True)

    assert planned(plan)[:2] == (2, 0)
    assert sum(planned(plan).judged.files) == 1
    assert deletion(plan)[:5] == (0, 0, 2, "a dry run deletes nothing", True)
    assert rig.store.keys("dst") == ["q/a", "q/c"]


def test_a_dry_run_fails_where_the_copy_would_because_of_max_delete(rig: Rig) -> None:
    stale(rig, "a", "c")

    plan = rig.copy(extraneous="delete", max_delete=1, dry_run=True)

    assert plan.planned_deletes is None
    assert not plan.ok
    assert "max_delete=1" in deletion(plan).why


def test_a_dry_run_counts_what_was_written_since_it_began_as_kept(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a")
    rig.store.put("dst", "q/new", b"by somebody, now")

    plan = mirror(rig, files, dry_run=True)

    assert planned(plan).keys == 1
    assert deletion(plan)[:3] == (0, 1, 1)


def test_only_what_was_approved_is_deleted(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a", "c", "e")
    approved = planned(mirror(rig, files, dry_run=True)).judged
    rig.store.put("dst", "q/c", b"rewritten")
    stale(rig, "x")

    again = mirror(rig, files, dry_run=True, approved=approved)
    report = mirror(rig, files, approved=approved)

    assert planned(again)[:2] == (4, 2)
    assert rig.store.keys("dst") == ["q/b", "q/c", "q/d", "q/f", "q/x"]
    assert deletion(report)[:3] == (2, 2, 0)
    assert [(row.dest_key, row.reason) for row in rows_of(files, "kept")] == [
        ("q/c", NOT_APPROVED),
        ("q/x", NOT_APPROVED),
    ]


def test_an_approval_without_deletes_deletes_nothing(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a")

    report = mirror(rig, files, approved=NO_DELETES)

    assert rig.store.keys("dst") == ["q/a", "q/b", "q/d", "q/f"]
    assert deletion(report)[:3] == (0, 1, 0)
    assert report.ok


def test_approved_keys_that_cannot_be_read_delete_nothing_and_fail(rig: Rig, files: MemoryFiles) -> None:
    stale(rig, "a")
    approved = planned(mirror(rig, files, dry_run=True)).judged

    report = mirror(rig, files, approved=approved._replace(mark="0" * 16))

    assert rig.store.keys("dst") == ["q/a", "q/b", "q/d", "q/f"]
    assert not report.ok
    assert "is not there, which has the keys to delete" in deletion(report).why
