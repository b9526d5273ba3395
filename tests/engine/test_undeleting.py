"""Taking deletes back: exactly the markers that the report names, and only if they are the newest of their keys."""

from __future__ import annotations

import pytest

from s3_crosscopy.api.undeleting import Undeleted, take_back
from s3_crosscopy.engine.mirror.marker_remover import OTHERS, THERE
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.testing import Fault, Faulty, MemoryS3
from tests.engine.harness import Rig
from tests.engine.mirrors import DST, history, mirror, mirror_rig, rows_of, stale
from tests.memory_files import MemoryFiles

NAMES = ("a", "c", "x")


@pytest.fixture
def files() -> MemoryFiles:
    return MemoryFiles()


@pytest.fixture
def rig(files: MemoryFiles) -> Rig:
    """A destination from which three keys were deleted."""
    rig = mirror_rig()
    rig.seed_keys("p/b")
    stale(rig, *NAMES)
    assert mirror(rig, files).ok
    return rig


def undo(rig: Rig, rows: list[ReportRow], *faults: Fault) -> Undeleted:
    return take_back(Faulty(MemoryS3(rig.store, "copier"), faults), DST, rows)


def test_everything_is_back_and_a_second_time_changes_nothing(rig: Rig, files: MemoryFiles) -> None:
    rows = rows_of(files, "deleted")

    assert undo(rig, rows) == Undeleted("dst", 3, 0, (), 0, ())
    after = history(rig)
    again = undo(rig, rows)

    assert (again.back, again.left, sorted(again.first_left)) == (0, 3, [(f"q/{name}", THERE) for name in NAMES])
    assert history(rig) == after


def test_a_key_that_was_written_or_deleted_again_stays_as_it_is(rig: Rig, files: MemoryFiles) -> None:
    rig.store.put("dst", "q/a", b"theirs")
    rig.store.put("dst", "q/c", b"theirs")
    rig.store.delete("dst", "q/c")
    before = history(rig)

    undone = undo(rig, rows_of(files, "deleted"))

    assert (undone.back, sorted(undone.first_left)) == (1, [("q/a", OTHERS), ("q/c", OTHERS)])
    after = history(rig)
    assert (after["q/a"], after["q/c"]) == (before["q/a"], before["q/c"])


def test_a_report_that_names_a_version_with_content_removes_nothing(rig: Rig) -> None:
    before = history(rig)
    rows = [
        ReportRow(f"p/{key[2:]}", key, "deleted", "", 1, "e", marker=versions[0][0]) for key, versions in before.items()
    ]

    assert undo(rig, rows).back == 0
    assert history(rig) == before


def test_what_was_refused_is_counted_and_named_and_the_others_are_back(rig: Rig, files: MemoryFiles) -> None:
    undone = undo(rig, rows_of(files, "deleted"), Fault("DeleteObject", "AccessDenied", 403, key="q/c", times=None))

    assert (undone.back, undone.left, undone.refused) == (2, 0, 1)
    assert [error.code for error in undone.first_refused] == ["AccessDenied"]
    assert undo(rig, rows_of(files, "deleted")).back == 1
