"""A run of consecutive listed keys that settle together: each is taken once, and then gets its outcome."""

from __future__ import annotations

from collections import Counter

from s3_crosscopy.model.outcomes import Verified
from s3_crosscopy.model.rows import Row
from s3_crosscopy.model.tally import Tally


class Open:
    """How many keys of a whole ledger have no outcome, those that wait for the retry phase included."""

    __slots__ = ("keys",)

    def __init__(self) -> None:
        self.keys = 0


class Batch:
    """The keys in `(after, last_key]`. Every key is taken once and then gets one outcome, or waits for the retry phase.

    `open` counts keys without an outcome, `waiting` those that wait for a second round. `lost` counts the failures of
    keys that were set apart since, by reason. `alone` is a batch of one key, `apart` one that was taken out of another.
    """

    __slots__ = (
        "_all",
        "after",
        "alone",
        "apart",
        "last_key",
        "lost",
        "number",
        "open",
        "passed",
        "rows",
        "sealed",
        "tally",
        "waiting",
    )

    def __init__(self, number: int, after: str, open_keys: Open | None = None, *, alone: bool = False) -> None:
        self.number = number
        self.after = after
        self.alone = alone
        self.apart = False
        self.last_key = after
        self.open = 0
        self.waiting = 0
        self.passed = 0
        self.sealed = False
        self.tally = Tally()
        self.rows: list[Row] = []
        self.lost: Counter[str] = Counter()
        self._all = open_keys or Open()

    def take(self, key: str) -> None:
        """The next listed key belongs to this batch."""
        self.last_key = key
        self.open += 1
        self._all.keys += 1
        self.tally.listed += 1

    def let_go(self) -> None:
        """A key without an outcome is accounted for elsewhere from now on (`Ledger.set_apart`)."""
        self._ended()
        self.tally.listed -= 1
        self.passed += 1

    def pass_by(self, key: str) -> None:
        """The next listed key is accounted for elsewhere (`Ledger.detach`); this batch only reaches past it."""
        self.last_key = key
        self.passed += 1

    def keys(self) -> int:
        """How many listed keys its interval holds, those included that are accounted for elsewhere."""
        return self.tally.listed + self.passed

    def copied(self, reason: str, size: int, verified: Verified) -> None:
        """A key arrived."""
        tally = self.tally
        self._ended()
        tally.copied += 1
        tally.bytes += size
        tally.reasons[reason] += 1
        tally.verified[verified.value] += 1

    def would_copy(self, reason: str, size: int) -> None:
        """A key would be copied if this were no dry run."""
        self._ended()
        self.tally.would_copy += 1
        self.tally.bytes += size
        self.tally.reasons[reason] += 1

    def skipped(self, reason: str) -> None:
        """A key needs no copy."""
        self._ended()
        self.tally.skipped += 1
        self.tally.reasons[reason] += 1

    def filtered(self, reason: str) -> None:
        """A key is not meant."""
        self._ended()
        self.tally.filtered += 1
        self.tally.reasons[reason] += 1

    def missing(self) -> None:
        """A key was deleted since it was listed."""
        self._ended()
        self.tally.missing += 1

    def failed(self, reason: str) -> None:
        """A key failed for good."""
        self._ended()
        self.tally.failed += 1
        self.tally.reasons[reason] += 1

    def held_back(self, reason: str) -> None:
        """A key that goes last is left to the next run."""
        self._ended()
        self.tally.held_back += 1
        self.tally.reasons[reason] += 1

    def not_attempted(self) -> None:
        """The run stopped before this key had an outcome."""
        self._ended()
        self.tally.not_attempted += 1

    def postpone(self) -> None:
        """A key waits for the retry phase; the batch may commit meanwhile, but keeps its interval."""
        self.open -= 1
        self.waiting += 1

    def resume(self) -> None:
        """A postponed key is tried again."""
        self.waiting -= 1
        self.open += 1

    def told(self) -> Tally:
        """Its counts as a log line tells them: with the failures of keys that were set apart."""
        if not self.lost:
            return self.tally
        told = Tally()
        told.add(self.tally)
        told.listed += self.lost.total()
        told.failed += self.lost.total()
        told.reasons.update(self.lost)
        return told

    def _ended(self) -> None:
        self.open -= 1
        self._all.keys -= 1

    def clean(self) -> bool:
        """Whether nothing of it has to be done again."""
        tally = self.tally
        left = self.open or self.waiting or tally.failed or tally.held_back or tally.not_attempted
        return self.sealed and not left
