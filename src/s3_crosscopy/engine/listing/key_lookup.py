"""Pairs of given keys, found by a HEAD a side, several keys at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.core.merge_join import Pair
from s3_crosscopy.core.spec import CopySpec, too_long
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.transfer.source_check import ask
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Listed, absent
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import S3


class KeyLookup:
    """The pairs of given keys, by a HEAD a side, several at a time; what the source does not have is an `absent` row.

    `ahead` is how many keys are asked for at once. With `whole` a source that refuses its HEAD ends the walk: there is
    only one object. Otherwise that key is `refused`, and the walk goes on.
    """

    pages = full_pages = (0, 0)
    waiting = asking = sides = 0

    def __init__(
        self,
        spec: CopySpec,
        keys: Iterator[str],
        source: S3,
        dest: S3,
        *,
        head_dest: bool,
        ahead: int,
        whole: bool = False,
    ) -> None:
        self.joined = 0
        self.date = ""
        self.refused: dict[str, S3Error] = {}
        self.news: Callable[[], None] = lambda: None
        self._spec = spec
        self._keys = keys
        self._source = source
        self._dest = dest
        self._head_dest = head_dest
        self._ahead = ahead
        self._whole = whole
        self._asked: deque[_Lookup] = deque()
        self._exhausted = False

    @property
    def ended(self) -> bool:
        """Whether every pair came out."""
        return self._exhausted and not self._asked

    @property
    def wants(self) -> bool:
        """Whether there may be more keys, and not enough of them are asked for."""
        return not self._exhausted and len(self._asked) < self._ahead

    def pump(self, dispatcher: Dispatcher, *, source: bool = True) -> None:
        """Ask for the next keys, as far as the window allows."""
        while self.wants and dispatcher.room() > 0:
            key = next(self._keys, None)
            if key is None:
                self._exhausted = True
                self.news()
                return
            asked = _Lookup(key)
            self._asked.append(asked)
            dispatcher.call(lambda key=key: self._heads(key), self._told, asked, requests=2)  # type: ignore[misc]

    def pairs(self) -> Iterator[Pair]:
        """The pairs known now, in key order."""
        while self._asked and self._asked[0].known:
            asked = self._asked.popleft()
            if asked.error is not None:
                raise asked.error
            if asked.pair is not None:
                self.joined += 1
                yield asked.pair

    def _heads(self, key: str) -> tuple[Pair | None, str]:
        """The pair, and the server's clock. No pair: there is no such object, and only one was asked for."""
        facts = ask(self._spec, self._source, key, listed=False)
        if facts is None:
            return (None if self._whole else (absent(key), None)), ""
        there = listed_at(self._dest, self._spec.dest, self._spec.dest_key(key)) if self._head_dest else None
        return (facts.as_listed(key), there), facts.date

    def _told(self, asked: _Lookup, value: tuple[Pair | None, str] | None, error: S3Error | None) -> None:
        asked.known = True
        if error is not None and not self._whole:
            self.refused[asked.key] = error
            asked.pair = (Listed(asked.key, 0, "", ""), None)
        else:
            asked.error = error
        if value is not None:
            asked.pair, date = value
            self.date = self.date or date
        self.news()


class _Lookup:
    """One key that was asked for."""

    __slots__ = ("error", "key", "known", "pair")

    def __init__(self, key: str) -> None:
        self.key = key
        self.known = False
        self.pair: Pair | None = None
        self.error: S3Error | None = None


def listed_at(s3: S3, bucket: Bucket, key: str) -> Listed | None:
    """The destination's object, None for none. Without ListBucket a missing key answers 403; copying is then right.

    So it is after a 404 of any form: at worst it copies what is there already. A key that is too long for S3 is
    nowhere, and not asked for.
    """
    if too_long(key):
        return None
    try:
        return s3.head(bucket, key).as_listed(key)
    except S3Error as error:
        if not_found(error.reason) or error.reason is Reason.DENIED:
            return None
        raise
