"""The transport behind the one over libcurl: it takes the requests that only botocore can make."""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.model.operations import Done, TransportOp
from s3_crosscopy.ports import Transport

MakeTransport = Callable[[Callable[[], None]], Transport]
"""Makes a transport, which calls its argument whenever one of its requests is done."""


class Fallback:
    """Makes a transport for the first request that needs it. `transport` is None until then."""

    def __init__(self, make: MakeTransport, wake: Callable[[], None]) -> None:
        self._make = make
        self._wake = wake
        self.transport: Transport | None = None

    def submit(self, op: TransportOp, token: object) -> None:
        """Hand a request over."""
        if self.transport is None:
            self.transport = self._make(self._wake)
        self.transport.submit(op, token)

    def reap(self) -> list[Done]:
        """The requests that are done. Throttles are left out: the clients count them for both transports."""
        if self.transport is None:
            return []
        return [result for result in self.transport.reap(0) if isinstance(result, Done)]

    def in_flight(self) -> int:
        """See `ports.Transport.in_flight`."""
        return 0 if self.transport is None else self.transport.in_flight()

    def close(self, grace_s: float) -> list[object]:
        """See `ports.Transport.close`."""
        return [] if self.transport is None else [*self.transport.close(grace_s)]
