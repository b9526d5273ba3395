"""Read time-outs: minutes for a copy, because S3 copies before it responds, and less for a LIST or a HEAD.

A client has one read time-out. Requests that only read get a shorter one, unless the user configured one.
"""

from __future__ import annotations

from typing import Any

from urllib3.util import Timeout

READ_TIMEOUT_S = 300
"""A single copy of a gigabyte can be silent for more than botocore's 60 s (aws-sdk-go-v2 #712)."""
READS_TIMEOUT_S = 30
"""S3 responds to a LIST or a HEAD within a second or two, or not at all."""

_READS = frozenset({"GET", "HEAD"})


def silence_s(read_timeout_s: float, method: str) -> float:
    """The read time-out of a request, in seconds. A value that the user configured counts for all requests."""
    return READS_TIMEOUT_S if method in _READS and read_timeout_s == READ_TIMEOUT_S else read_timeout_s


class ReadsSooner:
    """A mixin for urllib3's connection pools: each request gets the time-out of its method."""

    timeout: Any

    def urlopen(self, method: str, url: str, *args: Any, **kwargs: Any) -> Any:
        """See urllib3's `HTTPConnectionPool`. botocore leaves the time-out to the pool."""
        read_s = self.timeout.read_timeout
        if isinstance(read_s, (int, float)) and "timeout" not in kwargs:
            kwargs["timeout"] = Timeout(connect=self.timeout.connect_timeout, read=silence_s(read_s, method))
        return super().urlopen(method, url, *args, **kwargs)  # type: ignore[misc]
