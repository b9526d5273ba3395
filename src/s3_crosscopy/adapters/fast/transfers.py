"""libcurl's easy handles as one client's requests need them: made once, used for one request after another."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, NamedTuple

import pycurl

PAGE_BUFFER_BYTES = 128 * 1024
"""A page of a listing has 300 KB; in libcurl's 16 KB each would come in 20 calls."""


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
        self._sent = False
        self.curl = pycurl.Curl()
        self.curl.setopt(pycurl.SOCKOPTFUNCTION, opened)
        self._set_up(settings, method)

    def prepare(self, url: str, headers: list[Any], subject: object, now_s: float) -> None:
        """Make ready for one request."""
        self.subject, self.quiet_since, self.seen, self._sent = subject, now_s, 0, False
        self.body.clear()
        self.lines.clear()
        self.curl.setopt(pycurl.URL, url)
        self.curl.setopt(pycurl.HTTPHEADER, headers)

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
        curl.setopt(pycurl.WRITEFUNCTION, self.body.append)
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
