"""Where one task's copy stands, by what Airflow says of the task and by what the task left.

The left things may be of another version, cut, or written by anybody: a field that cannot be read is as if it were not
there, and of what is no state of a copy at all it is told that it is unreadable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from s3_crosscopy.airflow.plugin.console_link import console_url
from s3_crosscopy.airflow.plugin.progress_model import STILL, CopyEndpoints, CurrentRate, Missed, Status, TaskProgress
from s3_crosscopy.airflow.plugin.rate_curve import rates
from s3_crosscopy.core.rate_history import MOST_POINTS, Point
from s3_crosscopy.model.humanize import printable
from s3_crosscopy.model.input_limits import REASONS
from s3_crosscopy.model.report_row import MOST_SECONDS
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.model.tally import Tally

LAST_MISSED = 5
LONGEST_TEXT = 160
"""A key may have a thousand characters, a message more; both ends tell the most."""
LONGEST_URL = 1_100
"""A bucket and a key of S3; what is longer leads nowhere."""
MOST_COUNT = 2**63
MOST_RATE = 1e9
LATEST = 1e11
"""Seconds since 1970: the year 5138. A browser has no later dates than some thousand centuries."""
OTHERS = "other reasons"

UNREADABLE: Final = object()
"""In place of a value that is there, and is no JSON or over a limit."""

_STATUS: Mapping[str | None, Status] = {
    None: Status.WAITING,
    "scheduled": Status.WAITING,
    "queued": Status.WAITING,
    "running": Status.RUNNING,
    "restarting": Status.RUNNING,
    "deferred": Status.RUNNING,
    "up_for_reschedule": Status.RETRYING,
    "up_for_retry": Status.RETRYING,
    "success": Status.DONE,
    "failed": Status.FAILED,
    "upstream_failed": Status.LEFT_OUT,
    "skipped": Status.LEFT_OUT,
    "removed": Status.LEFT_OUT,
}


def status_of(state: str | None) -> Status:
    """What a state of Airflow's task instance means here; one that is not known yet is a task that waits."""
    return _STATUS.get(state, Status.WAITING)


def is_summary(value: object) -> bool:
    """Whether a task's XCom is the summary of a copy, or what a shard leaves in place of one."""
    counted = isinstance(value, Mapping) and all(name in value for name in ("listed", "copied", "seconds"))
    return counted and isinstance(value, Mapping) and ("source" in value or "mark" in value)


def progress_of(
    task_id: str,
    state: str | None,
    since: float | None,
    persistence: object = None,
    summary: object = None,
    planned: object = None,
) -> TaskProgress:
    """A task in `state`, whose last try began at `since` (seconds since 1970).

    `persistence` is the value in the task state store, `summary` the XCom that the task returned, `planned` what a
    plan task
    said of its shard; None where there is none, `UNREADABLE` where it is damaged.
    """
    status = status_of(state)
    shard = _planned(planned)
    if isinstance(persistence, Mapping) and _is_state(persistence):
        if not _is_of_an_earlier_run(persistence, status, since):
            return _of_state(task_id, status, shard, persistence)
        persistence = None
    if is_summary(summary) and isinstance(summary, Mapping):
        return _read(task_id, status, {**shard, **summary}, summary, _mapping(summary, "decisions"))
    silent = _read(task_id, status, shard, {}, {})
    return replace(silent, heard=False, unreadable=persistence is not None or summary is UNREADABLE)


def _is_state(persistence: Mapping[str, Any]) -> bool:
    return "listed" in _mapping(persistence, "progress") or bool(_mapping(persistence, "counts"))


def _of_state(task_id: str, status: Status, shard: Mapping[str, Any], persistence: Mapping[str, Any]) -> TaskProgress:
    said = _mapping(persistence, "progress")
    counts = said if "listed" in said else _mapping(persistence, "counts")
    return _read(task_id, status, {**shard, **said, **_plain(persistence)}, counts, _mapping(persistence, "reasons"))


def _planned(planned: object) -> dict[str, Any]:
    """Under the names that a copy's progress has."""
    if not isinstance(planned, Mapping):
        return {}
    named = {"keys": "total_keys", "source": "source", "dest": "dest"}
    return {named[name]: planned[name] for name in named if name in planned}


def _is_of_an_earlier_run(persistence: Mapping[str, Any], status: Status, since: float | None) -> bool:
    """The store survives a clear: what a cleared task had finished is not where it stands."""
    if persistence.get("finished") is not True:
        return False
    if status is Status.RUNNING:
        return since is None or _number(persistence, "saved_at") < since
    return status in (Status.WAITING, Status.RETRYING)


