"""Events that the engine emits to sinks while it runs, per batch or every few seconds, never per object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from s3_crosscopy.model.outcomes import Failure
from s3_crosscopy.model.report import Report

UNKNOWN_ARN: Final = "not told by STS"
"""Stands for the ARN of a principal that STS does not report, in events and in the report's index."""


@dataclass(frozen=True)
class RunStarted:
    """The run has started. transport: name of the transport in use."""

    source: str
    dest: str
    kind: str
    transport: str
    dry_run: bool


@dataclass(frozen=True)
class Resumed:
    """The run resumes from a checkpoint.

    listed: number of committed keys. seconds: time that earlier attempts took. throttled: their throttled attempts.
    """

    listed: int
    seconds: float
    throttled: int = 0


@dataclass(frozen=True)
class Preflighted:
    """The permissions were checked before the run. copier, reader: who signs the copies, and who reads the source."""

    mode: str
    copier: str
    reader: str


@dataclass(frozen=True)
class Warned:
    """A warning for the user; the run continues."""

    text: str


@dataclass(frozen=True)
class KeyFailed:
    """One key failed permanently; emitted for the first few only."""

    failure: Failure


@dataclass(frozen=True)
class PhaseStarted:
    """A phase has started: `main`, or another with the number of its keys, such as `retry`."""

    phase: str
    keys: int


@dataclass(frozen=True)
class Paused:
    """S3 is not available, for the reason `why`: no request starts for so many seconds, and then one tests it."""

    why: str
    seconds: float


@dataclass(frozen=True)
class WentOn:
    """S3 is available again after so many seconds without a response, and the run continues."""

    seconds: float


@dataclass(frozen=True)
class BatchSettled:
    """A batch has closed. last_key: its last listed key. counts: its own counts."""

    number: int
    last_key: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Progress:
    """State of the run: counts so far, rates since the last progress event, requests in flight, throttled attempts.

    window: current limit of concurrent requests.
    total_keys: number of keys, or None if not known: of a manifest from the start, of a shard as estimated by its
      plan, of a prefix once it is listed.
    paused: reason of the current pause, or "".
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
        """Return the log fields by name; `paused` only during a pause."""
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
    """The run has ended."""

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
