"""The stub scripts answers and faults at the wire, and forwards signed requests unchanged."""

from __future__ import annotations

import socket
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.servers import s3_responses as answers
from tests.servers.accounts import Account, boto_client
from tests.servers.http_messages import DROP, FORWARD, Response
from tests.servers.moto import MotoServer
from tests.servers.s3_responses import Listed
from tests.servers.stub_rules import always, forward_all, forward_then_drop, in_turn
from tests.servers.stub_server import StubServer

COPY = {"Bucket": "dst", "Key": "k", "CopySource": "src/k"}


def s3(stub: StubServer) -> Any:
    return boto_client("s3", stub.endpoint_url, Account("any", "AKIA", "secret"))


def connect(stub: StubServer) -> socket.socket:
    address = urlsplit(stub.endpoint_url)
    return socket.create_connection((address.hostname, address.port or 80), 5)


def test_a_scripted_error_then_a_copy(stub: StubServer) -> None:
    stub.rules = [in_turn("CopyObject", answers.error("SlowDown", 503), answers.copy_result(etag="abc"))]

    with pytest.raises(ClientError, match="SlowDown"):
        s3(stub).copy_object(**COPY)
    assert s3(stub).copy_object(**COPY)["CopyObjectResult"]["ETag"] == '"abc"'
    assert [request.operation for request in stub.requests] == ["CopyObject", "CopyObject"]
    assert stub.requests[0].headers["X-AMZ-Copy-Source"] == "src/k"


def test_an_error_inside_a_200(stub: StubServer) -> None:
    stub.rules = [always("CopyObject", answers.late(answers.error("InternalError", 500)))]

    with pytest.raises(ClientError, match="InternalError"):
        s3(stub).copy_object(**COPY)


def test_a_dropped_connection(stub: StubServer) -> None:
    stub.rules = [in_turn("CopyObject", DROP)]

    with pytest.raises(ConnectionClosedError):
        s3(stub).copy_object(**COPY)


def test_an_answer_cut_in_its_middle(stub: StubServer) -> None:
    page = answers.list_page([Listed("a"), Listed("b")])
    stub.rules = [always("ListObjectsV2", Response(page.status, page.headers, page.body, cut_at=200))]

    # botocore makes a 500 of a body that is no XML document, as of an <Error> inside a 200.
    with pytest.raises(ClientError, match="500"):
        s3(stub).list_objects_v2(Bucket="src")


def test_list_pages_with_awkward_keys(stub: StubServer) -> None:
    keys = ["a b+c%d&e", "dir//x", "é/<&>"]
    first = answers.list_page([Listed(key, size=3) for key in keys], prefix="p q/", next_token="t<&>")
    stub.rules = [in_turn("ListObjectsV2", first, answers.list_page([]))]
    client = s3(stub)

    page = client.list_objects_v2(Bucket="src", Prefix="p q/")
    client.list_objects_v2(Bucket="src", ContinuationToken=page["NextContinuationToken"])

    assert [item["Key"] for item in page["Contents"]] == keys
    assert page["Prefix"] == "p q/"
    assert [request.query.get("continuation-token") for request in stub.requests] == [None, "t<&>"]


