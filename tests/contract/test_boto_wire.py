"""What BotoS3 puts on the wire, and what it makes of answers that no server gives on demand; on the fast path too."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.core.transfer.preconditions import precondition
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Part
from s3_crosscopy.model.operations import ABSENT, Copied, Copy, CopyPart, ListPage, Side
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import BlockingS3
from tests.contract.keys import AWKWARD
from tests.contract.subjects import access
from tests.fast.require_pycurl import need_pycurl
from tests.servers import s3_responses as answers
from tests.servers.accounts import Account
from tests.servers.http_messages import DROP, Request, Response
from tests.servers.stub_rules import always, in_turn
from tests.servers.stub_server import StubServer

SOURCE = Bucket("src", "111111111111", True)
DEST = Bucket("dst", "222222222222", True)
COPY = Copy(SOURCE, "key", DEST, "dest/key", "abc", {})
PART = CopyPart(SOURCE, "key", DEST, "dest/key", "abc", "upload-1", 7, 10, 19)
LIST = ListPage(Side.SOURCE, SOURCE, "p/")
TIME = answers.LAST_MODIFIED
REGION = always("HeadBucket", Response(headers={"x-amz-bucket-region": "us-east-1"}))
OPERATIONS = [
    REGION,
    always("ListObjectsV2", answers.list_page([])),
    always("CopyObject", answers.copy_result("abc")),
    always("UploadPartCopy", answers.part_result("abc")),
    always("HeadObject", answers.head_object(7)),
    always("GetObjectTagging", answers.xml("Tagging", "<TagSet></TagSet>")),
    always("PutObjectTagging", Response()),
    always("CreateMultipartUpload", answers.create_upload("upload-1")),
    always("CompleteMultipartUpload", answers.complete_upload()),
    always("AbortMultipartUpload", Response(204)),
    always("ListMultipartUploads", answers.xml("ListMultipartUploadsResult", "<IsTruncated>false</IsTruncated>")),
    always("DeleteObject", Response(204)),
    always("ListParts", answers.xml("ListPartsResult", "<IsTruncated>false</IsTruncated>")),
]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits up to a second before its first retry."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0.0)


@pytest.fixture(params=["boto3", "fast"])
def s3(request: pytest.FixtureRequest, stub: StubServer) -> Iterator[BlockingS3]:
    """Two attempts a request; the stub answers everything."""
    port = made(stub, attempts=2)
    if request.param == "boto3":
        yield port
        return
    need_pycurl()
    from tests.fast.blocking_facade import ThroughFast

    fast = ThroughFast(port)
    yield fast
    fast.close()


def made(stub: StubServer, attempts: int) -> BotoS3:
    """A port to the stub, which afterwards has seen nothing but what it is asked from now on."""
    stub.rules = [REGION]
    port = access(stub.endpoint_url, Account("any", "AKIA", "secret"), attempts=attempts).s3(SOURCE, 2)
    stub._requests.clear()
    stub.rules = list(OPERATIONS)
    return port


def everything(s3: BlockingS3) -> None:
    """One request of each kind."""
    s3.list_page(LIST)
    s3.copy(COPY)
    s3.copy_part(PART)
    s3.head(DEST, "dest/key")
    s3.tags(DEST, "dest/key")
    s3.put_tags(DEST, "dest/key", {"a": "b"})
    s3.create_upload(DEST, "dest/key", {})
    s3.complete_upload(DEST, "dest/key", "upload-1", [Part(1, "abc", {})], {})
    s3.abort_upload(DEST, "dest/key", "upload-1")
    s3.list_parts(DEST, "dest/key", "upload-1")
    s3.uploads_of(DEST, "dest/key")
    s3.delete_object(DEST, "dest/key", "abc")
    s3.region(DEST)


def refused(request: Any, *args: Any) -> S3Error:
    with pytest.raises(S3Error) as caught:
        request(*args)
    return caught.value


def only(stub: StubServer, operation: str) -> Request:
    (request,) = stub.requests_of(operation)
    return request


def test_every_request_is_one_request_and_none_reads_an_object(s3: BlockingS3, stub: StubServer) -> None:
    everything(s3)

    assert [request.operation for request in stub.requests] == [
        "ListObjectsV2", "CopyObject", "UploadPartCopy", "HeadObject", "GetObjectTagging", "PutObjectTagging",
        "CreateMultipartUpload", "CompleteMultipartUpload", "AbortMultipartUpload", "ListParts",
        "ListMultipartUploads", "DeleteObject", "HeadBucket",
    ]  # fmt: skip


def test_every_request_expects_the_owner_of_its_own_side(s3: BlockingS3, stub: StubServer) -> None:
    everything(s3)

    owners = {request.operation: request.headers["x-amz-expected-bucket-owner"] for request in stub.requests}
    assert owners.pop("ListObjectsV2") == SOURCE.owner
    assert set(owners.values()) == {DEST.owner}
    sources = {request.operation: request.headers["x-amz-source-expected-bucket-owner"] for request in stub.requests}
    assert {name for name, owner in sources.items() if owner == SOURCE.owner} == {"CopyObject", "UploadPartCopy"}
    assert set(sources.values()) == {SOURCE.owner, None}


def test_every_request_that_can_be_billed_agrees_to_pay(s3: BlockingS3, stub: StubServer) -> None:
    everything(s3)

    payers = {request.operation for request in stub.requests if request.headers["x-amz-request-payer"] == "requester"}
    assert {request.operation for request in stub.requests} - payers == {"HeadBucket"}


def test_without_guards_no_guard_is_sent(s3: BlockingS3, stub: StubServer) -> None:
    s3.copy(COPY._replace(source=Bucket("src"), dest=Bucket("dst")))

    sent = only(stub, "CopyObject").headers
    assert sent["x-amz-expected-bucket-owner"] is None
    assert sent["x-amz-source-expected-bucket-owner"] is None
    assert sent["x-amz-request-payer"] is None


def test_a_copy_names_its_source_with_the_quoted_etag_that_it_must_have(s3: BlockingS3, stub: StubServer) -> None:
    assert s3.copy(COPY) == Copied("abc")
    s3.copy_part(PART)

    for request in stub.requests:
        assert request.headers["x-amz-copy-source"] == "src/key"
        assert request.headers["x-amz-copy-source-if-match"] == '"abc"'
        assert (request.bucket, request.key, request.body) == ("dst", "dest/key", b"")
    part = only(stub, "UploadPartCopy")
    assert part.headers["x-amz-copy-source-range"] == "bytes=10-19"
    assert part.query == {"partNumber": "7", "uploadId": "upload-1"}


def test_a_head_may_ask_for_a_part_and_an_etag_and_always_for_checksums(s3: BlockingS3, stub: StubServer) -> None:
    s3.head(DEST, "key", if_match="abc", part=3)

    request = only(stub, "HeadObject")
    assert request.query == {"partNumber": "3"}
    assert (request.headers["If-Match"], request.headers["x-amz-checksum-mode"]) == ('"abc"', "ENABLED")


def test_arguments_of_a_copy_become_headers(s3: BlockingS3, stub: StubServer) -> None:
    args = {"MetadataDirective": "REPLACE", "Metadata": {"a": "b"}, "StorageClass": "GLACIER_IR"}
    s3.copy(COPY._replace(args={**args, "AnnotationDirective": "EXCLUDE"}))

    sent = only(stub, "CopyObject").headers
    assert sent["x-amz-metadata-directive"] == "REPLACE"
    assert sent["x-amz-meta-a"] == "b"
    assert sent["x-amz-storage-class"] == "GLACIER_IR"


@pytest.mark.parametrize(
    ("expected", "sent"), [(ABSENT, ("*", None)), ("abc-2", (None, '"abc-2"')), ("", (None, None))]
)
def test_a_copy_says_what_it_expects_at_the_destination(
    s3: BlockingS3, stub: StubServer, expected: str, sent: tuple[str | None, str | None]
) -> None:
    s3.copy(COPY._replace(expected=expected))

    headers = only(stub, "CopyObject").headers
    assert (headers["If-None-Match"], headers["If-Match"]) == sent
    assert headers["x-amz-copy-source-if-match"] == '"abc"'


def test_each_copy_expects_its_own_etag(s3: BlockingS3, stub: StubServer) -> None:
    for expected in ("e1", "e2", ABSENT, "e3", ""):
        s3.copy(COPY._replace(expected=expected))

    assert [request.headers["If-Match"] for request in stub.requests] == ['"e1"', '"e2"', None, '"e3"', None]


def test_an_upload_ends_with_what_it_expects_at_the_destination(s3: BlockingS3, stub: StubServer) -> None:
    for expected in (ABSENT, "abc"):
        s3.complete_upload(DEST, "key", "upload-1", [Part(1, "one", {})], precondition(expected))

    sent = [(request.headers["If-None-Match"], request.headers["If-Match"]) for request in stub.requests]
    assert sent == [("*", None), (None, '"abc"')]


def test_a_refused_copy_tells_if_it_was_sent_more_than_once(s3: BlockingS3, stub: StubServer) -> None:
    refusal = answers.error("PreconditionFailed", 412)
    stub.rules = [in_turn("CopyObject", refusal, answers.error("InternalError", 500), refusal)]

    assert [refused(s3.copy, COPY).repeated for _ in range(2)] == [False, True]


def test_checksums_of_parts_travel_to_the_end_of_the_upload(s3: BlockingS3, stub: StubServer) -> None:
    parts = [Part(1, "one", {"ChecksumCRC32": "AAAAAA=="}), Part(2, "two", {})]

    s3.complete_upload(DEST, "key", "upload-1", parts, {"MpuObjectSize": 12, "ChecksumType": "FULL_OBJECT"})

    request = only(stub, "CompleteMultipartUpload")
    assert b"<ChecksumCRC32>AAAAAA==</ChecksumCRC32>" in request.body
    assert request.headers["x-amz-mp-object-size"] == "12"
    assert request.headers["x-amz-checksum-type"] == "FULL_OBJECT"


@pytest.mark.parametrize("key", AWKWARD)
def test_a_key_is_encoded_so_that_a_server_reads_it_back(s3: BlockingS3, stub: StubServer, key: str) -> None:
    s3.copy(COPY._replace(source_key=key, dest_key=key))
    s3.copy_part(PART._replace(source_key=key, dest_key=key))
    s3.head(DEST, key)

    for request in stub.requests:
        assert request.key == key
        source = request.headers["x-amz-copy-source"]
        assert source is None or Request("GET", f"/{source}", request.headers, b"").key == key
        assert source is None or "?" not in source


def test_an_error_inside_a_200_is_retried_and_then_an_error(s3: BlockingS3, stub: StubServer) -> None:
    late = answers.late(answers.error("InternalError", 500))
    rules = [always(name, late) for name in ("CopyObject", "UploadPartCopy", "CompleteMultipartUpload")]
    stub.rules = [*rules]

    for request in (
        lambda: s3.copy(COPY),
        lambda: s3.copy_part(PART),
        lambda: s3.complete_upload(DEST, "key", "upload-1", [Part(1, "abc", {})], {}),
    ):
        error = refused(request)
        assert (error.code, error.reason) == ("InternalError", Reason.SERVER)
    assert len(stub.requests) == 6


def test_an_error_inside_a_200_may_pass(s3: BlockingS3, stub: StubServer) -> None:
    stub.rules = [in_turn("CopyObject", answers.late(answers.error("InternalError", 500)), answers.copy_result("abc"))]

    assert s3.copy(COPY).etag == "abc"


@pytest.mark.parametrize("inside_a_200", [False, True])
def test_a_throttled_attempt_that_was_retried_is_counted(s3: BlockingS3, stub: StubServer, inside_a_200: bool) -> None:
    slow = answers.error("SlowDown", 503)
    stub.rules = [in_turn("CopyObject", answers.late(slow) if inside_a_200 else slow, answers.copy_result("abc"))]
    assert s3.throttled() == 0

    assert s3.copy(COPY).etag == "abc"

    assert s3.throttled() == 1


def test_a_request_that_was_throttled_to_the_end_says_so(s3: BlockingS3, stub: StubServer) -> None:
    stub.rules = [always("ListObjectsV2", answers.error("SlowDown", 503))]

    error = refused(s3.list_page, LIST)

    assert (error.code, error.status, error.reason) == ("SlowDown", 503, Reason.THROTTLED)
    assert s3.throttled() == 2


def test_a_head_without_a_body_is_throttled_by_its_status(s3: BlockingS3, stub: StubServer) -> None:
    stub.rules = [always("HeadObject", Response(503))]

    assert refused(s3.head, DEST, "key").reason is Reason.THROTTLED
    assert s3.throttled() == 2


def test_other_errors_are_no_throttling(s3: BlockingS3, stub: StubServer) -> None:
    stub.rules = [in_turn("CopyObject", answers.error("InternalError", 500), answers.error("AccessDenied", 403))]

    assert refused(s3.copy, COPY).reason is Reason.DENIED
    assert s3.throttled() == 0


def test_a_connection_that_drops_is_a_time_out_after_its_retries(s3: BlockingS3, stub: StubServer) -> None:
    stub.rules = [always("CopyObject", DROP)]

    error = refused(s3.copy, COPY)

    assert (error.code, error.status, error.reason) == ("ConnectionClosed", 0, Reason.TIMED_OUT)
    assert error.__cause__ is not None
    assert len(stub.requests) == 2


def test_a_server_that_is_not_there_is_a_time_out(s3: BlockingS3, stub: StubServer) -> None:
    port = access("http://127.0.0.1:1", Account("any", "AKIA", "secret"))
    client = port._client("us-east-1", 1)

    assert refused(BotoS3(client).head, DEST, "key").reason is Reason.TIMED_OUT


def test_a_page_cut_in_its_middle_is_no_short_page(s3: BlockingS3, stub: StubServer) -> None:
    page = answers.list_page([answers.Listed("a"), answers.Listed("b")])
    stub.rules = [always("ListObjectsV2", Response(page.status, page.headers, page.body, cut_at=200))]

    assert refused(s3.list_page, LIST).call == "ListObjectsV2"


def test_a_truncated_page_without_a_token_is_no_last_page(s3: BlockingS3, stub: StubServer) -> None:
    page = answers.list_page([answers.Listed("a")])
    body = page.body.replace(b"<IsTruncated>false", b"<IsTruncated>true")
    stub.rules = [always("ListObjectsV2", Response(200, page.headers, body))]

    error = refused(s3.list_page, LIST)

    assert (error.code, error.reason) == ("TruncatedWithoutToken", Reason.SERVER)


def test_an_error_carries_what_s3_said(s3: BlockingS3, stub: StubServer) -> None:
    headers = {"x-amz-request-id": "REQUEST1"}
    stub.rules = [always("CopyObject", answers.error("AccessDenied", 403, "no grant for you", headers))]

    error = refused(s3.copy, COPY)

    assert (error.call, error.bucket, error.key) == ("CopyObject", "src", "key")
    assert (error.code, error.status, error.reason) == ("AccessDenied", 403, Reason.DENIED)
    assert error.request_id in ("REQUEST1", "STUB")
    assert "no grant for you" in str(error)


def test_a_permanent_error_costs_one_request(s3: BlockingS3, stub: StubServer) -> None:
    stub.rules = [always("CopyObject", answers.error("AccessDenied", 403))]

    refused(s3.copy, COPY)

    assert len(stub.requests) == 1


def test_an_upload_that_is_gone_already_is_aborted(s3: BlockingS3, stub: StubServer) -> None:
    stub.rules = [always("AbortMultipartUpload", answers.error("NoSuchUpload", 404))]

    s3.abort_upload(DEST, "key", "upload-1")


HTML = Response(404, {"Content-Type": "text/html"}, b"<html><body><h1>404 Not Found</h1></body></html>")


def test_an_abort_that_a_proxy_answers_is_an_error(s3: BlockingS3, stub: StubServer) -> None:
    stub.rules = [always("AbortMultipartUpload", HTML)]

    assert refused(s3.abort_upload, DEST, "key", "upload-1").reason is Reason.UNCONFIRMED


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Response(404, {"x-amz-request-id": "REQUEST1", "Content-Type": "application/xml"}), Reason.MISSING),
        (Response(404), Reason.UNCONFIRMED),
        (HTML, Reason.UNCONFIRMED),
    ],
)
def test_a_404_of_a_head_is_s3s_own_by_its_request_id(
    s3: BlockingS3, stub: StubServer, answer: Response, reason: Reason
) -> None:
    stub.rules = [always("HeadObject", answer)]

    assert refused(s3.head, SOURCE, "key").reason is reason


@pytest.mark.parametrize("code", ["NoSuchTagSet", "NoSuchTagSetError"])
def test_a_server_that_finds_no_set_of_tags_says_that_there_are_none(
    s3: BlockingS3, stub: StubServer, code: str
) -> None:
    stub.rules = [always("GetObjectTagging", answers.error(code, 404))]

    assert s3.tags(SOURCE, "key") == {}


def test_a_denied_abort_is_an_error(s3: BlockingS3, stub: StubServer) -> None:
    stub.rules = [always("AbortMultipartUpload", answers.error("AccessDenied", 403))]

    assert refused(s3.abort_upload, DEST, "key", "upload-1").reason is Reason.DENIED


@pytest.mark.parametrize("status", [301, 403])
def test_a_refusal_tells_the_region_too(s3: BlockingS3, stub: StubServer, status: int) -> None:
    stub.rules = [always("HeadBucket", Response(status, {"x-amz-bucket-region": "eu-west-1"}))]

    assert s3.region(DEST) == "eu-west-1"


def test_a_client_is_made_for_the_buckets_own_region(stub: StubServer) -> None:
    stub.rules = [always("HeadBucket", Response(headers={"x-amz-bucket-region": "eu-west-1"})), *OPERATIONS]
    port = access(stub.endpoint_url, Account("any", "AKIA", "secret")).s3(SOURCE, 2)

    port.list_page(LIST)

    assert "/eu-west-1/s3/aws4_request" in str(only(stub, "ListObjectsV2").headers["Authorization"])


def test_the_users_configuration_wins_over_ours(stub: StubServer) -> None:
    client = access(stub.endpoint_url, Account("any", "AKIA", "secret"), read_timeout=7)._client("us-east-1", 3)

    assert client.meta.config.read_timeout == 7
    assert client.meta.config.max_pool_connections == 3 + 4


def test_an_expiry_date_is_kept_as_it_was_written(s3: BlockingS3, stub: StubServer) -> None:
    stub.rules = [always("HeadObject", answers.head_object(7, headers={"Expires": "Thu, 01 Jan 2026 00:00:00 GMT"}))]
    content = s3.head(DEST, "key").content
    stub.rules = list(OPERATIONS)

    s3.create_upload(DEST, "key", content)

    assert only(stub, "CreateMultipartUpload").headers["Expires"] == "Thu, 01 Jan 2026 00:00:00 GMT"


EMPTY = Response(200)


@pytest.mark.parametrize(
    ("operation", "request_of"),
    [
        pytest.param("ListObjectsV2", lambda s3: s3.list_page(LIST)),
        pytest.param("CopyObject", lambda s3: s3.copy(COPY)),
        pytest.param("UploadPartCopy", lambda s3: s3.copy_part(PART)),
    ],
)
def test_an_empty_200_is_no_answer(s3: BlockingS3, stub: StubServer, operation: str, request_of: Any) -> None:
    stub.rules = [always(operation, EMPTY)]

    assert refused(request_of, s3).reason is Reason.SERVER


@pytest.mark.parametrize("value", ["0", "-1", "never", "2030-01-01T00:00:00Z"])
def test_an_expiry_date_that_is_none_breaks_no_head_and_is_sent_again_as_it_is(
    s3: BlockingS3, stub: StubServer, value: str
) -> None:
    stub.rules = [always("HeadObject", answers.head_object(7, headers={"Expires": value})), *OPERATIONS]
    content = s3.head(DEST, "key").content

    s3.create_upload(DEST, "key", content)
    s3.copy(COPY._replace(args={"MetadataDirective": "REPLACE", "Metadata": {}, **content}))

    assert only(stub, "CreateMultipartUpload").headers["Expires"] == value
    assert only(stub, "CopyObject").headers["Expires"] == value


MANY = {f"x-amz-meta-k{number:03}": "v" for number in range(700)}


def test_a_head_tells_seven_hundred_entries_of_metadata_and_another_answer_afterwards(
    s3: BlockingS3, stub: StubServer
) -> None:
    stub.rules = [in_turn("HeadObject", answers.head_object(7, headers=MANY)), *OPERATIONS]

    assert len(s3.head(DEST, "key").metadata) == 700
    assert s3.head(DEST, "key").metadata == {}


def test_an_answer_whose_head_never_ends_is_an_error(s3: BlockingS3, stub: StubServer) -> None:
    endless = {f"x-{number}": "v" * 40_000 for number in range(101)}
    stub.rules = [always("HeadObject", answers.head_object(7, headers=endless))]

    error = refused(s3.head, DEST, "key")
    assert (error.code, error.reason) == ("AnswerTooLarge", Reason.SERVER)
    assert error.message == "the answer has more than 300 KiB, the limit of an answer's headers"


def test_metadata_is_sent_as_the_bytes_that_it_was_told_in(s3: BlockingS3, stub: StubServer) -> None:
    written = {"utf8": "Käse 報告".encode(), "latin": b"caf\xe9", "rfc2047": b"=?UTF-8?B?w6TDtsO8?="}
    headers = {f"x-amz-meta-{name}": value.decode("latin-1") for name, value in written.items()}
    headers["Content-Disposition"] = written["latin"].decode("latin-1")
    stub.rules = [always("HeadObject", answers.head_object(7, headers=headers)), *OPERATIONS]
    facts = s3.head(DEST, "key")
    args = {**facts.content, "Metadata": facts.metadata}

    s3.create_upload(DEST, "key", args)
    s3.copy(COPY._replace(args={"MetadataDirective": "REPLACE", **args}))

    for operation in ("CreateMultipartUpload", "CopyObject"):
        sent = only(stub, operation).headers
        assert {name: sent[f"x-amz-meta-{name}"].encode("latin-1") for name in written} == written
        assert sent["Content-Disposition"].encode("latin-1") == written["latin"]


def test_a_head_says_how_much_metadata_it_cannot_tell_and_of_which_version(s3: BlockingS3, stub: StubServer) -> None:
    said = {"x-amz-missing-meta": "3", "x-amz-version-id": "v1"}
    stub.rules = [in_turn("HeadObject", answers.head_object(7, headers=said)), *OPERATIONS]

    facts = s3.head(DEST, "key")
    assert (facts.untold, facts.version) == (3, "v1")
    facts = s3.head(DEST, "key")
    assert (facts.untold, facts.version) == (0, "")


def test_an_object_is_deleted_by_its_version_or_else_by_its_etag(s3: BlockingS3, stub: StubServer) -> None:
    stub.rules = [always("DeleteObject", Response(204))]

    s3.delete_object(DEST, "key", "abc", "v1")
    s3.delete_object(DEST, "key", "abc")

    by_version, by_etag = stub.requests
    assert (by_version.query, by_version.headers["If-Match"]) == ({"versionId": "v1"}, None)
    assert (by_etag.query, by_etag.headers["If-Match"]) == ({}, '"abc"')


# What S3 writes for U+0007, what some servers write, and what is allowed in no XML 1.0 at all.
ILLEGIBLE = ["bell&#x7;", "bell\x07", "bell&#0;&#55296;\uffff"]


@pytest.mark.parametrize("key", ILLEGIBLE)
def test_an_answer_that_repeats_a_key_that_is_no_xml_is_read_all_the_same(
    s3: BlockingS3, stub: StubServer, key: str
) -> None:
    told = f"<Bucket>dst</Bucket><Key>{key}</Key>"
    stub.rules = [
        always("CreateMultipartUpload", answers.xml("InitiateMultipartUploadResult", f"{told}<UploadId>u1</UploadId>")),
        always("ListMultipartUploads", answers.xml("ListMultipartUploadsResult", "<IsTruncated>false</IsTruncated>")),
        always("DeleteObject", Response(204)),
        always("ListParts", answers.xml("ListPartsResult", f"{told}<IsTruncated>false</IsTruncated>")),
        always("CompleteMultipartUpload", answers.xml("CompleteMultipartUploadResult", f"{told}<ETag>abc-1</ETag>")),
    ]

    assert s3.create_upload(DEST, "bell\x07", {}) == "u1"
    assert s3.list_parts(DEST, "bell\x07", "u1") == []
    assert s3.complete_upload(DEST, "bell\x07", "u1", [Part(1, "abc", {})], {}).etag == "abc-1"
    assert len(stub.requests) == 3


@pytest.mark.parametrize("key", ILLEGIBLE)
def test_an_error_that_repeats_a_key_that_is_no_xml_keeps_its_code(s3: BlockingS3, stub: StubServer, key: str) -> None:
    body = f"<Code>NoSuchUpload</Code><Message>gone</Message><Key>{key}</Key>"
    gone = answers.xml("Error", body, status=404, namespace=False)
    stub.rules = [always(name, gone) for name in ("UploadPartCopy", "ListParts", "CompleteMultipartUpload")]
    denied = answers.xml("Error", f"<Code>AccessDenied</Code><Key>{key}</Key>", namespace=False)
    stub.rules.append(always("CopyObject", answers.late(denied)))

    assert refused(s3.copy_part, PART).code == "NoSuchUpload"
    assert refused(s3.list_parts, DEST, "key", "upload-1").code == "NoSuchUpload"
    assert refused(s3.complete_upload, DEST, "key", "upload-1", [], {}).code == "NoSuchUpload"
    assert refused(s3.copy, COPY).code == "AccessDenied"


def test_a_list_whose_keys_are_no_xml_is_never_read_as_other_keys(s3: BlockingS3, stub: StubServer) -> None:
    page = answers.list_page([answers.Listed("bell")])
    stub.rules = [always("ListObjectsV2", Response(200, page.headers, page.body.replace(b"bell", b"bell&#x7;")))]

    assert refused(s3.list_page, LIST).reason is Reason.SERVER


def test_uploads_are_listed_with_their_keys_encoded_page_by_page(s3: BlockingS3, stub: StubServer) -> None:
    def page(key: str, upload_id: str, more: str) -> Response:
        row = f"<Upload><Key>{key}</Key><UploadId>{upload_id}</UploadId><Initiated>{TIME}</Initiated></Upload>"
        return answers.xml("ListMultipartUploadsResult", f"<EncodingType>url</EncodingType>{more}{row}")

    more = (
        "<IsTruncated>true</IsTruncated>"
        "<NextKeyMarker>a+%2B%07</NextKeyMarker><NextUploadIdMarker>1</NextUploadIdMarker>"
    )
    stub.rules = [in_turn("ListMultipartUploads", page("a+%2B%07", "1", more), page("a+%2B%07%41", "2", ""))]

    assert s3.uploads_of(DEST, "a +\x07") == [("1", TIME)]

    first, second = stub.requests
    assert (first.query["encoding-type"], first.query["prefix"]) == ("url", "a +\x07")
    assert second.query["key-marker"] == "a +\x07"
