"""Limits requests per second, and spaces the checkpoint saves of concurrent runs."""

from __future__ import annotations

_ROUNDING = 1e-3
"""Part of a request, added for rounding errors: after waiting `wait_s` a request is allowed, also at a large uptime."""


class TokenBucket:
    """A token bucket.

    per_second: average requests per second, of which a tenth may start at once; None for no limit.
    """

    def __init__(self, per_second: float | None) -> None:
        self._per_second = per_second
        self._burst = max(1.0, per_second / 10) if per_second is not None else 0.0
        self._tokens = self._burst
        self._last: float | None = None

    def allowed(self, now: float) -> int | None:
        """Return the number of requests that may start at `now`, in seconds; None without a limit."""
        if self._per_second is None:
            return None
        if self._last is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._last) * self._per_second)
        self._last = now
        return max(0, int(self._tokens + _ROUNDING))

    def spend(self, requests: int) -> None:
        """Record started requests. They may exceed the tokens: a HEAD of both sides is two requests at once."""
        self._tokens -= requests

    def wait_s(self) -> float:
        """Return the seconds until the next request may start; 0 without a limit."""
        if self._per_second is None:
            return 0.0
        return max(0.0, (1.0 - self._tokens) / self._per_second)


SAVES_A_SECOND = 20
"""Limit of all concurrent runs of one copy together: a save takes Airflow's database 20 to 40 ms."""
APART = 0.2
"""Random part of the time between saves, so that runs which started together do not always save together."""


def between_saves(every_s: float, runs: int, drawn: float) -> float:
    """Return the seconds between two saves of a run.

    every_s: seconds for a single run. runs: number of concurrent runs. drawn: a random number from 0 to 1.
    """
    if runs <= 1:
        return every_s
    return max(every_s, runs / SAVES_A_SECOND) * (1 + APART * drawn)
