"""Learns where the keys of a prefix lie from a few listed pages, and cuts them into shards. Makes no request itself.

The idea: a LIST after any text returns up to 1,000 keys, and so shows how densely keys lie there. Keys are read as
numbers, whose digits are the characters that other keys have at that place. Between two listed pages is a gap: its
length in numbers, times the density of keys at both of its ends (their geometric mean), estimates the keys in it. It is
divided where a directory of the page before may end. Behind the last known key of a directory nothing tells the
density: what went on for so long is taken to go on for as long again, on average. The next LIST goes into the gap with
the most keys, or where the estimate may miss most, and divides it; until all gaps are small compared with a shard, or
no more LISTs are allowed. The pages and gaps, in order, are then cut into ranges with equal sums. Each range begins
where the one before ends, so a wrong estimate makes shards uneven, and loses no key.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.core.keyspace.gap import Gap, PageSample, directory_ends, divide
from s3_crosscopy.core.keyspace.key_codec import TOP
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.s3_limits import PAGE_KEYS

NEAR = 3
"""So many pages on both sides of a gap show which characters keys have."""
FIRST_ENDS = ("9" + TOP, "Z" + TOP, "z" + TOP, "~" + TOP, TOP)
"""After the first page the end is looked for: behind all keys, and behind those that begin with a digit or a letter."""


class Cut(NamedTuple):
    """One shard. `keys` is an estimate."""

    range: KeyRange
    keys: int


class KeySpace:
    """The listed pages of a prefix, and the gaps between them. `requests` counts the pages."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.requests = 0
        self._pages: list[PageSample] = []
        self._end = prefix + TOP
        """No key is behind it."""
        self._gaps: dict[PageSample, tuple[tuple[PageSample | None, str], list[Gap]]] = {}

    @property
    def keys(self) -> int:
        """Number of keys: an estimate, exact once everything was listed."""
        return round(sum(page.count for page in self._pages) + sum(gap.keys for gap in self._all_gaps()))

    def ask(self, most: int, worth: float) -> list[str]:
        """Return up to `most` keys after which to list a page next, in any order.

        Empty if everything is known, or if no gap has a value of at least `worth` keys.
        """
        if not self.requests:
            return [""][:most]
        if self.requests == 1 and not all(page.done for page in self._pages):
            last, begin = self._pages[0].last, len(self.prefix)
            ends = [last[: begin + 1] + TOP, *directory_ends(last, begin), *(self.prefix + end for end in FIRST_ENDS)]
            return sorted({end for end in ends if end > last})[-most:]
        gaps = sorted((gap for gap in self._all_gaps() if gap.value >= worth), key=lambda gap: -gap.value)
        return [gap.probe() for gap in gaps[:most]]

    def learn(self, after: str, keys: Sequence[str], more: bool) -> None:
        """Take in a page that was listed with start-after `after`; `more`: it is not the last page of the prefix."""
        self.requests += 1
        index = bisect_right(self._pages, after, key=lambda page: page.after)
        before = self._pages[index - 1] if index else None
        behind = self._pages[index] if index < len(self._pages) else None
        if before is not None:
            if before.done:
                return
            if after < before.last:
                keys, after = [key for key in keys if key > before.last], before.last
        ended = not more
        if behind is not None:
            inside = bisect_right(keys, behind.after)
            ended = ended or inside < len(keys) or keys[inside - 1 : inside] == [behind.after]
            keys = keys[:inside]
        elif ended:
            self._end = keys[-1] if keys else min(self._end, after)
        elif keys and keys[-1] > self._end:
            self._end = self.prefix + TOP
        if keys:
            self._pages.insert(index, PageSample(after, keys, done=ended))
        elif ended and behind is not None:
            behind.after = after
        if before is not None and after == before.last and (keys or ended):
            before.done = True

    def cut(self, shards: int) -> list[Cut]:
        """Cut into at most `shards` ranges of about equal size that tile all keys, of at least a page each."""
        slices: list[tuple[str, float]] = []
        for index, page in enumerate(self._pages):
            slices.extend(zip(page.marks, page.counts, strict=True))
            for gap in self._gaps_behind(index):
                slices.extend(gap.parts())
        return _evenly(slices, shards)

    def _all_gaps(self) -> list[Gap]:
        return [gap for index in range(len(self._pages)) for gap in self._gaps_behind(index)]

    def _gaps_behind(self, index: int) -> list[Gap]:
        """Return the gaps from a page to the next one, divided where directories of the page may end."""
        page = self._pages[index]
        if page.done:
            return []
        right = self._pages[index + 1] if index + 1 < len(self._pages) else None
        bound = right, right.after if right is not None else self._end
        known = self._gaps.get(page)
        if known is None or known[0] != bound:
            near = self._pages[max(0, index - NEAR) : index + NEAR + 2]
            known = self._gaps[page] = bound, divide(page, *bound, near)
        return known[1]


def _evenly(slices: Sequence[tuple[str, float]], shards: int) -> list[Cut]:
    """Cut slices, each with the key that ends it and its number of keys, where the sum is nearest to each share."""
    total = sum(keys for _, keys in slices)
    number = max(1, min(shards, int(total // PAGE_KEYS)))
    cuts: list[Cut] = []
    after, held, passed, share = "", 0.0, 0.0, 1
    for end, keys in slices[:-1]:
        held += keys
        passed += keys
        if share < number and passed + keys / 2 >= total * share / number:
            cuts.append(Cut(KeyRange(after, end), round(held)))
            after, held = end, 0.0
            share = max(share + 1, int(passed * number / total) + 1)
    return [*cuts, Cut(KeyRange(after, None), round(total - passed + held))]
