"""The rows of a self-test: what a fact says, what was seen, and if they differ."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple


class SelftestVerdict(Enum):
    """The result of one check."""

    OK = "ok"
    DIFFERS = "differs"
    NOT_TRIED = "not tried"


class CheckRow(NamedTuple):
    """One check. `fact` is a name in `fact_table.FACTS`; `why` says why it was not tried, else ""."""

    id: str
    subject: str
    fact: str
    expected: str
    seen: str
    verdict: SelftestVerdict
    why: str = ""

    def as_dict(self) -> dict[str, str]:
        """Return the row as JSON."""
        return {**self._asdict(), "verdict": self.verdict.value}


class Check(NamedTuple):
    """A check before it is tried."""

    id: str
    subject: str
    fact: str
    expected: str

    def judged(self, seen: str) -> CheckRow:
        """Return the row after a response."""
        verdict = SelftestVerdict.OK if seen == self.expected else SelftestVerdict.DIFFERS
        return CheckRow(*self, seen, verdict)

    def not_tried(self, why: str) -> CheckRow:
        """Return the row of a check that was left out."""
        return CheckRow(*self, "", SelftestVerdict.NOT_TRIED, why)
