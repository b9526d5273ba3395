"""One connection for HEADs, one after the other. A response to a HEAD has no body: it ends with its headers."""

from __future__ import annotations

import errno
import select
import socket
import ssl
from typing import Any, NamedTuple

from s3_crosscopy.model.input_limits import HEAD

IN, OUT = select.POLLIN, select.POLLOUT
_END = b"\r\n\r\n"
_UNDER_WAY = frozenset({0, errno.EINPROGRESS, errno.EWOULDBLOCK})
_READ_BYTES = 64 * 1024


class Broken(Exception):
    """The connection ended, or what came on it is no response. The text says why."""


class TooLong(Broken):
    """The headers of the response are over the limit."""


class Server(NamedTuple):
    """The server at the other end of a connection. `name`: the host of the URL, which the certificate has to name."""

    address: str
    port: int
    name: str


class HeadConnection:
    """A non-blocking connection. `subject` is the request on it, None between two; `since_s` is when it began.

    `wanted`: the events to poll for. `polled`: those that are polled.
    `sent`: the server may have a part of the request. `excess`: bytes came after the last response.
    """

    __slots__ = (
        "_context", "_name", "_received", "_sock", "_to_send",
        "connected", "excess", "polled", "sent", "since_s", "subject", "wanted",
    )  # fmt: skip

    def __init__(self, server: Server, context: ssl.SSLContext | None, *, keepalive: bool) -> None:
        """Begin to connect. Raises OSError."""
        self._context = context
        self._name = server.name
        self._received = b""
        self._to_send = b""
        self.connected = self.sent = self.excess = False
        self.since_s = 0.0
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

    def send(self, request: bytes, subject: object, now_s: float) -> None:
        """Begin a request; it is sent as soon as the connection is open. Raises Broken."""
        self.subject, self.since_s, self.sent = subject, now_s, False
        self._to_send, self._received = request, b""
        if self.connected:
            self._attempted(self._send)

    def proceed(self) -> bytes | None:
        """Do what the connection waited for. Returns the response, once it is complete. Raises Broken."""
        return self._attempted(self._proceed)

    def close(self) -> None:
        self._sock.close()

    def _attempted(self, step: Any) -> bytes | None:
        try:
            result: bytes | None = step()
        except ssl.SSLWantWriteError:
            self.wanted = OUT
        except (BlockingIOError, ssl.SSLWantReadError):
            # A socket that takes no more of a request stays polled for that.
            self.wanted = OUT if self._to_send and self.connected and self._context is None else IN
        except (OSError, ValueError) as error:
            raise Broken(str(error)) from None
        else:
            return result
        return None

    def _proceed(self) -> bytes | None:
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
                self._sock = self._context.wrap_socket(
                    self._sock, server_hostname=self._name, do_handshake_on_connect=False
                )
        if self._context is not None:
            self._sock.do_handshake()
        self.connected = True

    def _send(self) -> None:
        self.sent = True
        while self._to_send:
            self._to_send = self._to_send[self._sock.send(self._to_send) :]
        self.wanted = IN

    def _receive(self) -> bytes | None:
        chunk: bytes = self._sock.recv(_READ_BYTES)
        if not chunk or self.subject is None:
            raise Broken("the server closed the connection")
        block = self._received + chunk
        if block.endswith(_END) and block.find(_END) == len(block) - 4 and block[9:10] != b"1":
            return block  # The usual case: all of it, and nothing else.
        self._received = block
        return self._whole()

    def _whole(self) -> bytes | None:
        """The response after interim ones (RFC 9110, 15.2), None if some of it is missing."""
        while (end := self._received.find(_END)) >= 0:
            block = self._received[: end + 4]
            if block[9:10] != b"1":
                self.excess = len(block) < len(self._received)
                return block
            self._received = self._received[end + 4 :]
        if len(self._received) > HEAD.most:
            raise TooLong("its headers are over the limit")
        return None
