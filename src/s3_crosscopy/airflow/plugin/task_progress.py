"""Determines the progress of one task's copy from Airflow's state of the task and the values that the task stored.

Stored values may be of another version, cut, or written by anybody: a field that cannot be read counts as missing, and
a value that is not the state of a copy at all counts as unreadable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from s3_crosscopy.airflow.plugin.console_link import console_page
from s3_crosscopy.airflow.plugin.dry_run_plan import planned_in
from s3_crosscopy.airflow.plugin.extraneous_values import extraneous_in
from s3_crosscopy.airflow.plugin.look_values import look_in
from s3_crosscopy.airflow.plugin.progress_model import REPORT, STILL, CurrentRate, Link, Missed, Status, TaskProgress
from s3_crosscopy.airflow.plugin.rate_curve import rates
from s3_crosscopy.airflow.plugin.stored_values import is_number, listed, mapping, number, short
from s3_crosscopy.core.rate_history import MOST_POINTS, Point
from s3_crosscopy.model.humanize import printable
from s3_crosscopy.model.input_limits import REASONS
from s3_crosscopy.model.outcomes import Verified
from s3_crosscopy.model.report_row import MOST_SECONDS
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.model.tally import Tally

LAST_MISSED = 5
LONGEST_WHY = 500
LONGEST_URL = 1_100
"""Characters of the longest URL of a bucket and a key in S3. A longer one gets no link."""
MOST_RATE = 1e9
LATEST = 1e11
"""Seconds since 1970, in the year 5138: dates in a browser have a limit."""
OTHERS = "other reasons"

WITH_REASON = frozenset({Status.FAILED, Status.RETRYING, Status.SKIPPED})
"""The statuses of a task that ended without a result."""

UNREADABLE: Final = object()
"""Stands for a stored value that is not JSON or over a limit."""

_STATUS: Mapping[str | None, Status] = {
    None: Status.WAITING,
    "scheduled": Status.WAITING,
    "queued": Status.WAITING,
    "running": Status.RUNNING,
    "restarting": Status.RUNNING,
    # The operators defer for nothing else.
    "deferred": Status.ASKING,
    "awaiting_input": Status.ASKING,
    "up_for_reschedule": Status.RETRYING,
    "up_for_retry": Status.RETRYING,
    "success": Status.DONE,
    "failed": Status.FAILED,
    "upstream_failed": Status.LEFT_OUT,
    "skipped": Status.SKIPPED,
    "removed": Status.LEFT_OUT,
}


def status_of(state: str | None) -> Status:
    """The status for a state of Airflow's task instance. An unknown state counts as waiting."""
    return _STATUS.get(state, Status.WAITING)


def is_summary(value: object) -> bool:
    """True for a returned XCom that is the summary of a copy or the result of a shard."""
    counted = isinstance(value, Mapping) and all(name in value for name in ("listed", "copied", "seconds"))
    return counted and isinstance(value, Mapping) and ("source" in value or "mark" in value)


def progress_of(
    task_id: str,
    task_state: str | None,
    since: float | None,
    stored: object = None,
    summary: object = None,
    planned: object = None,
    end: object = None,
    console: str = "",
) -> TaskProgress:
    """The progress of a task in `task_state`, whose last try began at `since` (seconds since 1970).

    `stored` is the value in the task state store, `summary` the XCom that the task returned, `planned` its shard in
    the plan, `end` the XCom of a task that returned nothing (`airflow.task_end`). Each is None if there is none, and
    `UNREADABLE` if it is damaged. `console` is the S3 console that the places are linked to, "" if there is none.
    """
    status = status_of(task_state)
    ended = end if isinstance(end, Mapping) and status in WITH_REASON else {}
    if summary is None:
        summary = ended.get("summary")
    why = short(ended.get("why") or "", LONGEST_WHY)
    progress = _figures(task_id, status, since, stored, summary, _planned(planned))
    # The reason of a failure has the reason of an early stop in it.
    places = tuple(_linked(link, console) for link in progress.places)
    return replace(progress, why=why, stopped="" if why else progress.stopped, places=places)


def _figures(
    task_id: str, status: Status, since: float | None, stored: object, summary: object, shard: Mapping[str, Any]
) -> TaskProgress:
    if isinstance(stored, Mapping) and _is_copy_state(stored):
        if not _is_of_an_earlier_run(stored, status, since):
            return _of_stored(task_id, status, shard, stored)
        stored = None
    if is_summary(summary) and isinstance(summary, Mapping):
        return _read(task_id, status, {**shard, **summary}, summary, mapping(summary, "decisions"))
    without_values = _read(task_id, status, shard, {}, {})
    return replace(without_values, heard=False, unreadable=stored is not None or summary is UNREADABLE)


def _is_copy_state(stored: Mapping[str, Any]) -> bool:
    return "listed" in mapping(stored, "progress") or bool(mapping(stored, "counts"))


def _of_stored(task_id: str, status: Status, shard: Mapping[str, Any], stored: Mapping[str, Any]) -> TaskProgress:
    progress = mapping(stored, "progress")
    counts = progress if "listed" in progress else mapping(stored, "counts")
    verified = {"verified_by": stored.get("verified")}
    values = {**shard, **verified, **progress, **_of_all_attempts(stored)}
    return _read(task_id, status, values, counts, mapping(stored, "reasons"))


