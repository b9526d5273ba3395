"""How many requests may begin now by an upper limit of requests a second, and how long runs wait between two saves."""

from __future__ import annotations

_ROUNDING = 1e-3
"""Part of a request, forgiven to the clock: whoever waited `wait_s` must find a whole one after years of uptime too."""


class TokenBucket:
    """A token bucket: `per_second` requests on average, never more than a tenth of a second's worth at once."""

    def __init__(self, per_second: float | None) -> None:
        self._per_second = per_second
        self._burst = max(1.0, per_second / 10) if per_second is not None else 0.0
        self._tokens = self._burst
        self._last: float | None = None

    def allowed(self, now: float) -> int | None:
        """How many requests may begin at `now`; None without a limit."""
        if self._per_second is None:
            return None
        if self._last is not None:
            self._tokens = min(self._burst, self._tokens + (now - self._last) * self._per_second)
        self._last = now
        return max(0, int(self._tokens + _ROUNDING))

    def spend(self, requests: int) -> None:
        """So many requests began. Debt is allowed: a HEAD of both sides is two requests at once."""
        self._tokens -= requests

    def wait_s(self) -> float:
        """Seconds until the next request may begin; 0 without a limit."""
        if self._per_second is None:
            return 0.0
        return max(0.0, (1.0 - self._tokens) / self._per_second)


SAVES_A_SECOND = 20
"""Of all runs of one copy together: each takes Airflow's database 20 to 40 ms."""
APART = 0.2
"""So much longer, by chance, one wait is than another: runs that began together do not save together for ever."""


def between_saves(every_s: float, runs: int, drawn: float) -> float:
    """Seconds from one save of a run to its next, of which so many `runs` go on at a time; `drawn` is from 0 to 1."""
    if runs <= 1:
        return every_s
    return max(every_s, runs / SAVES_A_SECOND) * (1 + APART * drawn)
