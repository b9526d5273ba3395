"""HTTP/1.1 on one thread of this process, fast enough for a few workers: some thousand requests a second.

`tests/servers/stub_server.py` has a thread for each connection instead, and stalls with the hundreds that
several tasks open.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import Message
from email.utils import formatdate
from http import HTTPStatus
from typing import TypeAlias

from tests.servers.http_messages import Request, Response

# Called on the server's thread; None is never answered.
Answer: TypeAlias = Callable[[Request], Response | None]

STOP_TIMEOUT_S = 10.0
_END = b"\r\n\r\n"


@contextmanager
def serving(answer: Answer, latency_s: float = 0.0) -> Iterator[str]:
    """The endpoint; each answer is sent so long after its request came."""
    loop = asyncio.new_event_loop()
    connections: set[asyncio.Transport] = set()

    def connection() -> _Connection:
        return _Connection(loop, answer, latency_s, connections)

    server = loop.run_until_complete(loop.create_server(connection, "127.0.0.1", 0, backlog=1024))
    thread = threading.Thread(target=loop.run_forever, name="wire", daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(STOP_TIMEOUT_S)
        server.close()
        for one in list(connections):
            one.abort()
        # Transports are closed by the loop's next turn.
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


class _Connection(asyncio.Protocol):
    """One client: a request at a time, as every S3 client sends them."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, answer: Answer, latency_s: float, connections: set[asyncio.Transport]
    ) -> None:
        self._loop = loop
        self._answer = answer
        self._latency_s = latency_s
        self._connections = connections
        self._transport: asyncio.Transport | None = None
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._connections.add(transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._transport is not None:
            self._connections.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (request := self._next()) is not None:
            response = self._answer(request)
            if response is not None:
                self._loop.call_later(self._latency_s, self._write, _framed(request, response))

    def _next(self) -> Request | None:
        """The next whole request of what came."""
        head, end, rest = self._received.partition(_END)
        if not end:
            return None
        first, *lines = head.decode("latin-1").split("\r\n")
        headers: Message[str, str] = Message()
        for line in lines:
            name, _, value = line.partition(":")
            headers[name] = value.strip()
        length = int(headers.get("Content-Length", 0))
        if len(rest) < length:
            return None
        self._received = rest[length:]
        method, target, _ = first.split(" ")
        return Request(method, target, headers, rest[:length])

    def _write(self, framed: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(framed)


def _framed(request: Request, response: Response) -> bytes:
    headers = {"Content-Length": str(len(response.body)), "Date": formatdate(usegmt=True), **response.headers}
    lines = [f"HTTP/1.1 {response.status} {HTTPStatus(response.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    body = b"" if request.method == "HEAD" else response.body
    return "\r\n".join(lines).encode("latin-1") + _END + body
