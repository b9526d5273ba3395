"""What others can write is not acted upon, and nothing of ours is written where others could have laid a trap."""

from __future__ import annotations

import gzip
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from s3_crosscopy.adapters.checkpoint_file import FileCheckpoint
from s3_crosscopy.adapters.file_trust import ROOT, distrusted, distrusted_link
from s3_crosscopy.errors import CrossCopyError, InvalidInput
from s3_crosscopy.manifest.manifest_reader import open_manifest
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.names import FAILED, INDEX
from s3_crosscopy.report.report_reader import read_finished, read_rows
from s3_crosscopy.report.report_writer import StoredReport
from tests.report.samples import a_report, copied, no_client, write_segment
from tests.unit.state_strategies import STATE

NOBODY = 65534
ME, MY_GROUP = os.geteuid(), os.getegid()
Owner = Callable[[Path], None]


@pytest.fixture
def another(monkeypatch: pytest.MonkeyPatch) -> Owner:
    """Makes a file or a folder another user's; whoever is not root becomes another user instead."""

    def give_away(path: Path) -> None:
        if ME == ROOT:
            os.chown(path, NOBODY, NOBODY, follow_symlinks=False)
        else:
            monkeypatch.setattr(os, "geteuid", lambda: NOBODY)

    return give_away


def report(path: Path) -> FolderFiles:
    files = FolderFiles(str(path))
    store = StoredReport(files)
    store.begin()
    write_segment(store, 0, [copied("a")])
    store.finish(1, [], a_report())
    return files


def found(mode: int, uid: int = ME, gid: int = MY_GROUP) -> os.stat_result:
    return os.stat_result((stat.S_IFREG | mode, 1, 1, 1, uid, gid, 0, 0, 0, 0))


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (found(0o600), ""),
        (found(0o644), ""),
        (found(0o664), ""),
        (found(0o755, uid=ROOT), ""),
        (found(0o600, uid=NOBODY), f"belongs to another user (uid {NOBODY})"),
        (found(0o602), "may be written by every user"),
        (found(0o1777), "may be written by every user"),
        (found(0o664, gid=MY_GROUP + 1), f"may be written by another group (gid {MY_GROUP + 1})"),
        (found(0o644, gid=MY_GROUP + 1), ""),
    ],
)
def test_a_file_is_ours_if_only_we_root_or_our_own_group_can_write_it(of: os.stat_result, why: str) -> None:
    assert distrusted(of) == why


def test_a_link_of_another_user_leads_where_that_user_wants(tmp_path: Path, another: Owner) -> None:
    link = tmp_path / "link"
    link.symlink_to(tmp_path)
    assert [distrusted_link(str(path)) for path in (link, tmp_path, tmp_path / "none")] == ["", "", ""]
    another(link)
    assert distrusted_link(str(link)).startswith("is a link of another user (uid ")


class TestACheckpoint:
    def refused(self, path: Path) -> str:
        with pytest.raises(InvalidInput) as caught:
            FileCheckpoint(path).load()
        return str(caught.value).replace(str(path), "FILE")

    def test_of_another_user_is_refused_also_by_root(self, tmp_path: Path, another: Owner) -> None:
        path = tmp_path / "run.json"
        FileCheckpoint(path).save(STATE)
        another(path)
        assert self.refused(path) == (
            f"checkpoint: 'FILE' belongs to another user (uid {os.stat(path).st_uid}), and is not trusted;"
            " remove it, or name a file of your own"
        )

    def test_that_everybody_may_write_is_refused(self, tmp_path: Path) -> None:
        path = tmp_path / "run.json"
        FileCheckpoint(path).save(STATE)
        path.chmod(0o666)
        assert "may be written by every user" in self.refused(path)

    def test_lies_safely_in_a_folder_for_everybody(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o1777)
        FileCheckpoint(tmp_path / "run.json").save(STATE)
        assert FileCheckpoint(tmp_path / "run.json").load() is not None


