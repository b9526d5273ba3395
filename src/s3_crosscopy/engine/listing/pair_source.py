"""The contract of a scan, `PairSource`: source and destination object of each key of a range, in key order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

from s3_crosscopy.core.merge_join import Pair
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.errors import S3Error

KeysBetween = Callable[[str, "str | None"], Iterator[str]]
"""The keys of a manifest in `(after, end]`, in key order."""


class PairSource(Protocol):
    """Gives the pairs of a listed range, of one object, or of the keys of a manifest.

    `date` is the time of S3's first answer, "" before it. `news` is called when there may be pairs to take, or the scan
    may have ended. `refused` has the error of each key whose pair holds only its name; whoever takes the pair removes
    the entry.
    """

    date: str
    news: Callable[[], None]
    refused: dict[str, S3Error]

    @property
    def joined(self) -> int:
        """The number of pairs given out."""

    @property
    def pages(self) -> tuple[int, int]:
        """The number of requested pages of the source and of the destination."""

    @property
    def full_pages(self) -> tuple[int, int]:
        """The number of pages of the source and of the destination that were full and not the last."""

    @property
    def waiting(self) -> int:
        """The number of source keys that are held, plus the keys of both sides that are on their way."""

    @property
    def sides(self) -> int:
        """The number of listings that have not ended."""

    @property
    def asking(self) -> int:
        """The number of pages on their way."""

    @property
    def wants(self) -> bool:
        """True if the scan would request another page of the source."""

    @property
    def ended(self) -> bool:
        """True if every pair was given out."""

    def pump(self, dispatcher: Dispatcher, *, source: bool = True) -> None:
        """Begin the requests that are needed next. `source=False`: no page of the source."""

    def pairs(self) -> Iterator[Pair]:
        """Iterate over the known pairs, in key order. Raises the error that ended the scan early."""
