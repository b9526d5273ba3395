"""Finds the end of a response on a connection (RFC 9112, 6.3), and decodes a body that comes in chunks.

No I/O. Only what HTTP/1.1 requires of a client: lines end with CR LF, and what contradicts itself is refused.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from s3_crosscopy.model.input_limits import ANSWER, HEAD, Limit

_END = b"\r\n\r\n"
_KINDS = 64
"""Framings that are kept: responses to one kind of request have few."""
_first_line = re.compile(rb"HTTP/1\.([01]) ([1-5][0-9]{2})[ \r]").match
_framing_lines = re.compile(rb"\n(content-length|transfer-encoding|connection)[ \t]*:([^\r\n]*)").findall
_chunk_size = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;.*)?").fullmatch


class Malformed(ValueError):
    """The bytes are no response. `unreadable`: the headers are wrong, and not the body."""

    def __init__(self, text: str, *, unreadable: bool = True) -> None:
        super().__init__(text)
        self.unreadable = unreadable


class TooLong(ValueError):
    """The response is over the limit."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit.exceeded)
        self.limit = limit


class Framed(NamedTuple):
    """A complete response. `head`: the status line and the headers. `reusable`: its connection can be used again."""

    status: int
    head: bytes
    body: bytes
    reusable: bool


class _Framing(NamedTuple):
    """The end of a body: after `length` bytes, after the last chunk, or (None) where the server closes."""

    length: int | None
    chunked: bool
    reusable: bool


def framed(received: bytes, *, has_body: bool, closed: bool = False) -> Framed | None:
    """Return the response, after interim ones (RFC 9110, 15.2); None if a part of it is missing.

    has_body: False for a response to a HEAD, which ends with its headers. closed: no more bytes will come.
    Raises Malformed and TooLong.
    """
    begin = 0
    while (end := received.find(_END, begin)) >= 0:
        first = _first_line(received, begin)
        if first is None:
            raise Malformed("no status line")
        begin, begun = end + 4, begin
        if first[2] >= b"200":
            return _final(received, begun, begin, first, has_body=has_body, closed=closed)
    if len(received) > HEAD.most:  # With all interim ones, of which a server may send any number.
        raise TooLong(HEAD)
    return None


def _final(
    received: bytes, begin: int, end: int, first: re.Match[bytes], *, has_body: bool, closed: bool
) -> Framed | None:
    head = received[begin:end]
    status = int(first[2])
    if not has_body:
        keeps = first[1] == b"1" and b"close" not in head.lower()
        # As `Framed(...)` in half the time: this is done for every object.
        return tuple.__new__(Framed, (status, head, b"", keeps and len(received) == end))
    framing = _framing(first[1], *_framing_lines(head.lower()))
    if framing.chunked:
        decoded = _dechunked(received, end)
        if decoded is None:
            _check_size(received, end)
            return None
        body, after = decoded
    else:
        after = len(received) if framing.length is None else end + framing.length
        if len(received) < after or (framing.length is None and not closed):
            _check_size(received, end)
            return None
        body = received[end:after]
    return tuple.__new__(Framed, (status, head, body, framing.reusable and after == len(received)))


def _check_size(received: bytes, end: int) -> None:
    if len(received) - end > ANSWER.most:
        raise TooLong(ANSWER)


@lru_cache(maxsize=_KINDS)
def _framing(minor_version: bytes, *lines: tuple[bytes, bytes]) -> _Framing:
    values: dict[bytes, set[bytes]] = {b"content-length": set(), b"transfer-encoding": set(), b"connection": set()}
    for name, value in lines:
        values[name].add(value.strip())
    lengths, encodings = values[b"content-length"], values[b"transfer-encoding"]
    if encodings - {b"chunked"}:
        raise Malformed("a transfer encoding other than chunked")
    if len(lengths) > 1 or not all(length.isdigit() and len(length) < 19 for length in lengths):
        raise Malformed("its Content-Length is no number")
    closes = minor_version == b"0" or any(b"close" in value for value in values[b"connection"])
    # Both may be an attempt to make two readers see two ends: nothing else is read from such a connection.
    bounded = bool(encodings) != bool(lengths)
    length = int(lengths.pop()) if lengths and not encodings else None
    return _Framing(length, bool(encodings), bounded and not closes)


def _dechunked(received: bytes, begin: int) -> tuple[bytes, int] | None:
    """Return the body and the index after it, None if a part of it is missing."""
    chunks: list[bytes] = []
    while (line_end := received.find(b"\r\n", begin)) >= 0:
        match = _chunk_size(received[begin:line_end])
        if match is None:
            raise Malformed("a chunk without its size", unreadable=False)
        size, begin = int(match[1], 16), line_end + 2
        if size == 0:
            end = received.find(_END, line_end)
            return (b"".join(chunks), end + 4) if end >= 0 else None
        if len(received) < begin + size + 2:
            return None
        if received[begin + size : begin + size + 2] != b"\r\n":
            raise Malformed("a chunk that is longer than its size", unreadable=False)
        chunks.append(received[begin : begin + size])
        begin += size + 2
    return None