class TestAReportsFolder:
    @pytest.mark.parametrize("mode", [0o777, 0o1777])
    def test_that_everybody_may_write_is_not_written(self, tmp_path: Path, mode: int) -> None:
        tmp_path.chmod(mode)
        with pytest.raises(InvalidInput) as caught:
            StoredReport(FolderFiles(str(tmp_path))).begin()
        assert str(caught.value) == (
            f"report: the folder {str(tmp_path)!r} may be written by every user; name a folder of your own"
        )
        assert os.listdir(tmp_path) == []

    def test_of_another_user_is_not_written(self, tmp_path: Path, another: Owner) -> None:
        another(tmp_path)
        with pytest.raises(InvalidInput, match="belongs to another user"):
            FolderFiles(str(tmp_path)).write("index.json", b"{}")

    def test_in_a_folder_for_everybody_is_ours_alone_whatever_the_umask(self, tmp_path: Path) -> None:
        tmp_path.chmod(0o1777)
        before = os.umask(0)
        try:
            report(tmp_path / "report")
        finally:
            os.umask(before)
        for path in (tmp_path / "report", *(tmp_path / "report").rglob("*")):
            assert stat.S_IMODE(path.stat().st_mode) == (0o755 if path.is_dir() else 0o644), path

    def test_may_be_read_whoever_it_belongs_to(self, tmp_path: Path, another: Owner) -> None:
        files = report(tmp_path / "report")
        another(tmp_path / "report")
        assert len(list(read_rows(files))) == 1
        with pytest.raises(InvalidInput, match="belongs to another user"):
            files.check()

    def test_is_not_left_by_a_link_that_somebody_laid(self, tmp_path: Path) -> None:
        (tmp_path / "victim").write_text("ssh-ed25519 REAL")
        (tmp_path / "home").mkdir()
        report_folder = tmp_path / "report"
        report_folder.mkdir()
        for name in (INDEX, f".{INDEX}.{os.getpid()}.new"):
            (report_folder / name).symlink_to(tmp_path / "victim")
        (report_folder / "segments").symlink_to(tmp_path / "home")
        files = FolderFiles(str(report_folder))

        files.write(INDEX, b"{}")
        with pytest.raises(CrossCopyError, match=r"cannot be written"):
            files.write("segments/part-000000.jsonl.gz", b"")

        assert (tmp_path / "victim").read_text() == "ssh-ed25519 REAL"
        assert os.listdir(tmp_path / "home") == []
        assert not (report_folder / INDEX).is_symlink()


class TestReading:
    @pytest.fixture
    def files(self, tmp_path: Path) -> FolderFiles:
        return report(tmp_path / "report")

    def entry(self, files: FolderFiles, **fields: object) -> None:
        """The report's one segment is said to be so."""
        with files.open(INDEX) as file:
            index = json.load(file)
        index["segments"] = [fields]
        files.write(INDEX, json.dumps(index).encode())

    def refused(self, files: FolderFiles) -> str:
        with pytest.raises(InvalidInput) as caught:
            read_finished(files)
        return str(caught.value).replace(files.where(), "PLACE")

    @pytest.mark.parametrize(
        "name",
        [
            "../secret.jsonl.gz", "/etc/part-000000.jsonl.gz", "segments/../../part-000000.jsonl.gz", "a/b/c/rest-1",
            "./segments/part-000000.jsonl.gz", "x" * 5000, "segments/part-000000.jsonl.gz\n", "index.json", "a\0b", "",
        ],
    )  # fmt: skip
    def test_an_index_names_no_file_but_its_own(self, files: FolderFiles, name: str) -> None:
        self.entry(files, name=name)
        assert self.refused(files) == f"report: 'PLACE/index.json' names {name[:100]!r}, which is no file of a report"

    @pytest.mark.parametrize(
        ("fields", "why"),
        [
            ({}, "is damaged: it names no file where it should"),
            ({"name": 5}, "is damaged: it names no file where it should"),
            ({"rows": -1}, "is damaged: rows of 'segments/part-000000.jsonl.gz' is no count"),
            ({"sha256": "0"}, "is damaged: it has no SHA-256 of 'segments/part-000000.jsonl.gz'"),
        ],
    )
    def test_what_an_index_says_of_a_file_has_its_shape(
        self, files: FolderFiles, fields: dict[str, object], why: str
    ) -> None:
        name = {"name": "segments/part-000000.jsonl.gz"} if fields and "name" not in fields else {}
        self.entry(files, **name, **fields)
        assert self.refused(files) == f"report: 'PLACE/index.json' {why}"

    def test_a_file_with_other_rows_than_its_index_says_is_damaged(self, files: FolderFiles) -> None:
        self.entry(files, name="segments/part-000000.jsonl.gz", rows=5)
        assert self.refused(files).endswith("has 1 rows, and the report's index says 5")

    @pytest.mark.parametrize("lay", ["link", "pipe"])
    def test_a_link_or_a_pipe_is_no_file_of_a_report(self, files: FolderFiles, lay: str) -> None:
        path = Path(files.where("segments/part-000000.jsonl.gz"))
        path.unlink()
        os.mkfifo(path) if lay == "pipe" else path.symlink_to("/dev/zero")
        self.entry(files, name="segments/part-000000.jsonl.gz", sha256="0" * 64)
        why = "it is a symbolic link" if lay == "link" else "it is no regular file"
        assert self.refused(files).endswith(f"cannot be read: {why}")

    def test_a_manifest_may_be_a_link_because_the_user_named_it(self, files: FolderFiles, tmp_path: Path) -> None:
        (tmp_path / "keys.gz").write_bytes(gzip.compress(b'{"key":"in/a"}\n'))
        (tmp_path / "link").symlink_to(tmp_path / "keys.gz")
        with open_manifest(str(tmp_path / "link"), prefix="in/", client_for=no_client) as keys:
            assert list(keys) == ["in/a"]

    def test_a_report_may_be_named_by_a_link_of_ours(self, files: FolderFiles, tmp_path: Path) -> None:
        (tmp_path / "latest").symlink_to(files.where())
        latest = FolderFiles(str(tmp_path / "latest"))
        latest.write(FAILED, b"")
        assert len(list(read_rows(latest))) == 1
