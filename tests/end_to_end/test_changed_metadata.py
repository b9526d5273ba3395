"""The same content with other metadata: what is copied again, and what `aws s3 sync` makes of it beside ours."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy import copy
from s3_crosscopy.report.files import files_at
from s3_crosscopy.report.report_reader import read_rows
from tests.end_to_end.conftest import session_of
from tests.end_to_end.peers import aws_sync_dryrun
from tests.servers.moto import MotoServer
from tests.waiting import wait_until

WRITTEN_AGAIN: dict[str, dict[str, Any]] = {
    "metadata": {"Metadata": {"version": "2"}},
    "content-type": {"ContentType": "text/csv"},
    "tags": {"Tagging": "version=2"},
    "nothing": {},
}
"""Objects that are written again with the same bytes, and what is other then."""
TAGGED = "tagged-as-it-is"
"""One that gets other tags without being written: neither its ETag nor its time changes."""
UNTOUCHED = "untouched"


class Layout:
    """Copies that are there, and sources that changed since in all but their content."""

    def __init__(self, moto: MotoServer) -> None:
        run = uuid.uuid4().hex[:8]
        self.moto = moto
        self.source, self.dest = f"raw-{run}", f"landing-{run}"
        self.from_, self.to = f"s3://{self.source}/in/", f"s3://{self.dest}/out/"
        self.owner, self.copier = moto.client(moto.src), moto.client(moto.dst)
        self.owner.create_bucket(Bucket=self.source)
        self.copier.create_bucket(Bucket=self.dest)
        for name in (*WRITTEN_AGAIN, TAGGED, UNTOUCHED):
            self.put(name)
        # Of copies made within the same second nobody knows which is younger, so that mtime would copy them again.
        wait_until(self.is_past, 10, lambda: "the second of the sources does not end")
        assert self.copied() == {*WRITTEN_AGAIN, TAGGED, UNTOUCHED}
        for name in WRITTEN_AGAIN:
            self.change(name)
        tags = {"TagSet": [{"Key": "version", "Value": "2"}]}
        self.owner.put_object_tagging(Bucket=self.source, Key=f"in/{TAGGED}", Tagging=tags)

    def put(self, name: str, **said: Any) -> None:
        self.owner.put_object(Bucket=self.source, Key=f"in/{name}", Body=b"the same bytes", **said)

    def is_past(self) -> bool:
        """Tells whether the second of the last source is over."""
        written = self.owner.head_object(Bucket=self.source, Key=f"in/{UNTOUCHED}")["LastModified"]
        return bool(datetime.now(timezone.utc) >= written + timedelta(seconds=1))

    def change(self, name: str) -> None:
        """Write it again until it is younger than its copy: S3's times have whole seconds."""
        copied = self.copier.head_object(Bucket=self.dest, Key=f"out/{name}")["LastModified"]

        def younger() -> bool:
            self.put(name, **WRITTEN_AGAIN[name])
            written = self.owner.head_object(Bucket=self.source, Key=f"in/{name}")["LastModified"]
            return bool(written > copied)

        wait_until(younger, 10, lambda: f"{name} is not younger than its copy")

    def copied(self, report: Path | None = None, **options: Any) -> set[str]:
        """What ours copies, or would."""
        access: dict[str, Any] = {"session": session_of(self.moto.dst), "endpoint_url": self.moto.endpoint_url}
        if report is None:
            copy(self.from_, self.to, **access, **options)
            listed = self.copier.list_objects_v2(Bucket=self.dest, Prefix="out/")["Contents"]
            return {row["Key"].removeprefix("out/") for row in listed}
        copy(self.from_, self.to, **access, **options, dry_run=True, report=str(report))
        rows = read_rows(files_at(str(report / "dry-run"), lambda bucket: None, "report"))
        return {row.key.removeprefix("in/") for row in rows}

    def aws_would_copy(self) -> set[str]:
        said = aws_sync_dryrun(self.moto.endpoint_url, self.moto.dst, self.from_, self.to)
        return {line.rpartition("/")[2] for line in said.splitlines()}


@pytest.fixture
def layout(moto: MotoServer) -> Layout:
    return Layout(moto)


def test_what_is_carried_of_a_change_beside_the_content(layout: Layout, tmp_path: Path) -> None:
    def ours(name: str, **options: Any) -> set[str]:
        return layout.copied(tmp_path / name, **options)

    # aws-cli copies what was written later, and so does the option that compares as it does.
    assert layout.aws_would_copy() == set(WRITTEN_AGAIN)
    assert ours("mtime", compare="mtime") == set(WRITTEN_AGAIN)
    # By content they are equal: this is where ours differs from it, and what the documentation says.
    for compare in ("auto", "etag", "size"):
        assert ours(compare, compare=compare) == set()
    # Tags that were put on an object as it is are seen by nobody.
    assert ours("always", overwrite="always") == {*WRITTEN_AGAIN, TAGGED, UNTOUCHED}


def test_after_a_copy_by_time_the_metadata_is_there_and_aws_s3_sync_sees_no_difference(layout: Layout) -> None:
    layout.copied(compare="mtime")

    said = layout.copier.head_object(Bucket=layout.dest, Key="out/metadata")
    assert said["Metadata"] == {"version": "2"}
    assert layout.copier.head_object(Bucket=layout.dest, Key="out/content-type")["ContentType"] == "text/csv"
    assert layout.aws_would_copy() == set()
