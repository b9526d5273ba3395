"""The keys of the soak: computed from their index, both ways, so that a hundred million of them are stored nowhere.

A partition (`dt=2000-01-01/hour=00/`) has a marker `_SUCCESS`, which is copied last, and 999 data files. One in a
hundred is large: uploaded in three parts, or in one go and copied in ten, which makes another ETag. One in a thousand
fails: for ever, until `mended`, or in passing.
"""

from __future__ import annotations

import datetime
import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from enum import Enum
from typing import NamedTuple, overload

PER = 1000
"""Keys of a partition: the marker, and data."""
HOURS = 24
PART_BYTES = 8 * 2**20
LARGE, LARGEST = (3, 37), (10, 937)
"""How many parts a copy has, and where in a partition: at every hundred and so many, and at this number."""
SOURCE, DEST = "src", "dst"
ABOVE, INTO = "data/", "in/"


class Trouble(Enum):
    """How a key fails."""

    NONE = 0
    DENIED = 1  # until it is mended
    INVALID = 2  # until it is mended
    ERROR = 3  # 500, twice
    BUSY = 4  # 503, twice
    LOST = 5  # done once, and the answer lost


_TROUBLES = (Trouble.ERROR, Trouble.DENIED, Trouble.BUSY, Trouble.INVALID, Trouble.LOST, Trouble.DENIED)


class Place(NamedTuple):
    """A key: its partition, and its number there."""

    partition: int
    number: int


def parts_of(number: int) -> int:
    """How many parts its copy has; 1 if one CopyObject makes it."""
    if number == LARGEST[1]:
        return LARGEST[0]
    return LARGE[0] if number % 100 == LARGE[1] else 1


def size_of(number: int) -> int:
    """Bytes; the last part of a large object is a whole one."""
    parts = parts_of(number)
    if parts > 1:
        return parts * PART_BYTES
    return 0 if number % 50 == 0 else 1000 + number


def part_etag(place: Place, part: int) -> str:
    return f"{place.partition:012x}{place.number:08x}{part:012x}"


def source_etag(place: Place) -> str:
    """As S3 makes it of what the source was uploaded in."""
    return part_etag(place, 1) if place.number == LARGEST[1] else copy_etag(place)


def copy_etag(place: Place) -> str:
    """As S3 makes it of the parts of a copy. Of the largest objects it is another one than the source's."""
    parts = parts_of(place.number)
    if parts == 1:
        return part_etag(place, 1)
    digests = b"".join(bytes.fromhex(part_etag(place, part)) for part in range(1, parts + 1))
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{parts}"


def folder(partition: int) -> str:
    day = datetime.date(2000, 1, 1) + datetime.timedelta(days=partition // HOURS)
    return f"dt={day.isoformat()}/hour={partition % HOURS:02d}/"


def name(number: int) -> str:
    return f"part-{number:05d}.snappy.parquet" if number else "_SUCCESS"


def trouble_number(partition: int) -> int:
    """Which key of the partition fails. It is no marker and not large."""
    number = 1 + partition * 7919 % (PER - 2)
    return number + 1 if parts_of(number) > 1 else number


def trouble_of(place: Place) -> Trouble:
    """How its copy fails."""
    if place.number != trouble_number(place.partition):
        return Trouble.NONE
    return _TROUBLES[place.partition % len(_TROUBLES)]


class Keys(Sequence[str]):
    """All keys in S3's order, without what they are below; `place` finds one."""

    def __init__(self, number: int) -> None:
        if number % PER:
            raise ValueError(f"{number} keys are no whole number of partitions of {PER}")
        self.partitions = number // PER
        self._number = number
        self._numbers = {name(i): i for i in range(PER)}
        self._partitions = {folder(i): i for i in range(self.partitions)}

    def __len__(self) -> int:
        return self._number

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[str]: ...
    def __getitem__(self, index: int | slice) -> str | Sequence[str]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(self._number))]
        if not 0 <= index < self._number:
            raise IndexError(index)
        return folder(index // PER) + name(index % PER)

    def index(self, key: str, *_: object) -> int:
        """The index of a key that there is. Raises KeyError."""
        at = key.rfind("/") + 1
        return self._partitions[key[:at]] * PER + self._numbers[key[at:]]

    def after(self, text: str) -> int:
        """The index of the first key behind a text."""
        return bisect_right(self, text)

    def below(self, prefix: str) -> tuple[int, int]:
        """The first and the last but one index of the keys that begin so."""
        return bisect_left(self, prefix), bisect_left(self, prefix + "\U0010ffff")


def place(index: int) -> Place:
    return Place(*divmod(index, PER))
