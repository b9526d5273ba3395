"""A run of listed keys that are settled together, and single keys that are set apart so that they hold up nothing."""

from __future__ import annotations

from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.rows import Row
from s3_crosscopy.model.tally import Tally


class Batch:
    """The keys in `(after, last_key]`. Every key is taken once and then gets one outcome, or waits for the retry phase.

    `open` counts keys without an outcome, `waiting` says that a key set apart waits for its second round, `put_off`
    that it is left for now, and counted when it is found again. `apart` are the batches of the keys that were set
    apart: these are counted there.
    """

    __slots__ = (
        "_ended",
        "after",
        "apart",
        "last_key",
        "number",
        "open",
        "put_off",
        "rows",
        "sealed",
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
        self.rows: list[Row] = []
        self.apart: list[Batch] = []
        self._ended = ended

    def take(self, key: str) -> None:
        """The next listed key belongs to this batch."""
        self.last_key = key
        self.open += 1
        self.tally.listed += 1

    def set_apart(self, after: str, key: str) -> Batch:
        """The batch that counts this open key from now on, alone; `after` is the key before it.

        For what is slow, goes last, or may have to be done again: the others settle without it.
        """
        if self.is_apart():
            return self
        self.open -= 1
        self.tally.listed -= 1
        alone = Batch(0, after, self._ended)
        alone.take(key)
        alone.sealed = True
        self.apart.append(alone)
        return alone

    def is_apart(self) -> bool:
        """Whether it is one key that was set apart: those have no number."""
        return self.number == 0

    def interval(self) -> KeyRange:
        """The keys that it reaches over."""
        return KeyRange(self.after, self.last_key)

    def keys(self) -> int:
        """How many listed keys its interval holds, those that are set apart included."""
        return self.tally.listed + len(self.apart)

    def copied(self, reason: str, size: int, verified: str) -> None:
        """A key arrived; `verified` is the value of a `Verified`."""
        tally = self.tally
        tally.copied += 1
        tally.bytes += size
        tally.reasons[reason] += 1
        tally.verified[verified] += 1
        self._end()

    def would_copy(self, reason: str, size: int) -> None:
        """A key would be copied if this were no dry run."""
        self.tally.would_copy += 1
        self.tally.bytes += size
        self.tally.reasons[reason] += 1
        self._end()

    def skipped(self, reason: str) -> None:
        """A key needs no copy."""
        self.tally.skipped += 1
        self.tally.reasons[reason] += 1
        self._end()

    def filtered(self, reason: str) -> None:
        """A key is not meant."""
        self.tally.filtered += 1
        self.tally.reasons[reason] += 1
        self._end()

    def end_alike(self, outcome: str, reason: str, keys: int, last_key: str, size: int) -> None:
        """So many more listed keys, up to `last_key`, belong to this batch, and have the same end already."""
        tally = self.tally
        self.last_key = last_key
        tally.listed += keys
        tally.bytes += size
        tally.reasons[reason] += keys
        setattr(tally, outcome, getattr(tally, outcome) + keys)

    def missing(self) -> None:
        """A key was deleted since it was listed."""
        self.tally.missing += 1
        self._end()

    def failed(self, reason: str) -> None:
        """A key that was set apart failed for good."""
        self.tally.failed += 1
        self.tally.reasons[reason] += 1
        self._end()

    def held_back(self, reason: str) -> None:
        """A key that goes last, and so was set apart, is left to the next run."""
        self.tally.held_back += 1
        self.tally.reasons[reason] += 1
        self._end()

    def not_attempted(self) -> None:
        """The run stopped before this key had an outcome."""
        self.tally.not_attempted += 1
        self._end()

    def leave_for_now(self) -> None:
        """A key that was set apart is forgotten, and stays left, until it is found again."""
        self.open = self.tally.listed = 0
        self.put_off = True

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
        tally = self.tally
        return not (self.put_off or tally.failed or tally.held_back or tally.not_attempted)

    def _end(self) -> None:
        self.open -= 1
        if not self.open and self.number == 0:
            self._ended.append(self)
