"""What a row is, and what measuring it gives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from bench.figures import Spread, Target, spread
from bench.runner import Bench, Costs, Subject

WINDOW = 64
"""Requests in flight where the server answers at once: more win nothing, and libcurl looks through its connections."""
LATENCY_WINDOW: Mapping[str, int] = {"boto3": 64, "fast": 512}
"""And where it does not: 12,000 a second at 40 ms are 480. boto3 has a thread for each: more than 64 win nothing."""


class Figure(NamedTuple):
    """One figure that a row rests on."""

    label: str
    unit: str
    spread: Spread


class Taken(NamedTuple):
    """When a row was measured, how long that took, and the load of others meanwhile, as `other_load.noise` has it."""

    date: str
    seconds: float
    noise: Mapping[str, float]


class Measured(NamedTuple):
    """`reached`: what is held against the target, by transport. `busy`: how busy both cores were, by transport.

    notes: what could not be had while the row was measured.
    """

    reached: Mapping[str, Spread]
    figures: tuple[Figure, ...] = ()
    busy: Mapping[str, tuple[float, float]] = {}
    taken: Taken | None = None
    notes: tuple[str, ...] = ()


class Row(NamedTuple):
    """One line of the table. Without a target: told beside it."""

    name: str
    what: str
    unit: str
    target: Target | None
    measure: Callable[[Bench], Measured]


def figure(label: str, unit: str, values: Iterable[float]) -> Figure:
    return Figure(label, unit, spread(values))


def label(transport: str) -> str:
    """Ours, among the subjects."""
    return f"s3-crosscopy, {transport}"


def busy(costs: Costs, subjects: Iterable[Subject | str]) -> dict[str, tuple[float, float]]:
    """The share of time that the client's core and the server's were busy in a large run's median, by transport."""
    found = {}
    for one in subjects:
        name = one if isinstance(one, str) else one.name
        runs = [cost.large for cost in costs.get(name, ())]
        if runs and name.startswith("s3-crosscopy, "):
            client = spread(run.cpu_s / run.wall_s for run in runs).median
            server = spread(run.server_s / run.wall_s for run in runs).median
            found[name.removeprefix("s3-crosscopy, ")] = (client, server)
    return found
