"""Values of the tab in Airflow's UI: the progress of one task's copy, and the sum over the tasks of a run.

They are only displayed: no run is resumed from them. A value that is missing is zero, empty or unknown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from s3_crosscopy.model.extraneous import Extraneous


class Status(str, Enum):
    """Status of a task, and the combined status of several."""

    WAITING = "waiting"
    RUNNING = "running"
    ASKING = "asking"
    """It waits for a person's approval."""
    RETRYING = "retrying"
    DONE = "done"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Airflow's own state: the task, a trigger rule or a branch wanted it so."""
    LEFT_OUT = "left out"
    """Airflow did not run it: it was removed, or an upstream task failed."""


ENDED = frozenset({Status.DONE, Status.FAILED, Status.SKIPPED, Status.LEFT_OUT})


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


REPORT = "report"
"""The name of a link to a report."""


class Link(NamedTuple):
    """A URL of the copy. `name` is `source`, `dest` or `REPORT`; `href` is the page to link to, "" if unknown."""

    name: str
    url: str
    href: str


class Pair(NamedTuple):
    """The source and the destination of a copy. One is None if it is not known."""

    source: Link | None
    dest: Link | None


class Why(NamedTuple):
    """The reason why a task failed or was skipped, and how many other instances have the same one."""

    text: str
    task_id: str
    map_index: int
    others: int = 0


class PlannedCopy(NamedTuple):
    """The plan of a dry run: number of requests, and cost and duration in words, "" if not known."""

    requests: int
    cost: str
    seconds: float


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
    the number of keys that need an outcome, None if unknown; `estimated_keys` an estimate of it. `saved_at` is in
    seconds since 1970. `paused` is the reason of a pause, "" if there is none. `extraneous`: keys that only the
    destination has, known at the end. `look`: how far a run with `since` looked, "" without that option. `why`: the
    reason of a failed or skipped task. `verified_by`: number of copies by way of verification. `checked`: number of
    objects that the listing check compared, None if there was none. `planned`: the plan of a dry run.
    """

    task_id: str
    status: Status
    map_index: int = -1
    heard: bool = False
    counts: Mapping[str, int] = field(default_factory=dict)
    decisions: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    throttled: int = 0
    current_rate: CurrentRate = STILL
    total_keys: int | None = None
    estimated_keys: int | None = None
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
    why: str = ""
    verified_by: Mapping[str, int] = field(default_factory=dict)
    checked: int | None = None
    planned: PlannedCopy | None = None


class Curve(NamedTuple):
    """Objects per second over time, in steps of equal width from `since` to `until`, in seconds since 1970."""

    since: float
    until: float
    objects_per_second: tuple[float, ...]


class TaskLine(NamedTuple):
    """One task of a run: the status of each of its mapped instances in order, and the sum of their counts.

    `heard`: one of them stored something.
    """

    task_id: str
    statuses: tuple[Status, ...]
    counts: Mapping[str, int]
    mapped: bool
    heard: bool


@dataclass(frozen=True)
class View:
    """The sum of the progress of several tasks.

    `done` of `total_keys` keys have an outcome; `total_keys` is None if unknown. `eta_s` is the estimated number of
    seconds to the end, None if unknown. `ended`: number of the instances that have ended.
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
    pairs: tuple[Pair, ...]
    more_pairs: int
    reports: tuple[Link, ...]
    missed: tuple[Missed, ...]
    stopped: tuple[str, ...]
    saved_at: float
    dry_run: bool
    unreadable: int = 0
    paused: tuple[str, ...] = ()
    extraneous: Extraneous | None = None
    looks: tuple[str, ...] = ()
    ended: int = 0
    whys: tuple[Why, ...] = ()
    verified_by: Mapping[str, int] = field(default_factory=dict)
    checked: int | None = None
    planned: PlannedCopy | None = None
