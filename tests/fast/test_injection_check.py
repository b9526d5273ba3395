"""Nothing that is sent may end a line and begin another, whatever its source is; all other bytes pass."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from s3_crosscopy.adapters.boto.injection_check import NotSendable, check_lines, check_request, passed
from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.adapters.fast.curl_easy import Settings, Transfer
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.operations import Copied
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import BlockingS3
from tests.fast.blocking_facade import ThroughFast
from tests.fast.transports import COPY, port
from tests.servers import s3_responses as answers
from tests.servers.stub_rules import always
from tests.servers.stub_server import StubServer

CONTROLS = ("\r\nx-evil: 1", "\n", "\r", "\0", "\x01", "\x1b[31m", "\x7f", "\r\n folded")
KMS = {"ServerSideEncryption": "aws:kms"}


@pytest.fixture(scope="module")
def stub() -> Iterator[StubServer]:
    """One for all of them: making a client takes longer than its request."""
    with StubServer.start(always("CopyObject", answers.copy_result())) as server:
        yield server


@pytest.fixture(scope="module", params=["boto3", "fast"])
def s3(stub: StubServer, request: pytest.FixtureRequest) -> Iterator[BlockingS3]:
    one: BotoS3 = port(stub.endpoint_url, retries={"mode": "standard", "total_max_attempts": 1})
    fast = ThroughFast(one) if request.param == "fast" else None
    yield fast or one
    if fast is not None:
        fast.close()


@pytest.mark.parametrize("odd", CONTROLS)
@pytest.mark.parametrize(
    "args",
    [
        lambda odd: {**KMS, "SSEKMSKeyId": f"alias/x{odd}"},
        lambda odd: {"MetadataDirective": "REPLACE", "ContentType": f"text/x{odd}"},
        lambda odd: {"MetadataDirective": "REPLACE", "Metadata": {"a": f"ü{odd}"}},
    ],
    ids=["kms", "content-type", "metadata"],
)
def test_a_value_that_would_become_a_header_of_its_own_fails_its_key_unsent(
    s3: BlockingS3, stub: StubServer, args: Any, odd: str
) -> None:
    before = len(stub.requests)

    with pytest.raises(S3Error) as caught:
        s3.copy(COPY._replace(args=args(odd)))

    assert caught.value.reason is Reason.INVALID
    assert "has a control character, such as a line end, which cannot be sent" in caught.value.message
    assert "\n" not in str(caught.value)
    assert len(stub.requests) == before


@pytest.mark.parametrize("value", ["a\tb", "Käse 報告", "caf\udce9", "\x85\xa0", "a b"])
def test_all_other_bytes_are_sent(s3: BlockingS3, stub: StubServer, value: str) -> None:
    copied = s3.copy(COPY._replace(args={"MetadataDirective": "REPLACE", "Metadata": {"a": value}}))

    assert copied == Copied(answers.ETAG)
    sent = stub.requests[-1]
    assert sent.headers["x-amz-meta-a"].encode("latin-1") == value.encode("utf-8", "surrogateescape")


@pytest.mark.parametrize("odd", CONTROLS)
@pytest.mark.parametrize("place", ["url", "header", "name"])
def test_libcurl_is_given_no_line_with_a_control_character(place: str, odd: str) -> None:
    transfer = Transfer(Settings(1, 1, verify=False, tcp_keepalive=False), "PUT", [], lambda *_: 0)
    given = {"url": "http://h/k", "header": "v", "name": "x-amz-a", place: f"x{odd}"}

    with pytest.raises(NotSendable):
        transfer.prepare(given["url"], [f"{given['name']}: {given['header']}".encode()], passed(()), None, 0.0)

    transfer.curl.close()


@pytest.mark.parametrize("odd", CONTROLS)
def test_lines_that_go_with_many_requests_are_looked_at_once(odd: str) -> None:
    assert passed([b"Host: h", b"Accept:"]) == (b"Host: h", b"Accept:")
    with pytest.raises(NotSendable):
        passed([b"Host: h", f"x-amz-security-token: {odd}".encode()])


def test_what_is_refused_is_named_by_its_header_and_never_by_its_value() -> None:
    with pytest.raises(NotSendable, match="the header x-amz-security-token has a control") as caught:
        check_lines([b"Host: h", b"x-amz-security-token: secret\n"])
    assert "secret" not in str(caught.value)
    with pytest.raises(NotSendable, match="a line of it has a control"):
        check_lines([b"http://h/secret\n"])
    with pytest.raises(NotSendable, match="a line of it has a control"):
        check_request(SimpleNamespace(url="http://h/a b", headers={}))
