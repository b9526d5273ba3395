"""What comes over the wire: pages, answers to copies, errors, and the headers of HEAD; on both data paths' parsers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from botocore.awsrequest import AWSResponse
from hypothesis import example, given
from hypothesis import strategies as st

from s3_crosscopy.access.rules.error_messages import cause
from s3_crosscopy.adapters.fast.response_framing import Malformed, TooLong, framed
from s3_crosscopy.adapters.fast.responses import Response, error_of, parsed_by_botocore, usual_value, value_of
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.input_limits import CODE, MESSAGE
from s3_crosscopy.model.location import MAX_KEY_BYTES
from s3_crosscopy.model.objects import Facts, Page, Part
from s3_crosscopy.model.operations import Copied, TransportOp
from tests.fast.transports import COPY, LIST, PART, port
from tests.fuzz.budget import parsed
from tests.fuzz.damage import NUMBER
from tests.fuzz.inputs import MANY
from tests.servers import s3_responses as answers

PORT = port("http://localhost:1")
CLIENT = PORT.client
LINES = [b"HTTP/1.1 200 OK\r\n", b"Date: Thu, 01 Jan 2026 00:00:00 GMT\r\n", b"x-amz-request-id: R\r\n", b"\r\n"]
SHORT = 3_000

PAGE = answers.list_page([answers.Listed("p/a"), answers.Listed("p/b c")], next_token="t").body
RICH = PAGE.replace(
    b"</Contents>",
    b"<ChecksumType>FULL_OBJECT</ChecksumType><Owner><ID>1</ID><DisplayName>x</DisplayName></Owner>"
    b"<RestoreStatus><IsRestoreInProgress>false</IsRestoreInProgress></RestoreStatus></Contents>",
)
COPIED, IN_PART = answers.copy_result().body, answers.part_result().body
DENIED = answers.error(
    "AccessDenied", 403,
    'User: arn:aws:iam::111122223333:user/x is not authorized to perform: s3:PutObject on resource: "arn:aws:s3:::b/k"'
    " because no identity-based policy allows the s3:PutObject action",
).body  # fmt: skip
HEADERS = {
    "Content-Length": "7", "ETag": '"abc-2"', "Last-Modified": "Thu, 01 Jan 2026 00:00:00 GMT", "x-amz-meta-a": "b",
    "Date": "Thu, 01 Jan 2026 00:00:00 GMT", "x-amz-mp-parts-count": "2", "x-amz-missing-meta": "0", "Expires": "0",
    "x-amz-storage-class": "GLACIER", "x-amz-restore": 'ongoing-request="false"', "x-amz-checksum-crc32": "AAAAAA==",
    "x-amz-server-side-encryption": "aws:kms", "x-amz-request-id": "R", "x-amz-checksum-type": "FULL_OBJECT",
}  # fmt: skip

# Short pieces of which pages are made, and what they must never be.
PIECES: tuple[bytes, ...] = (
    *(b"<Contents>", b"</Contents>", b"<Owner></Owner>", b"<Owner>", b"</Owner>", b"<Key>", b"</Key>", b"<a/>"),
    *(b"<Key/>", b"<Size>-1</Size>", b"<Size>" + b"9" * 5_000 + b"</Size>", b"<ETag>&quot;", b"&", b"&#0;", b"]]>"),
    *(b"&#" + b"1" * 5_000 + b";", b"&#x110000;", b"&x;", b"<!DOCTYPE x>", b"<!--", b"<![CDATA[", b"<?xml ?>"),
    *(b"\x00", b"\x1f\x8b", b"\xff\xfe", b"\xed\xa0\x80", b"\xf0\x9f\x98\x80", b"%00%FF%", b"+", b" " * 3_000),
    *(b"<IsTruncated>maybe</IsTruncated>", b"<CommonPrefixes><Prefix>a</Prefix></CommonPrefixes>", b"<Error>"),
    *(b"<Code>SlowDown</Code>", b"k" * 2_000, b"User: ", b" is not authorized to perform: ", b" because "),
)


CHANGES, LEFT_OUT = st.integers(0, 4), st.sampled_from((0, 0, 1, 7, 40))
ANY_PIECE, TIMES = st.sampled_from(PIECES) | st.binary(max_size=4), st.sampled_from((0, 1, 1, 2, 30, 1_000))


@st.composite
def bodies(draw: st.DrawFn, *kinds: bytes) -> bytes:
    """One of them with up to four changes: a piece put in, often many times, a tag doubled, something left out."""
    body = draw(st.sampled_from(kinds))
    for _ in range(draw(CHANGES)):
        at = draw(NUMBER) % (len(body) + 1)
        left_out = draw(LEFT_OUT)
        piece = draw(ANY_PIECE)
        many = draw(TIMES)
        body = body[:at] + (piece * many)[:100_000] + body[at + left_out :]
    return body


def _is_ours(error: S3Error) -> None:
    # The limits are of what the server sent: a control character is spelt out, with up to ten others.
    assert len(error.code) <= 10 * CODE.most
    assert len(error.message) <= 10 * MESSAGE.most
    assert len(error.request_id) <= 10 * CODE.most
    assert "\n" not in cause(error)


def _checked(read: Callable[[], Any]) -> Any:
    """The value; None for an error, which has to be short."""
    met: list[S3Error] = []

    def value() -> Any:
        try:
            return read()
        except S3Error as error:
            met.append(error)
            return None

    found = parsed(value)
    for error in met:
        _is_ours(error)
    return found


def _by_botocore(op: TransportOp, status: int, body: bytes) -> Any:
    parsed = parsed_by_botocore(CLIENT, op, Response(status, LINES, body), "http://localhost:1/")
    if not parsed.ok:
        raise error_of(op, parsed)
    return value_of(op, parsed.payload)


def _is_page(value: object) -> None:
    if value is not None:
        assert isinstance(value, Page)
        for row in value.objects:
            assert 0 < len(row.key.encode("utf-8", "surrogatepass")) <= MAX_KEY_BYTES * 3
            assert row.size >= 0
            assert row.modified.isascii()


@MANY
@given(bodies(PAGE, RICH))
@example(PAGE.replace(b"</Contents>", b"<Owner></Owner>" * 60 + b"<Odd a='1'/></Contents>"))
@example(PAGE.replace(b"</Contents>", b"") * 2_000)
@example(PAGE.replace(b"<Contents>", b"<a/>" * 20_000 + b"<Contents>", 1))
@example(PAGE.replace(b"p/a", b"k" * 1_025))
@example(PAGE.replace(b"p/a", "\u2028".encode() * 400))
def test_a_page_is_a_page_or_an_error_on_both_ways(body: bytes) -> None:
    _is_page(_checked(lambda: usual_value(LIST, Response(200, LINES, body))))
    _is_page(_checked(lambda: _by_botocore(LIST, 200, body)))


@MANY
@given(bodies(COPIED, IN_PART, DENIED))
@example(b"<CopyObjectResult>" + b"</CopyObjectResult> " * 5_000)
@example(b"<Error><Code>&#" + b"1" * 5_000 + b";</Code></Error>")
@example(b" " * 100_000 + COPIED)
@example(b"<CopyPartResult><ETag>&quot;&quot;</ETag></CopyPartResult>")
def test_the_answer_to_a_copy_is_a_copy_or_an_error(body: bytes) -> None:
    for op, kind in ((COPY, Copied), (PART, Part)):
        for read in (
            lambda op=op: usual_value(op, Response(200, LINES, body)),
            lambda op=op: _by_botocore(op, 200, body),
        ):
            value = _checked(read)
            assert value is None or (isinstance(value, kind) and value.etag)


@MANY
@given(bodies(DENIED, PAGE), st.sampled_from((301, 400, 403, 404, 500, 503)))
@example(DENIED.replace(b"s3:PutObject", b"s3:PutObject on resource: " * 3_000), 403)
@example(DENIED.replace(b"x is not", b" " * 90_000), 403)
def test_an_error_of_any_body_has_a_code_and_a_short_message(body: bytes, status: int) -> None:
    assert _checked(lambda: _by_botocore(LIST, status, body)) is None


TEXTS = st.sampled_from(
    ("", "x", "-1", "9" * 5_000, "1e9", "Thu, 99 Foo 2026 00:00:00 GMT", "2026-13-01T00:00:00Z", "\xff", "a\tb", "\x85")
) | st.text(st.characters(max_codepoint=255), max_size=8)


class _Session:
    """An HTTP session whose answer is known."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    def send(self, request: Any) -> Any:
        answer = AWSResponse(request.url, 200, self.headers, None)
        answer._content = b""
        return answer

    def close(self) -> None:
        pass


