"""What the loop walks along: a listed range, one object, or the keys of a manifest. Each gives pairs in key order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from s3_crosscopy.core.merge_join import Pair
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.errors import S3Error

KeysBetween = Callable[[str, "str | None"], Iterator[str]]
"""The keys of a manifest in `(after, end]`, in key order."""


class PairSource(Protocol):
    """A source of pairs. `date` is when S3 answered first, "" before.

    `news` is called whenever there may be pairs to take, or the walk may have ended.

    `refused` has the error of each key whose pair tells nothing but its name; whoever takes the pair takes it out.
    """

    date: str
    news: Callable[[], None]
    refused: dict[str, S3Error]

    @property
    def joined(self) -> int:
        """Pairs that came out."""

    @property
    def pages(self) -> tuple[int, int]:
        """How many pages of a listing were asked for, of the source and of the destination."""

    @property
    def full_pages(self) -> tuple[int, int]:
        """How many of them were full and not the last, of the source and of the destination."""

    @property
    def waiting(self) -> int:
        """Source keys that are held, and keys of both sides that are on their way."""

    @property
    def sides(self) -> int:
        """How many listings still go on."""

    @property
    def asking(self) -> int:
        """Pages on their way."""

    @property
    def wants(self) -> bool:
        """Whether it would ask for more of the source if it may."""

    @property
    def ended(self) -> bool:
        """Whether every pair came out."""

    def pump(self, dispatcher: Dispatcher, *, source: bool = True) -> None:
        """Begin the requests that are needed next; no `source`: not for another page of that side."""

    def pairs(self) -> Iterator[Pair]:
        """The pairs known now, in key order. Raises what ended the walk before its time."""
