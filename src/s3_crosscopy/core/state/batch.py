"""A batch of consecutive listed keys that are committed together, and batches of single keys that delay no others."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from s3_crosscopy.core.keyspace.key_codec import shared
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Outcome
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.model.tally import Tally


class Batch:
    """The keys in `(after, last_key]`. Each key is taken once and then gets one outcome, or waits for the retry phase.

    number: 0 for a detached key, which is counted alone in a batch of its own.
    range_number: that of the range of the scan which found its keys.
    open: number of keys without an outcome.
    sealed: True if no more keys will be taken.
    waiting: True while a detached key waits for the retry phase.
    deferred: True for a detached key that is not remembered; it is counted once a later listing finds it again.
    detached: batches of the keys that were detached from this one.
    tally, rows: counts and report rows of the keys not yet taken out by `take_done`.
    committed: counts of what `take_done` took out.
    """

    __slots__ = (
        "_ended",
        "_open_keys",
        "_taken",
        "after",
        "committed",
        "deferred",
        "detached",
        "last_key",
        "number",
        "open",
        "range_number",
        "rows",
        "sealed",
        "tally",
        "waiting",
    )

    def __init__(self, number: int, after: str, ended: list[Batch]) -> None:
        self.number = number
        self.range_number = 0
        self.after = after
        self.last_key = after
        self.open = 0
        self.waiting = False
        self.deferred = False
        self.sealed = False
        self.tally = Tally()
        self.committed = Tally()
        self.rows: list[ReportRow] = []
        self.detached: list[Batch] = []
        # Each open key that is counted here, and the key before it.
        self._open_keys: dict[str, str] = {}
        self._taken = 0
        self._ended = ended

    def take(self, key: str) -> None:
        """Add the next listed key to this batch."""
        self._open_keys[key] = self.last_key
        self.last_key = key
        self.open += 1
        self._taken += 1
        self.tally.listed += 1

    def detach(self, after: str, key: str) -> Batch:
        """Move an open key to a batch of its own and return that; `after` is the listed key before it.

        Used for keys that are slow, are copied last or may have to be retried: the others are committed without them.
        """
        if self.is_detached():
            return self
        self.open -= 1
        self.tally.listed -= 1
        del self._open_keys[key]
        single = Batch(0, after, self._ended)
        single.range_number = self.range_number
        single.take(key)
        single.sealed = True
        self.detached.append(single)
        return single

    def is_detached(self) -> bool:
        """Return True for the batch of a detached key."""
        return self.number == 0

    def interval(self) -> KeyRange:
        """Return the range of keys from the first to the last one taken."""
        return KeyRange(self.after, self.last_key)

    def keys(self) -> int:
        """Return the number of listed keys in the interval, including detached ones."""
        return self._taken

    def has_done(self) -> bool:
        """Return True if `take_done` would take anything."""
        return self.tally.listed > self.open or any(single.done() for single in self.detached)

    def take_done(self) -> list[Batch]:
        """Take out the completed keys as batches of their own; open keys stay here."""
        done = [single for single in self.detached if single.done()]
        self.detached = [single for single in self.detached if not single.done()]
        if self.tally.listed > self.open:
            done.append(self._take_ended())
        for batch in done:
            self.committed.add(batch.tally)
        return done

    def _take_ended(self) -> Batch:
        ended = Batch(self.number, self.after, self._ended)
        ended.tally, ended.rows = self.tally, self.rows
        ended.tally.listed -= self.open
        self.tally, self.rows = Tally(), []
        self.tally.listed = self.open
        return ended

    def pending(self) -> list[KeyRange]:
        """Return disjoint ranges in ascending order that contain all keys not completed, and no other listed key."""
        detached = ((single.after, single.last_key) for single in self.detached if not single.done())
        opened = ((after, key) for key, after in self._open_keys.items())
        return _joined(sorted(chain(opened, detached)))

    def end(
        self, key: str, outcome: Outcome, reason: str = "", *, size: int = 0, verified: str = "", etag_loss: str = ""
    ) -> None:
        """Record an open key's outcome.

        `size` is its bytes if they count, `verified` the value of a `Verified`, `etag_loss` that of an `EtagLoss`.
        """
        self.tally.count(outcome, reason, size=size)
        if verified:
            self.tally.verified[verified] += 1
        if etag_loss:
            self.tally.etags_not_kept[etag_loss] += 1
        self._end(key)

    def end_alike(self, outcome: Outcome, reason: str, keys: int, last_key: str, size: int) -> None:
        """Add the next `keys` keys, up to `last_key`, which all have the same outcome and `size` bytes together."""
        self.last_key = last_key
        self._taken += keys
        self.tally.listed += keys
        self.tally.count(outcome, reason, keys=keys, size=size)

    def not_attempted(self) -> None:
        """Record that the run stopped before its open keys had an outcome."""
        self.tally.count(Outcome.NOT_ATTEMPTED, keys=self.open)
        self.open = 0
        self._open_keys.clear()

    def defer(self) -> None:
        """Forget a detached key until a later listing finds it again; it remains to be copied."""
        self.open = self.tally.listed = 0
        self.deferred = True
        self._open_keys.clear()

    def postpone(self) -> None:
        """Let a detached key wait for the retry phase."""
        self.open, self.waiting = 0, True

    def resume(self) -> None:
        """Start the second attempt of a postponed key."""
        self.open, self.waiting = 1, False

    def ended(self) -> bool:
        """Return True if no more keys and no more outcomes will come."""
        return self.sealed and not self.open and not self.waiting

    def good(self) -> bool:
        """Return True if none of its keys remains for a later attempt."""
        return not (self.deferred or self.tally.repeated())

    def done(self) -> bool:
        """Return True if it has ended and none of its keys remains for a later attempt."""
        return self.ended() and self.good()

    def _end(self, key: str) -> None:
        del self._open_keys[key]
        self.open -= 1
        if not self.open and self.number == 0:
            self._ended.append(self)


def _joined(intervals: Iterable[tuple[str, str]]) -> list[KeyRange]:
    """Merge intervals that touch. Each ends at a listed key and starts after one; they are in ascending order.

    Each range starts at the shortest possible prefix of its first key, which takes the fewest bytes.
    """
    joined: list[KeyRange] = []
    last = ""
    for after, key in intervals:
        if joined and after == last:
            joined[-1] = KeyRange(joined[-1].after, key)
        else:
            joined.append(KeyRange(_shortest_start(after, key), key))
        last = key
    return joined


def _shortest_start(after: str, key: str) -> str:
    """Return the shortest prefix of the key that sorts after `after`, or `after` if that would be the whole key."""
    length = shared(after, key) + 1
    return key[:length] if length < len(key) else after
