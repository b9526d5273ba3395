"""Where a response ends, byte by byte, and what is no response."""

from __future__ import annotations

import pytest

from s3_crosscopy.adapters.fast.response_framing import Framed, Malformed, TooLong, framed
from s3_crosscopy.model.input_limits import ANSWER, HEAD

FIRST = b"HTTP/1.1 200 OK\r\n"
SIZED = FIRST + b"Date: x\r\nContent-Length: 5\r\n\r\n"
CHUNKED = FIRST + b"Transfer-Encoding: chunked\r\n\r\n"
BOTH = CHUNKED[:-2] + b"Content-Length: 1\r\n\r\n"
CHUNKS = b"1\r\n \r\n00A;x=y\r\n<a>\r\n\r\n</a\r\n1 \r\n>\r\n0\r\n\r\n"


def body(received: bytes, *, closed: bool = False) -> tuple[bytes, bool] | None:
    response = framed(received, has_body=True, closed=closed)
    return None if response is None else (response.body, response.reusable)


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        pytest.param(SIZED + b"12345", (b"12345", True), id="a length"),
        pytest.param(SIZED.replace(b"Content-L", b"content-l") + b"12345", (b"12345", True), id="spelling"),
        pytest.param(SIZED.replace(b"5", b"0"), (b"", True), id="no byte"),
        pytest.param(SIZED.replace(b"Date: x", b"Content-Length: 5") + b"12345", (b"12345", True), id="a length twice"),
        pytest.param(SIZED + b"12345HTTP", (b"12345", False), id="more than the length"),
        pytest.param(SIZED.replace(b"Date: x", b"Connection: Close") + b"12345", (b"12345", False), id="it closes"),
        pytest.param(SIZED.replace(b"1.1", b"1.0") + b"12345", (b"12345", False), id="HTTP/1.0"),
        pytest.param(CHUNKED + b"5\r\n12345\r\n0\r\n\r\n", (b"12345", True), id="a chunk"),
        pytest.param(CHUNKED + CHUNKS, (b" <a>\r\n\r\n</a>", True), id="chunks"),
        pytest.param(CHUNKED + b"0\r\n\r\n", (b"", True), id="no chunk"),
        pytest.param(CHUNKED + b"1\r\n1\r\n0\r\nX-Y: 5\r\n\r\n", (b"1", True), id="a trailer"),
        pytest.param(CHUNKED + b"1\r\n1\r\n0\r\n\r\nHTTP", (b"1", False), id="more than the last chunk"),
        pytest.param(BOTH + b"1\r\n1\r\n0\r\n\r\n", (b"1", False), id="both"),
    ],
)  # fmt: skip
def test_a_body_ends_where_its_headers_say_and_not_before(received: bytes, expected: tuple[bytes, bool]) -> None:
    interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"
    assert body(received) == expected
    assert body(interim + received) == expected
    whole = received.rindex(b"HTTP") if received.endswith(b"HTTP") else len(received)
    for cut in range(whole):
        assert body(interim + received[:cut]) is None


def test_without_any_length_a_body_ends_with_its_connection() -> None:
    received = FIRST + b"\r\n12345"
    assert body(received) is None
    assert body(received, closed=True) == (b"12345", False)
    assert body(SIZED + b"1234", closed=True) is None
    assert body(CHUNKED + b"5\r\n1234", closed=True) is None
    assert body(b"", closed=True) is None


def test_a_response_to_a_head_ends_with_its_headers() -> None:
    assert framed(SIZED, has_body=False) == Framed(200, SIZED, b"", True)
    assert framed(SIZED + b"12345", has_body=False) == Framed(200, SIZED, b"", False)
    assert framed(SIZED.replace(b"Date", b"Connection: close\r\nDate"), has_body=False, closed=False) is not None
    assert framed(SIZED[:-1], has_body=False) is None


@pytest.mark.parametrize(
    "received",
    [
        b"nonsense\r\n\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 600 x\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nnonsense\r\n\r\n",
        SIZED.replace(b"5", b"-5"),
        SIZED.replace(b"5", b"5, 5"),
        SIZED.replace(b"5", b"1" * 19),
        SIZED.replace(b"Date: x", b"Content-Length: 6"),
        CHUNKED.replace(b"chunked", b"gzip, chunked"),
        CHUNKED.replace(b"chunked", b"identity"),
    ],
)
def test_headers_that_contradict_themselves_are_unreadable(received: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        framed(received, has_body=True)
    assert refused.value.unreadable


@pytest.mark.parametrize("chunk", [b"\r\n", b"x\r\n", b"-1\r\n", b"123456789\r\n", b"1\r\n12\r\n0\r\n\r\n"])
def test_a_chunk_without_a_size_or_an_end_is_refused(chunk: bytes) -> None:
    with pytest.raises(Malformed) as refused:
        framed(CHUNKED + chunk, has_body=True)
    assert not refused.value.unreadable


@pytest.mark.parametrize(
    ("begin", "limit"),
    [
        (b"", HEAD),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 20_000, HEAD),
        (FIRST, HEAD),
        (SIZED.replace(b"5", b"5" * 9), ANSWER),
        (FIRST + b"\r\n", ANSWER),
    ],
)
def test_what_never_ends_is_too_long(begin: bytes, limit: object) -> None:
    assert framed(begin[:1000] + b"x" * 1000, has_body=True) is None
    with pytest.raises(TooLong) as refused:
        framed(begin + b"x" * 400_000, has_body=True)
    assert refused.value.limit is limit
