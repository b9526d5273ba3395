"""libcurl easy handles, configured like one client's connections and used for one request after another."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import pycurl

from s3_crosscopy.adapters.boto.injection_check import Passed, check_lines
from s3_crosscopy.adapters.boto.response_limits import most_seconds
from s3_crosscopy.model.input_limits import ANSWER, PAGE, Limit

PAGE_BUFFER_BYTES = 128 * 1024
"""A page of a listing has 300 KB: with libcurl's default of 16 KB it would come in 20 calls."""
CHUNK_OVERHEAD_BYTES = 16
"""Counted for each chunk beside its bytes: a server may send single bytes, and keeping one takes more memory."""
_STOP = 0
"""libcurl ends a transfer when the callback returns another number than the length of the chunk."""


class Settings(NamedTuple):
    """The connection settings of a client. `verify` is False, or the path of a CA bundle."""

    connect_timeout_s: float
    read_timeout_s: float
    verify: bool | str
    tcp_keepalive: bool


class Transfer:
    """One easy handle and what it has received: the chunks of `body`, and the `lines` of the headers.

    `idle` is the list that it is in between two requests; `opened` is called for every socket that it opens.
    """

    def __init__(
        self, settings: Settings, method: str, idle: list[Transfer], opened: Callable[[int, int], int]
    ) -> None:
        self.settings = settings
        self.idle = idle
        self.body: list[bytes] = []
        self.lines: list[bytes] = []
        self.subject: Any = None
        """The request that the transfer is made for."""
        self.quiet_since = 0.0
        self.seen = 0
        """The number of chunks at the last check."""
        self.over: Limit | None = None
        """The limit that the response exceeds; the transfer is being stopped."""
        self._sent = False
        self._bound = PAGE if method == "GET" else ANSWER
        self._time_limit, self._most_s = most_seconds(method == "PUT", settings.read_timeout_s)
        self._started = 0.0
        self._body_remaining = 0
        self.curl = pycurl.Curl()
        self.curl.setopt(pycurl.SOCKOPTFUNCTION, opened)
        self._set_up(settings, method)

    def prepare(self, url: str, headers: list[bytes], fixed: Passed, subject: object, now_s: float) -> None:
        """Prepare for one request. Raises NotSendable."""
        check_lines([url.encode("utf-8", "surrogateescape"), *headers])
        self.subject, self.quiet_since, self.seen, self._sent = subject, now_s, 0, False
        self.over, self._started = None, now_s
        self._body_remaining = self._bound.most
        self.body.clear()
        self.lines.clear()
        self.curl.setopt(pycurl.URL, url)
        self.curl.setopt(pycurl.HTTPHEADER, [*headers, *fixed])

    @property
    def status(self) -> int:
        return int(self.curl.getinfo(pycurl.RESPONSE_CODE))

    def is_silent(self, now_s: float) -> bool:
        """True if nothing came for the read time-out, which begins when the request has been sent."""
        chunks = len(self.body) + len(self.lines)
        if chunks != self.seen:
            self.seen, self.quiet_since = chunks, now_s
            return False
        if now_s - self.quiet_since < self.settings.read_timeout_s:
            return False
        connected_s = float(self.curl.getinfo(pycurl.PRETRANSFER_TIME))
        if connected_s == 0:
            return False  # Connecting has a time-out of its own.
        return chunks > 0 or now_s - self.quiet_since - connected_s >= self.settings.read_timeout_s

    def takes_too_long(self, now_s: float) -> bool:
        """True if it takes longer than any response does, even if bytes keep coming."""
        if now_s - self._started < self._most_s:
            return False
        self.over = self._time_limit
        return True

    def _take_body(self, chunk: bytes) -> int | None:
        self._body_remaining -= len(chunk) + CHUNK_OVERHEAD_BYTES
        if self._body_remaining < 0:
            self.over = self._bound
            return _STOP
        self.body.append(chunk)
        return None

    def _set_up(self, settings: Settings, method: str) -> None:
        curl = self.curl
        curl.setopt(pycurl.CUSTOMREQUEST, method)
        # Keys may contain `/../` and `//`, and are signed unchanged.
        curl.setopt(pycurl.PATH_AS_IS, 1)
        curl.setopt(pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1)
        curl.setopt(pycurl.NOSIGNAL, 1)
        # No proxy from the environment: botocore's rules for it, not libcurl's, were applied in `compatibility`.
        curl.setopt(pycurl.PROXY, "")
        curl.setopt(pycurl.CONNECTTIMEOUT_MS, max(1, round(settings.connect_timeout_s * 1000)))
        curl.setopt(pycurl.TCP_KEEPALIVE, int(settings.tcp_keepalive))
        if method == "HEAD":
            curl.setopt(pycurl.NOBODY, 1)
        elif method == "GET":
            curl.setopt(pycurl.BUFFERSIZE, PAGE_BUFFER_BYTES)
        curl.setopt(pycurl.WRITEFUNCTION, self._take_body)
        # No function of ours: called for some ten lines, it would take a tenth of a copy's CPU. libcurl has a limit.
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
        """Refuse to send twice: libcurl repeats a request by itself if a kept connection breaks before the response."""
        if self._sent:
            return int(pycurl.PREREQFUNC_ABORT)
        self._sent = True
        return int(pycurl.PREREQFUNC_OK)
