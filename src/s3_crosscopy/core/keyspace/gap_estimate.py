"""How much lies in what is unknown between two listed pages, and where a page would tell most of it.

An estimate from what the pages on both sides have: keys a number, as `plan.numbers` reads keys. It decides only how
even the shards are, and where the next LISTs go.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.core.keyspace.key_codec import TOP, KeyCodec, kind, shared
from s3_crosscopy.core.keyspace.page_sample import MARK, PageSample, folder

PAGE = 1000
ALL = 1e18
"""More than any bucket holds: nobody knows how much it is."""
FAR = 32
EVEN = 8
"""When by the density at one end there is so many times more than is likely, the middle is no place to look first."""


class Interval(NamedTuple):
    """From one number to another."""

    numbers: KeyCodec
    low: int
    high: int

    @property
    def span(self) -> int:
        return max(0, self.high - self.low)


class Gap:
    """What is unknown between the page of `left` and the next piece, which begins behind `end` (None: nobody knows).

    `mean` is what is likely in it; `full` what it holds if it goes on as the page ends, `hope` if it goes on as the
    page does where it is densest. `fresh`: something new began on that page, so that nobody knows how far it goes.
    `alive`: there are keys right behind `end`, as there were right behind the page. `levels` are the directories of the
    page's keys that may be what ends; `seam` is where one way of naming ends and another one begins, or "".
    """

    def __init__(
        self, prefix: str, left: PageSample, right: PageSample | None, end: str | None, wider: Sequence[str]
    ) -> None:
        self.left = left
        self.after = left.last
        self.end = right.after if right is not None else end
        self.guess = self.end is None
        self.last = right is None
        self.levels: list[str] = []
        self.seam = ""
        deep = shared(left.tail[0], left.last)
        head = prefix if self.end is None else self.after[: shared(self.after, self.end)]
        same = right is not None and self.after.count("/") == right.first.count("/")
        if right is not None and len(head) > shared(self.after, right.first):
            # The bound was asked for, and nothing is behind it before another branch begins: `right` tells nothing.
            right = None
        elif right is not None:
            head = self.after[: shared(self.after, right.first)]
            self.seam = "" if same else self.fitting(self.after[: len(head) + 1] + TOP)
        self._measure(head[:deep], deep, right, wider)
        if right is None and not same:
            self._find_levels(len(head), deep)
        self._estimate(left, right)
        self.shape = (self.after.count("/"), len(self.after))

    def fitting(self, text: str) -> str:
        """The text if it lies inside, or ""."""
        return text if self.after < text and (self.end is None or text < self.end) else ""

    def likely(self, lives: float, sure: float) -> float:
        """How many keys to reckon with, when of what begins like this such a share `lives` on far behind a page.

        Where nothing shows how far it goes, any number of digits is as likely as any other; it is not believed to be
        more than all that is `sure`.
        """
        if self.alive:
            return self.mean
        middle = math.sqrt(PAGE * min(self.full, sure))
        mean = min(self.mean, max(middle, self.behind / 2))
        if not self.fresh:
            return mean
        if not self.left.one_folder:
            return max(mean, min(self.full / 2, middle))
        return max(mean, min(lives, 0.5) * middle)

    def value(self, lives: float, most: float) -> float:
        """What knowing more is worth, in keys: between what is likely and what is possible, at `most` that many."""
        if self.guess:
            return ALL
        top = min(self.hope, most)
        if not self.wide or not self.fresh or self.alive or not self.left.one_folder:
            lives = 1.0
        lives = math.sqrt(lives)
        mean = min(self.mean, most)
        hope = mean + lives * max(0.0, top - mean)
        risk = max(mean, lives * math.sqrt(PAGE * top))
        return float(math.sqrt(risk * hope) * self.doubt)

    def probes(self, number: int, piece_keys: float) -> list[str]:
        """Up to so many places, each behind the page and before `end`."""
        if self.guess and self.levels:
            return [self.levels[at * len(self.levels) // number] for at in range(min(number, len(self.levels)))]
        if self.seam:
            return [self.seam]
        if self.lopsided and (self.last or self.mean <= 2 * piece_keys or self.full > FAR * self.mean):
            ahead = 1 if self.fresh or (self.wide and not self.last) else min(number, 2)
            found = [self._ahead(at, ahead, piece_keys) for at in range(ahead)]
            if self.wide and not self.last:
                found += [self._between(at, number, piece_keys) for at in range(1, number)]
            if any(found):
                return sorted({text for text in found if text})
        found = [self._between(at, number, piece_keys) for at in range(number)]
        return sorted({text for text in found if text})

    def parts(self, keys: float) -> list[tuple[str, float]]:
        """The rest in parts of about 500 of its `keys`, at most 16: where each ends, and what is in it."""
        assert self.end is not None, "an open rest has no last part"
        number = max(1, min(16, int(keys // 500)))
        texts = [self.real.numbers.text(self.real.low + self.real.span * at // number) for at in range(1, number)]
        ends = [*sorted({text for text in texts if self.fitting(text)}), self.end]
        return [(text, keys / len(ends)) for text in ends]

    def _measure(self, head: str, deep: int, right: PageSample | None, wider: Sequence[str]) -> None:
        known = [*self.left.sample[::2], self.left.last]
        if right is not None:
            known += right.sample[::2]
            deep = max(deep, shared(right.head[0], right.head[-1]))
        known += [key for key in wider if alike(key, self.after) or (right is not None and alike(key, right.first))]
        known = [key for key in known if len(key) > len(head)]
        self.real, self.nominal = (
            self._stretch(KeyCodec(known, head, deep, settle=settle)) for settle in (True, False)
        )

    def _stretch(self, numbers: KeyCodec) -> Interval:
        if self.end is not None:
            numbers.open_up(self.after, self.end)
        return Interval(numbers, numbers.of(self.after), numbers.most if self.end is None else numbers.of(self.end))

    def _find_levels(self, first: int, deep: int) -> None:
        """The ends of the directories, and of the names between other signs, that the page lies in.

        What was found by asking for the end of a directory has siblings, and is not asked for again: that would go from
        one to the next. But where the page reaches the end of all that can be told from it, one of them must be.
        """
        ends = [at + 1 for at in range(first, deep) if not kind(self.after[at])]
        levels = ends if not self.left.after else []
        page = self.real.low - self.real.numbers.of(self.left.tail[0])
        if not levels and self.real.span <= page:
            levels = ends[:1]
        self.levels = [text for at in levels if (text := self.fitting(self.after[:at] + TOP))]
        self.guess = self.guess or bool(self.levels)

    def _estimate(self, left: PageSample, right: PageSample | None) -> None:
        numbers, low, _ = self.real
        span = self.real.span
        at = [numbers.of(key) for key in left.tail]
        self._held = sum(left.tail_counts)
        page = max(1, at[-1] - at[0])
        begin, gap = numbers.of(left.first), self._gap_before(left)
        self.fresh = left.begins_folder or left.changes or gap > 2 * page
        self.full = _keys(self._held, span, page)
        steps = [max(1, two - one) for one, two in zip(at, at[2:], strict=False)]
        densest = max(self.full, _keys(2 * MARK, span, min(steps, default=page * 2 * MARK)))
        floor = max(begin - gap, low - span)
        held = sum(count for count, key in zip(left.counts, left.sample[1:], strict=True) if numbers.of(key) > floor)
        before = _keys(held, span, max(1, low - floor))
        if left.newest:
            number = numbers.of(left.newest[0])
            densest = max(densest, _keys(left.newest[1], span, max(1, low - number)))
        self.behind = behind = self._behind(right)
        if self.alive:
            self.mean = math.sqrt(self.full * behind)
        else:
            self.mean = min((before + behind) / 2, max(math.sqrt(PAGE * self.full), behind / 2))
        self.hope = max(densest, behind)
        self._nominal_page = max(1, self.nominal.numbers.of(left.last) - self.nominal.numbers.of(left.tail[0]))
        nominal = _keys(self._held, self.nominal.span, self._nominal_page)
        self.wide = self.end is None or not self.end.startswith(folder(self.after))
        if not self.alive and not self.fresh and not self.wide and left.one_folder:
            self.hope = max(self.hope, nominal)
        # An eighth root: digits that were never seen are worth some doubt, and no more.
        self.doubt = min(8.0, max(1.0, nominal / max(1.0, self.hope)) ** 0.125)
        self.lopsided = not self.alive and (self.last or nominal > EVEN * self.mean)

    def _gap_before(self, left: PageSample) -> int:
        """How many numbers before the page have no key."""
        numbers = self.real.numbers
        if not left.after:
            return 0
        if left.after[: len(numbers.head)] < numbers.head:
            return 2 * numbers.most + 2
        return max(0, numbers.of(left.first) - numbers.of(left.after))

    def _behind(self, right: PageSample | None) -> float:
        """The keys by the density behind the end."""
        self.alive = False
        if right is None:
            return 0.0
        numbers, _, high = self.real
        at = [numbers.of(key) for key in right.sample]
        gap, page = max(0, at[0] - high), max(1, at[-1] - at[0])
        moved_on = right.begins_folder
        self.alive = gap <= 2 * page and gap < self.real.span and not moved_on
        ceiling = min(at[-1], high + self.real.span)
        held = sum(count for count, number in zip(right.counts, at[1:], strict=True) if number <= ceiling)
        return _keys(held or int(at[0] <= ceiling), self.real.span, max(1, ceiling - high))

    def _ahead(self, at: int, number: int, piece_keys: float) -> str:
        """A place some way behind the page, where what began on it may have ended.

        After so many keys, if it is new. If it has gone on for long it may go on for as much longer, or for ever: then
        as many times further as it is from there to the end. Never from directory to directory without looking into
        their depth first; but what goes past the directory of one page might as well begin with the next one.
        """
        step = max(1, int(piece_keys) * self._nominal_page // self._held)
        least = max(step, self._nominal_page)
        doublings = max(1, self.nominal.span // least).bit_length() - 1
        tenths = 10 * doublings * (at + 1) // (number + 1)
        reach = step if self.fresh and not at else (least << tenths // 10) * int(2 ** (tenths % 10 / 10) * 1024) // 1024
        text = self.nominal.numbers.text(self.nominal.low + reach)
        own = folder(self.after)
        if "/" not in self.after[shared(self.left.tail[0], self.after) :] and not text.startswith(own):
            return self.fitting(own + TOP) or self.fitting(text)
        return self.fitting(text)

    def _between(self, at: int, number: int, piece_keys: float) -> str:
        """The place after `at + 1` of `number + 1` equal parts; not quite, so that keys do not all end in zeros."""
        numbers, low, high = self.real
        chance = zlib.crc32(f"{at}{self.after}".encode()) % 400
        middle = low + (high - low) * (1000 * at + 800 + chance) // (1000 * (number + 1))
        text = numbers.text(middle)
        begin = text.rfind("/") + 1
        if begin > shared(text, self.after):
            # Into a directory no deeper than what it must not hide: one with less in it says where the next one begins.
            inside = numbers.below(begin)
            step = max(1, int(piece_keys) * (self.real.low - numbers.of(self.left.tail[0])) // self._held)
            text = self.fitting(numbers.text(middle // inside * inside + min(step, inside // 3))) or text
        return self.fitting(text) or self.fitting(
            self.nominal.numbers.text((self.nominal.low + self.nominal.high) // 2)
        )


def alike(one: str, other: str) -> bool:
    """Whether two keys are named in the same way: as long, the same signs at the same places, words where words are."""
    if len(one) != len(other):
        return False
    mine, yours = set[str](), set[str]()
    for my, your in zip(one + "/", other + "/", strict=True):
        if kind(my) and kind(your):
            mine.add((kind(my) == "0" and "0") or "a")
            yours.add((kind(your) == "0" and "0") or "a")
            continue
        # A word has no numbers in it, and what has is no word.
        if my != your or (mine != yours and (mine == {"a"} or yours == {"a"})):
            return False
        mine, yours = set(), set()
    return True


def _keys(held: int, span: int, page: int) -> float:
    """So many keys in `page` numbers are how many in `span` of them. In integers: spans may have 3,000 digits."""
    return min(held * span * 16 // page, int(ALL)) / 16