SESSION = _Session()
HEADED = port("http://localhost:1", retries={"mode": "standard", "total_max_attempts": 1})
HEADED.client._endpoint.http_session = SESSION


@MANY
@given(st.dictionaries(st.sampled_from(sorted(HEADERS)), TEXTS, max_size=3), st.sets(st.sampled_from(sorted(HEADERS))))
def test_the_headers_of_a_head_are_facts_or_an_error(changed: dict[str, str], left_out: set[str]) -> None:
    kept = {name: value for name, value in HEADERS.items() if name not in left_out or len(left_out) > 2}
    SESSION.headers = {**kept, **changed}
    facts = _checked(lambda: HEADED.head(COPY.source, "key"))
    if facts is not None:
        assert isinstance(facts, Facts)
        assert facts.size >= 0
        assert facts.modified.isascii()


ON_A_CONNECTION = st.lists(
    st.sampled_from(
        (
            *(b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.0 503 x\r\n", b"HTTP/9 200\r\n"),
            *(b"Content-Length: 5\r\n", b"content-length:7\r\n", b"Content-Length: -1\r\n", b"Connection: close\r\n"),
            *(b"Transfer-Encoding: chunked\r\n", b"Transfer-Encoding: gzip\r\n", b"\r\n", b"0\r\n\r\n"),
            *(b"5\r\n12345\r\n", b"FFFFFFFF\r\n", b"1;x\r\n \r\n", b"x" * 2_000, b"\x00\xff", b"\n", b" "),
        )
    ),
    max_size=12,
)  # fmt: skip


@MANY
@given(ON_A_CONNECTION, st.booleans(), st.integers(0, 80))
def test_a_connection_has_one_response_wherever_it_is_cut(pieces: list[bytes], has_body: bool, cut: int) -> None:
    received = b"".join(pieces)
    whole = parsed(lambda: framed(received, has_body=has_body), Malformed, TooLong)
    part = parsed(lambda: framed(received[:cut], has_body=has_body), Malformed, TooLong)
    if part is not None and whole is not None:
        assert (part.status, part.head, part.body) == (whole.status, whole.head, whole.body)
    if whole is not None:
        assert whole.status >= 200
        assert whole.body in received or b"\r\n" in received