def _plain(persistence: Mapping[str, Any]) -> dict[str, Any]:
    """Over all attempts, where the progress has the present one's."""
    return {name: persistence[name] for name in ("seconds", "throttled", "saved_at") if name in persistence}


def _read(
    task_id: str, status: Status, said: Mapping[str, Any], counts: Mapping[str, Any], decisions: Mapping[str, Any]
) -> TaskProgress:
    saved_at = _number(said, "saved_at", LATEST)
    running = status is Status.RUNNING
    total = said.get("total_keys")
    return TaskProgress(
        task_id=task_id,
        status=status,
        heard=True,
        counts=_counts(counts, int(_number(decisions, LEFT_TO_PUBLISH))),
        decisions=most_frequent({_short(name): int(_number(decisions, name)) for name in decisions}),
        seconds=_number(said, "seconds", MOST_SECONDS),
        throttled=int(_number(said, "throttled")),
        current_rate=_pulse(said) if running else STILL,
        total_keys=int(_number(said, "total_keys")) if total is not None else None,
        places=_places(said),
        missed=tuple(_missed(each) for each in _list(said, "failures")[-LAST_MISSED:]),
        rates=rates(_points(said), saved_at) if saved_at else (),
        saved_at=saved_at,
        stopped=_short(said.get("stopped") or ""),
        paused=_short(said.get("paused") or "") if running else "",
        dry_run=said.get("dry_run") is True,
    )


def _counts(said: Mapping[str, Any], elsewhere: int) -> dict[str, int]:
    """`elsewhere` of them are held back for a task that counts them itself."""
    counts = {name: int(_number(said, name)) for name in Tally.COUNTS}
    elsewhere = min(elsewhere, counts["held_back"])
    return {**counts, "listed": counts["listed"] - elsewhere, "held_back": counts["held_back"] - elsewhere}


def _pulse(said: Mapping[str, Any]) -> CurrentRate:
    return CurrentRate(
        _number(said, "objects_per_second", MOST_RATE),
        _number(said, "bytes_per_second"),
        int(_number(said, "in_flight")),
        int(_number(said, "window")),
    )


def _places(said: Mapping[str, Any]) -> tuple[CopyEndpoints, ...]:
    found = ((what, str(said.get(what) or "")) for what in ("source", "dest", "report"))
    return tuple(_place(what, url) for what, url in found if url)


def _place(what: str, url: str) -> CopyEndpoints:
    return (
        CopyEndpoints(what, printable(url), console_url(url))
        if len(url) <= LONGEST_URL
        else CopyEndpoints(what, _short(url), "")
    )


def _missed(said: object) -> Missed:
    """What is stored at the end names each failure at length, while the copy runs only key and reason."""
    if isinstance(said, Mapping):
        detail = said.get("message") or said.get("code") or ""
        return Missed(_short(said.get("key", "")), _short(said.get("reason", "")), _short(detail))
    parts = said if isinstance(said, Sequence) and not isinstance(said, str) else (said,)
    return Missed(*(_short(each) for each in (*parts, "", "")[:2]))


def _points(said: Mapping[str, Any]) -> list[Point]:
    return [
        (float(each[0]), float(each[1]))
        for each in _list(said, "history")[-MOST_POINTS:]
        if isinstance(each, Sequence) and len(each) == 2
        if _is_number(each[0], MOST_SECONDS) and _is_number(each[1], MOST_RATE)
    ]


def most_frequent(decisions: Mapping[str, int]) -> dict[str, int]:
    """The most frequent reasons, and the sum of the others as one: a damaged state may have any number of them."""
    if len(decisions) <= REASONS.most:
        return dict(decisions)
    names = sorted(decisions, key=lambda name: (name == OTHERS, -decisions[name]))
    shown = {name: decisions[name] for name in names[: REASONS.most - 1]}
    return {**shown, OTHERS: sum(decisions.values()) - sum(shown.values())}


def _short(text: object) -> str:
    """For the page: a key's text may hold what turns the direction of all that follows it."""
    line = str(text)
    half = LONGEST_TEXT // 2
    return printable(line if len(line) <= LONGEST_TEXT else f"{line[:half]}…{line[1 - half :]}")


def _number(said: Mapping[str, Any], name: str, most: float = MOST_COUNT) -> float:
    value = said.get(name)
    return value if _is_number(value, most) else 0  # type: ignore[return-value]


def _is_number(value: object, most: float) -> bool:
    """Tells whether it counts something: no NaN, nothing below zero, and nothing that no copy comes to."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value <= most


def _mapping(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = said.get(name)
    return value if isinstance(value, Mapping) else {}


def _list(said: Mapping[str, Any], name: str) -> list[Any]:
    value = said.get(name)
    return value if isinstance(value, list) else []
