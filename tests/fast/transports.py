"""Fast transports for the tests: made over BotoS3 ports, and driven to their ends."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

from s3_crosscopy.adapters.boto.clients import S3Clients
from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.adapters.fast.curl_transport import CurlTransport
from s3_crosscopy.engine.threads import ThreadTransport
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.operations import Copy, CopyPart, Done, ListPage, Side, Throttled, TransportOp, TransportValue
from s3_crosscopy.ports import Transport
from tests.servers.accounts import REGION, Account

LONG_S = 30.0
"""A test that waits that long has failed."""
CONNECTIONS = 16
ANYBODY = Account("any", "AKIA", "secret")
SOURCE, DEST = Bucket("src"), Bucket("dst")
COPY = Copy(SOURCE, "key", DEST, "dest/key", "abc", {})
PART = CopyPart(SOURCE, "key", DEST, "dest/key", "abc", "upload-1", 7, 10, 19)
LIST = ListPage(Side.SOURCE, SOURCE, "p/")


def port(endpoint_url: str, account: Account = ANYBODY, *, verify: Any = None, **config: Any) -> BotoS3:
    """A principal's port: path style, few attempts, no proxy; `config` goes over that."""
    session = boto3.Session(account.access_key, account.secret_key, account.session_token, region_name=REGION)
    usual: dict[str, Any] = {
        "retries": {"mode": "standard", "total_max_attempts": 2},
        "s3": {"addressing_style": "path"},
        "proxies": {},
        "connect_timeout": 5,
        "read_timeout": 30,
    }
    access = S3Clients(session, endpoint_url=endpoint_url, verify=verify, config=Config(**{**usual, **config}))
    return BotoS3(access._client(REGION, CONNECTIONS))


def no_fallback(wake: Callable[[], None]) -> Transport:
    raise AssertionError("this request has to take the fast path")


def lane_over(source: BotoS3, dest: BotoS3 | None = None, *, alone: bool = True) -> CurlTransport:
    """`alone`: nothing may go to boto."""
    dest = dest or source
    fallback = no_fallback if alone else lambda wake: ThreadTransport(source, dest, 2, wake)
    return CurlTransport(source, dest, fallback)


def reap_all(transport: Transport) -> list[Done | Throttled]:
    """Everything until nothing is in flight."""
    told: list[Done | Throttled] = []
    while transport.in_flight():
        told += transport.reap(LONG_S)
    return told


def ends(transport: Transport) -> dict[object, Done]:
    """Token to end."""
    return {one.token: one for one in reap_all(transport) if isinstance(one, Done)}


def value(transport: Transport, op: TransportOp) -> TransportValue:
    """Do one request; its error is raised."""
    transport.submit(op, "it")
    (done,) = ends(transport).values()
    if done.error is not None:
        raise done.error
    assert done.value is not None
    return done.value


def error(transport: Transport, op: TransportOp) -> S3Error:
    """Do one request that has to fail."""
    transport.submit(op, "it")
    (done,) = ends(transport).values()
    assert done.value is None
    assert done.error is not None
    return done.error
