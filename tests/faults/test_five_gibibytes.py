"""One byte more than CopyObject takes: no test server has that limit, so a stub says what S3 would."""

from __future__ import annotations

import re
from typing import Any

import boto3
import pytest

from s3_crosscopy import copy
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Answer, Request, Response
from tests.servers.stub_rules import always
from tests.servers.stub_server import Rule, StubServer

GIB = 2**30
SIZE = 5 * GIB + 1
TOO_LARGE = answers.error(
    "InvalidRequest", 400, "The specified copy source is larger than the maximum allowable size for a copy source"
)
PLAIN: dict[str, Any] = {"s3": {"addressing_style": "path"}, "proxies": {}, "retries": {"total_max_attempts": 1}}


def listing(request: Request) -> Answer | None:
    if request.operation != "ListObjectsV2":
        return None
    listed = [answers.Listed("p/big", SIZE)] if request.bucket == "src" else []
    return answers.list_page(listed, bucket=request.bucket, prefix=request.query["prefix"])


RULES: list[Rule] = [
    always("HeadBucket", Response(headers={"x-amz-bucket-region": "us-east-1"})),
    listing,
    always("HeadObject", answers.head_object(SIZE)),
    always("GetObjectTagging", answers.xml("Tagging", "<TagSet></TagSet>")),
    always("CopyObject", TOO_LARGE),
    always("CreateMultipartUpload", answers.create_upload("upload-1", key="q/big")),
    always("UploadPartCopy", answers.part_result()),
    always("CompleteMultipartUpload", answers.complete_upload(key="q/big")),
]


def range_of(request: Request) -> tuple[int, int, int]:
    """Part number, first and last byte."""
    found = re.fullmatch(r"bytes=(\d+)-(\d+)", request.headers["x-amz-copy-source-range"])
    assert found is not None
    return int(request.query["partNumber"]), int(found[1]), int(found[2])


@pytest.mark.parametrize(
    "options", [{}, {"multipart_threshold": "5GiB"}, {"multipart_threshold": "5GiB", "part_size": "5GiB"}], ids=str
)
def test_an_object_of_five_gibibytes_and_a_byte_is_copied_in_parts_that_tile_it(
    stub: StubServer, options: dict[str, Any]
) -> None:
    stub.rules = list(RULES)
    session = boto3.Session("AKIA", "secret", region_name="us-east-1")

    report = copy(
        "s3://src/p/", "s3://dst/q/", session=session, endpoint_url=stub.endpoint_url, max_concurrency=8,
        botocore_config=PLAIN, **options,
    )  # fmt: skip

    assert (report.counts["copied"], report.counts["bytes"]) == (1, SIZE)
    assert stub.requests_of("CopyObject") == []
    parts = sorted(range_of(request) for request in stub.requests_of("UploadPartCopy"))
    assert [number for number, _, _ in parts] == list(range(1, len(parts) + 1))
    assert [first for _, first, _ in parts] == [0, *(last + 1 for _, _, last in parts[:-1])]
    assert parts[-1][2] == SIZE - 1
    assert all(last - first < 5 * GIB for _, first, last in parts)
    (complete,) = stub.requests_of("CompleteMultipartUpload")
    assert complete.headers["x-amz-mp-object-size"] == str(SIZE)
    assert complete.body.count(b"<PartNumber>") == len(parts)
