"""Finds the key at which the next run with `since="key"` may start, in bounded memory."""

from __future__ import annotations

from collections.abc import Sequence

from s3_crosscopy.core.since.look import Look, earlier
from s3_crosscopy.core.timestamps import is_since
from s3_crosscopy.model.objects import KeyRange, Listed

_SURROGATES_END = 0xE000


class StartKey:
    """The smallest listed key that was written within `overlap` seconds before the run, or else the last key.

    The time of the run is that of S3's first answer.
    """

    def __init__(self, overlap: int, former: str) -> None:
        self._overlap = overlap
        self._former = former
        self._since = ""
        self._young: str | None = None
        self._last = ""

    def see(self, objects: Sequence[Listed], date: str) -> None:
        """Take a page of the source, and the time of S3's answer."""
        if not self._since and date:
            self._since = earlier(date, self._overlap)
        if not objects:
            return
        self._last = max(self._last, objects[-1].key)
        first = next((listed.key for listed in objects if not listed.modified or self._young_at(listed)), None)
        if first is not None and (self._young is None or first < self._young):
            self._young = first

    def key(self, *, whole: bool) -> str:
        """Return the key, "" for the beginning. `whole=False`: earlier attempts of this run saw keys too."""
        if not whole:
            return self._former
        return self._young if self._young is not None else self._last or self._former

    def _young_at(self, listed: Listed) -> bool:
        return is_since(listed.modified, self._since)


def look_ranges(look: Look, prefix: str, whole: Sequence[KeyRange]) -> Sequence[KeyRange]:
    """Return the key ranges of a run: a short look lists from its first key on. `whole`: the ranges of a full look."""
    return [range_from(look.start, prefix)] if look.short else whole


def range_from(start: str, prefix: str) -> KeyRange:
    """Return the range of the keys from `start` on, that one too; a few keys before it may be in the range."""
    if start <= prefix or not start.startswith(prefix):
        return KeyRange()
    return KeyRange(_just_before(start))


def _just_before(key: str) -> str:
    """Return a text before a key, with few other keys between them."""
    number = ord(key[-1]) - 1
    if number < ord(" ") or number == _SURROGATES_END - 1:
        return key[:-1]
    return key[:-1] + chr(number)
