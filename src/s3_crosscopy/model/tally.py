"""Counts of a run, a range or a batch, and the identity that they must obey."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final

from s3_crosscopy.model.outcomes import OUTCOME_NAMES, Outcome

NONE: Final[Mapping[str, int]] = {}

_REPEATED: Final = tuple(outcome.value for outcome in Outcome if outcome.repeated)


class Tally:
    """Mutable counts, added up per batch. Bytes are those of copied objects (`would_copy` in a dry run counts its own).

    The identity: every listed key is in exactly one of the outcomes, so `gap()` is 0 when nothing is open.
    """

    OUTCOMES: tuple[str, ...] = tuple(outcome.value for outcome in Outcome)
    """The names of all outcomes, each of which is an attribute."""

    COUNTS: tuple[str, ...] = ("listed", *OUTCOMES, "bytes")
    """The names of all counts, in the order of `as_dict`."""

    __slots__ = ("bytes", "listed", "etags_not_kept", "reasons", "verified", *OUTCOMES)

    listed: int
    bytes: int
    copied: int
    would_copy: int
    skipped: int
    filtered: int
    missing: int
    failed: int
    held_back: int
    not_attempted: int

    def __init__(self) -> None:
        for name in self.COUNTS:
            setattr(self, name, 0)
        self.reasons: Counter[str] = Counter()
        self.verified: Counter[str] = Counter()
        self.etags_not_kept: Counter[str] = Counter()

    @classmethod
    def of(
        cls,
        counts: Mapping[str, int],
        reasons: Mapping[str, int],
        verified: Mapping[str, int],
        etags_not_kept: Mapping[str, int] = NONE,
    ) -> Tally:
        """The tally that `as_dict`, `reasons`, `verified` and `etags_not_kept` were taken from."""
        tally = cls()
        for name in cls.COUNTS:
            setattr(tally, name, counts.get(name, 0))
        tally.reasons.update(reasons)
        tally.verified.update(verified)
        tally.etags_not_kept.update(etags_not_kept)
        return tally

    @classmethod
    def sum(cls, *tallies: Tally) -> Tally:
        """A new tally with the counts of all of them."""
        total = cls()
        for tally in tallies:
            total.add(tally)
        return total

    @classmethod
    def ended_in(cls, counts: Mapping[str, int]) -> int:
        """Return the number of listed keys that have their outcome, by counts under the names of `as_dict`."""
        return sum([counts.get(name, 0) for name in cls.OUTCOMES])

    def count(self, outcome: Outcome, reason: str = "", *, keys: int = 1, size: int = 0) -> None:
        """Count keys with this outcome; `reason=""` is not counted, `size` is the bytes of all of them."""
        name = OUTCOME_NAMES[outcome]
        setattr(self, name, getattr(self, name) + keys)
        self.bytes += size
        if reason:
            self.reasons[reason] += keys

    def add(self, other: Tally) -> None:
        """Add another's counts to these."""
        for name in self.COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.reasons.update(other.reasons)
        self.verified.update(other.verified)
        self.etags_not_kept.update(other.etags_not_kept)

    def gap(self) -> int:
        """Listed keys without an outcome (negative: outcomes without a listed key)."""
        outcomes: list[int] = [getattr(self, name) for name in self.OUTCOMES]
        return self.listed - sum(outcomes)

    def repeated(self) -> int:
        """The number of keys that a later attempt of the run takes up again."""
        return sum([getattr(self, name) for name in _REPEATED])

    def as_dict(self) -> dict[str, int]:
        """The counts under the names of the log fields."""
        return {name: getattr(self, name) for name in self.COUNTS}


def eta_s(remaining: int, keys_per_second: float) -> float | None:
    """Seconds until the remaining keys have their outcome; None where no key remains or none is known to pass."""
    if remaining <= 0 or keys_per_second <= 0:
        return None
    return remaining / keys_per_second
