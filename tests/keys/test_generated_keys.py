"""Any legal key is copied to its own name, with its own content, through a server that checks every signature."""

from __future__ import annotations

import hashlib
import os
import random
import uuid
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from s3_crosscopy import copy
from tests.keys.key_samples import KEYS, MOST_BYTES, NOT_IN_XML, generated, kinds
from tests.keys.sessions import session
from tests.keys.signed_puts import write_all
from tests.servers.moto import MotoServer
from tests.servers.rgw import RgwServer

THREADS = 32
SAMPLE = 200
BOTO3_SHARE = int(os.environ.get("BOTO3_SHARE", "4"))
"""One key of so many also takes boto3's way, where each costs 3 ms of CPU; all of them do in `make soak`."""
TRANSPORTS = ["boto3", "fast"]


def body(key: str) -> bytes:
    """The content tells the key, so that no copy can pass for another; a marker of a "folder" has none."""
    return b"" if key.endswith("/") else key.encode()


def expected(keys: Iterable[str]) -> dict[str, tuple[int, str]]:
    """Relative key to size and ETag, which is the MD5 of the content."""
    found = {}
    for key in keys:
        data = body(key)
        found[key[2:]] = (len(data), f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"')
    return found


def listed(client: Any, bucket: str, prefix: str) -> dict[str, tuple[int, str]]:
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    rows = [row for page in pages for row in page.get("Contents", ())]
    return {row["Key"][len(prefix) :]: (row["Size"], row["ETag"]) for row in rows}


class Source:
    """A bucket that holds these keys below `p/`; each copy goes to a bucket of its own, of another account."""

    def __init__(self, server: RgwServer | MotoServer, keys: Sequence[str]) -> None:
        self.bucket, self.keys = f"src-{uuid.uuid4().hex[:12]}", keys
        self._server = server
        self._src, self._dst = server.client(server.src), server.client(server.dst)
        self._src.create_bucket(Bucket=self.bucket)
        write_all(server.endpoint_url, server.src, self.bucket, keys, body)
        assert listed(self._src, self.bucket, "p/") == expected(keys)

    def must_be_copied(self, transport: str) -> None:
        """Copy the keys as one prefix, and compare: everything listed, some of it read."""
        dest = f"dst-{uuid.uuid4().hex[:12]}"
        self._dst.create_bucket(Bucket=dest)

        report = copy(
            f"s3://{self.bucket}/p/",
            f"s3://{dest}/q/",
            session=session(self._server.dst),
            endpoint_url=self._server.endpoint_url,
            botocore_config={"s3": {"addressing_style": "path"}, "proxies": {}},
            max_concurrency=THREADS,
            transport=transport,
        )

        assert (report.counts["listed"], report.counts["copied"]) == (len(self.keys), len(self.keys))
        assert report.verified_by == {"etag": len(self.keys)}
        assert listed(self._dst, dest, "q/") == expected(self.keys)
        sample = random.Random(1).sample(self.keys, min(SAMPLE, len(self.keys)))
        with ThreadPoolExecutor(THREADS) as threads:
            bodies = threads.map(
                lambda key: self._dst.get_object(Bucket=dest, Key=f"q/{key[2:]}")["Body"].read(), sample
            )
            assert list(bodies) == [body(key) for key in sample]


@pytest.fixture(scope="module")
def not_in_xml(moto: MotoServer) -> Source:
    return Source(
        moto, [f"p/{before}{code}{after}" for code in NOT_IN_XML for before in ("", "a") for after in ("", "b", "/")]
    )


def test_the_generated_keys_are_legal_and_of_every_kind() -> None:
    keys = generated("p/")
    assert len(keys) == len(set(keys)) >= KEYS
    assert max(len(key.encode()) for key in keys) == MOST_BYTES
    assert "p/" in keys
    for name, kind in kinds().items():
        assert {f"p/{key}" for key in kind} <= set(keys), name


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_keys_that_xml_cannot_hold_arrive_too(not_in_xml: Source, transport: str) -> None:
    not_in_xml.must_be_copied(transport)


def from_rgw(rgw: RgwServer, keys: Sequence[str]) -> Source:
    source = Source(rgw, keys)
    rgw.put_bucket_policy(rgw.src, source.bucket, rgw.user_arn(rgw.dst))
    return source


@pytest.mark.slow
def test_awkward_keys_arrive_under_their_own_names(rgw: RgwServer) -> None:
    from_rgw(rgw, generated("p/")).must_be_copied("fast")


@pytest.mark.slow
def test_a_quarter_of_them_do_so_through_boto3_too(rgw: RgwServer) -> None:
    from_rgw(rgw, generated("p/")[::BOTO3_SHARE]).must_be_copied("boto3")
