"""libcurl's easy handles as one client's requests need them: made once, used for one request after another."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import pycurl

from s3_crosscopy.adapters.boto.injection_guard import Passed, check_lines
from s3_crosscopy.adapters.boto.response_limits import most_seconds
from s3_crosscopy.model.input_limits import ANSWER, PAGE, Limit

PAGE_BUFFER_BYTES = 128 * 1024
"""A page of a listing has 300 KB; in libcurl's 16 KB each would come in 20 calls."""
PIECE_BYTES = 16
"""Counted for each piece beside its bytes: a server may send each byte alone, and to keep it takes more than that."""
_STOP = 0
"""libcurl ends a transfer when other than the length of a piece is told."""


class Settings(NamedTuple):
    """How a client talks to its servers. `verify` is False, or the path of a CA bundle."""

    connect_timeout_s: float
    read_timeout_s: float
    verify: bool | str
    tcp_keepalive: bool


class Transfer:
    """One easy handle, and what it received: `body` and `lines` (of the head) in pieces as they came.

    `idle` is where it waits between two requests; `opened` hears of every socket that is opened for it.
    """

    def __init__(
        self, settings: Settings, method: str, idle: list[Transfer], opened: Callable[[int, int], int]
    ) -> None:
        self.settings = settings
        self.idle = idle
        self.body: list[bytes] = []
        self.lines: list[bytes] = []
        self.subject: Any = None
        """Whatever the transfer is made for."""
        self.quiet_since = 0.0
        self.seen = 0
        """How many pieces had come when somebody last looked."""
        self.over: Limit | None = None
        """The limit that what came is over; the transfer is being stopped."""
        self._sent = False
        self._bound = PAGE if method == "GET" else ANSWER
        self._time, self._most_s = most_seconds(method != "GET", settings.read_timeout_s)
        self._began = 0.0
        self._body_left = 0
        self.curl = pycurl.Curl()
        self.curl.setopt(pycurl.SOCKOPTFUNCTION, opened)
        self._set_up(settings, method)

    def prepare(self, url: str, headers: list[bytes], fixed: Passed, subject: object, now_s: float) -> None:
        """Make ready for one request. Raises NotSendable."""
        check_lines([url.encode("utf-8", "surrogateescape"), *headers])
        self.subject, self.quiet_since, self.seen, self._sent = subject, now_s, 0, False
        self.over, self._began = None, now_s
        self._body_left = self._bound.most
        self.body.clear()
        self.lines.clear()
        self.curl.setopt(pycurl.URL, url)
        self.curl.setopt(pycurl.HTTPHEADER, [*headers, *fixed])

    @property
    def status(self) -> int:
        return int(self.curl.getinfo(pycurl.RESPONSE_CODE))

    def is_silent(self, now_s: float) -> bool:
        """Whether nothing came for the read time-out, which begins when the request has been sent."""
        pieces = len(self.body) + len(self.lines)
        if pieces != self.seen:
            self.seen, self.quiet_since = pieces, now_s
            return False
        if now_s - self.quiet_since < self.settings.read_timeout_s:
            return False
        connected_s = float(self.curl.getinfo(pycurl.PRETRANSFER_TIME))
        if connected_s == 0:
            return False  # Connecting has a time-out of its own.
        return pieces > 0 or now_s - self.quiet_since - connected_s >= self.settings.read_timeout_s

    def takes_too_long(self, now_s: float) -> bool:
        """Tells whether it goes on for longer than any answer does, however little keeps coming."""
        if now_s - self._began < self._most_s:
            return False
        self.over = self._time
        return True

    def _take_body(self, piece: bytes) -> int | None:
        self._body_left -= len(piece) + PIECE_BYTES
        if self._body_left < 0:
            self.over = self._bound
            return _STOP
        self.body.append(piece)
        return None

    def _set_up(self, settings: Settings, method: str) -> None:
        curl = self.curl
        curl.setopt(pycurl.CUSTOMREQUEST, method)
        # Keys hold `/../` and `//`, and are signed so.
        curl.setopt(pycurl.PATH_AS_IS, 1)
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        curl.setopt(pycurl.NOSIGNAL, 1)
        # What the environment says of proxies was judged with botocore's rules, which are not libcurl's.
        curl.setopt(pycurl.PROXY, "")
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, max(1, round(settings.connect_timeout_s * 1000)))
        curl.setopt(pycurl.TCP_KEEPALIVE, int(settings.tcp_keepalive))
        if method == "GET":
            curl.setopt(pycurl.BUFFERSIZE, PAGE_BUFFER_BYTES)
        curl.setopt(pycurl.WRITEFUNCTION, self._take_body)
        # No function of ours, which for some ten lines would take a tenth of a copy's time: libcurl has a limit itself.
        curl.setopt(pycurl.HEADERFUNCTION, self.lines.append)
        curl.setopt(pycurl.PREREQFUNCTION, self._before_sending)
        self._set_up_tls(settings.verify)

    def _set_up_tls(self, verify: bool | str) -> None:
        self.curl.setopt(pycurl.SSLVERSION, pycurl.SSLVERSION_TLSv1_2)
        if verify is False:
            self.curl.setopt(pycurl.SSL_VERIFYPEER, 0)
            self.curl.setopt(pycurl.SSL_VERIFYHOST, 0)
        elif isinstance(verify, str):
            self.curl.setopt(pycurl.CAPATH if os.path.isdir(verify) else pycurl.CAINFO, verify)

    def _before_sending(self, *_: object) -> int:
        """libcurl sends a request again by itself when a kept connection breaks before an answer: never unasked."""
        if self._sent:
            return int(pycurl.PREREQFUNC_ABORT)
        self._sent = True
        return int(pycurl.PREREQFUNC_OK)
