"""Merge-join of the two listings: pairs each source object with the destination object of its mapped key."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator

from s3_crosscopy.model.objects import Listed

Pair = tuple[Listed, "Listed | None"]


class Join:
    """Joins two sorted streams that are fed page by page, each in key order.

    A pair is available once the destination's listing has passed the mapped key, or ended. Objects at the destination
    only are dropped, unless it `keeps_dest_only`. Only pages not yet joined are in memory.
    """

    def __init__(self, source_prefix: str, dest_prefix: str, *, keeps_dest_only: bool = False) -> None:
        self._dest_only: list[Listed] | None = [] if keeps_dest_only else None
        self._cut = len(source_prefix)
        self._dest_prefix = dest_prefix
        self._same_names = source_prefix == dest_prefix
        self._fed = 0
        self._source: deque[Listed] = deque()
        self._dest: deque[Listed] = deque()
        self._dest_ended = False

    def feed_source(self, objects: list[Listed]) -> None:
        """Add the next source page."""
        self._fed += len(objects)
        self._source.extend(objects)

    def feed_dest(self, objects: list[Listed]) -> None:
        """Add the next destination page."""
        self._dest.extend(objects)

    def end_dest(self) -> None:
        """Record that the destination has no further page: the remaining source keys have no match."""
        self._dest_ended = True

    def reopen_dest(self) -> None:
        """Undo `end_dest`: there may be further pages."""
        self._dest_ended = False

    def cut_dest(self, after: str) -> list[Listed]:
        """Remove and return the destination objects after this key, for another join."""
        removed: list[Listed] = []
        while self._dest and self._dest[-1].key > after:
            removed.append(self._dest.pop())
        return removed[::-1]

    @property
    def source_waiting(self) -> int:
        """The number of source objects not yet joined."""
        return len(self._source)

    @property
    def joined(self) -> int:
        """The number of pairs returned."""
        return self._fed - len(self._source)

    def pass_rest(self) -> None:
        """Record that no source key follows: the destination objects that are left are at the destination only."""
        if self._dest_only is not None:
            self._dest_only += self._dest
        self._dest.clear()

    def take_dest_only(self) -> list[Listed]:
        """Return and forget the objects that are at the destination only."""
        if not self._dest_only:
            return []
        taken, self._dest_only = self._dest_only, []
        return taken

    def pairs(self) -> Iterator[Pair]:
        """Yield the available pairs in order. May be abandoned at any point; call it again to resume."""
        source, dest, cut, prefix = self._source, self._dest, self._cut, self._dest_prefix
        same_names = self._same_names
        while source:
            if not dest:
                if not self._dest_ended:
                    return
                yield source.popleft(), None
                continue
            wanted, there = source[0].key, dest[0].key
            if not same_names:
                wanted = prefix + wanted[cut:]
            if there == wanted:
                yield source.popleft(), dest.popleft()
            elif there < wanted:
                passed = dest.popleft()
                if self._dest_only is not None:
                    self._dest_only.append(passed)
            else:
                yield source.popleft(), None
