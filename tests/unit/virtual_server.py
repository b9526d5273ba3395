"""A server in virtual time, and a client that keeps its window full: what an adaptive window is tried on."""

from __future__ import annotations

import heapq
from collections.abc import Callable

from s3_crosscopy.core.concurrency_window import AdaptiveWindow

LATENCY_S = 0.04
PAUSE_S = 0.1
"""How long a throttled attempt waits for its next one."""


class Served:
    """A client with endless work. `most_at_once(now)`: a request that begins beyond it is throttled, and tried again.

    `per_second`: what the server answers at most; more waits in its queue.
    """

    def __init__(
        self, window: AdaptiveWindow, most_at_once: Callable[[float], float], per_second: float = float("inf")
    ) -> None:
        self.window = window
        self.limits: list[tuple[float, int]] = []
        self.ended = 0
        self._now = self._free = 0.0
        self._most = most_at_once
        self._each_s = 1 / per_second
        self._events: list[tuple[float, int, str]] = []
        self._serial = self._open = self._served = 0

    def run(self, until: float) -> None:
        while self._now < until:
            for _ in range(self.window.room(self._open)):
                self._open += 1
                self._begin()
            self._now, _, what = heapq.heappop(self._events)
            if what == "refused":
                self.window.on_throttled(1)
                self._put(PAUSE_S, "again")
            elif what == "again":
                self._begin()
            else:
                self._served -= 1
                self.window.on_ended(1, self._open, self._now)
                self._open -= 1
                self.ended += 1
            self.limits.append((self._now, self.window.limit))

    def between(self, since: float, until: float) -> list[int]:
        """The limits at every event of that time."""
        return [limit for at, limit in self.limits if since <= at < until]

    def _begin(self) -> None:
        if self._served >= self._most(self._now):
            self._put(LATENCY_S / 4, "refused")
            return
        self._served += 1
        self._free = max(self._free, self._now) + self._each_s
        self._put(self._free - self._now + LATENCY_S, "done")

    def _put(self, wait_s: float, what: str) -> None:
        self._serial += 1
        heapq.heappush(self._events, (self._now + wait_s, self._serial, what))
