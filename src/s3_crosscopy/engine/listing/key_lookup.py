"""Looks up given keys with one HEAD per side, several keys at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.core.merge_join import Pair
from s3_crosscopy.core.spec import CopySpec, too_long
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.run_config import Ports
from s3_crosscopy.engine.transfer.source_check import ask
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Listed, absent
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import S3


class KeyLookup:
    """Gives the pairs of given keys; a key that the source does not have gives an `absent` row.

    `ahead`: how many keys are looked up at once. `whole`: there is only one object, so a refused HEAD of the source
    ends the scan; otherwise that key is `refused`, and the scan continues.
    """

    pages = full_pages = (0, 0)
    waiting = asking = sides = 0

    def __init__(
        self,
        spec: CopySpec,
        ports: Ports,
        keys: Iterator[str],
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
        self._source, self._dest = ports.source, ports.dest
        self._head_dest = head_dest
        self._ahead = ahead
        self._whole = whole
        self._lookups: deque[_Lookup] = deque()
        self._exhausted = False

    @property
    def ended(self) -> bool:
        """True if every pair was given out."""
        return self._exhausted and not self._lookups

    @property
    def wants(self) -> bool:
        """True if there may be more keys, and fewer than `ahead` are being looked up."""
        return not self._exhausted and len(self._lookups) < self._ahead

    def pump(self, dispatcher: Dispatcher, *, source: bool = True) -> None:
        """Look up the next keys, as far as the window allows."""
        while self.wants and dispatcher.room() > 0:
            key = next(self._keys, None)
            if key is None:
                self._exhausted = True
                self.news()
                return
            lookup = _Lookup(key)
            self._lookups.append(lookup)
            dispatcher.call(lambda key=key: self._heads(key), self._answered, lookup, requests=2)  # type: ignore[misc]

    def pairs(self) -> Iterator[Pair]:
        """Iterate over the known pairs, in key order."""
        while self._lookups and self._lookups[0].known:
            lookup = self._lookups.popleft()
            if lookup.error is not None:
                raise lookup.error
            if lookup.pair is not None:
                self.joined += 1
                yield lookup.pair

    def _heads(self, key: str) -> tuple[Pair | None, str]:
        """Return the pair and the server's time. No pair: the only object of the copy does not exist."""
        facts = ask(self._spec, self._source, key, listed=False)
        if facts is None:
            return (None if self._whole else (absent(key), None)), ""
        dest = listed_at(self._dest, self._spec.dest, self._spec.dest_key(key)) if self._head_dest else None
        return (facts.as_listed(key), dest), facts.date

    def _answered(self, lookup: _Lookup, value: tuple[Pair | None, str] | None, error: S3Error | None) -> None:
        lookup.known = True
        if error is not None and not self._whole:
            self.refused[lookup.key] = error
            lookup.pair = (Listed(lookup.key, 0, "", ""), None)
        else:
            lookup.error = error
        if value is not None:
            lookup.pair, date = value
            self.date = self.date or date
        self.news()


class _Lookup:
    """One key that is being looked up."""

    __slots__ = ("error", "key", "known", "pair")

    def __init__(self, key: str) -> None:
        self.key = key
        self.known = False
        self.pair: Pair | None = None
        self.error: S3Error | None = None


def listed_at(s3: S3, bucket: Bucket, key: str) -> Listed | None:
    """Return the object at this key, None if there is none or it is unknown; then copying is right.

    Without the ListBucket permission S3 answers 403 for a missing key. A copy after that, or after a 404 of any form,
    at worst repeats a copy. A key that is too long for S3 is not asked for.
    """
    if too_long(key):
        return None
    try:
        return s3.head(bucket, key).as_listed(key)
    except S3Error as error:
        if not_found(error.reason) or error.reason is Reason.DENIED:
            return None
        raise
