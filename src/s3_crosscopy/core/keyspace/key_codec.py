"""Keys as numbers, so that there is a middle between two of them. Knows no listing and no count.

The digits of a place are the characters that were seen there: `plan.ranges` does the same for one page and its range,
this reads keys from all over a key space, of which two pages of 1,000 may tell very little.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

from s3_crosscopy.model.location import MAX_KEY_BYTES

TOP = "\U0010ffff"
"""Comes after everything that goes on from the same beginning. It is a character that S3 takes in a key."""
MORE_DIGITS = 8
"""So many places that differ are read behind the first that does: a page of 1,000 keys has differed within three."""
MORE_PLACES = 48
SETTLED = 4
"""A place is settled when it was read behind four times as many different beginnings as it has characters."""
BLOCK = 0x400
"""Characters of one script stand no further apart, and those between them may come too."""
SURROGATES = range(0xD800, 0xE000)


def shared(one: str, other: str) -> int:
    """How many characters two keys have in common at their beginning."""
    if one == other or not one or not other:
        return min(len(one), len(other))
    low, high = 0, min(len(one), len(other)) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle)
    return low


def kind(character: str) -> str:
    """`0`, `a` or `A` for what counts in ASCII, `é` for all beyond it; "" for what stands between two names."""
    if "0" <= character <= "9":
        return "0"
    if "a" <= character <= "z":
        return "a"
    if "A" <= character <= "Z":
        return "A"
    return "é" if character > "\x7f" else ""


class Digit:
    """The digits of one place of a key, in order, as intervals of code points.

    What lies between two characters of a kind counts as seen. All ten decimals are taken for seen where one was, unless
    the place is `settled`: the months of ten years show that no month begins with a 2.
    """

    def __init__(self, characters: set[str], *, settled: bool) -> None:
        self._spans = [(ord(one), ord(one)) for one in characters if not kind(one)]
        for name in "0aAé":
            codes = sorted(ord(one) for one in characters if kind(one) == name)
            if name == "0" and codes and not settled:
                self._spans.append((ord("0"), ord("9")))
            elif codes:
                far = BLOCK if name == "é" else ord("z")
                breaks = [at for at, (one, other) in enumerate(pairwise(codes), 1) if other - one > far]
                edges = [0, *breaks, len(codes)]
                self._spans += [(codes[one], codes[other - 1]) for one, other in pairwise(edges)]
        self._count()

    def take_in(self, first: str, last: str) -> None:
        """Everything from one character to another may come."""
        self._spans.append((ord(first), ord(last)))
        self._count()

    def rank(self, character: str) -> tuple[int, bool]:
        """How many digits lie before the character, and whether it is a digit itself."""
        code = ord(character)
        at = bisect_right(self._spans, code, key=lambda span: span[0]) - 1
        if at < 0:
            return 0, False
        first, last = self._spans[at]
        return self._before[at] + min(code, last + 1) - first, code <= last

    def digit(self, rank: int) -> str:
        """The digit with so many before it; the nearest one behind, if that is half of a surrogate pair."""
        at = bisect_right(self._before, rank) - 1
        code = self._spans[at][0] + rank - self._before[at]
        return chr(SURROGATES.stop if code in SURROGATES else code)

    def _count(self) -> None:
        merged: list[tuple[int, int]] = []
        for first, last in sorted(self._spans):
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        self._spans = merged
        self._before = []
        self.size = 0
        for first, last in merged:
            self._before.append(self.size)
            self.size += last - first + 1


class KeyCodec:
    """The numbers of the keys that begin with `head`: 0 to `most`, in order.

    `keys` are known ones that tell the digits; `deep` is the place where those of one page begin to differ. `settle`:
    a place that was read often enough has no other digits than those; otherwise any that might come are reckoned with.
    """

    def __init__(self, keys: Sequence[str], head: str, deep: int, *, settle: bool) -> None:
        self.head = head
        ordered = sorted(set(keys))
        columns = _columns(ordered, len(head), deep)
        alike = sorted(shared(one, other) for one, other in pairwise(ordered))
        settled = [
            settle and 1 + bisect_right(alike, place - 1) >= SETTLED * (len(there) + 1)
            for place, there in enumerate(columns, len(head))
        ]
        _complete(columns, settled)
        self._places = [Digit(there, settled=known) for there, known in zip(columns, settled, strict=True)]
        self._weigh()

    def open_up(self, after: str, end: str) -> None:
        """Where two bounds beyond ASCII part, everything between them may come: nobody has seen a whole script."""
        place = shared(after, end)
        at = place - len(self.head)
        if 0 <= at < len(self._places) and place < min(len(after), len(end)) and after[place] > "\x7f":
            self._places[at].take_in(after[place], end[place])
            self._weigh()

    def of(self, key: str) -> int:
        """The number of a key. Keys that end early, or differ in what no digit stands for, share one."""
        if not key.startswith(self.head):
            return 0 if key < self.head else self.most
        number = 0
        for place, digits, weight in zip(key[len(self.head) :], self._places, self._weights, strict=False):
            rank, exact = digits.rank(place)
            number += rank * weight
            if not exact:
                break
        return min(number, self.most)

    def text(self, number: int) -> str:
        """The first key of a number, no longer than S3 takes; beyond the last number that of the last one."""
        picked, number = [], max(0, min(number, self.most))
        for digits, weight in zip(self._places, self._weights, strict=True):
            rank, number = divmod(number, weight)
            picked.append(digits.digit(rank))
        key = self.head + "".join(picked)
        return key.encode()[:MAX_KEY_BYTES].decode(errors="ignore")

    def below(self, place: int) -> int:
        """How many numbers go on from the same characters before this place."""
        return ([self.most + 1, *self._weights])[min(max(place - len(self.head), 0), len(self._places))]

    def _weigh(self) -> None:
        self._weights = [1] * len(self._places)
        for at in range(len(self._places) - 2, -1, -1):
            self._weights[at] = self._weights[at + 1] * self._places[at + 1].size
        self.most = (self._weights[0] * self._places[0].size if self._places else 1) - 1


def _columns(keys: Sequence[str], first: int, deep: int) -> list[set[str]]:
    """The characters at each place from the first to the last one that matters."""
    columns: list[set[str]] = []
    differ = 0
    for place in range(first, max(first, deep) + MORE_PLACES):
        there = {key[place] for key in keys if len(key) > place}
        if not there or differ == MORE_DIGITS:
            break
        columns.append(there)
        differ += place >= deep and len(there) > 1
    return columns


def _complete(columns: list[set[str]], settled: Sequence[bool]) -> None:
    """In one name the places that are not settled have the same digits: the leading zeros of a counter will count."""
    at = 0
    while at < len(columns):
        end = at
        while end < len(columns) and all(map(kind, columns[end])):
            end += 1
        counting = set[str]().union(*(there for there in columns[at:end] if len(there) > 1))
        for place in range(at, end):
            if not settled[place] and columns[place] & counting:
                columns[place] = columns[place] | counting
        at = end + 1
