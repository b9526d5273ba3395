from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.adapters.checkpoints import FileCheckpoint
from s3_crosscopy.cli.main import main
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.location import Bucket
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
    kept = file.load()
    assert kept is not None
    assert kept[0].uploads == ()
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
