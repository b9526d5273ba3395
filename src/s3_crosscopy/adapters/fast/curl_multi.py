"""libcurl's multi handle: many transfers on one thread, woken by their sockets or from outside.

Its sockets are watched here and not in libcurl, whose own waiting takes no descriptor above 1023.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pycurl

from s3_crosscopy.adapters.fast.curl_easy import Transfer

_EPOLL = hasattr(select, "epoll")
_IN, _OUT = select.POLLIN, select.POLLOUT  # epoll's have the same values
_WANTED = {
    pycurl.POLL_NONE: 0,
    pycurl.POLL_IN: _IN,
    pycurl.POLL_OUT: _OUT,
    pycurl.POLL_INOUT: _IN | _OUT,
}
MOST_ENDED = 1000

MOST_CONNECTIONS = 1024
"""At 40 ms a request 600 to 800 carried 9,000 requests/s; more only wait at S3."""
OTHER_FILES = 256
"""Descriptors of the process that are left to everything else."""


def most_connections() -> int:
    """As many as are of use and as the process may have open."""
    try:
        import resource
    except ImportError:
        return MOST_CONNECTIONS // 4
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if allowed < 0 else max(16, min(MOST_CONNECTIONS, allowed - OTHER_FILES))


Ended = tuple[Transfer, int, str]
"""The end of a transfer: libcurl's error code, 0 for an answer, and its text."""


