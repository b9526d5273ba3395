"""Connections that stay watched between two requests: closed, opened again, and kept by another process."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from s3_crosscopy.adapters.boto.injection_check import passed
from s3_crosscopy.adapters.fast.curl_easy import Settings, Transfer
from s3_crosscopy.adapters.fast.curl_multi import Multi

SETTINGS = Settings(connect_timeout_s=5, read_timeout_s=5, verify=False, tcp_keepalive=False)
LONG_S, SHORT_S = 10.0, 0.3
LOOKED_AT_S = 1.1
"""libcurl looks whether a connection is still there when it has been idle for a second."""
FEW = 10
"""Looks at the sockets within a third of a second: one that is always ready is looked at thousands of times."""

KEPT = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


class Server:
    """Gives the answers one after the other, and closes a connection behind `LAST`; `hang_up` closes all others."""

    def __init__(self, answers: list[bytes]) -> None:
        self.connections: list[socket.socket] = []
        self._answers = iter(answers)
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}/"
        threading.Thread(target=self._accept, daemon=True).start()

    def hang_up(self) -> None:
        for one in self.connections:
            one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            while connection.recv(65536):
                answer = next(self._answers)
                connection.sendall(answer)
                if answer is LAST:
                    return


class Counted:
    """A poller that counts how often it was asked."""

    def __init__(self, inner: Any) -> None:
        self.asked = 0
        self._inner = inner

    def poll(self, timeout: float) -> Any:
        self.asked += 1
        return self._inner.poll(timeout)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


@contextmanager
def serving(*answers: bytes) -> Iterator[Server]:
    server = Server(list(answers))
    try:
        yield server
    finally:
        server.close()


class Watching(Multi):
    """Keeps the `sockets` that were opened."""

    def __init__(self, connections: int) -> None:
        super().__init__(connections)
        self.sockets: list[int] = []

    def opened(self, descriptor: int, purpose: int) -> int:
        self.sockets.append(descriptor)
        return super().opened(descriptor, purpose)


@pytest.fixture
def multi() -> Iterator[Watching]:
    made = Watching(16)
    yield made
    made.close()


def get(multi: Multi, server: Server) -> bytes:
    transfer = Transfer(SETTINGS, "GET", [], multi.opened)
    transfer.prepare(server.url, [], passed(()), None, 0.0)
    multi.start(transfer)
    ended, _ = multi.wait(LONG_S)
    assert [(one, code) for one, code, _ in ended] == [(transfer, 0)]
    return b"".join(transfer.body)


def looks(multi: Multi) -> int:
    """How often the sockets are looked at while nothing goes on."""
    poller = multi._poller = Counted(multi._poller)
    assert multi.wait(SHORT_S) == ([], False)
    multi._poller = poller._inner if multi._poller is poller else multi._poller
    return poller.asked


def test_a_connection_is_used_for_one_request_after_the_other(multi: Watching) -> None:
    with serving(*[KEPT] * 5) as server:
        assert [get(multi, server) for _ in range(5)] == [b"ok"] * 5
        assert len(server.connections) == 1


def test_a_connection_that_the_server_closes_while_it_is_idle_is_not_looked_at_for_ever(multi: Watching) -> None:
    with serving(KEPT, KEPT) as server:
        get(multi, server)
        server.hang_up()
        assert looks(multi) <= FEW
        time.sleep(LOOKED_AT_S)
        assert get(multi, server) == b"ok"
        assert len(server.connections) == 2


def test_the_next_connection_may_have_the_number_of_one_that_was_closed(multi: Watching) -> None:
    with serving(*[LAST] * 5) as server:
        assert [get(multi, server) for _ in range(5)] == [b"ok"] * 5
        assert len(server.connections) == 5


def test_a_closed_connection_that_another_process_has_open_is_not_looked_at_for_ever(multi: Watching) -> None:
    with serving(KEPT, LAST, KEPT) as server:
        get(multi, server)
        # As a process has it that was forked from this one.
        copy = os.dup(multi.sockets[0])
        try:
            get(multi, server)
            assert looks(multi) <= FEW
            assert get(multi, server) == b"ok"
        finally:
            os.close(copy)


def test_what_is_closed_leaves_nothing_open() -> None:
    before = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    with serving(KEPT) as server:
        multi = Multi(16)
        get(multi, server)
        server.hang_up()
        looks(multi)
        multi.close()
    after = len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0
    assert after <= before + 1, "the server's own end of the connection may still be open"