def _planned(planned: object) -> dict[str, Any]:
    """The values of a planned shard under the names in a stored progress."""
    if not isinstance(planned, Mapping):
        return {}
    named = {"keys": "total_keys", "source": "source", "dest": "dest"}
    return {named[name]: planned[name] for name in named if name in planned}


def _is_of_an_earlier_run(stored: Mapping[str, Any], status: Status, since: float | None) -> bool:
    """True for the finished state of a task that was cleared since: the store survives a clear."""
    if stored.get("finished") is not True:
        return False
    if status is Status.RUNNING:
        return since is None or number(stored, "saved_at") < since
    return status in (Status.WAITING, Status.RETRYING)


def _of_all_attempts(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The values over all attempts, in place of those of the present attempt in the progress."""
    return {name: stored[name] for name in ("seconds", "throttled", "saved_at") if name in stored}


def _read(
    task_id: str, status: Status, values: Mapping[str, Any], counts: Mapping[str, Any], decisions: Mapping[str, Any]
) -> TaskProgress:
    saved_at = number(values, "saved_at", LATEST)
    running = status is Status.RUNNING
    counted = _counts(counts, int(number(decisions, LEFT_TO_PUBLISH)))
    return TaskProgress(
        task_id=task_id,
        status=status,
        heard=True,
        counts=counted,
        decisions=most_frequent({short(name): int(number(decisions, name)) for name in decisions}),
        seconds=number(values, "seconds", MOST_SECONDS),
        throttled=int(number(values, "throttled")),
        current_rate=_current_rate(values) if running else STILL,
        total_keys=_total_keys(values, counted, status),
        estimated_keys=int(number(values, "estimated_keys")) if running and "estimated_keys" in values else None,
        places=_links(values),
        missed=tuple(_missed(failure) for failure in listed(values, "failures")[-LAST_MISSED:]),
        rates=rates(_points(values), saved_at) if saved_at else (),
        saved_at=saved_at,
        stopped=short(values.get("stopped") or ""),
        paused=short(values.get("paused") or "") if running else "",
        dry_run=values.get("dry_run") is True,
        extraneous=extraneous_in(values),
        look=look_in(values),
        verified_by=_verified(values),
        checked=int(number(values, "checked")) if values.get("checked") is not None else None,
        planned=planned_in(values),
    )


def _total_keys(values: Mapping[str, Any], counts: Mapping[str, int], status: Status) -> int | None:
    """The number of keys that need an outcome; a copy that failed at its very end has listed all of them."""
    if status is Status.FAILED and "ok" in values and not values.get("stopped"):
        return Tally.ended_in(counts)
    return None if values.get("total_keys") is None else int(number(values, "total_keys"))


def _verified(values: Mapping[str, Any]) -> dict[str, int]:
    numbers = mapping(values, "verified_by")
    counts = {way.value: int(number(numbers, way.value)) for way in Verified}
    return {way: copies for way, copies in counts.items() if copies}


def _counts(values: Mapping[str, Any], for_publish: int) -> dict[str, int]:
    """The counts without the `for_publish` keys that are held back for the publish task, which counts them itself."""
    counts = {name: int(number(values, name)) for name in Tally.COUNTS}
    for_publish = min(for_publish, counts["held_back"])
    return {**counts, "listed": counts["listed"] - for_publish, "held_back": counts["held_back"] - for_publish}


def _current_rate(values: Mapping[str, Any]) -> CurrentRate:
    return CurrentRate(
        number(values, "objects_per_second", MOST_RATE),
        number(values, "bytes_per_second"),
        int(number(values, "in_flight")),
        int(number(values, "window")),
    )


def _links(values: Mapping[str, Any]) -> tuple[Link, ...]:
    # A summary, the only value below Airflow 3.3, has the place of the report among the circumstances of its run.
    report = values.get("report") or mapping(values, "run").get("report")
    places = {"source": values.get("source"), "dest": values.get("dest"), REPORT: report}
    return tuple(Link(name, str(place), "") for name, place in places.items() if place)


def _linked(link: Link, console: str) -> Link:
    """The link with its page, and its URL as it can be shown."""
    if len(link.url) > LONGEST_URL:
        return link._replace(url=short(link.url))
    return link._replace(url=printable(link.url), href=console_page(link.url, console))


def _missed(failure: object) -> Missed:
    """A failure with its details, as stored at the end of a copy, or its key and reason, as stored while it runs."""
    if isinstance(failure, Mapping):
        detail = failure.get("message") or failure.get("code") or ""
        return Missed(short(failure.get("key", "")), short(failure.get("reason", "")), short(detail))
    parts = failure if isinstance(failure, Sequence) and not isinstance(failure, str) else (failure,)
    return Missed(*(short(part) for part in (*parts, "", "")[:2]))


def _points(values: Mapping[str, Any]) -> list[Point]:
    return [
        (float(point[0]), float(point[1]))
        for point in listed(values, "history")[-MOST_POINTS:]
        if isinstance(point, Sequence) and len(point) == 2
        if is_number(point[0], MOST_SECONDS) and is_number(point[1], MOST_RATE)
    ]


def most_frequent(decisions: Mapping[str, int]) -> dict[str, int]:
    """The most frequent reasons, and the sum of the others: a damaged state may have any number of reasons."""
    if len(decisions) <= REASONS.most:
        return dict(decisions)
    names = sorted(decisions, key=lambda name: (name == OTHERS, -decisions[name]))
    shown = {name: decisions[name] for name in names[: REASONS.most - 1]}
    return {**shown, OTHERS: sum(decisions.values()) - sum(shown.values())}
