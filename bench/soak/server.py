"""The soak's server: `python -m bench.soak.server KEYS FRESH STS_SECONDS CPU`. Prints its two ports, ends with stdin.

One port speaks S3 and STS, the other is the runner's: what was done, what is to break, and a gate: at so many copies
nothing more is answered until the runner has killed the client.
"""

from __future__ import annotations

import json
import os
import select
import socket
import sys
import time
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from bench.soak.destination import There
from bench.soak.key_space import Keys
from bench.soak.s3_operations import S3, content_length

PIECE = 256 * 1024


class Connection:
    """A socket with what came and was not yet answered, and what is to be sent."""

    def __init__(self, accepted: socket.socket) -> None:
        accepted.setblocking(False)
        accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = accepted
        self.came = b""
        self.unsent = b""


class Port:
    """A listener and its connections, in a poll of their own."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
        self.listener.setblocking(False)
        self.number = int(self.listener.getsockname()[1])
        self.poll = select.epoll()
        self.poll.register(self.listener.fileno(), select.EPOLLIN)
        self.connections: dict[int, Connection] = {}

    def ready(self) -> list[tuple[Connection, int]]:
        """The connections on which something happened; new ones are taken."""
        found = []
        for fd, event in self.poll.poll(0):
            if fd == self.listener.fileno():
                self._accept()
            elif (connection := self.connections.get(fd)) is not None:
                found.append((connection, event))
        return found

    def close(self, connection: Connection) -> None:
        fd = connection.socket.fileno()
        if fd >= 0:
            self.poll.unregister(fd)
            del self.connections[fd]
            connection.socket.close()

    def send(self, connection: Connection, data: bytes) -> None:
        """Send, or keep what the socket does not take."""
        if connection.unsent:
            connection.unsent += data
            return
        try:
            sent = connection.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self.close(connection)
            return
        if sent < len(data):
            connection.unsent = data[sent:]
            self.poll.modify(connection.socket.fileno(), select.EPOLLIN | select.EPOLLOUT)

    def flush(self, connection: Connection) -> None:
        data, connection.unsent = connection.unsent, b""
        self.poll.modify(connection.socket.fileno(), select.EPOLLIN)
        if data:
            self.send(connection, data)

    def receive(self, connection: Connection) -> bool:
        """Take what came; whether the connection goes on."""
        try:
            data = connection.socket.recv(PIECE)
        except BlockingIOError:
            return True
        except OSError:
            data = b""
        connection.came = connection.came + data if connection.came else data
        return bool(data)

    def _accept(self) -> None:
        try:
            while True:
                connection = Connection(self.listener.accept()[0])
                fd = connection.socket.fileno()
                self.connections[fd] = connection
                self.poll.register(fd, select.EPOLLIN)
        except BlockingIOError:
            pass


class Server:
    """The loop."""

    def __init__(self, s3: S3) -> None:
        self.s3 = s3
        self.wire, self.control = Port(), Port()
        self._gate = 0
        self._gated = False
        self._waiting: tuple[Connection, float] | None = None
        self._all = select.epoll()
        self._all.register(self.wire.poll.fileno(), select.EPOLLIN)
        self._all.register(self.control.poll.fileno(), select.EPOLLIN)
        self._all.register(sys.stdin.fileno(), select.EPOLLIN)

    def serve(self) -> None:
        """Until the runner closes stdin."""
        while True:
            for fd, _ in self._all.poll(0.2 if self._waiting else -1):
                if fd == sys.stdin.fileno():
                    return
                if fd == self.control.poll.fileno():
                    self._turn(self.control, self._ruled)
                elif not self._gated:
                    self._turn(self.wire, self.s3.answer)
            if self._waiting and (self._gated or time.monotonic() >= self._waiting[1]):
                connection, self._waiting = self._waiting[0], None
                self.control.send(connection, _json(self._status()))

    def _turn(self, port: Port, answer: Any) -> None:
        for connection, event in port.ready():
            if event & select.EPOLLOUT:
                port.flush(connection)
            if event & ~select.EPOLLOUT:
                if port.receive(connection):
                    self._answer(port, connection, answer)
                else:
                    self._answer(port, connection, answer)
                    port.close(connection)

    def _answer(self, port: Port, connection: Connection, answer: Any) -> None:
        while (end := connection.came.find(b"\r\n\r\n")) >= 0:
            head, rest = connection.came[:end], connection.came[end + 4 :]
            length = content_length(head) if head[:4] == b"POST" else 0
            if len(rest) < length:
                return
            connection.came = rest[length:]
            said = answer(head, rest[:length]) if port is self.wire else answer(head, connection)
            if said is None:
                port.close(connection)
                return
            if said:
                port.send(connection, said)
            if port is self.wire and self._gate and self.s3.there.counts["copied"] >= self._gate and not self._gated:
                self._gated = True
                self._all.unregister(self.wire.poll.fileno())

    def _ruled(self, head: bytes, connection: Connection) -> bytes:
        address = urlsplit(head.split(b" ", 2)[1].decode())
        given = dict(parse_qsl(address.query))
        if address.path == "/wait":
            self._waiting = (connection, time.monotonic() + float(given["seconds"]))
            return b""
        if address.path == "/gate":
            self._gate = int(given["copies"])
            if self._gated:
                self._gated = False
                self._all.register(self.wire.poll.fileno(), select.EPOLLIN)
        if address.path == "/set":
            for name, value in given.items():
                setattr(self.s3.switches, name, value == "1")
        return _json(self._status())

    def _status(self) -> dict[str, Any]:
        there = self.s3.there
        return {
            "gated": self._gated,
            "counts": dict(there.counts),
            "requests": dict(self.s3.requests),
            "lacks": there.lacks(),
            "uploads": len(self.s3.uploads),
            "connections": len(self.wire.connections),
            "cpu_s": round(time.process_time(), 3),
        }


def _json(value: dict[str, Any]) -> bytes:
    body = json.dumps(value).encode()
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def main(arguments: list[str]) -> None:
    keys, fresh, sts_seconds, cpu = map(int, arguments)
    if cpu in os.sched_getaffinity(0):
        os.sched_setaffinity(0, {cpu})
    server = Server(S3(There(Keys(keys), fresh), sts_seconds))
    print(json.dumps([server.wire.number, server.control.number]), flush=True)
    server.serve()


if __name__ == "__main__":
    main(sys.argv[1:])
