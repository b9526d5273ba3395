"""Sends copies and HEADs over connections of its own, which takes a fifth of libcurl's CPU time (9 us against 48).

Only what is usual is done here. libcurl resolves names: a host's address is that of the last request that libcurl sent
there. What cannot be sent here, libcurl sends: the first requests to a host, those that find no connection free, and
those whose connection does not open.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import pycurl

from s3_crosscopy.adapters.fast.connection_limit import most_direct
from s3_crosscopy.adapters.fast.curl_errors import READ_TIMED_OUT, raised_for
from s3_crosscopy.adapters.fast.curl_multi import Multi
from s3_crosscopy.adapters.fast.curl_request import CurlRequest
from s3_crosscopy.adapters.fast.direct_connection import Broken, DirectConnection
from s3_crosscopy.adapters.fast.direct_hosts import Host
from s3_crosscopy.adapters.fast.request_template import Prepared
from s3_crosscopy.adapters.fast.response_framing import Framed, Malformed, TooLong
from s3_crosscopy.adapters.fast.responses import Response
from s3_crosscopy.model.input_limits import Limit

_WEIRD_REPLY = 8
"""CURLE_WEIRD_SERVER_REPLY, as in `curl_errors`."""
SENT_AT_ONCE = 64
"""Requests that are kept to be sent together; making them takes less than two milliseconds."""


class Then(NamedTuple):
    """The transport's functions for the ends of a request: a response, an error, and that nothing was sent."""

    read: Callable[[CurlRequest, Response], None]
    fail: Callable[[CurlRequest, None, Exception], None]
    send: Callable[[CurlRequest], None]


class DirectRequests:
    """Owned by the transport's thread. `multi` polls its sockets. The ends of requests wait for `read_ended`."""

    def __init__(self, multi: Multi, then: Then) -> None:
        self._most = most_direct()
        self._multi = multi
        self._then = then
        self._hosts: dict[tuple[int, str], Host] = {}
        self._open: dict[DirectConnection, Host] = {}
        self._unsent: list[DirectConnection] = []
        self._answered: list[tuple[CurlRequest, Response]] = []
        self._failed: list[tuple[CurlRequest, Exception | None]] = []

    def learn(self, pending: CurlRequest, curl: object, now_s: float) -> None:
        """Take the address of a host from a request that libcurl sent there."""
        assert pending.request is not None, "it was sent"
        key = id(pending.builder), pending.request.template.origin
        host = self._hosts.get(key)
        if host is None:
            host = self._hosts[key] = Host()
        host.learn(pending.builder.client, pending.url, curl, now_s)

    def takes(self, pending: CurlRequest, prepared: Prepared, now_s: float) -> bool:
        """Begin a request, or return False: then nothing was sent. Raises NotSendable."""
        host = self._hosts.get((id(pending.builder), prepared.template.origin))
        if host is None or pending.by_curl:
            return False
        text = prepared.text()
        connection = host.idle.pop() if host.idle else self._new_connection(host, now_s)
        if connection is None:
            return False
        connection.begin(text, pending, now_s, has_body=pending.method != "HEAD")
        self._unsent.append(connection)
        if len(self._unsent) >= SENT_AT_ONCE:
            self.send()
        return True

    def send(self) -> None:
        """Send the requests that began since the last call.

        Together: a server that is sent one at a time sleeps in between, and to wake it takes longer than to send.
        """
        unsent, self._unsent = self._unsent, []
        for connection in unsent:
            try:
                connection.send()
            except Broken as error:
                self._broken(connection, pycurl.E_SEND_ERROR, str(error))
            else:
                self._poll(connection)

    def has_ended(self) -> bool:
        """True if `read_ended` would hand over anything."""
        return bool(self._answered or self._failed)

    def read_ended(self) -> None:
        """Hand over the requests that ended since the last call."""
        answered, self._answered = self._answered, []
        failed, self._failed = self._failed, []
        for pending, response in answered:
            self._then.read(pending, response)
        for pending, raised in failed:
            if raised is None:
                pending.by_curl = True
                self._then.send(pending)
            else:
                self._then.fail(pending, None, raised)

    def running(self) -> list[CurlRequest]:
        """The requests without an end."""
        return [connection.subject for connection in self._open if connection.subject is not None]

    def end_stalled(self, now_s: float) -> None:
        """End the requests that are silent for too long or take too long, and those that cannot connect in time."""
        for connection, host in list(self._open.items()):
            if connection.subject is None:
                continue
            assert host.settings is not None, "a connection has settings"
            times = host.times[connection.subject.method]
            silent_s = times.silent_s if connection.connected else host.settings.connect_timeout_s
            if now_s - connection.since_s >= silent_s:
                self._broken(connection, READ_TIMED_OUT, "no byte came for as long as the read time-out")
            elif now_s - connection.began_s >= times.most_s:
                self._broken(connection, READ_TIMED_OUT, "", times.limit)

    def close(self) -> None:
        """Close every connection. Requests without an end are cut off."""
        for connection in list(self._open):
            self._drop(connection)
        self._hosts.clear()

    def _new_connection(self, host: Host, now_s: float) -> DirectConnection | None:
        """A new connection, None if there may be no more or none can be made."""
        server = host.server(now_s)
        if server is None or len(self._open) >= self._most:
            return None
        assert host.settings is not None, "a server has settings"
        try:
            connection = DirectConnection(server, host.context, keepalive=host.settings.tcp_keepalive)
        except OSError:
            host.give_up()
            return None
        self._open[connection] = host
        return connection

    def _poll(self, connection: DirectConnection) -> None:
        if connection.polled != connection.wanted:
            connection.polled = connection.wanted
            self._multi.watch(connection.descriptor, connection.wanted, partial(self._proceed, connection))

    def _proceed(self, connection: DirectConnection) -> bool:
        """Continue after an event. Returns True if a request ended."""
        try:
            response = connection.proceed()
        except TooLong as error:
            self._broken(connection, pycurl.E_RECV_ERROR, "", error.limit)
        except Malformed as error:
            self._broken(connection, _WEIRD_REPLY if error.unreadable else pycurl.E_RECV_ERROR, str(error))
        except Broken as error:
            self._broken(connection, pycurl.E_RECV_ERROR, str(error))
        else:
            if response is None:
                self._poll(connection)
                return False
            self._take(connection, response)
        return True

    def _take(self, connection: DirectConnection, response: Framed) -> None:
        """Take a response. Some servers send a body with an error of a HEAD: its connection is not used again."""
        pending = connection.subject
        if response.reusable and (response.status == 200 or pending.method != "HEAD"):
            connection.subject = None
            self._poll(connection)
            self._open[connection].idle.append(connection)
        else:
            self._drop(connection)
        status, head, body, _ = response
        # As `Response(...)` in half the time: this is done for every object.
        self._answered.append((pending, tuple.__new__(Response, (status, [head], body))))

    def _broken(self, connection: DirectConnection, code: int, text: str, over: Limit | None = None) -> None:
        """End the request of a connection, if it has one. libcurl sends what was not sent, and tells what is wrong."""
        pending, host = connection.subject, self._open[connection]
        self._drop(connection)
        if pending is None:
            host.idle.remove(connection)
        elif connection.sent:
            self._failed.append((pending, raised_for(code, text, pending.url, over)))
        else:
            if not connection.connected:
                host.give_up()
            self._failed.append((pending, None))

    def _drop(self, connection: DirectConnection) -> None:
        del self._open[connection]
        self._multi.forget(connection.descriptor)
        connection.close()
