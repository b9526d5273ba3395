"""Copies over connections of their own: the same results as libcurl's and boto3's, whatever comes on a connection."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from s3_crosscopy.adapters.fast import direct_requests
from s3_crosscopy.adapters.fast.direct_connection import DirectConnection
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.input_limits import ANSWER
from s3_crosscopy.model.operations import Copied, Done
from s3_crosscopy.model.outcomes import Reason
from tests.fast.direct_peer import ONCE, Peer, own_connections, warm
from tests.fast.tls import issue, tls_stub
from tests.fast.transports import COPY, DEST, LIST, LONG_S, PART, ends, error, lane_over, port, reap_all, value
from tests.servers import s3_responses as answers
from tests.servers.http_messages import DROP, Response
from tests.servers.stub_rules import always, in_turn
from tests.servers.stub_server import StubServer

LISTED = always("ListObjectsV2", answers.list_page([]))
COPIED = answers.copy_result()
BODY = COPIED.body
VALUE = Copied(answers.ETAG)
DONE = always("CopyObject", COPIED)
"""S3's answer to a copy that takes long: white space until it is done, and the status is 200 all the time."""
SLOW = BODY.replace(b"?>", b"?>" + b" \n" * 20)
FAILED = b"<?xml version='1.0'?>  <Error><Code>InternalError</Code><Message>We are sorry</Message></Error>"


@pytest.fixture
def peer(listening: socket.socket) -> Iterator[Peer]:
    held = Peer(listening, COPY)
    yield held
    held.close()


def sized(body: bytes, more: bytes = b"") -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n%b\r\n%b" % (len(body), more, body)


def chunked(*chunks: bytes) -> bytes:
    parts = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + parts + b"0\r\n\r\n"


def until_closed(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + body


@pytest.mark.parametrize("op", [COPY, PART], ids=["CopyObject", "UploadPartCopy"])
def test_a_copy_is_what_it_is_for_boto3(stub: StubServer, op: Any) -> None:
    stub.rules = [LISTED, DONE, always("UploadPartCopy", answers.part_result())]
    client = port(stub.endpoint_url)
    with warm(stub.endpoint_url) as transport:
        ours = [value(transport, op) for _ in range(3)]
        assert own_connections(transport) == 1
    theirs = client.copy(COPY) if op is COPY else client.copy_part(PART)
    assert ours == [theirs] * 3
    name = "CopyObject" if op is COPY else "UploadPartCopy"
    first, *_, last = stub.requests_of(name)
    assert (first.method, first.target) == (last.method, last.target)
    assert set(last.headers) - set(first.headers) <= {"amz-sdk-invocation-id", "amz-sdk-request", "Accept-Encoding"}
    for header in ("x-amz-copy-source", "x-amz-copy-source-if-match", "Content-Length", "Host", "User-Agent"):
        assert first.headers[header] == last.headers[header]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 412, 500, 503])
def test_a_refusal_is_the_error_that_it_is_for_boto3_and_keeps_its_connection(stub: StubServer, status: int) -> None:
    stub.rules = [LISTED, always("CopyObject", answers.error("SomeCode", status, "some text"))]
    client = port(stub.endpoint_url, retries=ONCE)
    transport = lane_over(client)
    value(transport, LIST)
    ours = [error(transport, COPY) for _ in range(2)]
    with pytest.raises(S3Error) as theirs:
        client.copy(COPY)
    assert {(str(refused), refused.reason) for refused in ours} == {(str(theirs.value), theirs.value.reason)}
    assert own_connections(transport) == 1
    transport.close(LONG_S)


