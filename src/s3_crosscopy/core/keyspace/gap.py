"""A listed page, and the gap between two of them, with an estimate of the keys in it. Makes no request.

The estimate is made from how densely keys lie on both pages. Behind the end of a directory there is no page that tells
the density: what went on for so long is taken to go on for as long again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from string import ascii_letters, digits

from s3_crosscopy.core.keyspace.key_codec import TOP, KeyCodec, kind, shared

MARK = 50
"""A cut may be made behind every so many known keys: a twentieth of a page."""
PART_KEYS, MOST_PARTS = 500, 16
"""And in a gap, behind about so many keys, but at so many places at most."""


class PageSample:
    """A page that was listed after `after`, of which only every 50th key and the last one are kept: `marks`.

    `counts` are the keys up to each mark from the one before. `done`: none between this page and the next is unknown.
    """

    def __init__(self, after: str, keys: Sequence[str], *, done: bool) -> None:
        self.after, self.done = after, done
        self.count = len(keys)
        self.first, self.last = keys[0], keys[-1]
        ends = [*range(MARK, len(keys), MARK), len(keys)]
        self.marks = [keys[end - 1] for end in ends]
        self.counts: list[int] = [end - begin for begin, end in pairwise([0, *ends])]


class Gap:
    """The unknown keys behind `low` up to `high`. `keys` is an estimate of their number.

    `left` is the page before, `ended` the estimate of keys between that page and `low`. `right` is the page that begins
    behind `high`, None where `high` is only the end of a directory. `near` are pages that show which characters occur.
    `value` is what a LIST in the gap is worth: as many keys as it may well hold.
    """

    def __init__(
        self, low: str, high: str, left: PageSample, right: PageSample | None, near: Sequence[PageSample], ended: float
    ) -> None:
        self.low, self.high = low, high
        head = low[: shared(low, high)]
        known = _between(low, high, len(head)) + [key for page in near for key in (page.first, page.last)]
        known += left.marks if right is None else left.marks + right.marks
        name = head.rfind("/") + 1
        self._codec = KeyCodec(known, head, low[name : max(len(head), name + 1)].rstrip(TOP))
        self._begin = self._codec.of(low)
        self._span = max(1, self._codec.of(high) - self._begin)
        self._estimate(left, right, near, ended)

    def _estimate(self, left: PageSample, right: PageSample | None, near: Sequence[PageSample], ended: float) -> None:
        begins = [self._codec.of(page.after) for page in near if page.last.startswith(self._codec.head)]
        lived = max(1, self._begin - min(begins))
        self._left = self._density(left, left.after, self.low, ended)
        beyond = self._density(right, right.after, right.last) if right is not None else 0.0
        self._right = beyond or self._left * lived / (lived + self._span)
        self.keys = self._span * math.sqrt(self._left * self._right)
        # It may as well be as dense everywhere as the page is without the empty numbers before it.
        dense = max(self._right, self._density(left, left.first, self.low, ended))
        self.value = math.sqrt(self.keys * self._span * dense)
        # Where nobody knows yet how a directory ends, as many keys as before may follow behind all known digits.
        self._open = not beyond and self.high.endswith(TOP) and self._left * lived > self.value
        self.value = self._left * lived if self._open else self.value

    def probe(self) -> str:
        """Return the key after which to list: nearer to the denser end, and `low` if no number is in between."""
        left, right = math.sqrt(self._left), math.sqrt(self._right)
        number = self._codec.most if self._open else self._begin + int(self._span * right / (left + right))
        text = self._codec.text(number)
        return text if self.low < text < self.high else self.low

    def parts(self) -> list[tuple[str, float]]:
        """Divide the gap evenly. Return the last possible key of each part, and the number of keys in it."""
        number = max(1, min(MOST_PARTS, int(self.keys // PART_KEYS)))
        texts = {self._codec.text(self._begin + self._span * index // number) for index in range(1, number)}
        ends = [*sorted(text for text in texts if self.low < text < self.high), self.high]
        return [(text, self.keys / len(ends)) for text in ends]

    def _density(self, page: PageSample, begin: str, end: str, more: float = 0.0) -> float:
        """Keys per number: those of the page that begin as the gap does, and `more`, from `begin` to `end`."""
        head = self._codec.head
        held = sum(count for count, key in zip(page.counts, page.marks, strict=True) if key.startswith(head))
        return (held + more) / max(1, self._codec.of(end) - self._codec.of(begin))


def _between(low: str, high: str, place: int) -> list[str]:
    """Return the keys that show which characters may stand where two bounds part: theirs, and those of their kinds."""
    bounds = [bound[: place + 1] for bound in (low, high) if bound[place:] != TOP]
    kinds = {kind(bound[place:]) for bound in bounds if bound[place:]}
    between = [low[:place] + character for character in ascii_letters + digits if kind(character) in kinds]
    return bounds + [key for key in between if low < key < high and high[place:] != TOP]


def divide(page: PageSample, right: PageSample | None, high: str, near: Sequence[PageSample]) -> list[Gap]:
    """Return the gaps behind a page up to `high`: a gap ends where a directory of the page's last key ends."""
    ends = [end for end in directory_ends(page.last, shared(page.last, high)) if end < high]
    gaps: list[Gap] = []
    for low, end in pairwise([page.last, *ends, high]):
        gaps.append(Gap(low, end, page, right if end == high else None, near, sum(gap.keys for gap in gaps)))
    return gaps


def directory_ends(key: str, begin: int) -> list[str]:
    """Return the ends of the directories that a key lies in, whose `/` is not before `begin`; the innermost first."""
    return [key[: place + 1] + TOP for place in range(len(key) - 1, begin - 1, -1) if key[place] == "/"]
