"""A mirror by the command: what is deleted, what is not, and what `undelete` brings back."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.report_reader import read_rows
from tests.cli.shell import Ended, Shell
from tests.waiting import wait_until

ALL = {"out/a", "out/b", "out/c"}


@pytest.fixture
def mirrored(shell: Shell, owners: tuple[Any, Any]) -> Shell:
    """Three keys that both sides have, and two that only the destination has; its bucket has versions."""
    dest = shell.dest.split("/")[2]
    owners[1].put_bucket_versioning(Bucket=dest, VersioningConfiguration={"Status": "Enabled"})
    shell.put("in/a", "in/b", "in/c")
    assert shell.copy("--quiet").code == 0
    for key in ("out/old 1", "out/öld+2.tmp"):
        owners[1].put_object(Bucket=dest, Key=key, Body=key.encode())
    # What was written in the second in which a run begins counts as written since then.
    written = int(time.time())
    wait_until(lambda: int(time.time()) > written, 10, lambda: "the clock stands still")
    return shell


def mirror(shell: Shell, report: Path, *arguments: str) -> Ended:
    return shell.copy("--extraneous", "delete", "--max-delete", "50%", "--report", str(report), *arguments)


def summary(ended: Ended) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(ended.out)
    return loaded


@pytest.mark.parametrize("transport", ["boto3", "fast"])
def test_the_default_says_what_only_the_destination_has(mirrored: Shell, transport: str) -> None:
    text = mirrored.copy("--transport", transport).out
    assert "2 keys are only at the destination (first 'out/old 1')" in text

    assert summary(mirrored.copy("--json", "--transport", transport))["extraneous"] == {
        "keys": 2, "filtered": 0, "at_least": False, "first": ["out/old 1", "out/öld+2.tmp"], "deletion": None,
    }  # fmt: skip


@pytest.mark.parametrize("transport", ["boto3", "fast"])
def test_the_destination_equals_the_source_until_it_is_taken_back(
    mirrored: Shell, tmp_path: Path, transport: str
) -> None:
    before = mirrored.copied()

    ended = mirror(mirrored, tmp_path / "report", "--transport", transport, "--json")

    assert (ended.code, set(mirrored.copied())) == (0, ALL)
    assert summary(ended)["extraneous"]["deletion"]["deleted"] == 2
    rows = {row.dest_key: row for row in read_rows(FolderFiles(str(tmp_path / "report"), "report"))}
    assert all(rows[key].marker for key in ("out/old 1", "out/öld+2.tmp"))
    access = ("--profile", "b", "--endpoint-url", mirrored.endpoint_url)
    undone = mirrored.run("undelete", str(tmp_path / "report"), *access)
    assert (undone.code, undone.out) == (0, "2 keys are back, 0 were left as they are\n")
    assert mirrored.copied() == before
    again = mirrored.run("undelete", str(tmp_path / "report"), *access, "--json")
    assert (again.code, json.loads(again.out)["left"]) == (0, 2)


def test_more_than_max_delete_is_one_line_and_deletes_nothing(mirrored: Shell, tmp_path: Path) -> None:
    ended = mirror(mirrored, tmp_path / "report", "--max-delete", "1")

    assert ended.code == 1
    assert "nothing was deleted: 2 of 5 keys at the destination (40.0 %) are more than --max-delete 1 " in ended.err
    assert len(mirrored.copied()) == 5


def test_filtered_keys_stay(mirrored: Shell, tmp_path: Path) -> None:
    assert mirror(mirrored, tmp_path / "report", "--exclude", "*.tmp").code == 0
    assert set(mirrored.copied()) == {*ALL, "out/öld+2.tmp"}


def test_a_bucket_without_versioning_is_refused_before_anything_is_copied(shell: Shell, tmp_path: Path) -> None:
    shell.put("in/a")

    ended = mirror(shell, tmp_path / "report")

    assert (ended.code, shell.copied()) == (2, {})
    assert "enable versioning, or set --permanent-delete" in ended.err
    assert mirror(shell, tmp_path / "report", "--permanent-delete").code == 0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (("--manifest", "keys.txt"), "a manifest names single keys"),
        (("--modified-after", "2026-01-01"), "--modified-after leaves out keys by their time"),
        (("--kind", "object"), "is for a prefix, and this copies one object"),
    ],
)
def test_what_cannot_be_a_mirror_is_refused(
    mirrored: Shell, tmp_path: Path, arguments: tuple[str, ...], text: str
) -> None:
    ended = mirror(mirrored, tmp_path / "report", *arguments)

    assert (ended.code, len(mirrored.copied())) == (2, 5)
    assert text in ended.err


def test_the_root_of_a_bucket_is_refused_and_so_is_a_delete_without_a_report(mirrored: Shell, tmp_path: Path) -> None:
    root = "/".join(mirrored.dest.split("/")[:3]) + "/"
    ended = mirrored.copy(
        "--extraneous", "delete", "--report", str(tmp_path), "--allow-bucket-root", dest=root
    )  # fmt: skip
    assert "the root of a bucket" in ended.err
    assert "needs --report ..." in mirrored.copy("--extraneous", "delete").err
    assert len(mirrored.copied()) == 5


def test_a_report_of_another_place_takes_nothing_back(mirrored: Shell, tmp_path: Path) -> None:
    assert mirror(mirrored, tmp_path / "report").code == 0
    index = tmp_path / "report" / "index.json"
    index.write_text(index.read_text().replace("/out/", "/elsewhere/"))

    undone = mirrored.run(
        "undelete", str(tmp_path / "report"), "--profile", "b", "--endpoint-url", mirrored.endpoint_url
    )

    assert undone.code == 2
    assert "nothing was taken back" in undone.err
    assert set(mirrored.copied()) == ALL
