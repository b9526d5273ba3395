"""Measures how long the loop was away from its connections at most: a debug figure, which tells what blocks it."""

from __future__ import annotations


class Stay:
    """`longest_s` is the longest time between two waits of the loop, or that a wait took longer than it was to."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._since: float | None = None

    def ends(self, now: float) -> None:
        """The loop is about to wait."""
        if self._since is not None and now - self._since > self.longest_s:
            self.longest_s = now - self._since
        self._since = now

    def begins(self, now: float, wait_s: float) -> None:
        """The loop has waited for `wait_s` at most."""
        if self._since is not None and now - self._since - wait_s > self.longest_s:
            self.longest_s = now - self._since - wait_s
        self._since = now
