"""A server that does its worst, at the level of sockets: each harm is the name of a bucket.

`stub.py` speaks HTTP as it should be; here nothing does.
"""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from tests.servers import s3_responses as answers

Harm = Callable[["Talk"], None]
DRIP_S = 0.1
BLOCK = b" " * 2**16
OK, FORBIDDEN = b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 403 Forbidden\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n\r\n"
ERROR = "<Error><Code>{0}</Code><Message>{1}</Message><RequestId>{2}</RequestId></Error>"
BOMB = "".join(f'<!ENTITY l{level} "{f"&l{level - 1};" * 10}">' for level in range(1, 10))
PACKED = gzip.compress(b" " * 2**26)
SILENT = "silent"
LAUGHS = f'<!DOCTYPE x [<!ENTITY l0 "lol">{BOMB}]><Error><Code>&l9;</Code><Message>&l9;</Message></Error>'.encode()


class Talk:
    """One request that came, and the connection to answer it on."""

    def __init__(self, connection: socket.socket, head: bytes, stopping: threading.Event) -> None:
        self._connection = connection
        self._stopping = stopping
        self.line = head.partition(b"\r\n")[0].decode()
        self.bucket = self.line.split("/")[1].partition("?")[0].partition(" ")[0]
        self.is_list = "list-type=2" in self.line
        self.is_head = self.line.startswith("HEAD")

    def send(self, data: bytes) -> None:
        self._connection.sendall(data)

    def begin(self, data: bytes) -> Talk:
        self._connection.sendall(data)
        return self

    def forever(self, data: bytes, every_s: float = 0.0) -> None:
        """The same again and again, until nobody listens any more."""
        while not self._stopping.wait(every_s) if every_s else not self._stopping.is_set():
            self._connection.sendall(data)

    def whole(self, body: bytes, start: bytes = OK, *headers: bytes) -> None:
        """An answer in HTTP's form."""
        lines = b"".join(header + b"\r\n" for header in headers)
        length = b"" if any(header.lower().startswith(b"content-length") for header in headers) else self._length(body)
        self.send(start + lines + length + b"Connection: close\r\n\r\n" + (b"" if self.is_head else body))

    def _length(self, body: bytes) -> bytes:
        return b"Content-Length: %d\r\n" % len(body)

    def good(self) -> bytes:
        """What the API promises."""
        copied = answers.part_result() if "partNumber=" in self.line else answers.copy_result()
        return (answers.list_page([]) if self.is_list else copied).body


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def _rows(talk: Talk, row: str) -> None:
    body = answers.list_page([answers.Listed("p/a")]).body
    talk.whole(body.replace(b"</Contents>", row.encode() + b"</Contents>") if talk.is_list else talk.good())


def _until_a_copy(harm: Harm) -> Harm:
    """As it should be, with one object to copy, and the harm for its copy."""

    def answer(talk: Talk) -> None:
        if talk.is_list:
            talk.whole(answers.list_page([answers.Listed("in/a")] if "prefix=in" in talk.line else []).body)
        elif talk.is_head:
            talk.whole(b"")
        else:
            harm(talk)

    return answer


