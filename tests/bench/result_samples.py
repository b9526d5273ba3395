"""Made-up records, for tests of what is made of them."""

from __future__ import annotations

from collections.abc import Mapping

from bench.cases.case import Figure, Measured
from bench.figures import Spread
from bench.results import Record


def record(measured: Mapping[str, Measured]) -> Record:
    machine = {"processor": "A processor", "cores": 2, "memory_gib": 23, "system": "A system", "python": "3.11.7"}
    noise = {"median": 0.02, "most": 0.31}
    return Record("2026-11-24", False, 900.0, machine, {"boto3": "1.44.5"}, noise, measured)


def copies(times: float, **busy: tuple[float, float]) -> Measured:
    """The row "copies-plain" with one transport and a peer."""
    return Measured(
        {"fast": Spread(times - 0.5, times, times + 0.5)},
        (
            Figure("s3-crosscopy, fast: CPU a copy", "us", Spread(60.0, 61.0, 64.0)),
            Figure("s5cmd: CPU a copy", "us", Spread(400.0, 401.0, 420.0)),
        ),
        busy,
    )
