"""Several reports become one: its index names their files, and nothing is written unless all of them are there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.report.samples import write_segment

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.manifest.manifest_reader import open_manifest
from s3_crosscopy.model.checkpoint import OpenUpload
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.open_uploads import OpenUploads
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.merge import Below, merge
from s3_crosscopy.report.report_reader import read_rows, read_summary, read_uploads
from s3_crosscopy.report.report_writer import StoredReport


def row(key: str, outcome: str = "copied") -> ReportRow:
    return ReportRow(key, key, outcome, "new", 1, "e")


def summary(copied: int = 0, *, failed: int = 0, denial: str = "") -> Report:
    tally = Tally.of({"listed": copied + failed, "copied": copied, "failed": failed}, {}, {})
    return Report("s3://a/p/", "s3://b/q/", tally.as_dict(), {}, {}, 0, 1.0, denial=denial)


def part(
    files: FolderFiles,
    folder: str,
    *keys: str,
    failed: str = "",
    denial: str = "",
    upload: str = "",
    bucket: str = "b",
) -> None:
    store = StoredReport(Below(files, folder))
    store.begin()
    write_segment(store, 0, [row(key) for key in keys])
    if upload:
        store.write_uploads(OpenUploads(Bucket(bucket), (OpenUpload(upload, "id", "e", 5),)))
    store.finish(1, [row(failed, "failed")] if failed else [], summary(len(keys), failed=bool(failed), denial=denial))


def client(bucket: object) -> Any:
    raise AssertionError("nothing is at S3")


def test_the_whole_is_read_like_any_report_and_taken_as_a_manifest(tmp_path: Path) -> None:
    files = FolderFiles(str(tmp_path))
    part(files, "one/", "p/a", "p/b", failed="p/c")
    part(files, "two/", "p/d", failed="p/e")

    merge(files, ["one/", "two/"], "jsonl", summary(5))

    assert [one.key for one in read_rows(files)] == ["p/a", "p/b", "p/d", "p/c", "p/e"]
    assert read_summary(files)["listed"] == 5
    with open_manifest(str(tmp_path / "failed.jsonl.gz"), prefix="p/", client_for=client) as failed:
        assert list(failed.between("", None)) == ["p/c", "p/e"]
    with open_manifest(str(tmp_path), prefix="p/", client_for=client) as every:
        assert every.count == 5
    assert read_uploads(files).uploads == ()


def test_the_explanation_of_a_denied_request_is_that_of_the_first_part_that_has_one(tmp_path: Path) -> None:
    files = FolderFiles(str(tmp_path))
    part(files, "one/", "p/a")
    part(files, "two/", failed="p/b", denial="denied: s3:PutObject\nattach this policy")
    part(files, "three/", failed="p/c", denial="denied: another")

    merge(files, ["one/", "two/", "three/"], "jsonl", summary(1, failed=2))

    assert read_summary(files)["denial"] == "denied: s3:PutObject\nattach this policy"
    assert "attach this policy" in (tmp_path / "report.html").read_text()


@pytest.mark.parametrize("spoil", ["absent", "unfinished"])
def test_a_part_that_has_no_end_leaves_the_whole_without_one(tmp_path: Path, spoil: str) -> None:
    files = FolderFiles(str(tmp_path))
    StoredReport(files).begin()
    part(files, "one/", "p/a")
    if spoil == "unfinished":
        StoredReport(Below(files, "two/")).begin()

    with pytest.raises(InvalidInput, match=r"^report: .*two"):
        merge(files, ["one/", "two/"], "jsonl", summary())

    assert json.loads((tmp_path / "index.json").read_text())["state"] == "writing"
    assert not (tmp_path / "summary.json").exists()


def test_open_uploads_are_told_together_where_they_lie_in_one_bucket(tmp_path: Path) -> None:
    files = FolderFiles(str(tmp_path))
    part(files, "one/", "p/a", upload="q/x")
    part(files, "two/", "p/b", upload="q/y")
    part(files, "three/", "p/c", upload="r/z", bucket="other")

    merge(files, ["one/", "two/"], "jsonl", summary())
    assert [one.dest_key for one in read_uploads(files).uploads] == ["q/x", "q/y"]

    several = FolderFiles(str(tmp_path / "several"))
    part(several, "one/", "p/a", upload="q/x")
    part(several, "three/", "p/c", upload="r/z", bucket="other")
    merge(several, ["one/", "three/"], "jsonl", summary())
    assert read_uploads(several).uploads == ()
    assert json.loads((tmp_path / "several" / "index.json").read_text())["uploads"] is None
