"""HEADs over connections of their own: the same results as libcurl's, whatever comes on such a connection."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.adapters.fast import connection_limit, direct_hosts, direct_requests, head_parser
from s3_crosscopy.adapters.fast.direct_connection import Server
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.input_limits import HEAD as HEAD_LIMIT
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Facts
from s3_crosscopy.model.operations import Done, Head, Side
from s3_crosscopy.model.outcomes import Reason
from tests.fast.direct_peer import ONCE, Peer, own_connections, warm
from tests.fast.test_heads import HEAD, REFUSED, UNUSUAL, USUAL
from tests.fast.tls import issue, tls_stub
from tests.fast.transports import LIST, LONG_S, ends, error, lane_over, port, reap_all, value
from tests.servers import s3_responses as answers
from tests.servers.http_messages import DROP, Response
from tests.servers.stub_rules import always, in_turn
from tests.servers.stub_server import StubServer

LISTED = always("ListObjectsV2", answers.list_page([]))
THERE = always("HeadObject", answers.head_object(12, "abc"))
LINES = b'HTTP/1.1 200 OK\r\nContent-Length: 12\r\nLast-Modified: Thu, 01 Jan 2026 00:00:00 GMT\r\nETag: "abc"\r\n'
WHOLE = LINES + b"\r\n"
FACTS = Facts(12, "abc", "2026-01-01T00:00:00Z")


@pytest.mark.parametrize("often", [1, 100])
def test_the_facts_and_the_errors_are_those_that_boto3_tells(
    stub: StubServer, often: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where a regular expression reads the headers, which is made for layouts that come often."""
    monkeypatch.setattr(head_parser, "_OFTEN", often)
    client = port(stub.endpoint_url, retries=ONCE)
    transport = lane_over(client)
    stub.rules = [LISTED]
    value(transport, LIST)
    for name, headers in {**USUAL, **UNUSUAL, **REFUSED}.items():
        fixed = {"Date": "Thu, 01 Jan 2026 00:00:07 GMT"}
        stub.rules = [always("HeadObject", answers.head_object(12, "abc", {**fixed, **headers}))]
        for _ in range(3):
            if name in REFUSED:
                ours = error(transport, HEAD)
                with pytest.raises(S3Error) as theirs:
                    client.head(HEAD.bucket, HEAD.key, if_match="abc")
                assert (str(ours), ours.reason) == (str(theirs.value), theirs.value.reason), name
            else:
                assert value(transport, HEAD) == client.head(HEAD.bucket, HEAD.key, if_match="abc"), name
    assert own_connections(transport) == 1
    first, second = stub.requests_of("HeadObject")[:2]
    assert first.target == second.target
    assert set(second.headers) - set(first.headers) <= {"amz-sdk-invocation-id", "amz-sdk-request", "Accept-Encoding"}
    transport.close(LONG_S)


@pytest.mark.parametrize("status", [301, 400, 403, 404, 412, 500, 503])
def test_a_refusal_is_the_error_that_it_is_for_boto3_and_keeps_no_connection(stub: StubServer, status: int) -> None:
    stub.rules = [LISTED, always("HeadObject", Response(status, {"x-amz-request-id": "ID"}))]
    client = port(stub.endpoint_url, retries=ONCE)
    transport = lane_over(client, alone=False)
    value(transport, LIST)

    ours = error(transport, HEAD)

    with pytest.raises(S3Error) as theirs:
        client.head(HEAD.bucket, HEAD.key)
    assert (str(ours), ours.reason) == (str(theirs.value), theirs.value.reason)
    assert own_connections(transport) == 0
    transport.close(LONG_S)


def test_heads_at_once_have_a_connection_each_and_keep_it(stub: StubServer) -> None:
    stub.rules = [LISTED, THERE]
    with warm(stub.endpoint_url) as transport:
        for _ in range(3):
            for number in range(8):
                transport.submit(HEAD, number)
            sizes = [done.value.size for done in ends(transport).values() if isinstance(done.value, Facts)]
            assert sizes == [12] * 8
        assert own_connections(transport) == 8


def test_more_heads_than_there_may_be_connections_are_libcurls(
    stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct_requests, "most_direct", lambda: 1)
    stub.rules = [LISTED, THERE]
    with warm(stub.endpoint_url) as transport:
        transport.submit(HEAD, 1)
        transport.submit(HEAD, 2)
        assert len(transport._multi.running()) == 1
        assert all(done.error is None for done in ends(transport).values())


