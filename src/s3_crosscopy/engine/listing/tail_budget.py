"""The pages that a run lists at the destination behind the last source key of its ranges."""

from __future__ import annotations


class TailBudget:
    """The number of these pages that are `left`, for all ranges of a run together; infinite for no limit."""

    def __init__(self, left: float) -> None:
        self.left = left

    def spend(self) -> bool:
        """Return True if another page may be listed, and count it."""
        if self.left <= 0:
            return False
        self.left -= 1
        return True
