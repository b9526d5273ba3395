"""What the page in Airflow's UI shows: where one task's copy stands, and the sum over the tasks of a run.

For people only: nothing goes on from these values, and what one of them lacks is nought, empty or unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from s3_crosscopy.model.outcomes import Outcome


class Status(str, Enum):
    """What a task is doing, and also what several are doing together."""

    WAITING = "waiting"
    RUNNING = "running"
    RETRYING = "retrying"
    DONE = "done"
    FAILED = "failed"
    LEFT_OUT = "left out"
    """Airflow did not run it: skipped, removed, or something before it failed."""


ENDED = frozenset({Status.DONE, Status.FAILED, Status.LEFT_OUT})


class Rate(NamedTuple):
    """Objects a second on average from `since` until `until`, both in seconds since 1970."""

    since: float
    until: float
    objects_per_second: float


class Missed(NamedTuple):
    """A key that was not copied, and why."""

    key: str
    reason: str
    detail: str = ""


class CopyEndpoints(NamedTuple):
    """Something to go and look at. `what` is `source`, `dest` or `report`; `href` is "" where no link is known."""

    what: str
    url: str
    href: str


class CurrentRate(NamedTuple):
    """How fast a copy is now; `window` is how many requests may be in flight."""

    objects_per_second: float = 0.0
    bytes_per_second: float = 0.0
    in_flight: int = 0
    window: int = 0


STILL = CurrentRate()


@dataclass(frozen=True)
class TaskProgress:
    """Where the copy of one task instance stands. `heard`: it left something to read; otherwise only `status` is known.
    `unreadable`: it left something that is damaged.

    `counts` and `decisions` are those of `model.tally`, `seconds` what its attempts took together. `total_keys` is how
    many keys it has to settle, None if nobody knows. `saved_at` is in seconds since 1970. `paused` is why nothing
    begins now.
    """

    task_id: str
    status: Status
    heard: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    decisions: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    throttled: int = 0
    current_rate: CurrentRate = STILL
    total_keys: int | None = None
    places: tuple[CopyEndpoints, ...] = ()
    missed: tuple[Missed, ...] = ()
    rates: tuple[Rate, ...] = ()
    saved_at: float = 0.0
    stopped: str = ""
    dry_run: bool = False
    unreadable: bool = False
    paused: str = ""


class Curve(NamedTuple):
    """Objects a second over time, in steps of equal width from `since` until `until`, in seconds since 1970."""

    since: float
    until: float
    objects_per_second: tuple[float, ...]


class TaskLine(NamedTuple):
    """One task of a run: the status of each of its mapped instances in order, and the sum of their counts."""

    task_id: str
    statuses: tuple[Status, ...]
    counts: Mapping[str, int]


@dataclass(frozen=True)
class View:
    """The sum of some standings. `settled` of `total_keys` keys have an outcome; `eta_s` is None if it is unknown."""

    status: Status
    instances: int
    heard: int
    counts: Mapping[str, int]
    decisions: Mapping[str, int]
    settled: int
    total_keys: int | None
    eta_s: float | None
    seconds: float
    throttled: int
    current_rate: CurrentRate
    curve: Curve | None
    tasks: tuple[TaskLine, ...]
    more_tasks: int
    places: tuple[CopyEndpoints, ...]
    more_places: int
    missed: tuple[Missed, ...]
    stopped: tuple[str, ...]
    saved_at: float
    dry_run: bool
    unreadable: int = 0
    paused: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Small JSON: what the page asks for every few seconds. A letter an instance, so that a thousand are a line."""
        return {
            "status": self.status.value,
            "instances": self.instances,
            "heard": self.heard,
            "counts": dict(self.counts),
            "outcomes": [[outcome.value, outcome.label] for outcome in Outcome],
            "decisions": dict(self.decisions),
            "settled": self.settled,
            "total_keys": self.total_keys,
            "eta_s": None if self.eta_s is None else round(self.eta_s),
            "seconds": round(self.seconds, 1),
            "throttled": self.throttled,
            **{name: round(value, 1) for name, value in self.current_rate._asdict().items()},
            "curve": None if self.curve is None else _curve(self.curve),
            "tasks": [_line(each) for each in self.tasks],
            "more_tasks": self.more_tasks,
            "places": [each._asdict() for each in self.places],
            "more_places": self.more_places,
            "missed": [each._asdict() for each in self.missed],
            "stopped": list(self.stopped),
            "paused": list(self.paused),
            "saved_at": round(self.saved_at, 1),
            "dry_run": self.dry_run,
            "unreadable": self.unreadable,
        }


LETTERS: Mapping[Status, str] = {
    Status.WAITING: "w",
    Status.RUNNING: "r",
    Status.RETRYING: "a",
    Status.DONE: "d",
    Status.FAILED: "f",
    Status.LEFT_OUT: "l",
}


def _curve(curve: Curve) -> dict[str, Any]:
    return {
        "since": round(curve.since, 1),
        "until": round(curve.until, 1),
        "objects_per_second": [round(each, 1) for each in curve.objects_per_second],
    }


def _line(line: TaskLine) -> dict[str, Any]:
    return {
        "task_id": line.task_id,
        "statuses": "".join(LETTERS[each] for each in line.statuses),
        "counts": dict(line.counts),
    }
