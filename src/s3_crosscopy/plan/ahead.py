"""How many pages of listings may be held or on their way: more where they are waited for, fewer where they wait."""

from __future__ import annotations

CROWD = 4
"""Pages that came while a quarter as many as there may be had not been looked at: the client is the slower one."""


class Ahead:
    """A bound between `least` and `most` pages, which is `least` at first.

    Where the server's latency is what takes the time, every page is looked at when it comes, and one more may be on its
    way with each. Where the client is busy, pages come in crowds, and more of them would only be held in memory.
    """

    def __init__(self, least: int, most: int) -> None:
        self.pages = least
        self._least = least
        self._most = most

    def came(self, unseen: int) -> None:
        """A page came, and so many that came before it have not been looked at."""
        if unseen == 0:
            self.pages = min(self._most, self.pages + 1)
        elif unseen * CROWD > self.pages:
            self.pages = max(self._least, self.pages - 1)
