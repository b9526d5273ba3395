"""Counts of a run, a range or a batch, and the identity that they must obey."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping


class Tally:
    """Mutable counts, added up per batch. Bytes are those of copied objects (`would_copy` in a dry run counts its own).

    The identity: every listed key is in exactly one of the outcomes, so `gap()` is 0 when nothing is open.
    """

    __slots__ = (
        "bytes",
        "copied",
        "failed",
        "filtered",
        "held_back",
        "listed",
        "missing",
        "not_attempted",
        "reasons",
        "skipped",
        "verified",
        "would_copy",
    )

    OUTCOMES = ("copied", "would_copy", "skipped", "filtered", "missing", "failed", "held_back", "not_attempted")

    def __init__(self) -> None:
        self.listed = 0
        self.copied = 0
        self.would_copy = 0
        self.skipped = 0
        self.filtered = 0
        self.missing = 0
        self.failed = 0
        self.held_back = 0
        self.not_attempted = 0
        self.bytes = 0
        self.reasons: Counter[str] = Counter()
        self.verified: Counter[str] = Counter()

    @classmethod
    def of(cls, counts: Mapping[str, int], reasons: Mapping[str, int], verified: Mapping[str, int]) -> Tally:
        """The tally that `as_dict`, `reasons` and `verified` were taken from."""
        tally = cls()
        for name in ("listed", "bytes", *cls.OUTCOMES):
            setattr(tally, name, counts.get(name, 0))
        tally.reasons.update(reasons)
        tally.verified.update(verified)
        return tally

    def add(self, other: Tally) -> None:
        """Add another's counts to these."""
        self.listed += other.listed
        self.bytes += other.bytes
        for name in self.OUTCOMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.reasons.update(other.reasons)
        self.verified.update(other.verified)

    def gap(self) -> int:
        """Listed keys without an outcome (negative: outcomes without a listed key)."""
        outcomes: list[int] = [getattr(self, name) for name in self.OUTCOMES]
        return self.listed - sum(outcomes)

    def as_dict(self) -> dict[str, int]:
        """The counts under the names of the log fields."""
        return {"listed": self.listed, **{name: getattr(self, name) for name in self.OUTCOMES}, "bytes": self.bytes}
