"""Direct connections in the tests: a transport that knows its host, and one whose other end the test holds."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from s3_crosscopy.adapters.fast.curl_transport import CurlTransport
from s3_crosscopy.model.operations import Done, TransportOp
from tests.fast.transports import LIST, LONG_S, lane_over, port, reap_all, value
from tests.servers import s3_responses as answers

ONCE = {"mode": "standard", "total_max_attempts": 1}


def own_connections(transport: CurlTransport) -> int:
    return len(transport._direct._open)


@contextmanager
def warm(endpoint_url: str, **config: Any) -> Iterator[CurlTransport]:
    """A transport that has listed, so that it knows the address of the host."""
    transport = lane_over(port(endpoint_url, **config))
    value(transport, LIST)
    yield transport
    transport.close(LONG_S)


class Peer:
    """A transport with a request on its own connection, whose other end the test holds."""

    def __init__(self, server: socket.socket, op: TransportOp, **config: Any) -> None:
        self._server = server
        config = {"retries": ONCE, **config}
        self.transport = lane_over(port(f"http://127.0.0.1:{server.getsockname()[1]}", **config))
        self.transport.submit(LIST, "list")
        self._listing = self.next()
        page = answers.list_page([]).body
        self._listing.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(page), page))
        (done,) = reap_all(self.transport)
        assert isinstance(done, Done)
        assert done.error is None
        self.transport.submit(op, "the request")
        self.own = self.next()

    def next(self) -> socket.socket:
        """The next connection, after the request on it."""
        self.transport.reap(0.05)
        connection, _ = self._server.accept()
        connection.settimeout(LONG_S)
        self.request(connection)
        return connection

    def request(self, connection: socket.socket) -> bytes:
        received = b""
        while not received.endswith(b"\r\n\r\n"):
            self.transport.reap(0.0)
            received += connection.recv(65536)
        return received

    def end(self) -> Done:
        (done,) = reap_all(self.transport)
        assert isinstance(done, Done)
        return done

    def close(self) -> None:
        self.transport.close(0)
        for connection in (self.own, self._listing):
            connection.close()
