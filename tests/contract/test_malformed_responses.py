"""Answers that are not what the API promises: one error that says what was odd, the same on both data paths."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Part
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import BlockingS3
from tests.contract.test_boto_wire import COPY, DEST, LIST, PART, made
from tests.fast.require_pycurl import need_pycurl
from tests.servers import s3_responses as answers
from tests.servers.http_messages import Response
from tests.servers.stub_rules import always
from tests.servers.stub_server import StubServer

XML = {"Content-Type": "application/xml"}
KEY, TIME = "<Key>p/a</Key>", "<LastModified>2026-01-01T00:00:00.000Z</LastModified>"
ETAG, SIZE, CLASS = "<ETag>&quot;abc&quot;</ETag>", "<Size>11</Size>", "<StorageClass>STANDARD</StorageClass>"
LAST, MORE = "<IsTruncated>false</IsTruncated>", "<IsTruncated>true</IsTruncated>"

CALLS: dict[str, Callable[[BlockingS3], Any]] = {
    "ListObjectsV2": lambda s3: s3.list_page(LIST),
    "CopyObject": lambda s3: s3.copy(COPY),
    "UploadPartCopy": lambda s3: s3.copy_part(PART),
    "HeadObject": lambda s3: s3.head(DEST, "key"),
    "GetObjectTagging": lambda s3: s3.tags(DEST, "key"),
    "CreateMultipartUpload": lambda s3: s3.create_upload(DEST, "key", {}),
    "CompleteMultipartUpload": lambda s3: s3.complete_upload(DEST, "key", "upload-1", [Part(1, "abc", {})], {}),
    "ListParts": lambda s3: s3.list_parts(DEST, "key", "upload-1"),
    "ListMultipartUploads": lambda s3: s3.uploads_of(DEST, "key"),
}
WITH_BODY = [call for call in CALLS if call != "HeadObject"]
MAY_BE_EMPTY = {"GetObjectTagging", "ListParts", "ListMultipartUploads"}


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """botocore waits up to a second before its first retry."""
    monkeypatch.setattr("botocore.endpoint.time", SimpleNamespace(sleep=lambda seconds: None))
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda self, context: 0.0)


@pytest.fixture(scope="module")
def stub() -> Iterator[StubServer]:
    """One for all of them: making a client takes longer than its request."""
    with StubServer.start() as server:
        yield server


@pytest.fixture(scope="module", params=["boto3", "fast"])
def s3(request: pytest.FixtureRequest, stub: StubServer) -> Iterator[BlockingS3]:
    """A principal's port to the stub; its hot requests through libcurl or not."""
    port = made(stub, attempts=2)
    if request.param == "boto3":
        yield port
        return
    need_pycurl()
    from tests.fast.blocking_facade import ThroughFast

    fast = ThroughFast(port)
    yield fast
    fast.close()


def row(*members: str) -> str:
    return f"<Contents>{''.join(members)}</Contents>"


def page(*rows: str, end: str = LAST, key_count: bool = True) -> Response:
    count = f"<KeyCount>{len(rows)}</KeyCount>" if key_count else ""
    head = f"<Name>src</Name><Prefix>p%2F</Prefix>{count}<MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType>"
    return answers.xml("ListBucketResult", head + end + "".join(rows))


def head(**headers: str | None) -> Response:
    usual = answers.head_object(7).headers
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(200, {name: value for name, value in {**usual, **given}.items() if value is not None})


