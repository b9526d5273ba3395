"""Reports, manifests and checkpoints through the one `copy()`, over HTTP."""

from __future__ import annotations

import gzip
import json
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy import Interrupted, PermanentFailure, Report, copy
from s3_crosscopy.model.events import BatchSettled, Event, Resumed
from s3_crosscopy.report.files import Files, files_at
from s3_crosscopy.report.report_reader import read_index, read_rows, read_summary
from tests.end_to_end.conftest import session_of
from tests.servers.moto import MotoServer

KEYS = [f"day={day}/part-{number:03}" for day in (1, 2) for number in range(15)]


class Layout:
    """A source bucket, a destination bucket, and one for reports."""

    def __init__(self, moto: MotoServer) -> None:
        run = uuid.uuid4().hex[:8]
        self.moto = moto
        self.source, self.dest, self.reports = f"raw-{run}", f"landing-{run}", f"reports-{run}"
        self.client = moto.client(moto.dst)
        moto.client(moto.src).create_bucket(Bucket=self.source)
        for bucket in (self.dest, self.reports):
            self.client.create_bucket(Bucket=bucket)

    def put(self, *names: str, **said: Any) -> None:
        for name in names:
            self.client.put_object(Bucket=self.source, Key=f"in/{name}", Body=name.encode(), **said)

    def copy(self, **options: Any) -> Report:
        return copy(
            f"s3://{self.source}/in/",
            f"s3://{self.dest}/out/",
            session=session_of(self.moto.dst),
            endpoint_url=self.moto.endpoint_url,
            **options,
        )

    def arrived(self) -> list[str]:
        found = self.client.list_objects_v2(Bucket=self.dest, Prefix="out/").get("Contents", [])
        return [row["Key"].removeprefix("out/") for row in found]

    def files(self, place: str) -> Files:
        return files_at(place, lambda bucket: self.client, "report")


@pytest.fixture
def layout(moto: MotoServer) -> Layout:
    return Layout(moto)


class Listener:
    """Keeps events, and stops the run after so many batches."""

    def __init__(self, cancel: threading.Event | None = None, after: int = 0) -> None:
        self.events: list[Event] = []
        self._cancel = cancel
        self._after = after

    def emit(self, event: Event) -> None:
        self.events.append(event)
        if self._cancel is not None and isinstance(event, BatchSettled) and event.number >= self._after:
            self._cancel.set()


@pytest.mark.parametrize("report_format", ["jsonl", "parquet"])
@pytest.mark.parametrize("place", ["bucket", "folder"])
def test_a_report_names_every_object(layout: Layout, tmp_path: Path, place: str, report_format: str) -> None:
    if report_format == "parquet":
        pytest.importorskip("pyarrow")
    layout.put(*KEYS)
    where = f"s3://{layout.reports}/run/" if place == "bucket" else str(tmp_path / "report")
    report = layout.copy(report=where, report_format=report_format, batch_size=10)
    files = layout.files(where)
    rows = list(read_rows(files))
    assert sorted(row.key for row in rows) == [f"in/{key}" for key in KEYS]
    assert {(row.outcome, row.verified_by) for row in rows} == {("copied", "etag")}
    assert read_summary(files)["copied"] == report.counts["copied"] == 30
    extension = "jsonl.gz" if report_format == "jsonl" else "parquet"
    assert all(entry["name"].endswith(extension) for entry in read_index(files)["segments"])


def test_a_report_is_read_with_nothing_but_gzip_and_json(layout: Layout, tmp_path: Path) -> None:
    layout.put(*KEYS)
    layout.copy(report=str(tmp_path))
    index = json.loads((tmp_path / "index.json").read_text())
    lines = [gzip.decompress((tmp_path / one["name"]).read_bytes()).splitlines() for one in index["segments"]]
    assert sorted(json.loads(line)["key"] for some in lines for line in some) == [f"in/{key}" for key in KEYS]


@pytest.mark.parametrize("place", ["bucket", "folder"])
def test_the_failed_keys_of_a_report_are_the_next_runs_manifest(layout: Layout, tmp_path: Path, place: str) -> None:
    layout.put(*KEYS)
    layout.put("day=3/cold-1", "day=3/cold-2", StorageClass="GLACIER")
    where = f"s3://{layout.reports}/run/" if place == "bucket" else f"{tmp_path}/"
    with pytest.raises(PermanentFailure) as caught:
        layout.copy(report=where)
    assert caught.value.report is not None
    assert caught.value.report.counts["failed"] == 2
    index = read_index(layout.files(where))
    layout.put("day=3/cold-1", "day=3/cold-2")  # as good as restored
    report = layout.copy(manifest=where + index["failed"]["name"])
    assert report.counts["listed"] == report.counts["copied"] == 2
    assert layout.arrived() == [*KEYS, "day=3/cold-1", "day=3/cold-2"]


def test_a_former_report_is_a_manifest(layout: Layout) -> None:
    layout.put(*KEYS)
    where = f"s3://{layout.reports}/run/"
    layout.copy(report=where, include=["day=1/*"])
    layout.put("day=1/part-new")
    report = layout.copy(manifest=where)
    assert (report.counts["listed"], report.counts["skipped"]) == (15, 15)


def test_a_stopped_run_with_a_checkpoint_goes_on_and_its_report_is_whole(layout: Layout, tmp_path: Path) -> None:
    layout.put(*KEYS)
    persistence, where = tmp_path / "checkpoint.json", f"s3://{layout.reports}/run/"
    options: dict[str, Any] = {"checkpoint": persistence, "report": where, "batch_size": 5, "max_concurrency": 2}
    cancel = threading.Event()
    with pytest.raises(Interrupted):
        layout.copy(**options, cancel=cancel, sink=Listener(cancel, after=2))
    there = layout.arrived()
    assert 10 <= len(there) < 30

    listener = Listener()
    report = layout.copy(**options, sink=listener)
    assert [event for event in listener.events if isinstance(event, Resumed)]
    assert report.counts["copied"] == report.counts["listed"] == 30
    rows = list(read_rows(layout.files(where)))
    assert sorted(row.key for row in rows) == [f"in/{key}" for key in KEYS]
    assert {row.outcome for row in rows} == {"copied"}

    # What is finished is not gone on with.
    assert layout.copy(**options).counts["skipped"] == 30


def test_a_report_that_may_not_be_written_ends_the_run_before_anything_is_copied(layout: Layout) -> None:
    layout.put(*KEYS)
    with pytest.raises(Exception, match="report"):
        layout.copy(report="s3://there-is-no-such-bucket-here/run/")
    assert layout.arrived() == []
