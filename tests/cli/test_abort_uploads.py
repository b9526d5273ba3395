from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.adapters.checkpoint_file import FileCheckpoint
from s3_crosscopy.cli.main import main
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.open_uploads import OpenUploads
from s3_crosscopy.report.local_files import FolderFiles
from s3_crosscopy.report.report_writer import StoredReport
from tests.servers.moto import MotoServer


@pytest.fixture
def bucket(moto: MotoServer, monkeypatch: pytest.MonkeyPatch) -> str:
    name = f"uploads-{uuid.uuid4().hex[:8]}"
    moto.client(moto.dst).create_bucket(Bucket=name)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", moto.dst.access_key)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", moto.dst.secret_key)
    monkeypatch.setenv("AWS_SESSION_TOKEN", moto.dst.session_token or "")
    return name


def recorded(path: Path, bucket: str, *uploads: OpenUpload) -> FileCheckpoint:
    file = FileCheckpoint(path)
    file.save(CheckpointState("mark", (), {}, {}, {}, dest_bucket=Bucket(bucket), uploads=uploads))
    return file


def open_ids(client: Any, bucket: str) -> set[str]:
    return {row["UploadId"] for row in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ())}


def test_exactly_the_recorded_uploads_are_aborted_and_taken_out_of_the_checkpoint(
    moto: MotoServer, bucket: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = moto.client(moto.dst)
    ours = client.create_multipart_upload(Bucket=bucket, Key="in/big")["UploadId"]
    theirs = client.create_multipart_upload(Bucket=bucket, Key="in/big")["UploadId"]
    file = recorded(tmp_path / "run.json", bucket, OpenUpload("in/big", ours, "etag", 5 * 2**20))

    argv = ["abort-uploads", str(tmp_path / "run.json"), "--endpoint-url", moto.endpoint_url]
    assert main(argv) == 0

    assert capsys.readouterr().out == f"aborted {ours} of s3://{bucket}/in/big\n"
    assert open_ids(client, bucket) == {theirs}
    persistence = file.load()
    assert persistence is not None
    assert persistence[0].uploads == ()
    assert main([*argv, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"aborted": [], "refused": 0}


def test_an_upload_that_is_gone_already_is_no_error(moto: MotoServer, bucket: str, tmp_path: Path) -> None:
    client = moto.client(moto.dst)
    gone = client.create_multipart_upload(Bucket=bucket, Key="in/big")["UploadId"]
    client.abort_multipart_upload(Bucket=bucket, Key="in/big", UploadId=gone)
    recorded(tmp_path / "run.json", bucket, OpenUpload("in/big", gone, "etag", 5 * 2**20))

    assert main(["abort-uploads", str(tmp_path / "run.json"), "--endpoint-url", moto.endpoint_url]) == 0


def test_a_checkpoint_that_is_not_there_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = os.fspath(tmp_path / "none.json")

    assert main(["abort-uploads", missing]) == 2

    says = f"s3-crosscopy: place: there is no {missing!r}; name the checkpoint file or the report of the run\n"
    assert capsys.readouterr().err == says


def reported(folder: Path, dest: str, bucket: str, *uploads: OpenUpload) -> str:
    """A report whose run died, or of an older version where it names no `dest`."""
    places = {"source": "s3://src/in/", "dest": dest} if dest else {}
    store = StoredReport(FolderFiles(str(folder)), places=places)
    store.begin()
    store.write_uploads(OpenUploads(Bucket(bucket), uploads))
    return str(folder)


@pytest.mark.parametrize("dest", ["s3://our-dest/out/", "s3://{bucket}/out/", "s3://{bucket}/db/nightly", ""])
def test_uploads_elsewhere_than_below_the_reports_destination_need_the_buckets_name(
    moto: MotoServer, bucket: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], dest: str
) -> None:
    client = moto.client(moto.dst)
    theirs = client.create_multipart_upload(Bucket=bucket, Key="db/nightly.dump")["UploadId"]
    upload = OpenUpload("db/nightly.dump", theirs, "etag", 5 * 2**20)
    dest = dest.format(bucket=bucket)
    argv = ["abort-uploads", reported(tmp_path / "report", dest, bucket, upload), "--endpoint-url", moto.endpoint_url]

    assert main(argv) == 2
    copied = f"is of a copy to {dest}" if dest else "does not say where its run copied to"
    assert capsys.readouterr().err == (
        f"s3-crosscopy: place: the report {copied}, and records uploads elsewhere; nothing was aborted, but if they are"
        f" that run's own, set --bucket {bucket}\n"
    )
    assert main([*argv, "--bucket", "another"]) == 2
    assert capsys.readouterr().err == (
        f"s3-crosscopy: --bucket: the uploads are recorded in {bucket!r}, not in 'another'; nothing was aborted\n"
    )
    assert open_ids(client, bucket) == {theirs}

    assert main([*argv, "--bucket", bucket]) == 0
    assert open_ids(client, bucket) == set()


@pytest.mark.parametrize("dest", ["s3://{bucket}/out/", "s3://{bucket}/out/big", "s3://{bucket}/"])
def test_uploads_below_the_reports_destination_are_aborted(
    moto: MotoServer, bucket: str, tmp_path: Path, dest: str
) -> None:
    client = moto.client(moto.dst)
    ours = client.create_multipart_upload(Bucket=bucket, Key="out/big")["UploadId"]
    upload = OpenUpload("out/big", ours, "etag", 5 * 2**20)
    place = reported(tmp_path / "report", dest.format(bucket=bucket), bucket, upload)

    assert main(["abort-uploads", place, "--endpoint-url", moto.endpoint_url]) == 0
    assert open_ids(client, bucket) == set()


@pytest.mark.parametrize(
    "name", ["", "x/../y", "evil\x1b[31m", "a\r\nX: y", "arn:aws:s3:us-east-1:123456789012:accesspoint/x"]
)
def test_what_is_no_buckets_name_is_never_asked(tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    place = reported(tmp_path / "report", "s3://dst/out/", name, OpenUpload("out/big", "id", "etag", 5))

    assert main(["abort-uploads", place, "--bucket", name]) == 2
    error = capsys.readouterr().err
    assert error.startswith("s3-crosscopy: place: ")
    assert error.count("\n") == 1


def test_a_report_that_everybody_could_have_written_aborts_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = reported(tmp_path / "report", "s3://dst/out/", "dst", OpenUpload("out/big", "id", "etag", 5))
    (tmp_path / "report").chmod(0o777)

    assert main(["abort-uploads", place]) == 2
    assert "may be written by every user; name a folder of your own" in capsys.readouterr().err
