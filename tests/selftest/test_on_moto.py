"""The whole self-test on moto: it differs from S3 exactly where the table says so, and leaves nothing behind."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from s3_crosscopy.selftest.fact_table import FACTS
from s3_crosscopy.selftest.object_specs import object_specs
from s3_crosscopy.selftest.selftest_cost import planned_requests
from tests.selftest.conftest import Lab
from tests.selftest.expected_differences import MOTO
from tests.servers.http_messages import Request

if TYPE_CHECKING:
    from tests.servers.stub_server import StubServer

OWN = re.compile(r"tmp/s3-crosscopy-selftest-[0-9a-f]{16}/(source|dest)/")
RECORDED = "recorded-upload"
"""It waits ten seconds for a checkpoint; the test on RGW does."""
ACL = ("x-amz-acl", "x-amz-grant")
OF_SETTINGS = ("", "versioning", "object-lock", "requestPayment")
KEY = "arn:aws:kms:us-east-1:222222222222:key/12345678-1234-1234-1234-123456789012"


@pytest.mark.slow
def test_it_finds_the_known_differences_touches_only_its_own_and_leaves_nothing_behind(
    fronted: Lab, stub: StubServer
) -> None:
    """In one test, because it is a long one; the stub sees every request, those of the killed copy too."""
    lab = fronted
    lab.version_on()
    before = lab.content()

    ended = lab.run("--yes", "--kms-key-id", KEY, "--skip", RECORDED)

    assert lab.content() == before
    assert len(stub.requests) > 500
    assert [request for request in stub.requests if not is_own(request)] == []
    assert [name for request in stub.requests for name in request.headers if name.startswith(ACL)] == []
    planned = planned_requests(object_specs("x" * 60, KEY))
    puts = sum(is_billed_as_put(request) for request in stub.requests)
    gets = sum(request.method in ("GET", "HEAD") for request in stub.requests if not is_billed_as_put(request))
    assert 0.5 * planned.puts < puts <= planned.puts
    # Without KMS most copies are known by their ETags in a listing, and are not read.
    assert 0.4 * planned.gets < gets <= planned.gets
    result = json.loads((lab.path / "selftest.json").read_text())
    rows = {row["id"]: row for row in result["rows"]}
    assert len(rows) == len(result["rows"]), "an id stands twice"
    differs = {name: row["seen"] for name, row in rows.items() if row["verdict"] == "differs"}
    assert sorted(differs.keys() ^ MOTO.keys()) == []
    assert [name for name, seen in differs.items() if not seen.startswith(MOTO[name])] == []
    not_tried = [name for name, row in rows.items() if row["verdict"] == "not tried"]
    assert [name for name in not_tried if not name.startswith(RECORDED)] == ["request.copy.large"]
    assert {row["fact"] for row in result["rows"]} == FACTS.keys() - {"allowed"}
    assert (result["left"], result["stopped"]) == ([], "")
    assert ended.code == 1
    text = json.dumps(result)
    assert [word for word in (*lab.buckets, "222222222222", "12345678-1234") if word in text] == []


def is_billed_as_put(request: Request) -> bool:
    """True for PUT, COPY, POST and LIST (S3 pricing); deletes and aborts are free."""
    lists = request.method == "GET" and re.search(r"[?&](prefix=|uploadId=)", request.target) is not None
    return request.method in ("PUT", "POST") or lists


def is_own(request: Request) -> bool:
    """True for a key or a listing below an own prefix, for the settings of a bucket, and for the caller's own name."""
    if request.target == "/":
        return request.body.startswith(b"Action=GetCallerIdentity")
    path, _, query = request.target.partition("?")
    _, _, key = unquote(path).lstrip("/").partition("/")
    if key:
        return OWN.match(key) is not None
    prefix = re.search(r"(?:^|&)prefix=([^&]*)", query)
    if prefix is not None:
        return OWN.match(unquote(prefix[1])) is not None
    return request.method in ("GET", "HEAD") and query in OF_SETTINGS
