"""Keeps the libcurl handles between two requests."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from s3_crosscopy.adapters.boto.injection_check import NotSendable
from s3_crosscopy.adapters.fast.curl_easy import Transfer
from s3_crosscopy.adapters.fast.curl_request import CurlRequest
from s3_crosscopy.adapters.fast.request_template import Prepared


class IdleTransfers:
    """The libcurl handles between two requests, for the next one of the same client and method."""

    def __init__(self, opened: Callable[[int, int], int]) -> None:
        self._opened = opened
        self._idle: dict[tuple[int, str], list[Transfer]] = {}

    def prepared(self, pending: CurlRequest, request: Prepared, now_s: float) -> Transfer:
        """A handle that is prepared for this request, a new one if none is idle. Raises NotSendable."""
        idle = self._idle.setdefault((id(pending.builder), pending.method), [])
        transfer = idle.pop() if idle else pending.new_transfer(idle, self._opened)
        try:
            transfer.prepare(*request.wire(), pending, now_s)
        except NotSendable:
            idle.append(transfer)
            raise
        return transfer

    def number(self) -> int:
        """The number of idle handles."""
        return sum(map(len, self._idle.values()))

    def close(self, others: Iterable[Transfer]) -> None:
        """Close the handles that libcurl's multi handle does not have: the idle ones, and `others`."""
        for transfer in (*(transfer for idle in self._idle.values() for transfer in idle), *others):
            transfer.curl.close()
        self._idle.clear()