@pytest.mark.parametrize(
    ("response", "kept"),
    [
        pytest.param(sized(BODY), 1, id="a length"),
        pytest.param(sized(BODY, b"Connection: close\r\n"), 0, id="close"),
        pytest.param(sized(SLOW), 1, id="white space"),
        pytest.param(chunked(BODY), 1, id="a chunk"),
        pytest.param(chunked(*(SLOW[at : at + 1] for at in range(len(SLOW)))), 1, id="a chunk a byte"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n\r\n" + chunked(BODY[:9], BODY[9:]), 1, id="an interim response"),
        pytest.param(sized(BODY) + b"more", 0, id="more"),
    ],
)
@pytest.mark.parametrize("cut", [0, 1, 60, -1])
def test_a_response_may_come_in_any_form_and_in_pieces(peer: Peer, response: bytes, kept: int, cut: int) -> None:
    if cut:
        peer.own.sendall(response[:cut])
        if cut > 0:
            assert peer.transport.reap(0.02) == []
        peer.transport.reap(0.0)
    if (rest := response[cut:] if cut else response) and peer.transport.in_flight():
        peer.own.sendall(rest)
        assert peer.end().value == VALUE
    assert own_connections(peer.transport) <= kept


def test_a_body_without_a_length_ends_with_its_connection(peer: Peer) -> None:
    peer.own.sendall(until_closed(BODY))
    assert peer.transport.reap(0.05) == []
    peer.own.close()
    assert isinstance(peer.end().value, Copied)
    assert own_connections(peer.transport) == 0


@pytest.mark.parametrize("form", [sized, chunked])
def test_an_error_after_the_status_is_an_error(peer: Peer, form: Any) -> None:
    peer.own.sendall(form(FAILED))
    refused = peer.end().error
    assert refused is not None
    assert (refused.code, refused.reason) == ("InternalError", Reason.SERVER)


@pytest.mark.parametrize("received", [b"", sized(BODY)[:30], sized(BODY)[:-1], chunked(BODY)[:-4], chunked(BODY)[:-20]])
def test_a_connection_that_ends_is_a_closed_connection(peer: Peer, received: bytes) -> None:
    peer.own.sendall(received)
    peer.own.close()
    refused = peer.end().error
    assert refused is not None
    assert (refused.code, refused.reason) == ("ConnectionClosed", Reason.TIMED_OUT)


def test_headers_that_contradict_themselves_are_unreadable(peer: Peer) -> None:
    peer.own.sendall(sized(BODY, b"Content-Length: 7\r\n"))
    refused = peer.end().error
    assert refused is not None
    assert refused.code == "UnreadableAnswer"


def test_a_chunk_without_its_size_ends_the_connection(peer: Peer) -> None:
    peer.own.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nnonsense\r\n")
    refused = peer.end().error
    assert refused is not None
    assert refused.code == "ConnectionClosed"


@pytest.mark.parametrize("begin", [chunked()[: -len(b"0\r\n\r\n")] + b"FFFFFF\r\n", sized(b"x" * 9_000_000)[:60]])
def test_a_body_is_limited(peer: Peer, begin: bytes) -> None:
    peer.own.sendall(begin)
    ended: list[Any] = []
    for _ in range(ANSWER.most // 16_384 + 2):
        with suppress(BrokenPipeError, ConnectionResetError):  # It was closed at the limit.
            peer.own.sendall(b" " * 16_384)
        ended += peer.transport.reap(0.0)
    (done,) = (done for done in [*ended, *reap_all(peer.transport)] if isinstance(done, Done))
    assert done.error is not None
    assert done.error.code == "AnswerTooLarge"


def test_bytes_postpone_the_read_time_out_and_silence_ends_a_copy(listening: socket.socket) -> None:
    held = Peer(listening, COPY, read_timeout=2)
    held.own.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    for _ in range(6):
        held.own.sendall(b"1\r\n \r\n")
        assert held.transport.reap(0.5) == []
    refused = held.end().error
    assert refused is not None
    assert (refused.code, refused.reason) == ("ReadTimeout", Reason.TIMED_OUT)
    held.close()


def test_a_kept_connection_that_breaks_is_an_attempt_like_any_other(stub: StubServer) -> None:
    stub.rules = [LISTED, in_turn("CopyObject", COPIED, DROP, COPIED)]
    with warm(stub.endpoint_url) as transport:
        assert [value(transport, COPY) for _ in range(2)] == [VALUE] * 2
    assert len(stub.requests_of("CopyObject")) == 3


def test_copies_at_once_have_a_connection_each_and_keep_it(stub: StubServer) -> None:
    stub.rules = [LISTED, DONE]
    with warm(stub.endpoint_url) as transport:
        for _ in range(3):
            for number in range(8):
                transport.submit(COPY._replace(dest_key=f"key {number}"), number)
            assert [done.value for done in ends(transport).values()] == [VALUE] * 8
        assert own_connections(transport) == 8
    assert {request.target for request in stub.requests_of("CopyObject")} == {
        f"/{DEST.name}/key%20{n}" for n in range(8)
    }


def test_copies_are_sent_together_with_the_next_wait_or_as_soon_as_they_are_many(
    stub: StubServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(direct_requests, "SENT_AT_ONCE", 4)
    sent: list[int] = []
    original = DirectConnection.send

    def send(connection: DirectConnection) -> None:
        sent.append(submitted)
        original(connection)

    monkeypatch.setattr(DirectConnection, "send", send)
    stub.rules = [LISTED, DONE]
    with warm(stub.endpoint_url) as transport:
        for submitted in range(1, 7):
            transport.submit(COPY._replace(dest_key=f"key {submitted}"), submitted)
        assert sent == [4] * 4
        assert transport.in_flight() == 6
        assert [done.value for done in ends(transport).values()] == [VALUE] * 6
    assert len(sent) == 6


def test_close_sends_what_began_and_waits_for_it(stub: StubServer) -> None:
    stub.rules = [LISTED, DONE]
    with warm(stub.endpoint_url) as transport:
        value(transport, COPY)
        transport.submit(COPY, "it")
        assert transport.close(LONG_S) == []
    assert len(stub.requests_of("CopyObject")) == 2


def test_without_a_listing_the_first_copy_of_libcurl_teaches_the_address(stub: StubServer) -> None:
    stub.rules = [DONE]
    transport = lane_over(port(stub.endpoint_url))
    assert [value(transport, COPY) for _ in range(2)] == [VALUE] * 2
    assert own_connections(transport) == 1
    transport.close(LONG_S)


def test_over_tls(tmp_path: Path) -> None:
    issued = issue(tmp_path)
    with tls_stub(issued, LISTED, in_turn("CopyObject", COPIED, Response(200, {}, SLOW * 40), COPIED)) as stub:
        transport = lane_over(port(stub.endpoint_url, verify=str(issued.ca), retries=ONCE))
        value(transport, LIST)
        value(transport, COPY)
        error(transport, COPY)
        value(transport, COPY)
        assert own_connections(transport) == 1
        transport.close(LONG_S)
