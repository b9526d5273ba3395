"""Looks up given keys with one HEAD per side, several keys at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

from s3_crosscopy.core.error_codes import not_found
from s3_crosscopy.core.merge_join import Pair
from s3_crosscopy.core.spec import CopySpec, too_long
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.run_config import Ports
from s3_crosscopy.engine.transfer.source_check import confirm_404
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts, Listed, absent
from s3_crosscopy.model.operations import Head, Side
from s3_crosscopy.model.outcomes import Reason


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
        self._source = ports.source
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
            self._begin(lookup, dispatcher)

    def pairs(self) -> Iterator[Pair]:
        """Iterate over the known pairs, in key order."""
        while self._lookups and self._lookups[0].known:
            lookup = self._lookups.popleft()
            if lookup.error is not None:
                raise lookup.error
            if lookup.pair is not None:
                self.joined += 1
                yield lookup.pair

    def _begin(self, lookup: _Lookup, dispatcher: Dispatcher) -> None:
        """Send the HEAD of the source; the destination is asked only for a key that the source has."""

        def source_answered(lookup: _Lookup, facts: Facts | None, error: S3Error | None) -> None:
            if facts is not None:
                self._found(lookup, facts, dispatcher)
            elif error is not None and error.reason is Reason.MISSING:
                self._gone(lookup, None, None)
            elif error is not None and not_found(error.reason):
                confirm = partial(confirm_404, self._spec, self._source, lookup.key, error, listed=False)
                dispatcher.call(confirm, self._gone, lookup)
            else:
                self._end(lookup, None, error)

        op = Head(Side.SOURCE, self._spec.source, lookup.key, version=self._spec.options.source_version_id)
        dispatcher.send(op, source_answered, lookup)

    def _found(self, lookup: _Lookup, facts: Facts, dispatcher: Dispatcher) -> None:
        lookup.source, lookup.date = facts.as_listed(lookup.key), facts.date
        dest_key = self._spec.dest_key(lookup.key)
        if self._head_dest and not too_long(dest_key):
            dispatcher.send(Head(Side.DEST, self._spec.dest, dest_key), self._dest_answered, lookup)
        else:
            self._end(lookup, (lookup.source, None), None)

    def _gone(self, lookup: _Lookup, _: None, error: S3Error | None) -> None:
        """The source does not have the key. Without a pair the only object of the copy does not exist."""
        self._end(lookup, None if self._whole or error is not None else (absent(lookup.key), None), error)

    def _dest_answered(self, lookup: _Lookup, facts: Facts | None, error: S3Error | None) -> None:
        if error is not None and may_be_absent(error):
            error = None
        dest = facts.as_listed(self._spec.dest_key(lookup.key)) if facts is not None else None
        assert lookup.source is not None, "the source was asked first"
        self._end(lookup, (lookup.source, dest) if error is None else None, error)

    def _end(self, lookup: _Lookup, pair: Pair | None, error: S3Error | None) -> None:
        lookup.known, lookup.pair = True, pair
        if error is not None and not self._whole:
            self.refused[lookup.key] = error
            lookup.pair = (Listed(lookup.key, 0, "", ""), None)
        else:
            lookup.error = error
        if error is None:
            self.date = self.date or lookup.date
        self.news()


class _Lookup:
    """One key that is being looked up."""

    __slots__ = ("date", "error", "key", "known", "pair", "source")

    def __init__(self, key: str) -> None:
        self.key = key
        self.known = False
        self.pair: Pair | None = None
        self.source: Listed | None = None
        self.date = ""
        self.error: S3Error | None = None


def may_be_absent(error: S3Error) -> bool:
    """Return True for the error of a HEAD after which an object counts as absent, and is copied.

    Without the ListBucket permission S3 answers 403 for a missing key. A copy after that, or after a 404 of any form,
    at worst repeats a copy.
    """
    return not_found(error.reason) or error.reason is Reason.DENIED
