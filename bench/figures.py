"""The arithmetic of the benchmark: slopes, ratios, spreads. Values in, values out."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple


class Spread(NamedTuple):
    """A figure over several runs."""

    least: float
    median: float
    most: float


def spread(values: Iterable[float]) -> Spread:
    """The spread of at least one value."""
    known = sorted(values)
    return Spread(known[0], statistics.median(known), known[-1])


def slope(small: tuple[int, float], large: tuple[int, float]) -> float:
    """What one object more costs: two sizes with what each took, so that start-up does not hide in it."""
    return (large[1] - small[1]) / (large[0] - small[0])


def at_size(small: tuple[int, float], large: tuple[int, float], size: int) -> float:
    """What a size takes that was not tried, on the line through two that were; size 0 is the start-up."""
    return small[1] + slope(small, large) * (size - small[0])


def ratios(over: Sequence[float], under: Sequence[float]) -> Spread:
    """`over / under`, round by round: both of a round met the same machine, which others may slow down."""
    rounds = min(len(over), len(under))
    return spread(over[i] / under[i] for i in range(rounds))


class Target(NamedTuple):
    """What is to be reached, and how the table writes it."""

    value: float
    text: str
    at_most: bool = False

    def is_met_by(self, value: float) -> bool:
        """Whether a figure is good enough."""
        return value <= self.value if self.at_most else value >= self.value


def written(unit: str) -> Callable[[float], str]:
    """How a figure of this unit is written."""
    return _WRITTEN[unit]


def _three_digits(value: float) -> str:
    """Three digits, as many as a shared machine is good for, with thousands apart."""
    rounded = float(f"{value:.3g}")
    return f"{rounded:,.0f}" if abs(rounded) >= 1000 else f"{rounded:.3g}"


_WRITTEN: dict[str, Callable[[float], str]] = {
    "times": lambda value: f"{_three_digits(value)}x",
    "share": lambda value: f"{value * 100:.1f} %",
    "MB": lambda value: f"{value:+.1f} MB",
    "us": lambda value: f"{_three_digits(value)} us",
    "MB of memory": lambda value: f"{value:.0f} MB",
    "s": lambda value: f"{_three_digits(value)} s",
    "a second": lambda value: f"{_three_digits(value)}/s",
    "requests": lambda value: f"{value:,.0f}",
}
UNITS = tuple(_WRITTEN)
