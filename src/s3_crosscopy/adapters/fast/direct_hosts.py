"""The hosts that requests are sent to directly: addresses, idle connections, TLS settings and time limits."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pycurl

from s3_crosscopy.adapters.boto.read_timeouts import silence_s
from s3_crosscopy.adapters.boto.response_limits import most_seconds
from s3_crosscopy.adapters.fast.compatibility import settings_of
from s3_crosscopy.adapters.fast.curl_easy import Settings
from s3_crosscopy.adapters.fast.direct_connection import DirectConnection, Server
from s3_crosscopy.model.input_limits import Limit

ADDRESS_S = 60.0
"""Seconds for which an address counts: as long as libcurl itself keeps one."""


class Times(NamedTuple):
    """The time limits of a request, in seconds: without any byte, and for all of it, with the limit to name."""

    silent_s: float
    most_s: float
    limit: Limit


class Host:
    """One host, for the requests of one client. `server` is None while libcurl has to send them.

    `times`: the limits by HTTP method.
    """

    __slots__ = ("_known_until_s", "_server", "context", "idle", "settings", "times")

    def __init__(self) -> None:
        self.idle: list[DirectConnection] = []
        self.context: ssl.SSLContext | None = None
        self.settings: Settings | None = None
        self.times: dict[str, Times] = {}
        self._server: Server | None = None
        self._known_until_s = 0.0

    def server(self, now_s: float) -> Server | None:
        """The address to connect to, None if there is none that still counts."""
        return self._server if now_s < self._known_until_s else None

    def learn(self, client: Any, url: str, curl: Any, now_s: float) -> None:
        """Take the address from a request that libcurl sent there, unless one was taken a moment ago."""
        if now_s < self._known_until_s:
            return
        self._known_until_s = now_s + ADDRESS_S
        settings = self.settings = settings_of(client, url)
        self.times = {method: _times(settings.read_timeout_s, method) for method in ("HEAD", "PUT")}
        try:
            self.context = _context(settings.verify) if url.startswith("https:") else None
        except OSError:
            self._server = None  # libcurl says what is wrong with the CA bundle.
            return
        name = urlsplit(url).hostname or ""
        self._server = Server(curl.getinfo(pycurl.PRIMARY_IP), int(curl.getinfo(pycurl.PRIMARY_PORT)), name)

    def give_up(self) -> None:
        """Leave the host to libcurl for a while: no connection opened."""
        self._server = None


def _times(read_timeout_s: float, method: str) -> Times:
    silent_s = silence_s(read_timeout_s, method)
    limit, most_s = most_seconds(method == "PUT", silent_s)
    return Times(silent_s, most_s, limit)


@lru_cache(maxsize=8)
def _context(verify: bool | str) -> ssl.SSLContext:
    """The TLS settings for a CA bundle, as libcurl and botocore have them. Raises OSError if it cannot be loaded."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if isinstance(verify, str):
        directory = os.path.isdir(verify)
        context.load_verify_locations(None if directory else verify, verify if directory else None)
    elif verify is False:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context
