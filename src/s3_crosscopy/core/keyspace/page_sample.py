"""A sample of one listed page: how many keys it has, and every 50th of them."""

from __future__ import annotations

from collections.abc import Sequence

MARK = 50
"""A cut may be made behind every so many known keys: a twentieth of a page."""


class PageSample:
    """A part of the key space that begins behind `after`, and of which the first page is known.

    `done`: the next part begins where the page ends, so that nothing is unknown. `marks` are every 50th key and the
    last one; `counts` are the keys up to each mark from the one before.
    """

    def __init__(self, after: str, keys: Sequence[str], *, done: bool) -> None:
        self.after = after
        self.count = len(keys)
        self.first, self.last = keys[0], keys[-1]
        self.done = done
        self.marks = list(keys[MARK - 1 :: MARK])
        self.counts = [MARK] * len(self.marks)
        if len(keys) % MARK:
            self.marks.append(self.last)
            self.counts.append(len(keys) % MARK)
