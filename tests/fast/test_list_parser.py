"""Pages of listings: the quick reader and botocore's parser never differ, and what is strange is left to botocore."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3_crosscopy.adapters.boto.list_parser import read_page
from s3_crosscopy.adapters.fast.responses import Response, parsed_by_botocore, usual_value, value_of
from s3_crosscopy.adapters.fast.retries import Retries
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Listed, Page
from tests.contract.keys import AWKWARD
from tests.fast.transports import LIST, port
from tests.servers import s3_responses as answers

DATE = "Thu, 01 Jan 2026 00:00:00 GMT"
LINES = [b"HTTP/1.1 200 OK\r\n", b"date: " + DATE.encode() + b"\r\n", b"\r\n"]
HEAD = (
    "<Name>b</Name><Prefix>p%2F</Prefix><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys><EncodingType>url</EncodingType>"
)
LAST = "<IsTruncated>false</IsTruncated>"
KEY, TIME = "<Key>p/a</Key>", "<LastModified>2026-01-01T00:00:00.000Z</LastModified>"
ETAG, SIZE, CLASS = "<ETag>&quot;abc-3&quot;</ETag>", "<Size>11</Size>", "<StorageClass>STANDARD</StorageClass>"
OWNER = "<Owner><ID>1</ID><DisplayName>x</DisplayName></Owner>"
RESTORED = (
    "<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress>"
    "<RestoreExpiryDate>2026-02-01T00:00:00.000Z</RestoreExpiryDate></RestoreStatus>"
)
RESTORING = "<RestoreStatus><IsRestoreInProgress>true</IsRestoreInProgress></RestoreStatus>"
CHECKSUM = "<ChecksumAlgorithm>CRC64NVME</ChecksumAlgorithm><ChecksumType>FULL_OBJECT</ChecksumType>"


def page(*rows: str, head: str = HEAD, end: str = LAST) -> bytes:
    return answers.xml("ListBucketResult", head + end + "".join(f"<Contents>{row}</Contents>" for row in rows)).body


@pytest.fixture(scope="module")
def client() -> Any:
    return port("http://localhost:1").client


def by_botocore(client: Any, body: bytes) -> object:
    """The value, or the code of the error that a page of the slow path becomes."""
    parsed = parsed_by_botocore(client, LIST, Response(200, LINES, body), "http://h/")
    if not parsed.ok:
        return parsed.http.status_code
    Retries(client).ended("ListObjectsV2", {"encoding_type_auto_set": True}, parsed)
    return outcome(lambda: value_of(LIST, parsed.payload))


def outcome(read: Any) -> object:
    try:
        return read()
    except S3Error as error:
        return error.code


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(KEY + TIME + ETAG + SIZE + CLASS, id="s3"),
        pytest.param(KEY + TIME + ETAG + CHECKSUM + SIZE + CLASS, id="checksum"),
        pytest.param(
            KEY
            + TIME
            + ETAG
            + CHECKSUM.replace("<ChecksumType>", "<ChecksumAlgorithm>SHA1</ChecksumAlgorithm><ChecksumType>")
            + SIZE
            + CLASS,
            id="two checksums",
        ),
        pytest.param(KEY + TIME + ETAG + CHECKSUM.partition("<ChecksumType>")[0] + SIZE + CLASS, id="no type"),
        pytest.param(KEY + TIME + ETAG + "<ChecksumType>COMPOSITE</ChecksumType>" + SIZE + CLASS, id="only a type"),
        pytest.param(KEY + TIME + ETAG + CHECKSUM * 2 + SIZE + CLASS + OWNER + RESTORED, id="restored"),
        pytest.param(KEY + TIME + ETAG + SIZE + CLASS + RESTORING, id="restoring"),
        pytest.param(
            KEY + TIME + ETAG + SIZE + CLASS.replace("STANDARD", "GLACIER") + OWNER + "<Type>Normal</Type>", id="ceph"
        ),
        pytest.param(KEY + TIME + ETAG + SIZE, id="no-class"),
        pytest.param(KEY + TIME + "<ETag>abc</ETag>" + SIZE + CLASS, id="bare-etag"),
        pytest.param(KEY + TIME + '<ETag>"abc"</ETag>' + SIZE + CLASS, id="quoted-etag"),
        pytest.param(f"\n {KEY}\n {TIME}\n {ETAG}\n {SIZE}\n {CLASS}\n {OWNER}\n", id="pretty"),
    ],
)
def test_rows_as_servers_write_them_are_read_quickly_and_as_botocore_reads_them(client: Any, row: str) -> None:
    quick = read_page(LIST, page(row), DATE)

    assert quick is not None
    assert quick == by_botocore(client, page(row))
    assert quick.date == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"<html>a proxy</html>", id="html"),
        pytest.param(page(KEY + TIME + ETAG + SIZE + CLASS)[:-30], id="cut"),
        pytest.param(page(TIME + KEY + ETAG + SIZE + CLASS), id="another-order"),
        pytest.param(page(KEY + TIME + ETAG + SIZE + CLASS, CLASS), id="a-row-without-a-key"),
        pytest.param(page(KEY + TIME + SIZE + CLASS), id="no-etag"),
        pytest.param(page(KEY + TIME + ETAG + SIZE).replace(b"</Contents>", b"</Contents>x</Contents>"), id="junk"),
        pytest.param(page(KEY + TIME + ETAG + SIZE + CLASS + "<New><Er>1</Er></New>"), id="more-than-known"),
        pytest.param(
            page(KEY + TIME + ETAG + SIZE + CLASS, head=HEAD.replace("<KeyCount>1", "<KeyCount>2")), id="count"
        ),
        pytest.param(
            page(KEY + TIME + ETAG + SIZE, head=HEAD.replace("<EncodingType>url</EncodingType>", "")), id="raw"
        ),
        pytest.param(page(KEY + TIME + ETAG + SIZE, end=""), id="no-end"),
        pytest.param(
            page(
                KEY + TIME + ETAG + SIZE,
                end="<IsTruncated>true</IsTruncated><NextContinuationToken>a&amp;b</NextContinuationToken>",
            ),
            id="token-with-entity",
        ),
        pytest.param(page("<Key>a&#10;b</Key>" + TIME + ETAG + SIZE), id="key-with-entity"),
    ],
)
def test_what_is_not_of_the_usual_form_is_left_to_botocore(body: bytes) -> None:
    assert read_page(LIST, body, DATE) is None


USUAL = KEY + TIME + ETAG + SIZE + CLASS
UNCOUNTED = HEAD.replace("<KeyCount>1</KeyCount>", "")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(page(USUAL.replace("abc", "a<b>c</b>")), id="markup-in-an-etag"),
        pytest.param(page(USUAL.replace("abc", 'a"c')), id="quote-in-an-etag"),
        pytest.param(page(USUAL, USUAL.replace("2026-01-01", "2026-13-01"), head=UNCOUNTED), id="no-such-month"),
        pytest.param(page(USUAL, USUAL.replace("00:00.000Z", "00:00.000+0100"), head=UNCOUNTED), id="another-zone"),
        pytest.param(page(USUAL, CLASS, USUAL, head=UNCOUNTED), id="a-row-without-a-key-between-others"),
        pytest.param(page(CLASS, USUAL, head=UNCOUNTED), id="the-first-row-without-a-key"),
        pytest.param(
            page(USUAL, USUAL, head=UNCOUNTED).replace(b"s><Contents>", b"s>x<Contents>"), id="text-between-rows"
        ),
        pytest.param(
            page(USUAL, USUAL, head=UNCOUNTED).replace(b"s><Contents>", b"s><Contents><Contents>"), id="row-in-a-row"
        ),
        pytest.param(page(USUAL, USUAL.replace("p/a", "p/&lt;"), head=UNCOUNTED), id="entity-in-one-key"),
        pytest.param(page(USUAL, USUAL.replace("STANDARD", "A&amp;B"), head=UNCOUNTED), id="entity-in-one-class"),
        pytest.param(page(*[USUAL.replace("STANDARD", "A&amp;B")] * 2, head=UNCOUNTED), id="entity-in-each-class"),
        pytest.param(
            page(*[USUAL.replace(SIZE, CHECKSUM.replace("CRC", "&#67;RC") + SIZE)] * 2, head=UNCOUNTED),
            id="entity-in-each-checksum",
        ),
        pytest.param(
            page(USUAL.replace(SIZE, CHECKSUM + "<ChecksumType>COMPOSITE</ChecksumType>" + SIZE)), id="two-types"
        ),
    ],
)
def test_one_strange_row_among_usual_ones_leaves_the_page_to_botocore(body: bytes) -> None:
    assert read_page(LIST, body, DATE) is None


@pytest.mark.parametrize(
    "others",
    [
        pytest.param([USUAL], id="none-differs"),
        pytest.param([USUAL.replace("STANDARD", "GLACIER")], id="class-of-the-last"),
        pytest.param([USUAL.replace("STANDARD", "GLACIER"), USUAL], id="class-in-the-middle"),
        pytest.param([USUAL.replace(SIZE, CHECKSUM + SIZE)], id="checksum-of-the-last"),
        pytest.param([USUAL.replace(SIZE, CHECKSUM + SIZE), USUAL], id="checksum-in-the-middle"),
        pytest.param([USUAL.replace("STANDARD", "S" * 300), USUAL], id="long-class-in-the-middle"),
        pytest.param([USUAL + OWNER, USUAL], id="owner-in-the-middle"),
    ],
)
@pytest.mark.parametrize("first", [USUAL, USUAL.replace(SIZE, CHECKSUM + SIZE), USUAL.replace("STANDARD", "A.*" * 100)])
def test_rows_that_differ_in_class_or_checksum_keep_their_own(client: Any, first: str, others: list[str]) -> None:
    rows = [row.replace("p/a", f"p/{number}") for number, row in enumerate([first, *others])]
    body = page(*rows, head=HEAD.replace("<KeyCount>1", f"<KeyCount>{len(rows)}"))

    quick = read_page(LIST, body, DATE)

    assert quick is not None
    assert quick == by_botocore(client, body)


@pytest.mark.parametrize("body", [page(KEY + TIME + ETAG + SIZE, end="<IsTruncated>true</IsTruncated>")])
def test_a_page_that_says_more_and_not_where_is_an_error_on_both_ways(client: Any, body: bytes) -> None:
    assert outcome(lambda: read_page(LIST, body, DATE)) == by_botocore(client, body) == "TruncatedWithoutToken"


@pytest.mark.parametrize("encode", [quote, quote_plus, lambda key: quote(key, safe="")])
def test_awkward_keys_are_decoded_as_botocore_decodes_them(client: Any, encode: Any) -> None:
    keys = sorted(key for key in AWKWARD)
    rows = [f"<Key>{encode(key)}</Key>{TIME}{ETAG}{SIZE}{CLASS}" for key in keys]
    body = page(*rows, head=HEAD.replace("<KeyCount>1", f"<KeyCount>{len(keys)}"))

    quick = read_page(LIST, body, DATE)

    assert quick is not None
    assert [row.key for row in quick.objects] == keys
    assert quick == by_botocore(client, body)


ROWS = st.builds(
    Listed,
    key=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8),
    size=st.integers(0, 5 * 2**40),
    etag=st.from_regex(r"[0-9a-f]{0,8}(-[1-9])?", fullmatch=True),
    modified=st.just("2026-01-01T00:00:00.000Z"),
    storage_class=st.sampled_from(["STANDARD", "GLACIER"]),
    restored=st.just(False),
    checksum=st.just(""),
)


@settings(max_examples=100, deadline=None)
@given(st.lists(ROWS, max_size=5), st.sampled_from(["", "token/+=="]))
def test_any_page_is_read_back(rows: list[Listed], token: str) -> None:
    given_rows = [answers.Listed(row.key, row.size, row.etag, row.modified, row.storage_class) for row in rows]

    quick = read_page(LIST, answers.list_page(given_rows, next_token=token).body, DATE)

    assert quick == Page(rows, token or None, "2026-01-01T00:00:00Z")


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_a_damaged_page_is_never_a_page_that_botocore_would_not_read(data: st.DataObject) -> None:
    body = bytearray(page(KEY + TIME + ETAG + SIZE + CLASS + OWNER, KEY + TIME + ETAG + SIZE))
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body) - 1))
        if data.draw(st.booleans()):
            del body[at : at + data.draw(st.integers(1, 40))]
        else:
            body[at] = data.draw(st.sampled_from(b"<>&/ a1"))
    quick = outcome(lambda: read_page(LIST, bytes(body), DATE))

    if quick is not None:
        assert isinstance(quick, str) or by_botocore(_CLIENT, bytes(body)) == quick


_CLIENT = port("http://localhost:1").client


def test_a_row_names_its_checksums() -> None:
    rows = (KEY + TIME + ETAG + names + SIZE + CLASS for names in (CHECKSUM, "", CHECKSUM.replace("NVME", "")))

    quick = read_page(LIST, page(*rows, head=HEAD.replace("<KeyCount>1", "<KeyCount>3")), DATE)

    assert quick is not None
    assert [row.checksum for row in quick.objects] == ["CRC64NVME:FULL_OBJECT", "", "CRC64:FULL_OBJECT"]


def test_a_row_with_two_types_of_checksum_is_left_to_botocore() -> None:
    row = KEY + TIME + ETAG + CHECKSUM + "<ChecksumType>COMPOSITE</ChecksumType>" + SIZE + CLASS
    assert read_page(LIST, page(row), DATE) is None


def test_the_date_of_the_last_answer_counts() -> None:
    lines = [b"HTTP/1.1 100 Continue\r\n", b"\r\n", *LINES]

    value = usual_value(LIST, Response(200, lines, page(KEY + TIME + ETAG + SIZE)))

    assert isinstance(value, Page)
    assert value.date == "2026-01-01T00:00:00Z"
