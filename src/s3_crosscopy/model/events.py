"""What the engine tells while it runs: frozen events for the sinks, per batch or per few seconds, never per object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from s3_crosscopy.model.outcomes import Failure
from s3_crosscopy.model.report import Report

UNKNOWN_ARN = "not told by STS"
"""Stands for the ARN of a principal that STS does not report, in events and in the report's index."""


@dataclass(frozen=True)
class RunStarted:
    """The run knows what to copy and how: `transport` names the data path."""

    source: str
    dest: str
    kind: str
    transport: str
    dry_run: bool


@dataclass(frozen=True)
class Resumed:
    """The run goes on from a checkpoint: so many listed objects are settled, so many seconds were spent on them.

    So many attempts were `throttled`.
    """

    listed: int
    seconds: float
    throttled: int = 0


@dataclass(frozen=True)
class Preflighted:
    """A look at the access before the run found nothing wrong. Who signs the copies, and who reads the source."""

    mode: str
    copier: str
    reader: str


@dataclass(frozen=True)
class Warned:
    """Something the user should know, that stops nothing."""

    text: str


@dataclass(frozen=True)
class KeyFailed:
    """One key failed for good; told for the first few only."""

    failure: Failure


@dataclass(frozen=True)
class PhaseStarted:
    """`main`, or `retry` with `keys` to try a second time."""

    phase: str
    keys: int


@dataclass(frozen=True)
class Paused:
    """S3 is away, as `why` says: nothing begins for so many seconds, and then one request asks whether it is back."""

    why: str
    seconds: float


@dataclass(frozen=True)
class WentOn:
    """S3 answered again: the run goes on after so many seconds without an answer."""

    seconds: float


@dataclass(frozen=True)
class BatchSettled:
    """A batch committed: `last_key` is its last listed key, `counts` its own counts."""

    number: int
    last_key: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Progress:
    """Where the run stands: counts so far, rates since the last progress, requests in flight, throttled attempts.

    `window` is how many requests may be in flight now; `total_keys` how many keys there are to settle, where that is
    known: of a manifest from the beginning, of a shard as its plan estimated them, of a prefix when it is listed.
    `paused` is why nothing begins now, "" while the run goes on.
    """

    counts: Mapping[str, int]
    seconds: float
    objects_per_second: float
    bytes_per_second: float
    in_flight: int
    throttled: int
    window: int
    total_keys: int | None = None
    paused: str = ""

    def fields(self) -> dict[str, int | float | str]:
        """The log fields, by name; `paused` only while it says something."""
        return {
            **self.counts,
            "objects_per_second": round(self.objects_per_second, 1),
            "bytes_per_second": round(self.bytes_per_second),
            "in_flight": self.in_flight,
            "window": self.window,
            "throttled": self.throttled,
            **({"paused": self.paused} if self.paused else {}),
        }


@dataclass(frozen=True)
class RunEnded:
    """The run is over."""

    report: Report


Event = (
    RunStarted
    | Resumed
    | Preflighted
    | Warned
    | KeyFailed
    | PhaseStarted
    | Paused
    | WentOn
    | BatchSettled
    | Progress
    | RunEnded
)
