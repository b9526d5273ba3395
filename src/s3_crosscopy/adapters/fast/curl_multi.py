"""libcurl's multi handle: many transfers on one thread, woken by their sockets or from outside.

The sockets are polled here and not by libcurl, whose own wait takes no descriptor above 1023.
"""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import pycurl

from s3_crosscopy.adapters.fast.curl_easy import Transfer
from s3_crosscopy.adapters.fast.curl_errors import READ_TIMED_OUT

_EPOLL = hasattr(select, "epoll")
_IN, _OUT = select.POLLIN, select.POLLOUT  # epoll's have the same values
_WANTED = {
    pycurl.POLL_NONE: 0,
    pycurl.POLL_IN: _IN,
    pycurl.POLL_OUT: _OUT,
    pycurl.POLL_INOUT: _IN | _OUT,
}
MOST_ENDED = 1000

Ended = tuple[Transfer, int, str]
"""A transfer that ended, libcurl's error code (0: a response came) and the text of the error."""


class Multi:
    """A libcurl multi handle with its own poller.

    Owned by one thread; only `wake` may be called from others. At most `connections` transfers run at a time.
    """

    def __init__(self, connections: int) -> None:
        self._connections = connections
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_MAXCONNECTS, connections)
        self._multi.setopt(pycurl.M_MAX_TOTAL_CONNECTIONS, connections)
        self._raised: BaseException | None = None
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._keep_exceptions(self._watch))
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._keep_exceptions(self._set_timer))
        self._timer_at: float | None = None
        # The polled events by descriptor; `_unused` are those that libcurl does not use at the moment.
        self._watched: dict[int, int] = {}
        self._unused: set[int] = set()
        # Sockets that are not libcurl's: the events to poll for, and what is called for them.
        self._others: dict[int, tuple[int, Callable[[], bool]]] = {}
        self._running: dict[object, Transfer] = {}
        self._bell, self._waker = socket.socketpair()
        for end in (self._bell, self._waker):
            end.setblocking(False)
        self._bell_fd = self._bell.fileno()
        self._poller = self._make_poller()

    def start(self, transfer: Transfer) -> None:
        """Start a transfer that was prepared."""
        self._running[transfer.curl] = transfer
        self._call(self._multi.add_handle, transfer.curl)

    def stop(self, transfer: Transfer) -> None:
        """Stop a transfer, and close its connection."""
        del self._running[transfer.curl]
        self._call(self._multi.remove_handle, transfer.curl)

    def running(self) -> Sequence[Transfer]:
        """The transfers that have started and not ended."""
        return list(self._running.values())

    def end_stalled(self, now_s: float) -> Iterator[Ended]:
        """Stop the transfers that have been silent for too long, or take too long; each ends with READ_TIMED_OUT."""
        for transfer in self.running():
            if transfer.is_silent(now_s):
                self.stop(transfer)
                yield transfer, READ_TIMED_OUT, "no byte came for as long as the read time-out"
            elif transfer.takes_too_long(now_s):
                self.stop(transfer)
                yield transfer, READ_TIMED_OUT, ""

    def full(self) -> bool:
        """True if every connection is in use."""
        return len(self._running) >= self._connections

    def wait(self, timeout_s: float) -> tuple[list[Ended], bool]:
        """The transfers that ended, and True if `wake` was called. Blocks up to `timeout_s` seconds for either."""
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
        """Forget a descriptor: libcurl opened a socket with it, and does not report that it closed an older one."""
        self._watched.pop(descriptor, None)
        self._unused.discard(descriptor)
        return int(pycurl.SOCKOPT_OK)

    def watch(self, descriptor: int, events: int, proceed: Callable[[], bool]) -> None:
        """Poll a socket that is not libcurl's, and call `proceed` for its events; with True `wait` returns."""
        register = self._poller.modify if descriptor in self._others else self._poller.register
        self._others[descriptor] = events, proceed
        self._watched.pop(descriptor, None)  # libcurl does not report that it closed a socket of this number.
        self._unused.discard(descriptor)
        register(descriptor, events)

    def forget(self, descriptor: int) -> None:
        """Poll such a socket no more. It is still open."""
        if self._others.pop(descriptor, None) is not None:
            self._poller.unregister(descriptor)

    def wake(self) -> None:
        """Make the running `wait` return at once; if none is running, the next one."""
        with suppress(OSError):  # Its buffer is full already, or it is closed.
            self._waker.send(b"\0")

    def close(self) -> None:
        """Close all handles and sockets. Running transfers are cut off."""
        for transfer in self.running():
            self.stop(transfer)
            transfer.curl.close()
        self._multi.close()
        if _EPOLL:
            self._poller.close()
        self._bell.close()
        self._waker.close()

    def _call(self, function: Callable[..., object], *args: object) -> None:
        """Call libcurl, and raise what one of our callbacks raised meanwhile."""
        try:
            function(*args)
        finally:
            if self._raised is not None:
                raised, self._raised = self._raised, None
                raise raised

    def _keep_exceptions(self, callback: Callable[..., None]) -> Callable[..., None]:
        """Wrap a callback: its exceptions are kept for `_call`, because libcurl would lose them or report other errors.

        A signal handler may raise one at any instruction.
        """

        def wrapped(*args: object) -> None:
            try:
                callback(*args)
            except BaseException as error:  # noqa: BLE001 - raised by `_call`
                self._raised = error

        return wrapped

    def _run_timer(self) -> None:
        if self._timer_at is not None and self._timer_at <= time.monotonic():
            self._timer_at = None
            self._call(self._multi.socket_action, pycurl.SOCKET_TIMEOUT, 0)

    def _wait_s(self, now: float, until: float) -> float:
        next_event = until if self._timer_at is None else min(until, self._timer_at)
        return max(0.0, next_event - now)

    def _run_sockets(self, wait_s: float) -> bool:
        woken = False
        for descriptor, events in self._poller.poll(wait_s if _EPOLL else wait_s * 1000):
            if descriptor == self._bell_fd:
                woken = True
                self._bell.recv(4096)
                continue
            if descriptor in self._others:
                woken |= self._others[descriptor][1]()
                continue
            if descriptor in self._unused:
                self._unregister(descriptor)
                continue
            # An error or a hang-up shows when libcurl reads.
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

    def _watch(self, action: int, descriptor: int, *_: object) -> None:
        """Poll the sockets that libcurl asks for.

        A socket that it releases stays registered: the next request on its connection would only register it again, and
        two system calls a request are a tenth of a request's whole CPU time.
        """
        if action == pycurl.POLL_REMOVE:
            self._unused.add(descriptor)
            return
        self._unused.discard(descriptor)
        wanted = _WANTED[action]
        if self._watched.get(descriptor) == wanted:
            return
        self._watched[descriptor] = wanted
        try:
            self._poller.register(descriptor, wanted)
        except FileExistsError:
            self._poller.modify(descriptor, wanted)

    def _unregister(self, descriptor: int) -> None:
        """Stop polling an unused connection on which something came: its end, most likely, which libcurl notices."""
        self._unused.discard(descriptor)
        del self._watched[descriptor]
        try:
            self._poller.unregister(descriptor)
        except OSError:
            # It is closed here but open in a process that was forked from this one, so its events still come.
            old, self._poller = self._poller, self._make_poller()
            if _EPOLL:
                old.close()

    def _make_poller(self) -> Any:
        poller: Any = select.epoll() if _EPOLL else select.poll()
        poller.register(self._bell_fd, _IN)
        for descriptor in self._unused:
            self._watched.pop(descriptor, None)
        self._unused.clear()
        for descriptor, wanted in self._watched.items():
            poller.register(descriptor, wanted)
        for descriptor, (wanted, _) in self._others.items():
            poller.register(descriptor, wanted)
        return poller

    def _set_timer(self, timeout_ms: int) -> None:
        self._timer_at = None if timeout_ms < 0 else time.monotonic() + timeout_ms / 1000
