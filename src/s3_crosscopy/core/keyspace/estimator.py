"""Where the keys of a prefix lie, learnt from few pages, and where to cut them into shards. Makes no request itself.

Pieces, in order, each known as far as its page goes; `plan.density` says what may lie in the rest. The first key behind
what was asked for begins a piece, so that a question into a gap finds out where it ends.
"""

from __future__ import annotations

import heapq
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.core.keyspace.gap_estimate import PAGE, Gap
from s3_crosscopy.core.keyspace.key_codec import TOP
from s3_crosscopy.core.keyspace.page_sample import PageSample, folder
from s3_crosscopy.model.objects import KeyRange

AGE = 1.5
"""When so many times as many pages are known as before, everything is estimated anew: more digits were seen."""
SEAM_PIECES = 16
"""What a look at a seam is worth: one LIST says where another way of naming begins."""
NEAR, ALL_OVER = 6, 12
"""Pieces on each side, and from everywhere, whose keys tell which digits there are."""
SIBLINGS = ("9", "Z", "z", "~", "\u2fff")
"""Where the first characters of keys may end, beside that of the last one known."""


class Cut(NamedTuple):
    """One shard. `keys` is an estimate."""

    range: KeyRange
    keys: int


class KeySpace:
    """What pages listed here and there tell about how many keys lie where, under one prefix.

    `requests` counts the pages learnt.
    """

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.requests = 0
        self._pieces: list[PageSample] = []
        self._end: str | None = None
        """No key is behind it; None while nobody knows."""
        self._rests: dict[PageSample, tuple[tuple[object, ...], Gap]] = {}
        self._fresh_at = 0
        self._lived: defaultdict[tuple[int, int], list[int]] = defaultdict(lambda: [1, 2])
        """By how a key is named: directories that went on far behind their first page, and how many were looked at."""

    @property
    def keys(self) -> int:
        """How many keys there are: an estimate, exact once everything was seen."""
        sure = self._sure()
        return round(sure + sum(self._likely(rest, sure) for rest in self._unknown() if not rest.alive))

    def ask(self, most: int, piece_keys: float) -> list[str]:
        """Behind which keys the next pages are worth most, at most `most` of them; in any order.

        Empty when no page is worth its request: everything is known, or what is not is at most `piece_keys` a piece.
        """
        if not self.requests:
            return [""][:most]
        if self.requests >= AGE * self._fresh_at:
            self._rests.clear()
            self._fresh_at = self.requests
        total = float(self.keys)
        heap: list[tuple[float, int, float]] = []
        for at, piece in enumerate(self._pieces):
            if not piece.done:
                rest = self._rest(at)
                value = rest.value(self._lives(rest), total)
                value = max(value, SEAM_PIECES * piece_keys) if rest.seam else value
                if value > piece_keys:
                    heap.append((-value, at, value))
        return self._share_out(heap, most, piece_keys)

    def learn(self, after: str, keys: Sequence[str], more: bool) -> None:
        """A page that was listed with start-after `after`; `more`: it is not the last one of the prefix."""
        self.requests += 1
        at = bisect_right(self._pieces, after, key=lambda piece: piece.after)
        before = self._pieces[at - 1] if at else None
        behind = self._pieces[at] if at < len(self._pieces) else None
        if before is not None:
            self._take_note(before, after, keys)
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
            self._end = keys[-1] if keys else after
        elif self._end is not None and keys and keys[-1] > self._end:
            self._end = None
        if keys:
            self._pieces.insert(at, PageSample(after, keys, done=ended))
        elif ended and behind is not None:
            behind.after = after
        if before is not None and after == before.last and (keys or ended):
            before.done = True

    def cut(self, shards: int) -> list[Cut]:
        """Ranges of about equal size that tile the keys, at most `shards`: none is below a page unless that is all."""
        slices: list[tuple[str, float]] = []
        sure = self._sure()
        for at, piece in enumerate(self._pieces):
            slices.extend(zip(piece.sample[1:], piece.counts, strict=True))
            rest = None if piece.done else self._rest(at)
            if rest is not None and rest.end is not None:
                slices.extend(rest.parts(self._likely(rest, sure)))
        return _evenly(slices, shards)

    def _share_out(self, heap: list[tuple[float, int, float]], most: int, piece_keys: float) -> list[str]:
        """The dearest rests get most of the questions, as many as leave each part of them below a piece."""
        heapq.heapify(heap)
        given: defaultdict[int, int] = defaultdict(int)
        for _ in range(most):
            if not heap or -heap[0][0] <= piece_keys:
                break
            _, at, value = heap[0]
            given[at] += 1
            heapq.heapreplace(heap, (-value / (given[at] + 1), at, value))
        asked: dict[str, None] = {}
        for at, number in given.items():
            asked.update(dict.fromkeys(self._probes(self._rest(at), number, piece_keys)))
        return list(asked)[:most]

    def _probes(self, rest: Gap, number: int, piece_keys: float) -> list[str]:
        if rest.end is not None:
            return rest.probes(number, piece_keys)
        ends = [self.prefix + sign + TOP for sign in (*SIBLINGS, rest.after[len(self.prefix)])]
        found = sorted({*(text for text in ends if rest.fitting(text)), *rest.levels})
        return (
            [found[at * len(found) // number] for at in range(min(number, len(found)))]
            if found
            else rest.probes(number, piece_keys)
        )

    def _rest(self, at: int) -> Gap:
        piece = self._pieces[at]
        right = self._pieces[at + 1] if at + 1 < len(self._pieces) else None
        state = (right, right.after if right is not None else self._end)
        known = self._rests.get(piece)
        if known is None or known[0] != state:
            known = state, Gap(self.prefix, piece, right, self._end, self._wider(at))
            self._rests[piece] = known
        return known[1]

    def _wider(self, at: int) -> list[str]:
        """Keys from near and from everywhere, but not of pages that only show how directories begin."""
        number = len(self._pieces)
        near = {*range(0, number, max(1, number // ALL_OVER)), *range(max(0, at - NEAR), min(number, at + NEAR + 2))}
        pieces = [self._pieces[one] for one in sorted(near) if not self._pieces[one].begins_folder]
        return [key for piece in pieces for key in (piece.first, piece.last)]

    def _unknown(self) -> list[Gap]:
        return [self._rest(at) for at, piece in enumerate(self._pieces) if not piece.done]

    def _sure(self) -> float:
        """The keys that were seen, and those between two places where there are as many."""
        return sum(piece.count for piece in self._pieces) + sum(rest.mean for rest in self._unknown() if rest.alive)

    def _likely(self, rest: Gap, sure: float) -> float:
        return rest.likely(self._lives(rest), sure)

    def _lives(self, rest: Gap) -> float:
        lived, seen = self._lived[rest.shape]
        return lived / seen

    def _take_note(self, before: PageSample, after: str, keys: Sequence[str]) -> None:
        """Whether a directory that was new goes on so far."""
        known = self._rests.get(before)
        own = folder(before.last)
        if (
            known is not None
            and known[1].fresh
            and not before.noted
            and own
            and after.startswith(own)
            and not after.endswith(TOP)
        ):
            before.noted = True
            lived = self._lived[known[1].shape]
            lived[0] += bool(keys) and keys[0].startswith(own)
            lived[1] += 1


def _evenly(slices: Sequence[tuple[str, float]], shards: int) -> list[Cut]:
    """Slices in order, each told by the key that ends it, as ranges: cut where the sum is nearest to each share."""
    total = sum(keys for _, keys in slices)
    number = max(1, min(shards, int(total // PAGE)))
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