@pytest.mark.parametrize(
    ("allowed", "curls", "direct"), [(1024, 299, 597), (4096, 512, 1024), (-1, 512, 1024), (300, 58, 114), (64, 11, 21)]
)
def test_connections_leave_file_descriptors_for_everything_else(
    monkeypatch: pytest.MonkeyPatch, allowed: int, curls: int, direct: int
) -> None:
    monkeypatch.setattr("resource.getrlimit", lambda _: (allowed, allowed))
    assert (connection_limit.most_of_curl(), connection_limit.most_direct()) == (curls, direct)
    assert connection_limit.most_connections() == min(1024, curls + direct)


def test_an_address_counts_for_a_minute(stub: StubServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(direct_hosts, "ADDRESS_S", 0.0)
    stub.rules = [LISTED, THERE]
    with warm(stub.endpoint_url) as transport:
        value(transport, HEAD)
        assert own_connections(transport) == 0


def test_a_kept_connection_that_breaks_is_an_attempt_like_any_other(stub: StubServer) -> None:
    stub.rules = [LISTED, in_turn("HeadObject", answers.head_object(12, "abc"), DROP, answers.head_object(13, "abc"))]
    with warm(stub.endpoint_url) as transport:
        sizes = [value(transport, HEAD).size for _ in range(2)]  # type: ignore[union-attr]
    assert sizes == [12, 13]
    assert len(stub.requests_of("HeadObject")) == 3


def test_what_does_not_connect_is_left_to_libcurl(stub: StubServer) -> None:
    stub.rules = [LISTED, THERE]
    with warm(stub.endpoint_url) as transport:
        (host,) = transport._direct._hosts.values()
        with socket.create_server(("127.0.0.1", 0)) as nobody:
            closed = nobody.getsockname()[1]
        host._server = Server("127.0.0.1", closed, "127.0.0.1")
        value(transport, HEAD)
        value(transport, HEAD)
        assert own_connections(transport) == 0
    assert len(stub.requests_of("HeadObject")) == 2


def test_what_takes_no_connection_in_time_is_left_to_libcurl(stub: StubServer) -> None:
    stub.rules = [LISTED, THERE]
    with warm(stub.endpoint_url, connect_timeout=1, read_timeout=1) as transport, socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        (host,) = transport._direct._hosts.values()
        host._server = Server("127.0.0.1", full.getsockname()[1], "127.0.0.1")
        value(transport, HEAD)
        for one in waiting:
            one.close()


@pytest.mark.parametrize("name", ["127.0.0.1", "another.example"])
def test_a_certificate_has_to_name_the_host(tmp_path: Path, name: str) -> None:
    issued = issue(tmp_path)
    with tls_stub(issued, LISTED, THERE) as stub:
        transport = lane_over(port(stub.endpoint_url, verify=str(issued.ca)))
        value(transport, LIST)
        (host,) = transport._direct._hosts.values()
        assert host._server is not None
        if name != "127.0.0.1":
            host._server = host._server._replace(name=name)
        for _ in range(2):
            value(transport, HEAD)
        assert own_connections(transport) == (1 if name == "127.0.0.1" else 0)
        transport.close(LONG_S)
    assert len(stub.requests_of("HeadObject")) == 2


@pytest.mark.parametrize("verify", [False, "another authority"])
def test_who_vouches_for_a_server_is_what_the_client_says(tmp_path: Path, verify: bool | str) -> None:
    issued = issue(tmp_path)
    with tls_stub(issued, LISTED, THERE) as stub:
        transport = lane_over(port(stub.endpoint_url, verify=False))
        value(transport, LIST)
        if verify:
            (tmp_path / "other").mkdir()
            (host,) = transport._direct._hosts.values()
            host.context = direct_hosts._context(str(issue(tmp_path / "other").ca))
            host.context.check_hostname = False
        value(transport, HEAD)
        assert own_connections(transport) == (0 if verify else 1)
        transport.close(LONG_S)


@pytest.fixture
def peer(listening: socket.socket) -> Iterator[Peer]:
    held = Peer(listening, HEAD)
    yield held
    held.close()


@pytest.mark.parametrize("cut", [1, 9, 30, len(WHOLE) - 3, len(WHOLE) - 1])
def test_a_response_may_come_in_pieces(peer: Peer, cut: int) -> None:
    peer.own.sendall(WHOLE[:cut])
    assert peer.transport.reap(0.05) == []
    peer.own.sendall(WHOLE[cut:])
    assert peer.end().value == FACTS
    assert own_connections(peer.transport) == 1


@pytest.mark.parametrize("at_once", [True, False])
def test_interim_responses_are_passed_over(peer: Peer, at_once: bool) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    peer.own.sendall(interim + (WHOLE if at_once else b""))
    if not at_once:
        assert peer.transport.reap(0.05) == []
        peer.own.sendall(WHOLE)
    assert peer.end().value == FACTS


@pytest.mark.parametrize("end", ["before", "within"])
def test_a_connection_that_ends_is_a_closed_connection(peer: Peer, end: str) -> None:
    peer.own.sendall(b"" if end == "before" else WHOLE[:40])
    peer.own.close()
    refused = peer.end().error
    assert refused is not None
    assert (refused.code, refused.reason) == ("ConnectionClosed", Reason.TIMED_OUT)


@pytest.mark.parametrize("lines", [b"nonsense\r\n\r\n", b"HTTP/2 200\r\n\r\n", b"HTTP/1.1 nothing\r\n\r\n"])
def test_what_is_no_response_is_unreadable(peer: Peer, lines: bytes) -> None:
    peer.own.sendall(lines)
    refused = peer.end().error
    assert refused is not None
    assert refused.code == "UnreadableAnswer"


def test_headers_are_limited(peer: Peer) -> None:
    peer.own.sendall(LINES)
    ended: list[Any] = []
    line = b"x-amz-meta-a: %b\r\n" % (b"x" * 60_000)
    for _ in range(HEAD_LIMIT.most // len(line) + 1):
        peer.own.sendall(line)
        ended += peer.transport.reap(0.0)
    ended += reap_all(peer.transport)
    (done,) = (done for done in ended if isinstance(done, Done))
    assert done.error is not None
    assert done.error.code == "AnswerTooLarge"


def test_silence_for_the_read_time_out_is_one(listening: socket.socket) -> None:
    held = Peer(listening, HEAD, read_timeout=1)
    refused = held.end().error
    assert refused is not None
    assert (refused.code, refused.reason) == ("ReadTimeout", Reason.TIMED_OUT)
    held.close()


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(LINES + b"Connection: close\r\n\r\n", id="close"),
        pytest.param(WHOLE.replace(b"HTTP/1.1", b"HTTP/1.0"), id="HTTP/1.0"),
        pytest.param(b"HTTP/1.1 404 Not Found\r\nContent-Length: 5\r\n\r\nwrong", id="a body"),
        pytest.param(WHOLE + b"more", id="more"),
    ],
)
def test_such_a_connection_is_not_used_again(peer: Peer, response: bytes) -> None:
    peer.own.sendall(response)
    done = peer.end()
    assert done.value == FACTS or (done.error is not None and done.error.status == 404)
    assert own_connections(peer.transport) == 0


