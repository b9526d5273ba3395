"""Secrets stay where they were: in no log line, checkpoint, report, error or repr."""

from __future__ import annotations

import gzip
import logging
import uuid
from pathlib import Path

import pytest

from s3_crosscopy import CopyFailed, copy
from s3_crosscopy.adapters.boto.sessions import access
from s3_crosscopy.model.location import Bucket
from tests.end_to_end.conftest import session_of
from tests.servers.moto import MotoServer


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
    for path in tmp_path.rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            told.append((gzip.decompress(data) if path.suffix == ".gz" else data).decode())
    assert len(told) >= 7 + 4  # checkpoint, index, summary, failed keys
    assert "p/cold" in "".join(told)
    for secret in (moto.dst.secret_key, str(moto.dst.session_token)):
        assert not any(secret in text for text in told)