HARMS: Mapping[str, Harm] = {
    "endless-body": lambda talk: talk.begin(OK + CHUNKED).forever(_chunk(BLOCK)),
    "endless-error": lambda talk: talk.begin(FORBIDDEN + CHUNKED).forever(_chunk(BLOCK)),
    "endless-until-closed": lambda talk: talk.begin(OK + b"\r\n").forever(BLOCK),
    "endless-head": lambda talk: talk.begin(OK).forever(b"x-a: %s\r\n" % (b"v" * 900)),
    "endless-line": lambda talk: talk.begin(OK + b"x-a: ").forever(BLOCK),
    "endless-interim": lambda talk: talk.forever(b"HTTP/1.1 100 Continue\r\nx-a: %s\r\n\r\n" % (b"v" * 900)),
    "endless-chunk-line": lambda talk: talk.begin(OK + CHUNKED + b"1;").forever(b"x" * 2**16),
    "endless-trailers": lambda talk: talk.begin(OK + CHUNKED + b"0\r\n").forever(b"x-a: %s\r\n" % (b"v" * 900)),
    "endless-crumbs": lambda talk: talk.begin(OK + CHUNKED).forever(_chunk(b"xy") * 2**12),
    "drip-body": lambda talk: talk.begin(OK + CHUNKED).forever(_chunk(b" "), DRIP_S),
    "drip-length": lambda talk: talk.begin(OK + b"Content-Length: 99999\r\n\r\n").forever(b" ", DRIP_S),
    "drip-head": lambda talk: talk.begin(OK).forever(b"x: y\r\n", DRIP_S),
    "message-2mb": lambda talk: talk.whole(ERROR.format("C" * 2**20, "M" * 2**21, "R" * 2**20).encode(), FORBIDDEN),
    "message-90kb": lambda talk: talk.whole(ERROR.format("Odd", "M" * 90_000, "R" * 20_000).encode(), FORBIDDEN),
    "late-message": lambda talk: talk.whole(ERROR.format("Odd", "M" * 90_000, "R" * 20_000).encode()),
    "code-reference": lambda talk: talk.whole(ERROR.format("&#" + "1" * 90_000 + ";", "m", "r").encode(), FORBIDDEN),
    "deep-xml": lambda talk: talk.whole(b"<a>" * 40_000 + b"</a>" * 40_000),
    "deep-xml-error": lambda talk: talk.whole(b"<Error>" * 15_000, FORBIDDEN),
    "many-tags": lambda talk: talk.whole(b"<ListBucketResult>" + b"<a/>" * 1_000_000 + b"</ListBucketResult>"),
    "entities": lambda talk: talk.whole(LAUGHS),
    "entities-error": lambda talk: talk.whole(LAUGHS, FORBIDDEN),
    "redirect": lambda talk: talk.whole(b"", b"HTTP/1.1 307 Temporary Redirect\r\n", b"Location: http://127.0.0.1:9/steal"),
    "lies-longer": lambda talk: talk.whole(talk.good(), OK, b"Content-Length: 100000"),
    "lies-shorter": lambda talk: talk.whole(talk.good(), OK, b"Content-Length: 20"),
    "lies-no-number": lambda talk: talk.whole(talk.good(), OK, b"Content-Length: -5"),
    "cut-gzip": lambda talk: talk.whole(gzip.compress(talk.good() * 100)[:-20], OK, b"Content-Encoding: gzip"),
    "gzip-bomb": lambda talk: talk.whole(PACKED, OK, b"Content-Encoding: gzip"),
    "json": lambda talk: talk.whole(b"[" * 100_000),
    "no-status": lambda talk: talk.send(b"\x00\xff" * 1000 + b"\r\n\r\n"),
    "owners": lambda talk: _rows(talk, "<Owner></Owner>" * 60 + "<Odd a='1'/>"),
    "rows-without-end": lambda talk: talk.whole(
        answers.list_page([answers.Listed("p/a")]).body.replace(b"</Contents>", b"") * 4000
    ),
    "long-key": lambda talk: talk.whole(answers.list_page([answers.Listed("p/" + "k" * 1023)]).body),
    "long-region": lambda talk: talk.whole(b"", FORBIDDEN, b"x-amz-bucket-region: " + b"e" * 90_000),
}  # fmt: skip
"""Name to harm. They come back when the client has gone, at the latest."""
TO_COPIES: Mapping[str, Harm] = {
    "copy-drips": _until_a_copy(HARMS["drip-body"]),
    "copy-error-drips": _until_a_copy(lambda talk: talk.begin(FORBIDDEN + CHUNKED).forever(_chunk(b" "), DRIP_S)),
    "copy-late-error-drips": _until_a_copy(
        lambda talk: talk.begin(OK + CHUNKED + _chunk(b"<Error><Code>")).forever(_chunk(b"x"), DRIP_S)
    ),
}


class HostileServer:
    """A running one. `asked` are the request lines that came."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self.endpoint_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    @classmethod
    @contextmanager
    def start(cls) -> Iterator[HostileServer]:
        server = cls()
        thread = threading.Thread(target=server._accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server._stopping.set()
            server._listener.shutdown(socket.SHUT_RDWR)
            for connection in server._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            for one in (thread, *server._threads):
                one.join(5)
            server._listener.close()

    def _accept(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._talk, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _talk(self, connection: socket.socket) -> None:
        with suppress(OSError), connection:
            received = b""
            while b"\r\n\r\n" not in received:
                data = connection.recv(2**16)
                if not data:
                    return
                received += data
            talk = Talk(connection, received.partition(b"\r\n\r\n")[0], self._stopping)
            self.asked.append(talk.line)
            self._harm(talk)

    def _harm(self, talk: Talk) -> None:
        """One answer a connection, so that no harm is taken for another's."""
        harm = HARMS.get(talk.bucket) or TO_COPIES.get(talk.bucket)
        if harm is not None:
            harm(talk)
        elif talk.bucket == SILENT:
            self._stopping.wait()
        else:
            talk.whole(talk.good())
