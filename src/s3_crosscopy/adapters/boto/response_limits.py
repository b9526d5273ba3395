"""Bounds every answer that botocore reads: its head, its body, and how long all of it may take.

The bytes are counted where they leave the socket, so that nothing gets past: no status line, no size of a chunk, no
trailer. botocore sends and reads on one thread; what it is about to send says what the answer may be.
"""

from __future__ import annotations

import io
import threading
import time
from typing import Any, cast

from s3_crosscopy.adapters.boto.injection_guard import check_request
from s3_crosscopy.adapters.boto.over_limit import OverLimit, never_again
from s3_crosscopy.model import input_limits as limits
from s3_crosscopy.model.input_limits import ANSWER, HEAD, PAGE, Limit

_ASKED = threading.local()
_SILENCES = 2
"""A server may be silent for the read time-out that the user set, and a little later once more."""


def bound_answers(client: Any) -> None:
    """Make a client ask for bounded answers only; `many_headers` makes it read them."""
    config = client.meta.config

    events = client.meta.events
    service = client.meta.service_model.service_id.hyphenize()

    def asked(request: Any, **_: object) -> None:
        _ASKED.bounds = ResponseLimits.of(request, float(config.read_timeout), of_s3=service == "s3")

    events.register_first(f"before-send.{service}", asked)
    events.register_first(f"before-send.{service}", check_request)
    events.register_first(f"needs-retry.{service}", never_again)


def most_seconds(is_copy: bool, read_timeout_s: float) -> tuple[Limit, float]:
    """The limit of a whole request, and its seconds."""
    return _seconds(limits.COPYING if is_copy else limits.REQUEST, read_timeout_s)


def _seconds(limit: Limit, read_timeout_s: float) -> tuple[Limit, float]:
    return limit, max(float(limit.most), _SILENCES * read_timeout_s)


class ResponseLimits:
    """The bounds of one answer. A body that somebody else reads piece by piece (`streamed`) has no bounds here."""

    def __init__(self, body: Limit, time_limit: Limit, most_s: float, streamed: bool) -> None:
        self._body = body
        self._time = time_limit
        self._until = time.monotonic() + most_s
        self._streamed = streamed
        self._limit: Limit | None = HEAD
        self._left = HEAD.most

    @classmethod
    def of(cls, request: Any, read_timeout_s: float, *, of_s3: bool = True) -> ResponseLimits:
        """Those of an answer to a request of botocore's."""
        copies = of_s3 and request.method in ("PUT", "POST")
        most = most_seconds(copies, read_timeout_s) if of_s3 else _seconds(limits.IDENTITY, read_timeout_s)
        return cls(PAGE if request.method == "GET" else ANSWER, *most, request.stream_output)

    def begin_body(self, status: object) -> None:
        """The head has been read."""
        succeeded = isinstance(status, int) and status < 300
        self._limit = None if self._streamed and succeeded else self._body
        self._left = self._body.most

    def spend(self, number: int) -> None:
        """So many bytes more came. Raises OverLimit."""
        if self._limit is None:
            return
        self._left -= number
        if self._left < 0:
            raise OverLimit(self._limit)
        if time.monotonic() > self._until:
            raise OverLimit(self._time)


def bounds_asked() -> ResponseLimits | None:
    """Those of the request that this thread sends."""
    return getattr(_ASKED, "bounds", None)


class MeteredSocket:
    """A socket as `http.client` wants it for an answer: something to make a file of."""

    def __init__(self, sock: Any, bounds: ResponseLimits) -> None:
        self._sock = sock
        self._bounds = bounds

    def makefile(self, mode: str) -> io.BufferedReader:
        """Of bytes to read."""
        return io.BufferedReader(_Metered(self._sock.makefile(mode, buffering=0), self._bounds))


class _Metered(io.RawIOBase):
    """Counts the bytes that come from a socket."""

    def __init__(self, raw: Any, bounds: ResponseLimits) -> None:
        super().__init__()
        self._raw = raw
        self._bounds = bounds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        number = cast("int | None", self._raw.readinto(buffer))
        self._bounds.spend(number or 0)
        return number

    def fileno(self) -> int:
        return int(self._raw.fileno())

    def close(self) -> None:
        self._raw.close()
        super().close()
