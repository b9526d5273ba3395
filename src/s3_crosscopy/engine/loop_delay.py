"""Keeps when the loop's turn began, and measures the longest one: a debug figure that shows what blocks the loop."""

from __future__ import annotations


class LoopDelay:
    """`longest_s` is the longest time between two waits of the loop, or by which a wait took longer than planned.

    `turn_s`: when the current turn began, with the end of a wait. All that ended meanwhile is handled in this turn.
    """

    def __init__(self, now: float) -> None:
        self.longest_s = 0.0
        self.turn_s = now
        self._since: float | None = None

    def ends(self, now: float) -> None:
        """Note that the loop is about to wait."""
        if self._since is not None and now - self._since > self.longest_s:
            self.longest_s = now - self._since
        self._since = now

    def begins(self, now: float, wait_s: float) -> None:
        """Note that the loop has waited; it planned at most `wait_s` seconds."""
        if self._since is not None and now - self._since - wait_s > self.longest_s:
            self.longest_s = now - self._since - wait_s
        self._since = self.turn_s = now
