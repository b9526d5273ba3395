"""A rig whose destination has versions and whose report is in memory, for the tests of deletes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from s3_crosscopy.engine.mirror.marker_remover import remove_marker
from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.extraneous import Deletion
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report.report_reader import read_rows
from s3_crosscopy.report.report_writer import StoredReport
from s3_crosscopy.testing import Fault, MemoryS3
from tests.engine.harness import Rig
from tests.memory_files import MemoryFiles

DST = Bucket("dst")


def mirror_rig(*, faults: Sequence[Fault] = (), versioning: str = "Enabled", seed: int | None = None) -> Rig:
    """A rig with an empty report, to which the destination's keys can be added."""
    rig = Rig(faults, seed=seed)
    rig.store.buckets["dst"].versioning = versioning
    return rig


def stale(rig: Rig, *names: str) -> None:
    """Objects that only the destination has, written before the run."""
    for name in names:
        rig.store.put("dst", f"q/{name}", f"stale {name}".encode())
    rig.clock.advance(5)


def mirror(rig: Rig, files: MemoryFiles, resumed: CheckpointState | None = None, **options: Any) -> Report:
    """Run with deletes, and a report in these files."""
    store = StoredReport(files)
    store.begin(resumed=resumed is not None)
    rig.report = store
    values = {"extraneous": "delete", "max_delete": "100%", "report": "memory", **options}
    return rig.copy(resumed=resumed, **values)


def deletion(report: Report) -> Deletion:
    assert report.extraneous is not None
    assert report.extraneous.deletion is not None
    return report.extraneous.deletion


def rows_of(files: MemoryFiles, outcome: str) -> list[ReportRow]:
    """The rows with this outcome, by key."""
    return sorted(row for row in read_rows(files) if row.outcome == outcome)


def take_back(rig: Rig, files: MemoryFiles) -> list[str]:
    """Take every delete back that left a marker; returns what became of each."""
    s3 = MemoryS3(rig.store, "copier")
    return [remove_marker(s3, DST, row) for row in read_rows(files) if row.outcome == "deleted" and row.marker]


def history(rig: Rig) -> dict[str, list[tuple[str, bytes | None]]]:
    """All versions of all keys of the destination: id and content, None for a delete marker."""
    return {
        key: [
            (version.version, None if version.stored is None else version.stored.content.read()) for version in versions
        ]
        for key, versions in rig.store.buckets["dst"].versions.items()
        if versions
    }
