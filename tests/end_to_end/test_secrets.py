"""Secrets stay where they were: in no log line, checkpoint, report, error or repr."""

from __future__ import annotations

import gzip
import logging
import uuid
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy import CopyFailed, InvalidInput, copy
from s3_crosscopy.adapters.boto.sessions import access
from s3_crosscopy.cli.main import main
from s3_crosscopy.model.location import Bucket
from tests.cli.shell import write_profiles
from tests.end_to_end.conftest import session_of
from tests.servers.moto import MotoServer


def contents(folder: Path) -> list[str]:
    """Every file, unpacked."""
    found = [(path.suffix, path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    return [(gzip.decompress(data) if suffix == ".gz" else data).decode() for suffix, data in found]


def test_no_secret_is_in_anything_that_a_run_leaves_or_says(
    moto: MotoServer, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "s3_crosscopy")
    source, dest = (f"{name}-{uuid.uuid4().hex[:8]}" for name in ("src", "dst"))
    client = moto.client(moto.dst)
    for bucket in (source, dest):
        client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=source, Key="p/a", Body=b"a")
    client.put_object(Bucket=source, Key="p/cold", Body=b"b", StorageClass="DEEP_ARCHIVE")
    session = session_of(moto.dst)

    with pytest.raises(CopyFailed) as failed:
        copy(
            f"s3://{source}/p/",
            f"s3://{dest}/q/",
            session=session,
            endpoint_url=moto.endpoint_url,
            checkpoint=tmp_path / "checkpoint.json",
            report=str(tmp_path / "report"),
            report_skipped=True,
        )

    principal = access(
        session, None, "profile", endpoint_url=moto.endpoint_url, region_name=None, verify=None, config=None
    )
    told = [caplog.text, str(failed.value), repr(failed.value), repr(failed.value.report)]
    told += [repr(principal), repr(principal.s3(Bucket(dest), 4)), str(principal.principal())]
    told += contents(tmp_path)
    assert len(told) >= 7 + 4  # checkpoint, index, summary, failed keys
    assert "p/cold" in "".join(told)
    for secret in (moto.dst.secret_key, str(moto.dst.session_token)):
        assert not any(secret in text for text in told)


@pytest.mark.parametrize("more", [[], ["--json"], ["--verbose"], ["--json", "--verbose"]], ids=" ".join)
def test_no_secret_is_in_what_a_command_that_succeeds_prints_and_leaves(
    moto: MotoServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    more: list[str],
) -> None:
    client, bucket = moto.client(moto.dst), f"cli-{uuid.uuid4().hex[:8]}"
    client.create_bucket(Bucket=bucket)
    client.put_object(Bucket=bucket, Key="p/a", Body=b"a")
    aws, left = tmp_path / "aws", tmp_path / "left"
    aws.mkdir()
    left.mkdir()
    write_profiles(aws, {"b": moto.dst}, monkeypatch)

    code = main(
        ["copy", f"s3://{bucket}/p/", f"s3://{bucket}/q/", "--profile", "b", "--endpoint-url", moto.endpoint_url,
         "--checkpoint", str(left / "checkpoint.json"), "--report", str(left / "report"), "--report-skipped", *more]
    )  # fmt: skip

    out, err = capsys.readouterr()
    assert code == 0
    assert out
    told = [out, err, *contents(left)]
    assert len(told) >= 2 + 5  # checkpoint, index, summary, failed keys, a segment
    for secret in (moto.dst.secret_key, str(moto.dst.session_token)):
        assert not any(secret in text for text in told)


@pytest.mark.parametrize(
    "given",
    [
        {"botocore_config": "proxies: http://me:hush-hush@proxy"},
        {"session": {"aws_secret_access_key": "hush-hush"}},
        {"endpoint_url": "https://me:hush-hush@minio:9000"},
        {"endpoint_url": "me:hush-hush@minio:9000"},
    ],
    ids=str,
)
def test_no_secret_is_in_the_line_about_a_wrong_argument(given: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as caught:
        copy("s3://src/p/", "s3://dst/q/", **given)

    assert "hush-hush" not in f"{caught.value!r}{caught.value}"
