"""Where to split what is left of a key range: arithmetic on real keys. Knows no listing, and makes no request.

Any string is a right place to split a range, so nothing here decides what is copied, only how even the halves are. Keys
are read as numbers whose digits are the characters that were really seen at each place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.core.keyspace.key_codec import shared
from s3_crosscopy.model.location import MAX_KEY_BYTES

MORE_DIGITS = 8
"""So many places behind the first one that differs are read: a page of 1,000 keys has differed within three."""
SAMPLES = 64
"""So many keys of a page tell which characters stand where; 64 of 1,000 uuids miss a digit with a chance of 1.6 %."""


class Split(NamedTuple):
    """The range becomes `(..., at]` and `(at, ...]`. `pages` is an estimate of what was left; None for no idea."""

    at: str
    pages: float | None


def split_point(seen: Sequence[str], end: str | None, prefix: str = "", reach: float = 2.0) -> Split | None:
    """Where to split what comes after a page, and None where there is no sense in it.

    `seen` are the page's keys in order: what is left begins behind the last one, and a next page is under way already.
    All keys begin with `prefix`. With an `end` the middle; without one nobody knows how far keys go, and it is so many
    pages further (`reach`) as the last page was long, so that the right half begins with a page of keys nearly always.
    """
    if len(seen) < 2 or (end is not None and not end.startswith(prefix)):
        return None
    numbers = _Numbers(seen, end, len(prefix))
    first, last = numbers.of(seen[0]), numbers.of(seen[-1])
    page = last - first
    top = numbers.of(end) if end is not None else numbers.most
    if page <= 0 or top <= last:
        return None
    middle = last + page + (top - last - page) // 2
    ahead = last + page + int(page * reach)
    at = numbers.text(middle if end is not None else min(ahead, middle), seen[-1])
    if not seen[-1] < at or (end is not None and not at < end):
        return None
    return Split(at, (top - last) / page if end is not None else None)


class _Numbers:
    """Keys as numbers, place by place behind the prefix: what is seen at a place are its digits, in their order.

    A place where all keys have the same character has one digit only, and a carry passes it by; unless that character
    is one that counts elsewhere (the leading zeros of a counter, the year of a date), which makes it a place that will
    change too. Digits beyond the last place that matters are left out.
    """

    def __init__(self, seen: Sequence[str], end: str | None, skip: int) -> None:
        step = max(1, len(seen) // SAMPLES)
        samples = [*seen[::step], seen[-1]]
        self._skip = skip
        ends = [seen[-1]] if end is None else [seen[-1], end]
        differ = max(shared(samples[0], samples[-1]), shared(ends[0], ends[-1]) if end is not None else 0)
        places = range(skip, max(differ, skip) + MORE_DIGITS)
        at_place = [{key[place] for key in samples if len(key) > place} for place in places]
        counting = set[str]().union(*(there for there in at_place if len(there) > 1))
        self._digits: list[list[str]] = []
        for place, seen_there in zip(places, at_place, strict=True):
            there = seen_there | {key[place] for key in ends if len(key) > place}
            self._digits.append(sorted(there | counting if not there or there & counting else there))
        self.most = 1
        for digits in self._digits:
            self.most *= max(1, len(digits))
        self.most -= 1

    def of(self, key: str) -> int:
        """The number of a key. Not strictly in order: what ends early counts as if it went on with first digits."""
        number = 0
        for place, digits in enumerate(self._digits, self._skip):
            digit = digits.index(key[place]) if len(key) > place and key[place] in digits else 0
            number = number * max(1, len(digits)) + digit
        return number

    def text(self, number: int, after: str) -> str:
        """The key of a number, no longer than it has to be to come after `after` with two digits' care."""
        picked: list[str] = []
        for digits in reversed(self._digits):
            number, digit = divmod(number, max(1, len(digits)))
            picked.append(digits[digit] if digits else "")
        key = after[: self._skip] + "".join(reversed(picked))
        key = key[: shared(key, after) + 3]
        while len(key.encode()) > MAX_KEY_BYTES:
            key = key[:-1]
        return key


FIRST_PAGES = 3
"""A prefix of up to three pages is never split: a fourth is on its way by then."""
MOST_PAGES = 16
LEAST_LEFT_PAGES = 4
"""What is less is walked sooner than it is split."""


class Earned:
    """How often a range may be split: the bound of what parallel listing costs.

    A split costs at most one LIST more than no split. As it has to be earned by a full page before it, all of them
    together cost less than what they speed up. After a right half with no key in it twice as many pages as before.
    """

    def __init__(self, pages: int = FIRST_PAGES) -> None:
        self._price = pages
        self._spent = 0

    def enough(self, full_pages: int) -> bool:
        """Whether so many full pages, of all that the range ever had, have earned a split."""
        return full_pages - self._spent >= self._price

    def spend(self, full_pages: int) -> None:
        """It was split."""
        self._spent, self._price = full_pages, 1

    def wasted(self, full_pages: int) -> None:
        """The last split gave nothing."""
        self._spent = full_pages
        self._price = min(MOST_PAGES, max(FIRST_PAGES, 2 * self._price))
