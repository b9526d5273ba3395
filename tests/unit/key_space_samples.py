"""Skewed key spaces that nobody has to hold: a key is made when it is looked at, so that millions of them cost nothing.

`server` answers as ListObjectsV2 does with `start-after`. Names and sizes are drawn once, with a fixed seed.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, overload

PAGE = 1000


class Block(NamedTuple):
    """So many keys in order: `key(0)` to `key(number - 1)`."""

    number: int
    key: Callable[[int], str]


class Keys(Sequence[str]):
    """The keys of some blocks, each of which lies before the next one."""

    def __init__(self, blocks: Iterable[Block]) -> None:
        self._blocks = [block for block in blocks if block.number]
        self._ends = list(accumulate(block.number for block in self._blocks))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[number] for number in range(*place.indices(len(self)))]
        if not 0 <= place < len(self):
            raise IndexError(place)
        index = bisect_right(self._ends, place)
        block = self._blocks[index]
        return block.key(place - self._ends[index] + block.number)

    def page(self, after: str) -> tuple[list[str], bool]:
        """The page that is listed with this start-after, and whether there are more."""
        begin = bisect_right(self, after)
        return self[begin : begin + PAGE], begin + PAGE < len(self)

    def held(self, after: str, end: str | None) -> int:
        """How many keys lie in `(after, end]`."""
        return (len(self) if end is None else bisect_right(self, end)) - bisect_right(self, after)


def counters(count: int, form: str = "{:09d}") -> Block:
    return Block(count, form.format)


def hashes(count: int, form: str = "{}", digits: int = 12) -> Block:
    """Hexadecimal names as a hash gives them: `count` of them, uneven as chance is, in order."""
    step = 16**digits // count

    def key(number: int) -> str:
        jitter = ((number + 1) * 0x9E3779B97F4A7C15 >> 7) % step
        return form.format(f"{number * step + jitter:0{digits}x}")

    return Block(count, key)


def deep_beside_few() -> Iterator[Block]:
    yield counters(2_000, "a/{:04d}")
    yield hashes(900_000, "lake/raw/events/v2/tenant-000017/export/full/{}.json.gz")
    yield counters(5_000, "lake/tmp/{:06d}")
    yield counters(3, "z{}")


def sharing_200_bytes() -> Iterator[Block]:
    same = "same-directory/" * 14
    yield counters(300_000, f"{same}a-{{:07d}}")
    yield hashes(200_000, f"{same}b/{{}}")
    yield counters(12, f"{same}c/{{:07d}}")


def unicode_names() -> Iterator[Block]:
    draw = random.Random(7)
    for name in sorted(["Ölberg", "ключи", "データ", "漢字", "한국어", "🎉", "naïve", "éé"]):
        yield counters(int(draw.lognormvariate(9.5, 1.5)), f"{name}/файл-{{:07d}}.txt")
    yield Block(200_000, lambda number: "🎊/" + chr(0x4E00 + number // 100) + chr(0x3041 + number % 100))


def dates() -> Iterator[Block]:
    for year in range(2015, 2025):
        for month in range(1, 13):
            for day in range(1, 29):
                yield counters(250, f"{year}/{month:02d}/{day:02d}/part-{{:04d}}")


def growing_dates() -> Iterator[Block]:
    size = 20.0
    for year in range(2017, 2025):
        for month in range(1, 13):
            for day in range(1, 29):
                size *= 1.0018
                yield hashes(int(size), f"logs/{year}/{month:02d}/{day:02d}/{{}}.log.gz")


def uuids() -> Iterator[Block]:
    yield hashes(1_000_000, "{}-4f2a-9c1d.parquet")


def flat_counters() -> Iterator[Block]:
    yield counters(2_000_000, "export/part-{:09d}.csv")


def hive_uneven() -> Iterator[Block]:
    draw = random.Random(11)
    for number in range(400):
        name = f"dt=20{20 + number // 336}-{number // 28 % 12 + 1:02d}-{number % 28 + 1:02d}"
        yield counters(int(draw.lognormvariate(6.5, 1.8)), f"{name}/part-{{:05d}}-c000.snappy.parquet")


def tenants_by_zipf() -> Iterator[Block]:
    order = list(range(1, 301))
    random.Random(5).shuffle(order)
    for number, rank in enumerate(order):
        name = f"tenant={number:04d}"
        keys_a_day = max(1, 200_000 // rank // 30)
        for day in range(1, 31):
            yield hashes(keys_a_day, f"{name}/date=2024-03-{day:02d}/{{}}.parquet")


def users() -> Iterator[Block]:
    def key(number: int) -> str:
        user, file = divmod(number, 5)
        return f"users/{user * 7_919:08x}/{('avatar.png', 'cart', 'orders', 'profile', 'seen')[file]}"

    yield Block(800_000, key)


def flat_beside_many() -> Iterator[Block]:
    for number in range(500):
        yield counters(1_500, f"d{number:03d}/{{:06d}}")
    yield counters(750_000, "flat/{:09d}")


def unpadded() -> Iterator[Block]:
    named = sorted(str(number) for number in range(300_000))
    yield Block(len(named), lambda number: f"file{named[number]}.bin")


def tiny() -> Iterator[Block]:
    yield counters(7, "t/{}")


def two_pages() -> Iterator[Block]:
    yield counters(2_500, "t/{:05d}")


def empty() -> Iterator[Block]:
    yield from ()


def mixed() -> Iterator[Block]:
    parts = (dates, deep_beside_few, flat_counters, hive_uneven, tiny, unicode_names, users, uuids)
    for letter, part in zip("BFGMabtz", parts, strict=True):
        for count, key in part():
            yield Block(count // 4, lambda number, key=key, letter=letter: f"{letter}/{key(number)}")  # type: ignore[misc]


def hundred_million() -> Iterator[Block]:
    draw = random.Random(3)
    for number in range(200):
        yield counters(
            int(draw.lognormvariate(12.3, 1.0)), f"lake/table={number // 10:03d}/bucket={number:05d}/{{:08d}}.orc"
        )
    yield hashes(40_000_000, "raw/{}.json")


SKEWED = (
    deep_beside_few, sharing_200_bytes, unicode_names, dates, growing_dates, uuids, flat_counters, hive_uneven,
    tenants_by_zipf, users, flat_beside_many, unpadded, tiny, two_pages, empty, mixed, hundred_million,
)  # fmt: skip
