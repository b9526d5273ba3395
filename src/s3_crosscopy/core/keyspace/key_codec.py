"""Keys as numbers, so that there is a middle between two of them. Knows no page and no number of keys.

The digits of a place are the characters that known keys have there, and those between them of the same kind. Within a
name all places have the same digits: the leading zeros of a counter will count too.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import zip_longest

from s3_crosscopy.model.location import MAX_KEY_BYTES

TOP = "\U0010ffff"
"""Comes after everything with the same beginning. It is a character that S3 takes in a key."""
BLOCK = 0xFFF
"""The low bits of a character's code, which are not those of its block: one script, or a part of a large one."""
MOST_PLACES = 300
ENOUGH = 1 << 128
"""Numbers up to this tell keys apart well enough: 32 hexadecimal digits."""


def shared(first: str, second: str) -> int:
    """Return the number of characters that two keys have in common at their beginning."""
    if first == second or not first or not second:
        return min(len(first), len(second))
    low, high = 0, min(len(first), len(second)) + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if first[:middle] == second[:middle] else (low, middle)
    return low


def kind(character: str) -> str:
    """`0`, `a` or `A` for what counts in ASCII, its block for a character beyond it, "" for what separates names."""
    if not character.isascii():
        return hex(ord(character) | BLOCK)
    return "0" if character.isdigit() else "a" if character.islower() else "A" if character.isupper() else ""


class KeyCodec:
    """Translates the keys that begin with `head` to numbers from 0 to `most` and back, in order.

    Digits are taken from those of the known `keys` that have that head, and from names of other directories of the same
    depth that begin with `stem`.
    """

    def __init__(self, keys: Iterable[str], head: str, stem: str) -> None:
        self.head = head
        tails = [tail[:MOST_PLACES] for key in keys for tail in _tails(key, head, stem)]
        columns = [set(column) - {""} for column in zip_longest(*tails, fillvalue="")]
        _complete(columns)
        self._places: list[str] = []
        size = 1
        for column in columns:
            if size < ENOUGH:
                self._places.append(_digits(column))
                size *= len(self._places[-1])
        self.most = size - 1
        self._weights = [size := size // len(digits) for digits in self._places]

    def of(self, key: str) -> int:
        """The number of a key. Keys that end early, or differ in what no digit stands for, share one."""
        if not key.startswith(self.head):
            return 0 if key < self.head else self.most
        number = 0
        for character, digits, weight in zip(key[len(self.head) :], self._places, self._weights, strict=False):
            rank = bisect_left(digits, character)
            number += rank * weight
            if digits[rank : rank + 1] != character:
                break
        return min(number, self.most)

    def text(self, number: int) -> str:
        """The first key of a number, no longer than S3 takes, without what is half of a surrogate pair."""
        key = self.head
        for digits, weight in zip(self._places, self._weights, strict=True):
            rank, number = divmod(number, weight)
            key += digits[rank]
        return key.encode(errors="ignore")[:MAX_KEY_BYTES].decode(errors="ignore")


def _tails(key: str, head: str, stem: str) -> list[str]:
    """Return the characters of a key that stand where those behind the head do, if it shows any."""
    if key.startswith(head):
        return [key[len(head) :]]
    depth, begin = head.count("/"), head.rfind("/") + 1
    names = [name.partition("/")[0] for name in key.split("/", depth)[depth:]]
    return [name[len(head) - begin :] for name in names if name.startswith(stem)]


def _digits(characters: Iterable[str]) -> str:
    """Return the characters seen at a place, those between two of a kind, and the rest of a block that two are in."""
    spans: dict[str, tuple[int, int]] = {}
    for code in sorted(map(ord, characters)):
        name = kind(chr(code)) or chr(code)
        first, _ = spans.get(name, (code, code))
        spans[name] = first, code if code < 0x80 or code == first else code | BLOCK
    return "".join(chr(code) for first, last in sorted(spans.values()) for code in range(first, last + 1))


def _complete(columns: Sequence[set[str]]) -> None:
    """Give all places of a name the digits of those where keys differ, if they have some of them already."""
    begin = 0
    for end in range(len(columns) + 1):
        if end < len(columns) and all(map(kind, columns[end])):
            continue
        name = columns[begin : end + 1]
        counting = set[str]().union(*(column for column in name if len(column) > 1))
        counting = {character for character in counting if character.isascii() and character.isalnum()}
        if any(map(str.isdigit, counting)):
            counting |= {"0", "9"}
        for column in name:
            column.update(counting if column & counting else ())
        begin = end + 1
