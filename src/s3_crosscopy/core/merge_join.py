"""Merge-join of the two listings: every source object with what the destination has under its mapped key."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from s3_crosscopy.model.objects import Listed

Pair = tuple[Listed, "Listed | None"]


class Join:
    """Two sorted streams, fed page by page, joined as far as both are known.

    Both sides are fed in key order. A pair comes out once the destination's listing has passed the mapped key, or
    ended. What only the destination has is dropped. Nothing but the fed and not yet joined pages is held.
    """

    def __init__(self, source_prefix: str, dest_prefix: str) -> None:
        self._cut = len(source_prefix)
        self._dest_prefix = dest_prefix
        self._fed = 0
        self._source: deque[Listed] = deque()
        self._dest: deque[Listed] = deque()
        self._dest_ended = False

    def feed_source(self, objects: list[Listed]) -> None:
        """The next source page."""
        self._fed += len(objects)
        self._source.extend(objects)

    def feed_dest(self, objects: list[Listed]) -> None:
        """The next destination page."""
        self._dest.extend(objects)

    def end_dest(self) -> None:
        """The destination has no further page: whatever source key is left has no match."""
        self._dest_ended = True

    def reopen_dest(self) -> None:
        """There may be further pages after all."""
        self._dest_ended = False

    def cut_dest(self, after: str) -> list[Listed]:
        """Take out what was fed of the destination after this key: another join goes on with it."""
        behind: list[Listed] = []
        while self._dest and self._dest[-1].key > after:
            behind.append(self._dest.pop())
        return behind[::-1]

    @property
    def source_waiting(self) -> int:
        """Source objects fed and not yet joined."""
        return len(self._source)

    @property
    def joined(self) -> int:
        """Pairs that came out."""
        return self._fed - len(self._source)

    def pairs(self) -> Iterator[Pair]:
        """Every pair that is known now, in order. Stops early without loss: call again."""
        source, dest, cut, prefix = self._source, self._dest, self._cut, self._dest_prefix
        while source:
            if not dest:
                if not self._dest_ended:
                    return
                yield source.popleft(), None
                continue
            wanted, there = prefix + source[0].key[cut:], dest[0].key
            if there == wanted:
                yield source.popleft(), dest.popleft()
            elif there < wanted:
                dest.popleft()
            else:
                yield source.popleft(), None