def test_bytes_that_nothing_asked_for_end_an_idle_connection(peer: Peer) -> None:
    peer.own.sendall(WHOLE)
    assert peer.end().value == FACTS
    peer.own.sendall(WHOLE)
    peer.transport.reap(0.05)
    assert own_connections(peer.transport) == 0


def test_close_tells_what_was_not_answered_and_waits_for_what_is_on_its_way(listening: socket.socket) -> None:
    held = Peer(listening, HEAD)
    assert held.transport.close(0.0) == ["the request"]
    held.close()
    held = Peer(listening, HEAD)
    held.own.sendall(WHOLE)
    assert held.transport.close(LONG_S) == []
    held.close()


def test_owner_payer_and_version_are_sent_as_boto3_sends_them(stub: StubServer) -> None:
    stub.rules = [LISTED, THERE]
    asked = Head(Side.SOURCE, Bucket("src", owner="111111111111", requester_pays=True), "a +/k", version="v/1 ")
    client = port(stub.endpoint_url)
    with warm(stub.endpoint_url) as transport:
        value(transport, asked)
        assert own_connections(transport) == 1
    client.head(asked.bucket, asked.key, version=asked.version)
    ours, theirs = stub.requests_of("HeadObject")
    assert ours.target == theirs.target
    for name in ("x-amz-request-payer", "x-amz-expected-bucket-owner", "x-amz-checksum-mode", "Host", "User-Agent"):
        assert ours.headers[name] == theirs.headers[name]
        assert ours.headers[name]


def test_each_principal_has_connections_of_its_own(stub: StubServer) -> None:
    stub.rules = [LISTED, THERE]
    transport = lane_over(port(stub.endpoint_url), port(stub.endpoint_url))
    for side in Side:
        value(transport, LIST._replace(side=side))
        value(transport, HEAD._replace(side=side))
    assert {id(host) for host in transport._direct._open.values()} == set(map(id, transport._direct._hosts.values()))
    assert own_connections(transport) == 2
    transport.close(LONG_S)
