"""A clock that advances only when a test says so."""

from __future__ import annotations

import threading
from typing import Final

START_S: Final = 1_767_225_600
"""The origin of the clock, 2026-01-01, in seconds since 1970."""


class VirtualClock:
    """See `ports.Clock`. Safe to use from several threads."""

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> float:
        return self._now

    def utc(self) -> float:
        return START_S + self._now

    def advance(self, seconds: float) -> None:
        """Advance the time; it never goes back."""
        if seconds < 0:
            raise ValueError("time does not go back")
        with self._lock:
            self._now += seconds
