"""One request of the transport, from `submit` to its outcome, over all of its attempts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from s3_crosscopy.adapters.boto.read_timeouts import silence_s
from s3_crosscopy.adapters.fast.compatibility import settings_of
from s3_crosscopy.adapters.fast.curl_easy import Transfer
from s3_crosscopy.adapters.fast.request_builder import RequestBuilder
from s3_crosscopy.adapters.fast.request_template import Prepared
from s3_crosscopy.adapters.fast.responses import CALLS, METHODS, Parsed, error_of, value_of
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.operations import TransportOp, TransportValue


class CurlRequest:
    """A request that has no outcome yet.

    `builder` makes its attempts, `attempts` counts them, `request` is the last one. `context` is what botocore's
    handlers keep with a request; None until the first attempt fails. `by_curl`: libcurl has to send it.
    """

    __slots__ = ("attempts", "builder", "by_curl", "context", "op", "request", "token")

    def __init__(self, op: TransportOp, token: object, builder: RequestBuilder) -> None:
        self.op = op
        self.token = token
        self.builder = builder
        self.attempts = 1
        self.by_curl = False
        self.context: dict[str, Any] | None = None
        self.request: Prepared | None = None

    @property
    def url(self) -> str:
        """The URL of the last attempt, "" before the first."""
        return "" if self.request is None else self.request.url

    @property
    def call(self) -> str:
        """S3's name of the operation."""
        return CALLS[type(self.op)]

    @property
    def method(self) -> str:
        """The HTTP method."""
        return METHODS[type(self.op)]

    def new_transfer(self, idle: list[Transfer], opened: Callable[[int, int], int]) -> Transfer:
        """A libcurl handle for this request, and for others of the same client and method later. See `Transfer`."""
        settings = settings_of(self.builder.client, self.url)
        settings = settings._replace(read_timeout_s=silence_s(settings.read_timeout_s, self.method))
        return Transfer(settings, self.method, idle, opened)

    def retry_pause_s(self, parsed: Parsed | None, raised: Exception | None) -> float | None:
        """Seconds until the next attempt, which is counted here; None if botocore would make none.

        botocore asks its retry handlers about every response, also about a success.
        """
        if self.context is None:
            self.context = {"encoding_type_auto_set": True}
        pause_s = self.builder.retries.pause_s(self.call, self.attempts, self.context, parsed, raised)
        if pause_s is not None:
            self.attempts += 1
        return pause_s

    def outcome(self, parsed: Parsed) -> tuple[TransportValue | None, S3Error | None]:
        """The value or the error of the last response. Raises S3Error like `value_of`."""
        self.builder.retries.ended(self.call, self.context or {}, parsed)
        if parsed.ok:
            return value_of(self.op, parsed.payload), None
        error = error_of(self.op, parsed)
        error.repeated = self.attempts > 1
        return None, error
