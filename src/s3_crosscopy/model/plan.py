"""What a copy would do and cost, as one value: the report of a dry run carries it.

Numbers of money and time are rounded here, for people: an estimate with many digits would claim what nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from s3_crosscopy.model.dry_run import DryRunStats
from s3_crosscopy.model.operations import Side

LIST: Final = "ListObjectsV2"
AT_MOST, AT_LEAST, ABOUT = "at most", "at least", "about"


class Requests(NamedTuple):
    """So many requests of one kind; `bound` is "" where the number is exact. `storage_class` is what they bill as."""

    call: str
    side: Side
    storage_class: str
    number: int
    bound: str = ""

    @property
    def what(self) -> str:
        """For people. A listing is of no storage class."""
        return ", ".join((self.call, self.side.value, *([self.storage_class] if self.call != LIST else ())))


class CostLine(NamedTuple):
    """One line of the estimate: a `quantity` of `unit`, at `price` for each `per` of them."""

    what: str
    quantity: float
    unit: str
    price: float
    per: int
    bound: str = ""

    @property
    def amount(self) -> float:
        """What the line comes to, not rounded."""
        return self.quantity * self.price / self.per

    def as_dict(self) -> dict[str, Any]:
        """JSON."""
        return {**self._asdict(), "quantity": about(self.quantity), "amount": about(self.amount)}


class StorageLine(NamedTuple):
    """What keeping the copies costs a month, and for how many days at least a class is billed."""

    storage_class: str
    gb: float
    price: float
    minimum_days: int

    @property
    def amount(self) -> float:
        """A month of it, not rounded."""
        return self.gb * self.price

    def as_dict(self) -> dict[str, Any]:
        """JSON."""
        return {**self._asdict(), "gb": about(self.gb), "amount_a_month": about(self.amount)}


@dataclass(frozen=True)
class Cost:
    """An estimate by the prices of one day and Region. `left_out` says in words what is not in it."""

    currency: str
    date: str
    region: str
    source: str
    lines: tuple[CostLine, ...]
    storage: tuple[StorageLine, ...]
    left_out: tuple[str, ...]

    @property
    def amount(self) -> float:
        """The sum of the lines; a month's storage is not in it."""
        return sum(line.amount for line in self.lines)

    @property
    def bound(self) -> str:
        """Whether the sum is a bound: "at most" or "at least" if any line is, "about" if they contradict."""
        return bound_of(line.bound for line in self.lines) or ABOUT

    def as_dict(self) -> dict[str, Any]:
        """JSON."""
        return {
            "currency": self.currency,
            "prices": {"date": self.date, "region": self.region, "source": self.source},
            "amount": about(self.amount),
            "bound": self.bound,
            "lines": [line.as_dict() for line in self.lines],
            "storage": [line.as_dict() for line in self.storage],
            "left_out": list(self.left_out),
        }


class Duration(NamedTuple):
    """How long the requests take at a rate of so many a second; the bytes of large objects may take longer."""

    seconds: float
    requests_per_second: float

    def as_dict(self) -> dict[str, Any]:
        """JSON."""
        return {"seconds": about(self.seconds, 2), "requests_per_second": self.requests_per_second}


@dataclass(frozen=True)
class Plan:
    """What a copy would do. `whole=False`: the run ended early, so that this is a part of it only."""

    dry_run_stats: DryRunStats
    requests: tuple[Requests, ...]
    whole: bool
    cost: Cost | None = None
    duration: Duration | None = None

    def as_dict(self) -> dict[str, Any]:
        """Small JSON, under "plan" in the summary of a dry run."""
        return {
            "whole": self.whole,
            **self.dry_run_stats.as_dict(),
            "requests": [{**one._asdict(), "side": one.side.value} for one in self.requests],
            "cost": self.cost.as_dict() if self.cost is not None else None,
            "duration": self.duration.as_dict() if self.duration is not None else None,
        }


def bound_of(bounds: Iterable[str]) -> str:
    """What a sum is, if these are the bounds of what was added: about right, if they contradict each other."""
    found = set(bounds) - {""}
    return found.pop() if len(found) == 1 else ABOUT if found else ""


def about(number: float, digits: int = 3) -> float:
    """Rounded to so many significant digits."""
    return float(f"{number:.{digits}g}")
