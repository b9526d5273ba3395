"""The plan of a dry run: requests, cost and duration of the copy, as one value in its report.

Amounts and durations are rounded, because an estimate is not precise.
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
    """Number of requests of one kind. bound: "" if exact. storage_class: the class that they are billed as."""

    call: str
    side: Side
    storage_class: str
    number: int
    bound: str = ""

    @property
    def label(self) -> str:
        """A label to show. A listing has no storage class."""
        return ", ".join((self.call, self.side.value, *([self.storage_class] if self.call != LIST else ())))


class CostLine(NamedTuple):
    """One line of the estimate: `quantity` of `unit`, at `price` for each `per` units."""

    label: str
    quantity: float
    unit: str
    price: float
    per: int
    bound: str = ""

    @property
    def amount(self) -> float:
        """The amount of the line, not rounded."""
        return self.quantity * self.price / self.per

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        values = self._asdict()
        label = values.pop("label")
        return {"what": label, **values, "quantity": about(self.quantity), "amount": about(self.amount)}


class StorageLine(NamedTuple):
    """Storage of the copies: price per GB and month, and the minimum number of days that the class is billed for."""

    storage_class: str
    gb: float
    price: float
    minimum_days: int

    @property
    def amount(self) -> float:
        """The amount for a month, not rounded."""
        return self.gb * self.price

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {**self._asdict(), "gb": about(self.gb), "amount_a_month": about(self.amount)}


@dataclass(frozen=True)
class Cost:
    """An estimate by the prices of one day and Region. left_out: what it does not include, in words."""

    currency: str
    date: str
    region: str
    source: str
    lines: tuple[CostLine, ...]
    storage: tuple[StorageLine, ...]
    left_out: tuple[str, ...]

    @property
    def amount(self) -> float:
        """The sum of the lines, without storage."""
        return sum(line.amount for line in self.lines)

    @property
    def bound(self) -> str:
        """The bound of the sum, "at most" or "at least" if a line has one, "about" if they contradict or have none."""
        return bound_of(line.bound for line in self.lines) or ABOUT

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
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
    """Duration of the requests at a rate per second; the bytes of large objects may take longer."""

    seconds: float
    requests_per_second: float

    def as_dict(self) -> dict[str, Any]:
        """Return JSON values."""
        return {"seconds": about(self.seconds, 2), "requests_per_second": self.requests_per_second}


@dataclass(frozen=True)
class Plan:
    """Result of a dry run. whole: False if the run ended early, so that the plan covers only a part."""

    dry_run_stats: DryRunStats
    requests: tuple[Requests, ...]
    whole: bool
    cost: Cost | None = None
    duration: Duration | None = None

    def as_dict(self) -> dict[str, Any]:
        """Return small JSON, under "plan" in the summary of a dry run."""
        return {
            "whole": self.whole,
            **self.dry_run_stats.as_dict(),
            "requests": [{**row._asdict(), "side": row.side.value} for row in self.requests],
            "cost": self.cost.as_dict() if self.cost is not None else None,
            "duration": self.duration.as_dict() if self.duration is not None else None,
        }


def bound_of(bounds: Iterable[str]) -> str:
    """Return the bound of a sum from those of its lines: "about" if they contradict, "" if all are exact."""
    inexact = set(bounds) - {""}
    return inexact.pop() if len(inexact) == 1 else ABOUT if inexact else ""


def about(number: float, digits: int = 3) -> float:
    """Round to so many significant digits."""
    return float(f"{number:.{digits}g}")
