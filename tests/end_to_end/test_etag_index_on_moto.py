"""An ETag index through the one `copy()`, over HTTP: objects that were uploaded in parts, and copied in one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy import Report
from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.model.events import Event, Warned
from tests.end_to_end.test_reports_on_moto import Layout, layout

__all__ = ["layout"]
NAMES = [f"part-{number:03}" for number in range(12)]


class Sink:
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def emit(self, event: Event) -> None:
        if isinstance(event, Warned):
            self.warnings.append(event.text)


def put_in_parts(layout: Layout, *names: str, content: str = "content of") -> None:
    for name in names:
        where = {"Bucket": layout.source, "Key": f"in/{name}"}
        upload = layout.client.create_multipart_upload(**where)["UploadId"]
        body = f"{content} {name}".encode()
        part = layout.client.upload_part(**where, UploadId=upload, PartNumber=1, Body=body)
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        layout.client.complete_multipart_upload(**where, UploadId=upload, MultipartUpload=parts)


def place_of(layout: Layout, tmp_path: Path, kind: str) -> str:
    return f"s3://{layout.reports}/indexes/one" if kind == "bucket" else str(tmp_path / "index")


def run(layout: Layout, place: str, **options: Any) -> tuple[Report, list[str]]:
    sink = Sink()
    report = layout.copy(etag_index=place, sink=sink, **options)
    return report, sink.warnings


@pytest.mark.parametrize("transport", ["boto3", "fast"])
@pytest.mark.parametrize("kind", ["bucket", "folder"])
def test_a_second_run_skips_by_the_index(layout: Layout, tmp_path: Path, kind: str, transport: str) -> None:
    if transport == "fast":
        pytest.importorskip("pycurl")
    place = place_of(layout, tmp_path, kind)
    put_in_parts(layout, *NAMES)
    first, warnings = run(layout, place, transport=transport)
    assert (first.counts["copied"], warnings) == (12, [])
    put_in_parts(layout, NAMES[3], content="others  of")
    second, warnings = run(layout, place, transport=transport)
    assert second.decisions["same as indexed"] == 11
    assert (second.counts["copied"], warnings) == (1, [])
    third, _ = run(layout, place, transport=transport)
    assert third.decisions == {"same as indexed": 12}


def test_files_of_former_indexes_are_removed_from_the_bucket(layout: Layout) -> None:
    place = f"s3://{layout.reports}/indexes/"
    for content in ("first", "second", "third"):
        put_in_parts(layout, *NAMES, content=content)
        assert run(layout, place)[1] == []
    rows = layout.client.list_objects_v2(Bucket=layout.reports)["Contents"]
    names = [row["Key"] for row in rows]
    assert len(names) == 2
    assert names[0] == "indexes/etags.json"
    assert names[1].startswith("indexes/segments/")


def test_a_bucket_that_does_not_exist_is_refused_before_the_run(layout: Layout) -> None:
    put_in_parts(layout, *NAMES)
    with pytest.raises(CrossCopyError, match=r"^etag_index: .*there-is-no-such-bucket-here"):
        run(layout, "s3://there-is-no-such-bucket-here/index/")
    assert layout.arrived() == []
