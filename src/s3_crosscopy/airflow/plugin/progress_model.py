"""Values of the tab in Airflow's UI: the progress of one task's copy, and the sum over the tasks of a run.

They are only displayed: no run is resumed from them. A value that is missing is zero, empty or unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from s3_crosscopy.model.extraneous import Extraneous
from s3_crosscopy.model.outcomes import Outcome


class Status(str, Enum):
    """Status of a task, and the combined status of several."""

    WAITING = "waiting"
    RUNNING = "running"
    RETRYING = "retrying"
    DONE = "done"
    FAILED = "failed"
    LEFT_OUT = "left out"
    """Airflow did not run it: it was skipped or removed, or an upstream task failed."""


ENDED = frozenset({Status.DONE, Status.FAILED, Status.LEFT_OUT})


class Rate(NamedTuple):
    """Average rate between `since` and `until`, both in seconds since 1970."""

    since: float
    until: float
    objects_per_second: float


class Missed(NamedTuple):
    """A key that was not copied, with the reason."""

    key: str
    reason: str
    detail: str = ""


class Link(NamedTuple):
    """A URL of the copy. `name` is `source`, `dest` or `report`; `href` is the page to link to, "" if unknown."""

    name: str
    url: str
    href: str


class CurrentRate(NamedTuple):
    """Current speed of a copy. `in_flight` is the number of requests, `window` their maximum."""

    objects_per_second: float = 0.0
    bytes_per_second: float = 0.0
    in_flight: int = 0
    window: int = 0


STILL = CurrentRate()


@dataclass(frozen=True)
class TaskProgress:
    """Progress of the copy of one task instance.

    `heard`: it stored a readable value; otherwise only `status` is known. `unreadable`: its value is damaged.
    `counts` and `decisions` are those of `model.tally`. `seconds` is the duration of all its attempts. `total_keys` is
    the number of keys that need an outcome, None if unknown. `saved_at` is in seconds since 1970. `paused` is the
    reason of a pause, "" if there is none. `extraneous`: keys that only the destination has, known at the end.
    `look`: how far a run with `since` looked, "" without that option.
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
    places: tuple[Link, ...] = ()
    missed: tuple[Missed, ...] = ()
    rates: tuple[Rate, ...] = ()
    saved_at: float = 0.0
    stopped: str = ""
    dry_run: bool = False
    unreadable: bool = False
    paused: str = ""
    extraneous: Extraneous | None = None
    look: str = ""


class Curve(NamedTuple):
    """Objects per second over time, in steps of equal width from `since` to `until`, in seconds since 1970."""

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
    """The sum of the progress of several tasks.

    `done` of `total_keys` keys have an outcome; `total_keys` is None if unknown. `eta_s` is the estimated number of
    seconds to the end, None if unknown.
    """

    status: Status
    instances: int
    heard: int
    counts: Mapping[str, int]
    decisions: Mapping[str, int]
    done: int
    total_keys: int | None
    eta_s: float | None
    seconds: float
    throttled: int
    current_rate: CurrentRate
    curve: Curve | None
    tasks: tuple[TaskLine, ...]
    more_tasks: int
    places: tuple[Link, ...]
    more_places: int
    missed: tuple[Missed, ...]
    stopped: tuple[str, ...]
    saved_at: float
    dry_run: bool
    unreadable: int = 0
    paused: tuple[str, ...] = ()
    extraneous: Extraneous | None = None
    looks: tuple[str, ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """Small JSON, which the page requests every few seconds. An instance is one letter, a thousand are one line."""
        return {
            "status": self.status.value,
            "instances": self.instances,
            "heard": self.heard,
            "counts": dict(self.counts),
            "outcomes": [[outcome.value, outcome.label] for outcome in Outcome],
            "decisions": dict(self.decisions),
            "settled": self.done,
            "total_keys": self.total_keys,
            "eta_s": None if self.eta_s is None else round(self.eta_s),
            "seconds": round(self.seconds, 1),
            "throttled": self.throttled,
            **{name: round(value, 1) for name, value in self.current_rate._asdict().items()},
            "curve": None if self.curve is None else _curve(self.curve),
            "tasks": [_line(task) for task in self.tasks],
            "more_tasks": self.more_tasks,
            "places": [{"what": link.name, "url": link.url, "href": link.href} for link in self.places],
            "more_places": self.more_places,
            "missed": [missed._asdict() for missed in self.missed],
            "stopped": list(self.stopped),
            "paused": list(self.paused),
            "saved_at": round(self.saved_at, 1),
            "dry_run": self.dry_run,
            "unreadable": self.unreadable,
            "extraneous": None if self.extraneous is None else _extraneous(self.extraneous),
            "looks": list(self.looks),
        }


LETTERS: Mapping[Status, str] = {
    Status.WAITING: "w",
    Status.RUNNING: "r",
    Status.RETRYING: "a",
    Status.DONE: "d",
    Status.FAILED: "f",
    Status.LEFT_OUT: "l",
}


def _extraneous(extraneous: Extraneous) -> dict[str, Any]:
    deleted = None if extraneous.deletion is None else extraneous.deletion.deleted
    return {"keys": extraneous.keys, "at_least": extraneous.at_least, "deleted": deleted}


def _curve(curve: Curve) -> dict[str, Any]:
    rates = [round(rate, 1) for rate in curve.objects_per_second]
    return {"since": round(curve.since, 1), "until": round(curve.until, 1), "objects_per_second": rates}


def _line(line: TaskLine) -> dict[str, Any]:
    return {
        "task_id": line.task_id,
        "statuses": "".join(LETTERS[status] for status in line.statuses),
        "counts": dict(line.counts),
    }
