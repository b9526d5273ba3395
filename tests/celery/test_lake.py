"""The S3 in memory holds what was copied, tells for whom, and leaves a held client without answers."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from tests.celery.http_server import serving
from tests.celery.memory_s3_server import Lake
from tests.servers.accounts import Account, boto_client
from tests.servers.http_messages import Request

KEYS = [f"p/{number:04d} ü+%" for number in range(1_200)]


@pytest.fixture
def small() -> Lake:
    lake = Lake("raw", "landing")
    for key in [*KEYS, "q"]:
        lake.buckets["raw"].put(key, key.encode())
    return lake


@pytest.fixture
def s3(small: Lake) -> Iterator[Any]:
    with serving(small.answer) as endpoint_url:
        yield boto_client("s3", endpoint_url, Account("w1", "w1", "secret"))


def test_a_listing_has_every_key_of_the_prefix_once_in_order(s3: Any) -> None:
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket="raw", Prefix="p/"))

    assert [row["Key"] for page in pages for row in page["Contents"]] == KEYS
    assert [page["KeyCount"] for page in pages] == [1_000, 200]
    after = s3.list_objects_v2(Bucket="raw", StartAfter=KEYS[-1], MaxKeys=1)
    assert [row["Key"] for row in after["Contents"]] == ["q"]


def test_a_copy_is_there_and_its_client_is_known(s3: Any, small: Lake) -> None:
    said = s3.copy_object(Bucket="landing", Key="c", CopySource={"Bucket": "raw", "Key": KEYS[7]})

    head = s3.head_object(Bucket="landing", Key="c")
    assert said["CopyObjectResult"]["ETag"] == head["ETag"] == s3.head_object(Bucket="raw", Key=KEYS[7])["ETag"]
    assert small.buckets["landing"].objects["c"].content == KEYS[7].encode()
    assert [(copy.client, copy.key) for copy in small.copied] == [("w1", "c")]


def test_what_is_not_there_is_an_error(s3: Any) -> None:
    with pytest.raises(ClientError, match="NoSuchKey"):
        s3.copy_object(Bucket="landing", Key="c", CopySource="raw/absent")
    with pytest.raises(ClientError, match="404"):
        s3.head_object(Bucket="landing", Key="absent")
    with pytest.raises(ClientError, match="NotImplemented"):
        s3.put_object(Bucket="landing", Key="c", Body=b"")


def test_a_held_client_waits_and_every_other_of_its_copies_is_done(small: Lake) -> None:
    small.hold("w1", after=2)

    answered = [small.answer(copy_for(client, key)) for key in KEYS[:6] for client in ("w1", "w2")]

    assert [one is not None for one in answered] == [True] * 4 + [False, True] * 4
    assert small.held.is_set()
    assert [copy.key for copy in small.copied if copy.client == "w1"] == [*KEYS[:3], KEYS[4]]


def copy_for(client: str, key: str) -> Request:
    headers: Message[str, str] = Message()
    headers["Authorization"] = f"AWS4-HMAC-SHA256 Credential={client}/20260101/us-east-1/s3/aws4_request"
    headers["x-amz-copy-source"] = quote(f"raw/{key}")
    return Request("PUT", quote(f"/landing/{key}"), headers, b"")
