"""Chooses the key at which the rest of a range is split: arithmetic on listed keys. Makes no request.

A range may be split at any text, so nothing here decides which keys are copied, only how even the halves are. Keys are
read as numbers whose digits are the characters that listed keys have at each place.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.core.keyspace.key_codec import shared
from s3_crosscopy.model.location import MAX_KEY_BYTES

MORE_DIGITS = 8
"""Places that are read behind the first one that differs: the keys of a page of 1,000 differ within three."""
SAMPLES = 64
"""Keys of a page that show the characters of each place; 64 of 1,000 UUIDs miss a digit with a chance of 1.6 %."""


class Split(NamedTuple):
    """The range becomes `(..., key]` and `(key, ...]`. `pages` estimates all remaining pages, None if unknown."""

    key: str
    pages: float | None


def split_point(seen: Sequence[str], end: str | None, prefix: str = "", reach: float = 2.0) -> Split | None:
    """Return the split of the keys behind a page, or None if it would not help.

    `seen` are the page's keys in order; the next page is requested already. All keys begin with `prefix`. With an `end`
    the split is in the middle. Without one the end of the keys is unknown, and the split is `reach` times the length of
    the last page further, so that the right half nearly always begins with a page of keys.
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
    key = numbers.text(middle if end is not None else min(ahead, middle), seen[-1])
    if not seen[-1] < key or (end is not None and not key < end):
        return None
    return Split(key, (top - last) / page if end is not None else None)


class _Numbers:
    """Keys as numbers, place by place behind the prefix: the digits of a place are its characters in their order.

    A place where all keys have the same character has one digit, which a carry passes by. If that character counts
    elsewhere (the leading zeros of a counter, the year of a date), the place will change too, and has all these digits.
    Places behind the last one that matters are left out.
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
        """Return the number of a key. Not strictly in order: a short key counts as if first digits followed."""
        number = 0
        for place, digits in enumerate(self._digits, self._skip):
            digit = digits.index(key[place]) if len(key) > place and key[place] in digits else 0
            number = number * max(1, len(digits)) + digit
        return number

    def text(self, number: int, after: str) -> str:
        """Return the key of a number, cut two characters behind the first one that differs from `after`."""
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
"""A prefix of up to three pages is never split: the fourth is already requested."""
MOST_PAGES = 16
LEAST_LEFT_PAGES = 4
"""Fewer remaining pages are listed sooner than split."""


class Earned:
    """The splits that a range has earned, which limits the cost of parallel listing.

    A split costs at most one LIST more than none. Each has to be earned by a full page before it, so all of them cost
    less than the listing that they speed up. After a right half without keys the next split needs twice as many pages.
    """

    def __init__(self, pages: int = FIRST_PAGES) -> None:
        self._price = pages
        self._spent = 0

    def enough(self, full_pages: int) -> bool:
        """Return True if the number of full pages that the range ever had has earned a split."""
        return full_pages - self._spent >= self._price

    def spend(self, full_pages: int) -> None:
        """Note that the range was split."""
        self._spent, self._price = full_pages, 1

    def wasted(self, full_pages: int) -> None:
        """Note that the last split gave nothing."""
        self._spent = full_pages
        self._price = min(MOST_PAGES, max(FIRST_PAGES, 2 * self._price))
