"""The part of a report that says how far a run with the option `since` looked."""

from __future__ import annotations

from typing import Any, NamedTuple

FIRST_MISSED = 20
"""Number of missed keys in a summary, which must be small for XCom."""


class SinceResult(NamedTuple):
    """The look of a run.

    short: it looked only at what is new. why: the reason for a full look, "" for a short one.
    before: pairs older than this were not compared again, in S3's time; "" if all were. start: the first listed key.
    missed: number of keys that a full look copied and a short one would have passed over; None if nobody can know.
    first: the first of them. at_least: there may be more.
    next_start: the key at which the next run may start.
    """

    short: bool
    why: str = ""
    before: str = ""
    start: str = ""
    missed: int | None = None
    first: tuple[str, ...] = ()
    at_least: bool = False
    next_start: str = ""

    @property
    def partial(self) -> bool:
        """True if keys before `start` were not listed."""
        return self.short and self.start != ""

    def as_dict(self) -> dict[str, Any]:
        """Return small JSON."""
        return {**self._asdict(), "first": list(self.first)}