def test_a_multipart_copy(stub: StubServer) -> None:
    stub.rules = [
        always("CreateMultipartUpload", answers.create_upload("upload-1")),
        always("UploadPartCopy", answers.part_result("part")),
        always("CompleteMultipartUpload", answers.complete_upload("whole-1")),
        always("HeadObject", answers.head_object(12, "whole-1")),
    ]
    client = s3(stub)

    upload = client.create_multipart_upload(Bucket="dst", Key="k")["UploadId"]
    part = client.upload_part_copy(**COPY, UploadId=upload, PartNumber=1)["CopyPartResult"]["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part}]}
    done = client.complete_multipart_upload(Bucket="dst", Key="k", UploadId=upload, MultipartUpload=parts)

    assert done["ETag"] == '"whole-1"'
    assert client.head_object(Bucket="dst", Key="k")["ContentLength"] == 12
    assert b"<PartNumber>1</PartNumber>" in stub.requests_of("CompleteMultipartUpload")[0].body


def test_a_request_that_no_rule_expects_fails_and_is_recorded(stub: StubServer) -> None:
    with pytest.raises(ClientError, match="NotImplemented"):
        s3(stub).delete_object(Bucket="dst", Key="k")
    seen = stub.requests[0]
    assert (seen.operation, seen.bucket, seen.key) == ("DeleteObject", "dst", "k")


@pytest.mark.parametrize(
    ("operation", "arguments"),
    [
        ("HeadObject", {"Bucket": "b", "Key": "k", "PartNumber": 1}),
        ("HeadBucket", {"Bucket": "b"}),
        ("GetObjectTagging", {"Bucket": "b", "Key": "k", "VersionId": "v"}),
        ("AbortMultipartUpload", {"Bucket": "b", "Key": "k", "UploadId": "u"}),
        ("ListParts", {"Bucket": "b", "Key": "k", "UploadId": "u", "PartNumberMarker": 1}),
        ("ListMultipartUploads", {"Bucket": "b"}),
        ("GetBucketLocation", {"Bucket": "b"}),
    ],
)
def test_operations_are_told_apart(stub: StubServer, operation: str, arguments: dict[str, Any]) -> None:
    with pytest.raises(ClientError):
        s3(stub)._make_api_call(operation, arguments)

    assert [request.operation for request in stub.requests] == [operation]


def test_a_body_is_asked_for_before_it_is_sent(stub: StubServer) -> None:
    """botocore sends a body after `100 Continue` or, without one, after a second."""
    stub.rules = [always("PutObject", Response())]

    with connect(stub) as client:
        client.sendall(b"PUT /dst/k HTTP/1.1\r\nHost: stub\r\nExpect: 100-continue\r\nContent-Length: 7\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 100 ")
        client.sendall(b"content")
        assert client.recv(4096).startswith(b"HTTP/1.1 200 ")

    assert stub.requests[0].body == b"content"


def test_the_path_is_kept_raw_on_one_connection(stub: StubServer) -> None:
    stub.rules = [lambda request: Response(body=request.path.encode())]
    paths = [b"//a//b/../c/./", b"/b/%2B+%2F"]

    with connect(stub) as client:
        for path in paths:
            client.sendall(b"GET " + path + b"?x=1 HTTP/1.1\r\nHost: stub\r\n\r\n")
            assert client.recv(4096).endswith(b"\r\n\r\n" + path)


def test_a_signed_request_is_forwarded_and_its_answer_can_be_lost(stub: StubServer, moto: MotoServer) -> None:
    moto.client(moto.dst).create_bucket(Bucket="stub-bucket")
    moto.client(moto.dst).put_object(Bucket="stub-bucket", Key="k", Body=b"content")
    stub.upstream = moto.endpoint_url
    stub.rules = [forward_then_drop(stub, "CopyObject"), in_turn("HeadObject", FORWARD), forward_all]
    client = boto_client("s3", stub.endpoint_url, moto.dst)

    with pytest.raises(ConnectionClosedError):
        client.copy_object(Bucket="stub-bucket", Key="copied", CopySource="stub-bucket/k")

    assert client.head_object(Bucket="stub-bucket", Key="copied")["ContentLength"] == 7
    assert client.get_object(Bucket="stub-bucket", Key="copied")["Body"].read() == b"content"


def test_a_stub_with_an_open_connection_and_a_delayed_answer_stops_at_once() -> None:
    started = time.monotonic()
    with StubServer.start(always("GetObject", Response(delay_s=60))) as stub:
        idle = connect(stub)
        waiting = connect(stub)
        waiting.sendall(b"GET /b/k HTTP/1.1\r\nHost: stub\r\n\r\n")
        while not stub.requests:
            time.sleep(0.01)
    assert time.monotonic() - started < 30  # half of the delay: it was cut short, on the slowest machine too
    idle.close()
    waiting.close()
