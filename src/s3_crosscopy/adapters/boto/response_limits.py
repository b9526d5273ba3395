"""Limits every response that botocore reads: the size of headers and body, and the time for all of it.

The bytes are counted when they are read from the socket: status lines, chunk sizes and trailers are included. botocore
sends and reads on the same thread, so the limits are set when it sends.
"""

from __future__ import annotations

import io
import threading
import time
from typing import Any, cast

from s3_crosscopy.adapters.boto.injection_check import check_request
from s3_crosscopy.adapters.boto.over_limit import OverLimit, never_again
from s3_crosscopy.model import input_limits as limits
from s3_crosscopy.model.input_limits import ANSWER, HEAD, PAGE, Limit

_THREAD = threading.local()
_READ_TIMEOUTS = 2
"""The time limit is at least so many of the user's read time-outs: a server may be silent more than once."""


def bound_answers(client: Any) -> None:
    """Set the limits for every request of a client; the connections of `many_headers` apply them."""
    config = client.meta.config

    events = client.meta.events
    service = client.meta.service_model.service_id.hyphenize()

    def set_limits(request: Any, **_: object) -> None:
        _THREAD.bounds = ResponseLimits.of(request, float(config.read_timeout), of_s3=service == "s3")

    events.register_first(f"before-send.{service}", set_limits)
    events.register_first(f"before-send.{service}", check_request)
    events.register_first(f"needs-retry.{service}", never_again)


def most_seconds(is_copy: bool, read_timeout_s: float) -> tuple[Limit, float]:
    """The limit of a whole request, and its seconds for this read time-out."""
    return _seconds(limits.COPYING if is_copy else limits.REQUEST, read_timeout_s)


def _seconds(limit: Limit, read_timeout_s: float) -> tuple[Limit, float]:
    return limit, max(float(limit.most), _READ_TIMEOUTS * read_timeout_s)


class ResponseLimits:
    """The limits of one response. A `streamed` body, which the caller reads in chunks, is not limited here."""

    def __init__(self, body: Limit, time_limit: Limit, most_s: float, streamed: bool) -> None:
        self._body = body
        self._time = time_limit
        self._until = time.monotonic() + most_s
        self._streamed = streamed
        self._limit: Limit | None = HEAD
        self._remaining = HEAD.most

    @classmethod
    def of(cls, request: Any, read_timeout_s: float, *, of_s3: bool = True) -> ResponseLimits:
        """The limits of the response to a request of botocore."""
        copies = of_s3 and request.method in ("PUT", "POST")
        most = most_seconds(copies, read_timeout_s) if of_s3 else _seconds(limits.IDENTITY, read_timeout_s)
        return cls(PAGE if request.method == "GET" else ANSWER, *most, request.stream_output)

    def begin_body(self, status: object) -> None:
        """Start with the body: the headers have been read."""
        succeeded = isinstance(status, int) and status < 300
        self._limit = None if self._streamed and succeeded else self._body
        self._remaining = self._body.most

    def spend(self, number: int) -> None:
        """Count `number` more bytes. Raises OverLimit."""
        if self._limit is None:
            return
        self._remaining -= number
        if self._remaining < 0:
            raise OverLimit(self._limit)
        if time.monotonic() > self._until:
            raise OverLimit(self._time)


def bounds_asked() -> ResponseLimits | None:
    """The limits for the request that this thread sends; None if there are none."""
    return getattr(_THREAD, "bounds", None)


class MeteredSocket:
    """The part of a socket that `http.client` needs for a response. Its files count the bytes that are read."""

    def __init__(self, sock: Any, bounds: ResponseLimits) -> None:
        self._sock = sock
        self._bounds = bounds

    def makefile(self, mode: str) -> io.BufferedReader:
        """A file of the bytes to read."""
        return io.BufferedReader(_Metered(self._sock.makefile(mode, buffering=0), self._bounds))


class _Metered(io.RawIOBase):
    """Counts the bytes that are read from a socket."""

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
