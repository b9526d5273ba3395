"""The hosts that HEADs are sent to directly: their addresses, their idle connections, and the TLS settings."""

from __future__ import annotations

import os
import ssl
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import pycurl

from s3_crosscopy.adapters.boto.read_timeouts import silence_s
from s3_crosscopy.adapters.fast.compatibility import settings_of
from s3_crosscopy.adapters.fast.curl_easy import Settings
from s3_crosscopy.adapters.fast.head_connection import HeadConnection, Server

ADDRESS_S = 60.0
"""Seconds for which an address counts: as long as libcurl itself keeps one."""


class Host:
    """One host, for the requests of one client. `server` is None while libcurl has to send them."""

    __slots__ = ("_known_until_s", "_server", "context", "idle", "settings")

    def __init__(self) -> None:
        self.idle: list[HeadConnection] = []
        self.context: ssl.SSLContext | None = None
        self.settings: Settings | None = None
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
        settings = settings_of(client, url)
        self.settings = settings._replace(read_timeout_s=silence_s(settings.read_timeout_s, "HEAD"))
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


def parts(url: str) -> tuple[str, str]:
    """The scheme and the host of a URL, and the rest of it."""
    path = url.index("/", len("https://"))
    return url[:path], url[path:]


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
