"""Events that the engine emits to sinks while it runs, per batch or every few seconds, never per object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from s3_crosscopy.model.outcomes import Failure
from s3_crosscopy.model.report import Report

UNKNOWN_ARN: Final = "not reported by STS"
"""Used instead of the ARN of a principal that STS does not report, in events and in the report's index."""


@dataclass(frozen=True)
class RunStarted:
    """The run starts to copy an object or a prefix (`kind`) with this `transport`: `boto3`, or `fast`.

    A `dry_run` copies nothing.
    """

    source: str
    dest: str
    kind: str
    transport: str
    dry_run: bool


@dataclass(frozen=True)
class Resumed:
    """The run resumes from a checkpoint: `listed` keys were committed by earlier attempts, which took `seconds`.

    throttled: number of throttled requests of the earlier attempts.
    """

    listed: int
    seconds: float
    throttled: int = 0


@dataclass(frozen=True)
class Preflighted:
    """The preflight passed in this `mode`. `copier` is the ARN that copies, `reader` the one that lists the source.

    If STS does not report an ARN, its text is `UNKNOWN_ARN`. Without a reader of its own, the copier is the reader.
    """

    mode: str
    copier: str
    reader: str


@dataclass(frozen=True)
class Warned:
    """A warning: the message says what happened and what it means for the copy. The run continues."""

    text: str


@dataclass(frozen=True)
class KeyFailed:
    """This `key` was not copied: the request `call` ended with the error `code`. `reason` is the class of the error.

    Emitted for the first 20 failures (`FIRST_FAILURES`) only.
    """

    failure: Failure


@dataclass(frozen=True)
class PhaseStarted:
    """A later phase with so many `keys` starts: `retry`, `last` (of `copy_last`), `check` (lists both sides again),
    `extraneous` (lists them for what only the destination has), or `delete`.

    The main phase, which is the first one, has no event.
    """

    phase: str
    keys: int


@dataclass(frozen=True)
class Paused:
    """S3 is not available: no request starts for `asks_again_in_s` seconds, then one tests if it is back.

    why: the reason, which the message names. seconds: the value of `asks_again_in_s`, not rounded.
    """

    why: str
    seconds: float


@dataclass(frozen=True)
class WentOn:
    """S3 is available again, `away_s` seconds after it became unavailable, and the run continues.

    seconds: the value of `away_s`, not rounded.
    """

    seconds: float


@dataclass(frozen=True)
class BatchSettled:
    """A batch is complete: `batch` is its number, `last_key` its last key, and the counts are those of its keys."""

    number: int
    last_key: str
    counts: Mapping[str, int]


@dataclass(frozen=True)
class Progress:
    """State of the run, every five seconds: counts so far, rates since the last event, requests `in_flight` of at most
    `window`, `throttled` requests so far, and the reason if the run is `paused`.

    seconds: time since this attempt began.
    total_keys: number of keys, or None if not known: of a manifest from the start, of a shard as estimated by its
      plan, of a prefix once it is listed.
    paused: reason of the current pause, or "".
    estimated_keys: while `total_keys` is not known, an estimate of it from the pages that were listed so far; or None.
    eta_s: estimated seconds until every key has its outcome, None if not known.
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
    estimated_keys: int | None = None
    eta_s: float | None = None

    def fields(self) -> dict[str, int | float | str]:
        """Return the log fields by name; `paused` only during a pause, estimates only if there are any."""
        return {
            **self.counts,
            "objects_per_second": round(self.objects_per_second, 1),
            "bytes_per_second": round(self.bytes_per_second),
            "in_flight": self.in_flight,
            "window": self.window,
            "throttled": self.throttled,
            **({"paused": self.paused} if self.paused else {}),
            **({"estimated_keys": self.estimated_keys} if self.estimated_keys is not None else {}),
            **({"eta_s": round(self.eta_s)} if self.eta_s is not None else {}),
        }


@dataclass(frozen=True)
class RunEnded:
    """The run has ended: the counts are those of all attempts, and `seconds` is the time that they took."""

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