def refused(s3: BlockingS3, stub: StubServer, call: str, answer: Response) -> S3Error:
    stub.rules = [always(call, answer)]
    with pytest.raises(S3Error) as caught:
        CALLS[call](s3)
    assert caught.value.call == call
    assert caught.value.reason is Reason.SERVER
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("call", WITH_BODY)
@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param(
            Response(200, {**XML, "Content-Encoding": "gzip"}, gzip.compress(page().body)),
            "the answer is compressed with gzip, which was not asked for",
            id="gzip",
        ),
        pytest.param(Response(200, XML, b'{"results": []}'), "the answer is JSON, not XML", id="json"),
        pytest.param(
            Response(200, XML, b"<html><body>Please sign in</body></html>"), "the answer is a page of HTML", id="html"
        ),
        pytest.param(
            Response(200, XML, b"<!DOCTYPE html>\n<html><br></html>"), "the answer is a page of HTML", id="doctype"
        ),
        pytest.param(Response(200, XML, b"Please sign in"), "the answer is no XML, or cut", id="text"),
        pytest.param(
            answers.xml("ListAllMyBucketsResult", "<Buckets/>"), "the answer is 'ListAllMyBucketsResult', not", id="xml"
        ),
        pytest.param(Response(200, XML, page().body[:-9]), "the answer is no XML, or cut", id="cut"),
    ],
)
def test_what_is_not_the_asked_for_xml_says_what_it_is(
    s3: BlockingS3, stub: StubServer, call: str, answer: Response, says: str
) -> None:
    error = refused(s3, stub, call, answer)

    assert error.code == "UnreadableAnswer"
    # Of what is cut, only a listing began as it should.
    assert says in error.message or ("cut" in says and "not " in error.message)


@pytest.mark.parametrize("call", [call for call in WITH_BODY if call not in MAY_BE_EMPTY])
def test_an_empty_success_is_none(s3: BlockingS3, stub: StubServer, call: str) -> None:
    error = refused(s3, stub, call, Response(200, XML, b""))

    assert "the answer has no " in error.message


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param(page(row(TIME, ETAG, SIZE, CLASS)), "a row of the listing has no Key", id="no-key"),
        pytest.param(page(row("<Key/>", TIME, ETAG, SIZE)), "a row of the listing has no Key", id="empty-key"),
        pytest.param(page(row(KEY, TIME, ETAG, CLASS)), "the row of 'p/a' has no Size", id="no-size"),
        pytest.param(page(row(KEY, TIME, ETAG, "<Size></Size>")), "Size is '', which is no whole number", id="nothing"),
        pytest.param(page(row(KEY, TIME, ETAG, "<Size>big</Size>")), "Size is 'big', which is no", id="word"),
        pytest.param(page(row(KEY, TIME, ETAG, "<Size>1.5</Size>")), "Size is '1.5', which is no", id="fraction"),
        pytest.param(page(row(KEY, TIME, ETAG, "<Size>-1</Size>")), "Size of the row of 'p/a' is -1", id="negative"),
        pytest.param(page(row(KEY, TIME, ETAG, f"<Size>{'9' * 5000}</Size>")), "Size is '9999", id="digits"),
        pytest.param(page(row(KEY, ETAG, SIZE, CLASS)), "the row of 'p/a' has no LastModified", id="no-time"),
        pytest.param(page(row(KEY, "<LastModified/>", ETAG, SIZE)), "has no LastModified", id="empty-time"),
        pytest.param(page(row(KEY, SIZE, ETAG, SIZE.replace("11", "12"), TIME)), "Size is there with 2", id="two"),
        pytest.param(page(row(KEY, KEY.replace("a", "b"), TIME, ETAG, SIZE)), "is there with 2 values", id="two-keys"),
        pytest.param(page(end="<IsTruncated>maybe</IsTruncated>"), "IsTruncated is 'maybe', neither", id="maybe"),
        pytest.param(page(end=LAST + MORE), "IsTruncated is there with 2 values", id="both"),
        pytest.param(page(end=""), "the answer has no IsTruncated", id="no-end"),
        pytest.param(
            page(row(KEY, TIME, ETAG, SIZE), end=LAST + "<CommonPrefixes><Prefix>p%2Fb%2F</Prefix></CommonPrefixes>"),
            "the listing leaves keys out: it groups them",
            id="grouped",
        ),
        pytest.param(page(end=MORE), "no continuation token", id="no-token"),
        pytest.param(page(end=MORE + "<NextContinuationToken/>"), "no continuation token", id="empty-token"),
    ],
)
def test_a_listing_that_cannot_be_relied_on_says_what_is_odd(
    s3: BlockingS3, stub: StubServer, answer: Response, says: str
) -> None:
    assert says in refused(s3, stub, "ListObjectsV2", answer).message


