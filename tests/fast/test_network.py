"""TLS, time-outs and servers that are not there: as the client is configured, and as boto3 would call them."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.operations import Copied
from s3_crosscopy.model.outcomes import Reason
from tests.fast.tls import Issued, issue, tls_stub
from tests.fast.transports import COPY, LIST, LONG_S, error, lane_over, port, value
from tests.servers import s3_responses as answers
from tests.servers.http_messages import DROP, Answer, Request, Response
from tests.servers.stub_rules import always, in_turn
from tests.servers.stub_server import StubServer

COPIED = always("CopyObject", answers.copy_result("abc"))
ONCE = {"mode": "standard", "total_max_attempts": 1}


@pytest.fixture(scope="module")
def issued(tmp_path_factory: pytest.TempPathFactory) -> Issued:
    return issue(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def tls(issued: Issued) -> Iterator[StubServer]:
    with tls_stub(issued, COPIED) as stub:
        yield stub


def copied(endpoint_url: str, verify: object) -> Copied | S3Error:
    transport = lane_over(port(endpoint_url, verify=verify, retries=ONCE))
    try:
        found = value(transport, COPY)
        assert isinstance(found, Copied)
        return found
    except S3Error as refused:
        return refused
    finally:
        transport.close(LONG_S)


def test_a_ca_bundle_is_what_is_trusted(tls: StubServer, issued: Issued) -> None:
    assert copied(tls.endpoint_url, str(issued.ca)) == Copied("abc")


def test_a_ca_bundle_may_come_from_the_environment(
    tls: StubServer, issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", str(issued.ca))

    assert copied(tls.endpoint_url, None) == Copied("abc")


@pytest.mark.parametrize("verify", [None, True])
def test_a_server_that_nobody_vouches_for_is_refused_before_anything_is_sent(tls: StubServer, verify: object) -> None:
    refused = copied(tls.endpoint_url, verify)

    assert isinstance(refused, S3Error)
    assert (refused.code, refused.reason) == ("ConnectionError", Reason.TIMED_OUT)
    assert "SSL" in refused.message
    assert tls.requests == []


def test_another_authority_than_the_servers_is_refused(tls: StubServer, tmp_path: Path) -> None:
    assert isinstance(copied(tls.endpoint_url, str(issue(tmp_path).ca)), S3Error)
    assert tls.requests == []


def test_a_certificate_of_another_host_is_refused(tmp_path: Path) -> None:
    other = issue(tmp_path, "elsewhere.example.com")
    with tls_stub(other, COPIED) as stub:
        assert isinstance(copied(stub.endpoint_url, str(other.ca)), S3Error)
        assert stub.requests == []


def test_whoever_wants_no_verification_has_none(tls: StubServer) -> None:
    assert copied(tls.endpoint_url, False) == Copied("abc")


def test_a_proxy_in_the_environment_that_does_not_concern_the_server_is_not_used(
    stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stub.rules = [COPIED]
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("all_proxy", "http://127.0.0.1:1")

    assert copied(stub.endpoint_url, None) == Copied("abc")


def test_a_server_that_is_not_there_is_a_connection_error() -> None:
    refused = copied("http://127.0.0.1:1", None)

    assert isinstance(refused, S3Error)
    assert (refused.code, refused.reason, refused.status) == ("ConnectionError", Reason.TIMED_OUT, 0)


def test_a_name_that_does_not_resolve_is_a_connection_error() -> None:
    refused = copied("http://no-such-host.invalid", None)

    assert isinstance(refused, S3Error)
    assert refused.code == "ConnectionError"


def test_a_server_that_does_not_take_the_connection_is_a_connect_time_out() -> None:
    """Its queue is full: Linux lets a further SYN wait."""
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(0)
        address = server.getsockname()
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(address)
        transport = lane_over(port(f"http://127.0.0.1:{address[1]}", retries=ONCE, connect_timeout=0.3))

        refused = error(transport, COPY)

        assert (refused.code, refused.reason) == ("ConnectTimeout", Reason.TIMED_OUT)
        transport.close(LONG_S)
        for one in waiting:
            one.close()


def test_what_waits_for_a_connection_is_not_connecting(stub: StubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("s3_crosscopy.adapters.fast.curl_transport.most_connections", lambda: 2)
    said = answers.copy_result("abc")
    stub.rules = [always("CopyObject", Response(said.status, said.headers, said.body, delay_s=0.5))]
    transport = lane_over(port(stub.endpoint_url, retries=ONCE, connect_timeout=0.7))
    for number in range(8):
        transport.submit(COPY._replace(source_key=f"k{number}"), number)
    assert transport.in_flight() == 8
    told: list[Any] = []
    while transport.in_flight():
        told += transport.reap(LONG_S)
    assert {each.token: each.error for each in told} == dict.fromkeys(range(8))
    transport.close(LONG_S)


def test_what_still_waits_for_a_connection_when_the_transport_is_closed_is_told(
    stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("s3_crosscopy.adapters.fast.curl_transport.most_connections", lambda: 1)
    stub.rules = [always("CopyObject", Response(delay_s=LONG_S, drop=True))]
    transport = lane_over(port(stub.endpoint_url, retries=ONCE))
    for number in range(3):
        transport.submit(COPY, number)
    assert set(transport.close(0)) == {0, 1, 2}


def test_silence_for_the_read_time_out_is_one_and_is_tried_again(stub: StubServer) -> None:
    late = Response(delay_s=LONG_S, drop=True)
    stub.rules = [in_turn("CopyObject", late), COPIED]
    transport = lane_over(port(stub.endpoint_url, read_timeout=0.3))

    assert value(transport, COPY) == Copied("abc")

    assert len(stub.requests) == 2
    stub.rules = [always("CopyObject", late)]
    assert error(transport, COPY).code == "ReadTimeout"
    transport.close(LONG_S)


def test_bytes_now_and_then_are_no_silence(stub: StubServer) -> None:
    """S3 sends white space while it copies: far less than a byte a second."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(LONG_S)
        transport = lane_over(port(f"http://127.0.0.1:{server.getsockname()[1]}", retries=ONCE, read_timeout=1.0))
        transport.submit(COPY, 1)
        transport.reap(0.05)
        connection, _ = server.accept()
        with connection:
            transport.reap(0.05)
            assert connection.recv(65536).startswith(b"PUT /dst/dest/key ")
            body = answers.copy_result("abc").body
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body) + 8}\r\n\r\n".encode()
            connection.sendall(head)
            for _ in range(8):
                assert transport.reap(0.3) == []
                connection.sendall(b" ")
            connection.sendall(body)
            (done,) = transport.reap(LONG_S)
        assert getattr(done, "value", None) == Copied("abc")
        transport.close(LONG_S)


def test_a_body_that_is_cut_is_a_closed_connection(stub: StubServer) -> None:
    page = answers.list_page([answers.Listed("p/a"), answers.Listed("p/b")])
    stub.rules = [always("ListObjectsV2", Response(page.status, page.headers, page.body, cut_at=200))]
    transport = lane_over(port(stub.endpoint_url))

    refused = error(transport, LIST)

    assert (refused.code, refused.reason) == ("ConnectionClosed", Reason.TIMED_OUT)
    assert len(stub.requests) == 2
    transport.close(LONG_S)


def test_a_server_that_is_down_comes_back_and_nothing_is_wrong(stub: StubServer) -> None:
    down = [True]

    def rule(request: Request) -> Answer | None:
        return DROP if down[0] else None

    stub.rules = [rule, COPIED]
    transport = lane_over(port(stub.endpoint_url))
    assert error(transport, COPY).reason is Reason.TIMED_OUT

    down[0] = False

    assert value(transport, COPY) == Copied("abc")
    transport.close(LONG_S)
