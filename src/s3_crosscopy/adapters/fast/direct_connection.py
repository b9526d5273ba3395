"""One connection for requests without a body, one after the other, on a socket that is polled by the transport."""

from __future__ import annotations

import errno
import select
import socket
import ssl
import time
from typing import Any, NamedTuple

from s3_crosscopy.adapters.fast.response_framing import Framed, framed

IN, OUT = select.POLLIN, select.POLLOUT
_UNDER_WAY = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK})
_READ_BYTES = 64 * 1024
MOST_READS = 8192
"""Reads of one response. Each looks at all that came; a copy of an hour has a thousand, with white space."""


class Broken(Exception):
    """The connection ended, or too little comes at a time. The text says why."""


class Server(NamedTuple):
    """The server at the other end of a connection. `name`: the host of the URL, which the certificate has to name."""

    address: str
    port: int
    name: str


class DirectConnection:
    """A non-blocking connection. `subject` is the request on it, None between two.

    `began_s`: when the request began. `since_s`: when the last byte of the response came, or the request was sent.
    `wanted`: the events to poll for. `polled`: those that are polled. `sent`: the server may have some of the request.
    """

    __slots__ = (
        "_context", "_has_body", "_name", "_reads", "_received", "_sock", "_to_send",
        "began_s", "connected", "polled", "sent", "since_s", "subject", "wanted",
    )  # fmt: skip

    def __init__(self, server: Server, context: ssl.SSLContext | None, *, keepalive: bool) -> None:
        """Begin to connect. Raises OSError."""
        self._context = context
        self._name = server.name
        self._has_body = True
        self._received = b""
        self._reads = 0
        self._to_send = b""
        self.connected = self.sent = False
        self.began_s = self.since_s = 0.0
        self.subject: Any = None
        self.wanted, self.polled = OUT, 0
        family = socket.AF_INET6 if ":" in server.address else socket.AF_INET
        self._sock: Any = socket.socket(family, socket.SOCK_STREAM)
        try:
            self._sock.setblocking(False)
            self._sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(keepalive))
            code = self._sock.connect_ex((server.address, server.port))
            if code not in _UNDER_WAY:
                raise OSError(code, "connect")
        except OSError:
            self._sock.close()
            raise

    @property
    def descriptor(self) -> int:
        return int(self._sock.fileno())

    def begin(self, request: bytes, subject: object, now_s: float, *, has_body: bool) -> None:
        """Begin a request, which `send` sends. `has_body`: the response's."""
        self.subject, self.began_s, self.since_s, self.sent = subject, now_s, now_s, False
        self._to_send, self._received, self._reads, self._has_body = request, b"", 0, has_body

    def send(self) -> None:
        """Send the request, or as much of it as the socket takes, if the connection is open. Raises Broken."""
        if self.connected:
            self._attempted(self._send)

    def proceed(self) -> Framed | None:
        """Do what the connection waited for. Returns the response once it is complete.

        Raises Broken, and what `framed` raises.
        """
        return self._attempted(self._proceed)

    def close(self) -> None:
        self._sock.close()

    def _attempted(self, step: Any) -> Framed | None:
        try:
            result: Framed | None = step()
        except ssl.SSLWantWriteError:
            self.wanted = OUT
        except (BlockingIOError, ssl.SSLWantReadError):
            # A socket that takes no more of a request stays polled for that.
            self.wanted = OUT if self._to_send and self.connected and self._context is None else IN
        except OSError as error:
            raise Broken(str(error)) from None
        else:
            return result
        return None

    def _proceed(self) -> Framed | None:
        if not self.connected:
            self._connect()
        if self._to_send:
            self._send()
        return self._receive()

    def _connect(self) -> None:
        if not isinstance(self._sock, ssl.SSLSocket):
            code = self._sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise OSError(code, "connect")
            if self._context is not None:
                self._sock = self._wrapped(self._context)
        if self._context is not None:
            self._sock.do_handshake()
        self.connected = True
        self.since_s = time.monotonic()

    def _wrapped(self, context: ssl.SSLContext) -> ssl.SSLSocket:
        try:
            return context.wrap_socket(self._sock, server_hostname=self._name, do_handshake_on_connect=False)
        except ValueError as error:  # The name cannot be that of a host.
            raise OSError(str(error)) from None

    def _send(self) -> None:
        self.sent = True
        while self._to_send:
            self._to_send = self._to_send[self._sock.send(self._to_send) :]
        self.wanted = IN

    def _receive(self) -> Framed | None:
        chunk: bytes = self._sock.recv(_READ_BYTES)
        if self.subject is None:
            raise Broken("the server closed the connection, or sent what nobody asked for")
        received = self._received + chunk if self._received else chunk
        response = framed(received, has_body=self._has_body, closed=not chunk)
        if response is not None:
            self._received = b""
            return response
        if not chunk:
            raise Broken("the server closed the connection")
        self._received, self.since_s = received, time.monotonic()
        self._reads += 1
        if self._reads >= MOST_READS:
            raise Broken("the response came in too many parts")
        return None
