"""Tables as their own libraries write and read them: Delta by delta-rs, Iceberg by pyiceberg; Hudi by its names."""

from __future__ import annotations

import logging
import threading
import uuid
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from deltalake import DeltaTable, write_deltalake
from pyiceberg.catalog.sql import SqlCatalog

from s3_crosscopy import copy
from s3_crosscopy.errors import PermanentFailure
from s3_crosscopy.model.report import Report
from tests.end_to_end.conftest import session_of
from tests.servers.accounts import Account
from tests.servers.moto import MotoServer

TIMEOUT_S = 60.0


class Lake:
    """A bucket with tables, and one that they are copied to."""

    def __init__(self, moto: MotoServer) -> None:
        run = uuid.uuid4().hex[:8]
        self.moto, self.source, self.dest = moto, f"raw-{run}", f"landing-{run}"
        moto.client(moto.src).create_bucket(Bucket=self.source)
        self.client = moto.client(moto.dst)
        self.client.create_bucket(Bucket=self.dest)

    def copy(self, **options: Any) -> Report:
        self.moto.age(self.source)
        access: dict[str, Any] = {"session": session_of(self.moto.dst), "endpoint_url": self.moto.endpoint_url}
        return copy(f"s3://{self.source}/t/", f"s3://{self.dest}/t/", **access, **options)

    def copied_keys(self) -> list[str]:
        return [row["Key"] for row in self.client.list_objects_v2(Bucket=self.dest).get("Contents", [])]


@pytest.fixture
def lake(moto: MotoServer) -> Lake:
    return Lake(moto)


class Delta:
    """A Delta table with one row for each version: a snapshot with other rows is broken."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    def append(self, number: int) -> None:
        options = self.options(self.lake.moto.src)
        for _ in range(number):
            rows = pa.table({"n": [1]})
            write_deltalake(f"s3://{self.lake.source}/t", rows, mode="append", storage_options=options)

    def checkpoint(self) -> None:
        DeltaTable(f"s3://{self.lake.source}/t", storage_options=self.options(self.lake.moto.src)).create_checkpoint()

    def version_read(self) -> int:
        """The version that a reader of the destination sees now, all of whose rows are there."""
        table = DeltaTable(f"s3://{self.lake.dest}/t", storage_options=self.options(self.lake.moto.dst))
        assert table.to_pyarrow_table().num_rows == table.version() + 1
        return int(table.version())

    def options(self, account: Account) -> dict[str, str]:
        return {
            "aws_access_key_id": account.access_key,
            "aws_secret_access_key": account.secret_key,
            "aws_session_token": account.session_token or "",
            "aws_region": "us-east-1",
            "aws_endpoint_url": self.lake.moto.endpoint_url,
            "aws_allow_http": "true",
            "aws_conditional_put": "etag",
        }


@pytest.fixture
def delta(lake: Lake) -> Delta:
    return Delta(lake)


def test_a_reader_never_finds_a_broken_snapshot_of_a_delta_table_that_is_copied_on(delta: Delta) -> None:
    delta.append(4)
    assert delta.lake.copy().ok
    assert delta.version_read() == 3
    delta.append(12)
    delta.checkpoint()
    delta.append(3)
    versions: list[int] = []
    errors: list[Exception] = []
    over = threading.Event()

    def read_on() -> None:
        while not over.is_set():
            try:
                versions.append(delta.version_read())
            except Exception as error:  # noqa: BLE001 - any error is what the test looks for
                errors.append(error)
                return

    reader = threading.Thread(target=read_on)
    reader.start()
    try:
        # Slowly, so that the reader comes between many of the copies.
        report = delta.lake.copy(max_requests_per_second=15)
    finally:
        over.set()
        reader.join(TIMEOUT_S)

    assert errors == []
    assert report.counts["copied"] == 2 * 15 + 2, "data, commits, a checkpoint and _last_checkpoint"
    assert versions == sorted(versions)
    assert delta.version_read() == 18


def test_a_new_delta_table_can_be_read_as_soon_as_it_is_there(delta: Delta) -> None:
    delta.append(8)
    delta.checkpoint()
    delta.append(2)

    assert delta.lake.copy().ok
    assert delta.version_read() == 9
    assert delta.lake.copy().counts["copied"] == 0


@pytest.fixture
def iceberg(lake: Lake, tmp_path: Path) -> Lake:
    """An Iceberg table with a snapshot, below `t/`."""
    account = lake.moto.src
    catalog = SqlCatalog(
        "default",
        **{
            "uri": f"sqlite:///{tmp_path}/catalog.db",
            "warehouse": f"s3://{lake.source}/t",
            "s3.endpoint": lake.moto.endpoint_url,
            "s3.access-key-id": account.access_key,
            "s3.secret-access-key": account.secret_key,
            "s3.session-token": account.session_token or "",
            "s3.region": "us-east-1",
            "py-io-impl": "pyiceberg.io.pyarrow.PyArrowFileIO",
        },
    )
    catalog.create_namespace("db")
    rows = pa.table({"n": [1, 2, 3]})
    table = catalog.create_table("db.events", schema=rows.schema)
    table.append(rows)
    return lake


def test_an_iceberg_table_is_copied_with_a_warning_and_its_copy_still_names_the_source(
    iceberg: Lake, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "s3_crosscopy"):
        assert iceberg.copy().ok

    warnings = [record.getMessage() for record in caplog.records if "Iceberg" in record.getMessage()]
    assert len(warnings) == 1
    assert f"s3://{iceberg.source}/t/" in warnings[0]
    described = [key for key in iceberg.copied_keys() if key.endswith(".metadata.json")]
    assert described
    for key in described:
        content = iceberg.client.get_object(Bucket=iceberg.dest, Key=key)["Body"].read().decode()
        assert f'"location":"s3://{iceberg.source}/t' in content.replace(" ", "")


def test_table_formats_fail_copies_no_metadata_of_an_iceberg_table(iceberg: Lake) -> None:
    with pytest.raises(PermanentFailure, match=r"^table_formats: 1 Iceberg table "):
        iceberg.copy(table_formats="fail")
    assert not [key for key in iceberg.copied_keys() if "/metadata/" in key]