TIMES = ["yesterday", "2026", "2026-01-01", "2026-13-01T00:00:00Z", "2026-01-01T25:00:00Z", "0001-01-01T00:00:00Z",
         "1767225600", "12", "-"]  # fmt: skip


@pytest.mark.parametrize("time", TIMES)
def test_a_time_that_is_none_is_never_older_or_newer(s3: BlockingS3, stub: StubServer, time: str) -> None:
    listing = page(row(KEY, f"<LastModified>{time}</LastModified>", ETAG, SIZE, CLASS))

    assert (
        f"LastModified of the row of 'p/a': '{time}' is no time" in refused(s3, stub, "ListObjectsV2", listing).message
    )
    headed = refused(s3, stub, "HeadObject", head(Last_Modified=time))
    assert f"LastModified of the answer: '{time}' is no time" in headed.message


@pytest.mark.parametrize(
    "time",
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01T02:00:00.000+02:00",
        "2026-01-01 00:00:00",
        "2025-12-31T19:00:00-05:00",
        "Thu, 01 Jan 2026 00:00:00 GMT",
        "Thu, 01 Jan 2026 01:00:00 +0100",
    ],
)
def test_a_time_in_another_form_is_the_same_time(s3: BlockingS3, stub: StubServer, time: str) -> None:
    listing = page(row(KEY, f"<LastModified>{time}</LastModified>", ETAG, SIZE, CLASS))
    stub.rules = [always("ListObjectsV2", listing), always("HeadObject", head(Last_Modified=time))]

    assert s3.list_page(LIST).objects[0].modified == "2026-01-01T00:00:00Z"
    assert s3.head(DEST, "key").modified == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "end", [f"{LAST}<CommonPrefixes/>", "<IsTruncated>False</IsTruncated>", "<IsTruncated> false\n</IsTruncated>", LAST]
)
def test_a_last_page_is_one_however_it_is_spelt(s3: BlockingS3, stub: StubServer, end: str) -> None:
    stub.rules = [always("ListObjectsV2", page(row(KEY, TIME, ETAG, SIZE), end=end))]

    assert s3.list_page(LIST).next_token is None


def test_a_page_that_is_not_the_last_leads_on_however_that_is_spelt(s3: BlockingS3, stub: StubServer) -> None:
    end = "<IsTruncated>True</IsTruncated><NextContinuationToken>t</NextContinuationToken>"
    stub.rules = [always("ListObjectsV2", page(row(KEY, TIME, ETAG, SIZE), end=end))]

    assert s3.list_page(LIST).next_token == "t"


@pytest.mark.parametrize("date", ["yesterday", "", "0", "2026-99-01T00:00:00Z"])
def test_a_clock_that_cannot_be_read_is_not_told(s3: BlockingS3, stub: StubServer, date: str) -> None:
    stub.rules = [
        always("ListObjectsV2", answers.xml("ListBucketResult", LAST, headers={"Date": date})),
        always("HeadObject", head(Date=date)),
    ]

    assert s3.list_page(LIST).date == ""
    assert s3.head(DEST, "key").date == ""


