"""A HEAD on the fast path: the same facts, and the same errors, as with boto3, whatever the headers look like."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.adapters.fast.curl_transport import CurlTransport
from s3_crosscopy.adapters.fast.head_parser import read_head
from s3_crosscopy.adapters.fast.responses import Response as Received
from s3_crosscopy.adapters.fast.responses import parsed_by_botocore, value_of
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts
from s3_crosscopy.model.operations import Head, Side
from tests.fast.transports import LONG_S, SOURCE, error, lane_over, port, value
from tests.servers import s3_responses as answers
from tests.servers.accounts import Account
from tests.servers.http_messages import DROP, Response
from tests.servers.stub_rules import always, in_turn
from tests.servers.stub_server import StubServer

HEAD = Head(Side.SOURCE, SOURCE, "key", "abc")
USUAL: dict[str, dict[str, str]] = {
    "nothing more": {},
    "content headers": {
        "Cache-Control": "no-cache",
        "Content-Disposition": 'attachment; filename="a  b.csv"',
        "Content-Encoding": "gzip",
        "Content-Language": "de",
        "Content-Type": "text/csv; charset=utf-8",
        "Expires": "Thu, 01 Jan 1970 00:00:00 GMT",
    },
    "metadata": {"x-amz-meta-a": "1", "X-Amz-Meta-Two-Words": "2", "x-amz-meta-empty": ""},
    "a checksum": {"x-amz-checksum-crc64nvme": "AAAAAAAAAAA=", "x-amz-checksum-type": "FULL_OBJECT"},
    "a checksum of parts": {"x-amz-checksum-crc32": "AAAAAA==-2"},
    "two checksums": {"x-amz-checksum-sha256": "b", "x-amz-checksum-crc32c": "a", "x-amz-checksum-type": "FULL_OBJECT"},
    "an empty checksum": {"x-amz-checksum-sha1": "", "x-amz-checksum-crc32": "a"},
    "KMS": {
        "x-amz-server-side-encryption": "aws:kms:dsse",
        "x-amz-server-side-encryption-aws-kms-key-id": "arn:aws:kms:us-east-1:111111111111:key/a",
        "x-amz-server-side-encryption-bucket-key-enabled": "true",
    },
    "archived": {
        "x-amz-storage-class": "GLACIER",
        "x-amz-restore": 'ongoing-request="false", expiry-date="Fri, 21 Dec 2029 00:00:00 GMT"',
    },
    "being restored": {"x-amz-storage-class": "GLACIER", "x-amz-restore": 'ongoing-request="true"'},
    "versions, tags, missing metadata": {
        "x-amz-version-id": "3/L4kqtJlcpXroDTDmJ",
        "x-amz-tagging-count": "3",
        "x-amz-missing-meta": "2",
        "x-amz-delete-marker": "false",
        "x-amz-mp-parts-count": "7",
    },
    "blanks around a value": {"x-amz-meta-a": "  spaces \t ", "ETag": '  "abc" '},
    "a time in another form": {"Last-Modified": "Thursday, 01-Jan-26 00:00:00 GMT"},
    "a Date that is none": {"Date": "now"},
    "a Date in January": {"Date": "Thu, 01 Jan 2026 00:00:00 GMT"},
}
UNUSUAL: dict[str, dict[str, str]] = {
    "metadata in UTF-8": {"x-amz-meta-a": "Käse 報告".encode().decode("latin-1")},
    "metadata in Latin-1": {"x-amz-meta-a": "caf\xe9", "Content-Disposition": "caf\xe9"},
    "a header twice": {"x-amz-meta-a": "1", "X-Amz-Meta-A": "2"},
    "an ETag twice": {"ETag": '"abc"', "etag": '"def"'},
    "a folded header": {"x-amz-meta-a": "one\r\n two\r\n\tthree", "x-amz-meta-b": "b"},
    "a checksum that is new": {"x-amz-checksum-sha512": "AAAA", "x-amz-checksum-type": "FULL_OBJECT"},
    "a checksum that nobody knows": {"x-amz-checksum-blake9": "AAAA"},
    "Expires that is no time": {"Expires": "never"},
    "a name that is no word": {"x amz": "1", "x-amz-meta-b": "b"},
}
REFUSED: dict[str, dict[str, str]] = {
    "no time": {"Last-Modified": "yesterday"},
    "an empty time": {"Last-Modified": ""},
    "a number that is none": {"x-amz-missing-meta": "many"},
    "a word that is neither true nor false": {"x-amz-server-side-encryption-bucket-key-enabled": "maybe"},
}


@pytest.fixture
def client(stub: StubServer) -> BotoS3:
    return port(stub.endpoint_url, retries={"mode": "standard", "total_max_attempts": 1})


@pytest.fixture
def lane(client: BotoS3) -> Any:
    transport = lane_over(client)
    yield transport
    transport.close(LONG_S)


@pytest.mark.parametrize("headers", [*USUAL.values(), *UNUSUAL.values()], ids=[*USUAL, *UNUSUAL])
def test_the_facts_are_those_that_boto3_tells(
    lane: CurlTransport, client: BotoS3, stub: StubServer, headers: dict[str, str]
) -> None:
    fixed = {"Date": "Thu, 01 Jan 2026 00:00:07 GMT"}
    stub.rules = [always("HeadObject", answers.head_object(12, "abc", {**fixed, **headers}))]

    ours = value(lane, HEAD)

    assert isinstance(ours, Facts)
    assert ours == client.head(SOURCE, "key", if_match="abc")
    first, second = stub.requests
    assert (first.target, first.method, first.headers["If-Match"]) == (second.target, "HEAD", '"abc"')
    assert first.headers["x-amz-checksum-mode"] == "ENABLED"


@pytest.mark.parametrize("headers", REFUSED.values(), ids=REFUSED)
def test_headers_that_cannot_be_read_are_the_error_that_they_are_for_boto3(
    lane: CurlTransport, client: BotoS3, stub: StubServer, headers: dict[str, str]
) -> None:
    stub.rules = [always("HeadObject", answers.head_object(12, "abc", headers))]

    ours = error(lane, HEAD)

    with pytest.raises(S3Error) as theirs:
        client.head(SOURCE, "key", if_match="abc")
    assert (str(ours), ours.reason) == (str(theirs.value), theirs.value.reason)


@pytest.mark.parametrize("request_id", [{}, {"x-amz-request-id": "ID"}], ids=["proxy", "S3"])
@pytest.mark.parametrize("status", [403, 404, 405, 412, 500, 503])
def test_a_refusal_is_the_error_that_it_is_for_boto3(
    lane: CurlTransport, client: BotoS3, stub: StubServer, status: int, request_id: dict[str, str]
) -> None:
    stub.rules = [always("HeadObject", Response(status, request_id))]

    ours = error(lane, HEAD)

    with pytest.raises(S3Error) as theirs:
        client.head(SOURCE, "key")
    assert (str(ours), ours.reason, ours.request_id) == (
        str(theirs.value),
        theirs.value.reason,
        theirs.value.request_id,
    )


@pytest.mark.parametrize("answer", [Response(400), Response(301)], ids=["400", "301"])
def test_what_may_be_another_region_is_left_to_boto3(client: BotoS3, stub: StubServer, answer: Response) -> None:
    transport = lane_over(client, alone=False)
    stub.rules = [in_turn("HeadObject", answer), always("HeadObject", answers.head_object(12, "abc"))]

    facts = value(transport, HEAD)

    assert isinstance(facts, Facts)
    assert facts.size == 12
    assert len(stub.requests_of("HeadObject")) == 2
    transport.close(LONG_S)


def test_after_a_bare_400_the_next_head_is_on_the_fast_path_again(client: BotoS3, stub: StubServer) -> None:
    transport = lane_over(client, alone=False)
    stub.rules = [in_turn("HeadObject", Response(400)), always("HeadObject", answers.head_object(12, "abc"))]
    value(transport, HEAD)
    value(transport, HEAD)

    assert len(stub.requests_of("HeadObject")) == 3
    assert transport._redirected == set()
    transport.close(LONG_S)


def test_a_broken_connection_is_tried_again(stub: StubServer) -> None:
    transport = lane_over(port(stub.endpoint_url))
    stub.rules = [in_turn("HeadObject", DROP), always("HeadObject", answers.head_object(12, "abc"))]

    facts = value(transport, HEAD)

    assert isinstance(facts, Facts)
    assert facts.size == 12
    transport.close(LONG_S)


def test_the_source_is_asked_by_its_reader_and_the_destination_by_the_copier(stub: StubServer) -> None:
    stub.rules = [always("HeadObject", answers.head_object(12, "abc"))]
    reader, copier = (port(stub.endpoint_url, Account(name, name, "secret")) for name in ("READER", "COPIER"))
    transport = lane_over(reader, copier)
    value(transport, HEAD)
    value(transport, HEAD._replace(side=Side.DEST))
    transport.close(LONG_S)

    signed = [request.headers["Authorization"].split("Credential=")[1].split("/")[0] for request in stub.requests]
    assert signed == ["READER", "COPIER"]


NAMES = st.sampled_from(
    [
        "x-amz-meta-a", "X-Amz-Meta-A", "x-amz-meta-b", "ETag", "Expires", "Content-Type", "x-amz-restore", "Date",
        "x-amz-checksum-crc32", "x-amz-checksum-type", "x-amz-checksum-md5", "x-amz-version-id", "x-amz-storage-class",
        "x-amz-server-side-encryption", "x-amz-missing-meta", "x-amz-mp-parts-count", "x-amz-delete-marker", "odd name",
        "x-amz-server-side-encryption-bucket-key-enabled",
    ]
)  # fmt: skip
WORDS = st.sampled_from(
    ["1", "-1", "+1", "", "true", "TRUE", "a  b", "é", "\t", "GLACIER", '"abc"', "FULL_OBJECT", "x"]
)
VALUES = WORDS | st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=6)


@settings(max_examples=400, deadline=None)
@given(st.lists(st.tuples(NAMES, VALUES), max_size=8), st.sampled_from(["12", "0", "-1", "1e3", "٣", None]))
def test_what_is_read_here_is_what_botocore_reads(pairs: list[tuple[str, str]], size: str | None) -> None:
    fixed = [("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")]
    fixed += [("Content-Length", size)] if size is not None and size.isascii() else []
    lines = [f"{name}: {text}\r\n".encode("latin-1") for name, text in [*fixed, *pairs]]
    received = Received(200, [b"HTTP/1.1 200 OK\r\n", *lines, b"\r\n"], b"")

    facts = read_head(received.lines)

    if facts is not None:
        parsed = parsed_by_botocore(CLIENT.client, HEAD, received, "http://localhost/src/key")
        assert facts == value_of(HEAD, parsed.payload)


CLIENT = port("http://localhost:9000")


def test_the_usual_form_is_read_without_botocore() -> None:
    lines = [b"HTTP/1.1 200 OK\r\n", b"Content-Length: 5\r\n", b"last-modified: Thu, 01 Jan 2026 00:00:00 GMT\r\n"]

    facts = read_head([*lines, b"x-amz-meta-A: b\r\n", b"\r\n"])

    assert facts == Facts(5, "", "2026-01-01T00:00:00Z", metadata={"A": "b"})
