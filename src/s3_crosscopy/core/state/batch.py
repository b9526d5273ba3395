"""A run of listed keys that are settled together, and single keys that are set apart so that they hold up nothing."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain

from s3_crosscopy.core.keyspace.key_codec import shared
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Outcome
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.model.tally import Tally


class Batch:
    """The keys in `(after, last_key]`. Every key is taken once and then gets one outcome, or waits for the retry phase.

    `open` counts keys without an outcome, `waiting` says that a key set apart waits for its second round, `put_off`
    that it is left for now, and counted when it is found again. `apart` are the batches of the keys that were set
    apart: these are counted there. `settled` counts what was taken out of it by `take_done` already.
    """

    __slots__ = (
        "_ended",
        "_open_keys",
        "_taken",
        "after",
        "apart",
        "last_key",
        "number",
        "open",
        "put_off",
        "rows",
        "sealed",
        "settled",
        "tally",
        "waiting",
    )

    def __init__(self, number: int, after: str, ended: list[Batch]) -> None:
        self.number = number
        self.after = after
        self.last_key = after
        self.open = 0
        self.waiting = False
        self.put_off = False
        self.sealed = False
        self.tally = Tally()
        self.settled = Tally()
        self.rows: list[ReportRow] = []
        self.apart: list[Batch] = []
        # Each open key that is counted here, and the key before it.
        self._open_keys: dict[str, str] = {}
        self._taken = 0
        self._ended = ended

    def take(self, key: str) -> None:
        """The next listed key belongs to this batch."""
        self._open_keys[key] = self.last_key
        self.last_key = key
        self.open += 1
        self._taken += 1
        self.tally.listed += 1

    def detach(self, after: str, key: str) -> Batch:
        """The batch that counts this open key from now on, alone; `after` is the key before it.

        For what is slow, goes last, or may have to be done again: the others settle without it.
        """
        if self.is_detached():
            return self
        self.open -= 1
        self.tally.listed -= 1
        del self._open_keys[key]
        alone = Batch(0, after, self._ended)
        alone.take(key)
        alone.sealed = True
        self.apart.append(alone)
        return alone

    def is_detached(self) -> bool:
        """Whether it is one key that was set apart: those have no number."""
        return self.number == 0

    def interval(self) -> KeyRange:
        """The keys that it reaches over."""
        return KeyRange(self.after, self.last_key)

    def keys(self) -> int:
        """How many listed keys its interval holds, those that are set apart included."""
        return self._taken

    def has_done(self) -> bool:
        """Whether there is something that `take_done` would take."""
        return self.tally.listed > self.open or any(one.done() for one in self.apart)

    def take_done(self) -> list[Batch]:
        """What has its end and need not be done again, taken out, as batches of their own; the rest stays here."""
        done = [one for one in self.apart if one.done()]
        self.apart = [one for one in self.apart if not one.done()]
        if self.tally.listed > self.open:
            ended = Batch(self.number, self.after, self._ended)
            ended.tally, ended.rows = self.tally, self.rows
            ended.tally.listed -= self.open
            self.tally, self.rows = Tally(), []
            self.tally.listed = self.open
            done.append(ended)
        for one in done:
            self.settled.add(one.tally)
        return done

    def pending(self) -> list[KeyRange]:
        """What of its interval is not done, as intervals in order and apart: only listed keys in them are not done."""
        apart = ((one.after, one.last_key) for one in self.apart if not one.done())
        return _joined(sorted(chain(((after, key) for key, after in self._open_keys.items()), apart)))

    def end(self, key: str, outcome: Outcome, reason: str = "", *, size: int = 0, verified: str = "") -> None:
        """Record an open key's outcome. `size` is its bytes if they count, `verified` the value of a `Verified`."""
        self.tally.count(outcome, reason, size=size)
        if verified:
            self.tally.verified[verified] += 1
        self._end(key)

    def end_alike(self, outcome: Outcome, reason: str, keys: int, last_key: str, size: int) -> None:
        """So many more listed keys, up to `last_key`, belong to this batch, and have this outcome already."""
        self.last_key = last_key
        self._taken += keys
        self.tally.listed += keys
        self.tally.count(outcome, reason, keys=keys, size=size)

    def not_attempted(self) -> None:
        """The run stopped before its open keys had an outcome."""
        self.tally.count(Outcome.NOT_ATTEMPTED, keys=self.open)
        self.open = 0
        self._open_keys.clear()

    def leave_for_now(self) -> None:
        """A key that was set apart is forgotten, and stays left, until it is found again."""
        self.open = self.tally.listed = 0
        self.put_off = True
        self._open_keys.clear()

    def postpone(self) -> None:
        """A key that was set apart waits for the retry phase."""
        self.open, self.waiting = 0, True

    def resume(self) -> None:
        """It is tried again."""
        self.open, self.waiting = 1, False

    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.sealed and not self.open and not self.waiting

    def good(self) -> bool:
        """Whether nothing of it has to be done again."""
        return not (self.put_off or self.tally.repeated())

    def done(self) -> bool:
        """Whether nothing more will come, and nothing of it has to be done again."""
        return self.ended() and self.good()

    def _end(self, key: str) -> None:
        del self._open_keys[key]
        self.open -= 1
        if not self.open and self.number == 0:
            self._ended.append(self)


def _joined(intervals: Iterable[tuple[str, str]]) -> list[KeyRange]:
    """Intervals in order, each from one listed key to the next; those that touch become one.

    Each begins as near to its first key as a beginning of that key says: it takes few bytes then.
    """
    joined: list[KeyRange] = []
    last = ""
    for after, key in intervals:
        if joined and after == last:
            joined[-1] = KeyRange(joined[-1].after, key)
        else:
            joined.append(KeyRange(_nearer(after, key), key))
        last = key
    return joined


def _nearer(after: str, key: str) -> str:
    """A beginning of the key that comes behind `after`, or `after` where only the whole key does."""
    place = shared(after, key) + 1
    return key[:place] if place < len(key) else after
