"""Any legal key is copied to its own name, with its own content, through a server that checks every signature."""

from __future__ import annotations

import hashlib
import random
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from s3_crosscopy import copy
from tests.keys.generated import KEYS, MOST_BYTES, NOT_IN_XML, generated, kinds
from tests.keys.sessions import session
from tests.servers.moto import MotoServer
from tests.servers.rgw import RgwServer

THREADS = 8
SAMPLE = 200
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


class Buckets:
    """A source and a destination bucket of two accounts."""

    def __init__(self, server: RgwServer | MotoServer, transport: str) -> None:
        self._transport = transport
        name = uuid.uuid4().hex[:12]
        self.source, self.dest = f"src-{name}", f"dst-{name}"
        self._server = server
        self._src, self._dst = server.client(server.src), server.client(server.dst)
        self._src.create_bucket(Bucket=self.source)
        self._dst.create_bucket(Bucket=self.dest)

    def must_copy(self, keys: list[str]) -> None:
        """Write the keys, copy them as one prefix, and compare: everything listed, some of it read."""
        with ThreadPoolExecutor(THREADS) as threads:
            list(threads.map(self._put, keys))
        wanted = expected(keys)
        assert listed(self._src, self.source, "p/") == wanted

        report = copy(
            f"s3://{self.source}/p/",
            f"s3://{self.dest}/q/",
            session=session(self._server.dst),
            endpoint_url=self._server.endpoint_url,
            botocore_config={"s3": {"addressing_style": "path"}, "proxies": {}},
            max_concurrency=THREADS,
            transport=self._transport,
        )

        assert (report.counts["listed"], report.counts["copied"]) == (len(keys), len(keys))
        assert report.verified_by == {"etag": len(keys)}
        assert listed(self._dst, self.dest, "q/") == wanted
        for key in random.Random(1).sample(keys, min(SAMPLE, len(keys))):
            said = self._dst.get_object(Bucket=self.dest, Key=f"q/{key[2:]}")
            assert said["Body"].read() == body(key)

    def _put(self, key: str) -> None:
        self._src.put_object(Bucket=self.source, Key=key, Body=body(key))


def test_the_generated_keys_are_legal_and_of_every_kind() -> None:
    keys = generated("p/")
    assert len(keys) == len(set(keys)) >= KEYS
    assert max(len(key.encode()) for key in keys) == MOST_BYTES
    assert "p/" in keys
    for name, kind in kinds().items():
        assert {f"p/{key}" for key in kind} <= set(keys), name


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_keys_that_xml_cannot_hold_arrive_too(moto: MotoServer, transport: str) -> None:
    keys = [f"p/{before}{code}{after}" for code in NOT_IN_XML for before in ("", "a") for after in ("", "b", "/")]
    buckets = Buckets(moto, transport)
    buckets.must_copy(keys)


@pytest.mark.slow
@pytest.mark.parametrize("transport", TRANSPORTS)
def test_ten_thousand_awkward_keys_arrive_under_their_own_names(rgw: RgwServer, transport: str) -> None:
    buckets = Buckets(rgw, transport)
    rgw.put_bucket_policy(rgw.src, buckets.source, rgw.user_arn(rgw.dst))
    buckets.must_copy(generated("p/"))