class Multi:
    """Owned by one thread; only `wake` may be called from others. Further transfers wait for one of `connections`."""

    def __init__(self, connections: int) -> None:
        self._connections = connections
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, connections)
        self._multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, connections)
        self._raised: BaseException | None = None
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._keeping(self._watch))
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._keeping(self._set_timer))
        self._timer_at: float | None = None
        # What is waited for, by descriptor; `_kept` are those that libcurl has done with for now.
        self._watched: dict[int, int] = {}
        self._kept: set[int] = set()
        self._running: dict[object, Transfer] = {}
        self._bell, self._waker = socket.socketpair()
        for end in (self._bell, self._waker):
            end.setblocking(False)
        self._bell_fd = self._bell.fileno()
        self._poller = self._make_poller()

    def start(self, transfer: Transfer) -> None:
        """Begin a transfer that was prepared."""
        self._running[transfer.curl] = transfer
        self._call(self._multi.add_handle, transfer.curl)

    def stop(self, transfer: Transfer) -> None:
        """Forget a transfer, and close its connection."""
        del self._running[transfer.curl]
        self._call(self._multi.remove_handle, transfer.curl)

    def running(self) -> Sequence[Transfer]:
        """What has begun and not ended."""
        return list(self._running.values())

    def full(self) -> bool:
        """True if every connection is in use."""
        return len(self._running) >= self._connections

    def wait(self, timeout_s: float) -> tuple[list[Ended], bool]:
        """What ended, and whether somebody called `wake`; waits up to `timeout_s` for either."""
        until = time.monotonic() + timeout_s
        while True:
            self._run_timer()
            ended = self._ended()
            now = time.monotonic()
            wait_s = 0.0 if ended else self._wait_s(now, until)
            woken = self._run_sockets(wait_s)
            ended += self._ended()
            if ended or woken or time.monotonic() >= until:
                return ended, woken

    def opened(self, descriptor: int, _: int) -> int:
        """libcurl opened a socket, maybe under the number of one that it has closed, which nobody is told of."""
        self._watched.pop(descriptor, None)
        self._kept.discard(descriptor)
        return int(pycurl.SOCKOPT_OK)

    def wake(self) -> None:
        """Make a waiting `wait` return at once; also the next one, if none waits."""
        with suppress(OSError):  # Enough bytes wait there already, or it is closed.
            self._waker.send(b"\0")

    def close(self) -> None:
        """Let go of everything; what runs is cut off."""
        for transfer in self.running():
            self.stop(transfer)
            transfer.curl.close()
        self._multi.close()
        if _EPOLL:
            self._poller.close()
        self._bell.close()
        self._waker.close()

    def _call(self, function: Callable[..., object], *args: object) -> None:
        """Call libcurl; what one of our callbacks raised meanwhile comes out here."""
        try:
            function(*args)
        finally:
            if self._raised is not None:
                raised, self._raised = self._raised, None
                raise raised

    def _keeping(self, callback: Callable[..., None]) -> Callable[..., None]:
        """The callback, whose exceptions are kept for `_call`: libcurl would lose them, or tell another error. A signal
        handler may raise one at any instruction."""

        def kept(*args: object) -> None:
            try:
                callback(*args)
            except BaseException as error:  # noqa: BLE001 - raised by `_call`
                self._raised = error

        return kept

    def _run_timer(self) -> None:
        if self._timer_at is not None and self._timer_at <= time.monotonic():
            self._timer_at = None
            self._call(self._multi.socket_action, pycurl.SOCKET_TIMEOUT, 0)

    def _wait_s(self, now: float, until: float) -> float:
        at = until if self._timer_at is None else min(until, self._timer_at)
        return max(0.0, at - now)

    def _run_sockets(self, wait_s: float) -> bool:
        woken = False
        for descriptor, events in self._poller.poll(wait_s if _EPOLL else wait_s * 1000):
            if descriptor == self._bell_fd:
                woken = True
                self._bell.recv(4096)
                continue
            if descriptor in self._kept:
                self._let_go(descriptor)
                continue
            # An error or a hang-up is found out by reading.
            mask = (pycurl.CSELECT_IN if events & ~_OUT else 0) | (pycurl.CSELECT_OUT if events & _OUT else 0)
            self._call(self._multi.socket_action, descriptor, mask)
        return woken

    def _ended(self) -> list[Ended]:
        ended: list[Ended] = []
        more = 1
        while more:
            more, good, bad = self._multi.info_read(MOST_ENDED)
            ended += [(self._end(curl), 0, "") for curl in good]
            ended += [(self._end(curl), code, text) for curl, code, text in bad]
        return ended

    def _end(self, curl: object) -> Transfer:
        self._call(self._multi.remove_handle, curl)
        return self._running.pop(curl)

    def _watch(self, what: int, descriptor: int, *_: object) -> None:
        """libcurl says which sockets it wants to hear of.

        One that it has done with stays watched: the next request on its connection would only watch it again, and two
        system calls for each request are a tenth of all that it takes.
        """
        if what == pycurl.POLL_REMOVE:
            self._kept.add(descriptor)
            return
        self._kept.discard(descriptor)
        wanted = _WANTED[what]
        if self._watched.get(descriptor) == wanted:
            return
        self._watched[descriptor] = wanted
        try:
            self._poller.register(descriptor, wanted)
        except FileExistsError:
            self._poller.modify(descriptor, wanted)

    def _let_go(self, descriptor: int) -> None:
        """Something came on a connection that is not in use: its end, most likely. libcurl finds that out by itself."""
        self._kept.discard(descriptor)
        del self._watched[descriptor]
        try:
            self._poller.unregister(descriptor)
        except OSError:
            # It is closed, but not in a process that was forked from this one, and so still heard of.
            old, self._poller = self._poller, self._make_poller()
            if _EPOLL:
                old.close()

    def _make_poller(self) -> Any:
        poller: Any = select.epoll() if _EPOLL else select.poll()
        poller.register(self._bell_fd, _IN)
        for descriptor in self._kept:
            self._watched.pop(descriptor, None)
        self._kept.clear()
        for descriptor, wanted in self._watched.items():
            poller.register(descriptor, wanted)
        return poller

    def _set_timer(self, timeout_ms: int) -> None:
        self._timer_at = None if timeout_ms < 0 else time.monotonic() + timeout_ms / 1000
