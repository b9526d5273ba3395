"""What is kept of one listed page: how many keys it has, and every 25th of them. Knows nothing of its neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from s3_crosscopy.core.keyspace.key_codec import kind, shared

MARK = 25
"""A cut may be made behind every so many known keys: a fortieth of a page."""


def folder(key: str) -> str:
    """The key up to its last `/`."""
    return key[: key.rfind("/") + 1]


class PageSample:
    """A part of the key space that begins behind `after`, and of which the first page is known.

    `done`: the next piece begins where the page ends, so that nothing is unknown. `sample` is the page's first key and
    its marks; `counts` are the keys up to each mark from the one before, beginning with the second.

    A page that goes from one thing to another (the end of one directory, then the next one) says nothing of either as a
    whole: what stands behind the change is the `tail`, what stands before it the `head`, of the sample.
    """

    def __init__(self, after: str, keys: Sequence[str], *, done: bool) -> None:
        self.after = after
        self.count = len(keys)
        self.first, self.last = keys[0], keys[-1]
        self.done = done
        self.noted = False
        marks = list(keys[MARK - 1 :: MARK])
        self.counts = [MARK] * len(marks)
        if len(keys) % MARK:
            marks.append(keys[-1])
            self.counts.append(len(keys) % MARK)
        self.sample = [self.first, *marks]
        self.one_folder = folder(self.first) == folder(self.last)
        self.begins_folder = self.one_folder and "/" in self.first and folder(after) != folder(self.first)
        change = self._change()
        self.newest = self._newest(keys)
        self.tail = self.sample[change:]
        self.tail_counts = self.counts[change:]
        self.head = self.sample[: change or None]
        self.changes = change > 0

    def _newest(self, keys: Sequence[str]) -> tuple[str, int] | None:
        """A directory that began with the last few keys: its first key, and how many come after that."""
        own = folder(self.last)
        at = next((back for back in range(1, min(2 * MARK, len(keys)) + 1) if not keys[-back].startswith(own)), 0)
        large = any(folder(one) == folder(other) for one, other in pairwise(self.sample[:-2]))
        return (keys[1 - at], at - 2) if at > 5 and large else None

    def _change(self) -> int:
        """Where in the sample something else begins, if that is one place with enough behind it; 0 if not."""
        alike = [shared(one, other) for one, other in pairwise(self.sample)]
        least = min(alike)
        at = alike.index(least) + 1
        behind = self.sample[at:]
        if alike.count(least) > 1 or len(behind) < 3:
            return 0
        inside = behind[0][least : shared(behind[0], behind[-1])]
        return at if not all(map(kind, inside)) else 0