@pytest.mark.parametrize("row_of", [row(KEY, TIME, SIZE, CLASS), row(KEY, TIME, "<ETag/>", SIZE, CLASS)])
def test_a_row_without_an_etag_or_a_storage_class_is_an_object_all_the_same(
    s3: BlockingS3, stub: StubServer, row_of: str
) -> None:
    stub.rules = [always("ListObjectsV2", page(row_of.replace(CLASS, "<StorageClass/>")))]

    (listed,) = s3.list_page(LIST).objects
    assert (listed.key, listed.size, listed.etag, listed.storage_class) == ("p/a", 11, "", "STANDARD")


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param(head(Last_Modified=None), "the answer has no LastModified", id="no-time"),
        pytest.param(head(x_amz_mp_parts_count="many"), "PartsCount is 'many', which is no whole number", id="parts"),
        pytest.param(head(x_amz_missing_meta="some"), "MissingMeta is 'some', which is no whole number", id="meta"),
        pytest.param(head(x_amz_delete_marker="perhaps"), "DeleteMarker is 'perhaps', neither", id="marker"),
    ],
)
def test_a_head_that_cannot_be_relied_on_says_what_is_odd(
    s3: BlockingS3, stub: StubServer, answer: Response, says: str
) -> None:
    assert says in refused(s3, stub, "HeadObject", answer).message


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("x-amz-object-lock-retain-until-date", "never"),
        ("x-amz-restore", "perhaps"),
        ("Date", "yesterday"),
        ("Expires", "2026-99-99"),
    ],
)
def test_what_no_copy_needs_may_be_anything(s3: BlockingS3, stub: StubServer, name: str, value: str) -> None:
    stub.rules = [always("HeadObject", answers.head_object(7, headers={name: value}))]

    facts = s3.head(DEST, "key")

    assert (facts.size, facts.restored) == (7, False)


@pytest.mark.parametrize(
    ("call", "answer", "says"),
    [
        ("CopyObject", answers.xml("CopyObjectResult", TIME), "the answer has no ETag"),
        ("CopyObject", answers.xml("CopyObjectResult", "<ETag/>"), "the answer has no ETag"),
        ("CopyObject", answers.xml("CopyObjectResult", ETAG + "<ETag>other</ETag>"), "ETag is there with 2 values"),
        ("UploadPartCopy", answers.xml("CopyPartResult", TIME), "the answer has no ETag"),
        ("UploadPartCopy", answers.xml("CopyPartResult", "<ETag></ETag>"), "the answer has no ETag"),
        ("CreateMultipartUpload", answers.xml("InitiateMultipartUploadResult", ""), "the answer has no UploadId"),
        ("CompleteMultipartUpload", answers.xml("CompleteMultipartUploadResult", ""), "the answer has no ETag"),
        ("GetObjectTagging", answers.xml("Tagging", "<TagSet><Tag><Value>v</Value></Tag></TagSet>"), "tag has no Key"),
        ("ListParts", answers.xml("ListPartsResult", f"{LAST}<Part>{ETAG}</Part>"), "a part has no PartNumber"),
        ("ListParts", answers.xml("ListPartsResult", f"{LAST}<Part><PartNumber>1</PartNumber></Part>"), "has no ETag"),
        ("ListParts", answers.xml("ListPartsResult", "<Part><PartNumber>x</PartNumber></Part>"), "PartNumber is 'x'"),
        ("ListMultipartUploads",
         answers.xml("ListMultipartUploadsResult", "<Upload><Key>key</Key></Upload>"), "an upload has no UploadId"),
        ("ListMultipartUploads",
         answers.xml("ListMultipartUploadsResult", "<Upload><Key>key</Key><UploadId>u</UploadId></Upload>"),
         "an upload has no Initiated"),
    ],
)  # fmt: skip
def test_an_answer_that_lacks_what_it_is_for_says_so(
    s3: BlockingS3, stub: StubServer, call: str, answer: Response, says: str
) -> None:
    assert says in refused(s3, stub, call, answer).message


def test_a_list_of_parts_that_does_not_move_is_an_odd_answer_and_no_wrong_argument(
    s3: BlockingS3, stub: StubServer
) -> None:
    more = f"{MORE}<NextPartNumberMarker>1</NextPartNumberMarker><Part><PartNumber>1</PartNumber>{ETAG}</Part>"

    error = refused(s3, stub, "ListParts", answers.xml("ListPartsResult", more))

    assert (error.code, "same next token" in error.message) == ("UnreadableAnswer", True)


def test_a_length_below_zero_is_no_size(s3: BlockingS3, stub: StubServer) -> None:
    answer = answers.head_object(7)
    answer.headers["Content-Length"] = "-7"

    refused(s3, stub, "HeadObject", answer)
