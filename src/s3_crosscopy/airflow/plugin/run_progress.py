"""Sums up the progress of many tasks: combined status, counts, rate and estimated time to the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from s3_crosscopy.airflow.plugin.look_values import looks
from s3_crosscopy.airflow.plugin.progress_model import (
    ENDED,
    CurrentRate,
    Link,
    Missed,
    Status,
    TaskLine,
    TaskProgress,
    View,
)
from s3_crosscopy.airflow.plugin.rate_curve import summed
from s3_crosscopy.airflow.plugin.task_progress import LAST_MISSED, most_frequent
from s3_crosscopy.model.extraneous import added
from s3_crosscopy.model.tally import Tally, eta_s

MOST_TASKS = 12
MOST_PLACES = 6
MOST_INSTANCES = 1024
"""Airflow's own default limit of a mapping."""
MOST_STOPPED = 3

# The combined status is the first of these that any of the tasks has.
_FIRST_OF = (Status.RUNNING, Status.RETRYING, Status.WAITING, Status.FAILED, Status.DONE)


def summarize(progresses: Sequence[TaskProgress]) -> View:
    """The sum of `progresses`, of which there is at least one, in order of task and map index."""
    done = sum(map(_done, progresses))
    total = _total(progresses)
    heard = [progress for progress in progresses if progress.heard]
    tasks = _tasks(progresses)
    places = tuple(dict.fromkeys(place for progress in progresses for place in progress.places))
    shown = _some(places)
    return View(
        status=combined_status([progress.status for progress in progresses]),
        instances=len(progresses),
        heard=len(heard),
        counts=_sum([progress.counts for progress in progresses], Tally.COUNTS),
        decisions=most_frequent(_sum([progress.decisions for progress in progresses])),
        done=done,
        total_keys=total,
        eta_s=_eta_s(progresses, total),
        seconds=_seconds(progresses),
        throttled=sum(progress.throttled for progress in progresses),
        current_rate=_current_rate(progresses),
        curve=summed(rate for progress in progresses for rate in progress.rates),
        tasks=tasks[:MOST_TASKS],
        more_tasks=max(0, len(tasks) - MOST_TASKS),
        places=shown,
        more_places=len(places) - len(shown),
        missed=_missed(progresses),
        stopped=tuple(dict.fromkeys(progress.stopped for progress in progresses if progress.stopped))[:MOST_STOPPED],
        paused=tuple(dict.fromkeys(progress.paused for progress in progresses if progress.paused))[:MOST_STOPPED],
        saved_at=max(progress.saved_at for progress in progresses),
        dry_run=bool(heard) and all(progress.dry_run for progress in heard),
        unreadable=sum(progress.unreadable for progress in progresses),
        extraneous=added(progress.extraneous for progress in progresses),
        looks=looks(progress.look for progress in progresses),
    )


def combined_status(statuses: Sequence[Status]) -> Status:
    """The status of several tasks together: running if some wait while others have ended."""
    present = set(statuses)
    if Status.WAITING in present and present & {Status.DONE, Status.FAILED}:
        return Status.RUNNING
    return next((status for status in _FIRST_OF if status in present), Status.LEFT_OUT)


def _eta_s(progresses: Sequence[TaskProgress], total: int | None) -> float | None:
    """Seconds until every key has an outcome, at the average rate of the running tasks; None if unknown."""
    running = [progress for progress in progresses if progress.status is Status.RUNNING and progress.seconds > 0]
    rate = sum(_done(progress) / progress.seconds for progress in running)
    return eta_s((total or 0) - sum(map(_done, progresses)), rate)


def _done(progress: TaskProgress) -> int:
    return Tally.ended_in(progress.counts)


def _total(progresses: Sequence[TaskProgress]) -> int | None:
    """The number of keys that need an outcome; None if unknown.

    An ended task has no more than it committed, and a running one at least that: an estimate may be too low.
    """
    total = 0
    for progress in progresses:
        done = _done(progress)
        if progress.status not in ENDED:
            if progress.total_keys is None:
                return None
            done = max(done, progress.total_keys)
        total += done
    return total


def _seconds(progresses: Sequence[TaskProgress]) -> float:
    """Elapsed seconds from the start of the first task to the newest saved state of any."""
    spans = [(progress.saved_at - progress.seconds, progress.saved_at) for progress in progresses if progress.saved_at]
    if not spans or len(progresses) == 1:
        return max(progress.seconds for progress in progresses)
    return max(end for _, end in spans) - min(begin for begin, _ in spans)


def _current_rate(progresses: Sequence[TaskProgress]) -> CurrentRate:
    return CurrentRate(*map(sum, zip(*(progress.current_rate for progress in progresses), strict=True)))


def _sum(parts: Sequence[Mapping[str, int]], names: Sequence[str] = ()) -> dict[str, int]:
    total: Counter[str] = Counter(dict.fromkeys(names, 0))
    for counts in parts:
        total.update(counts)
    return dict(total)


def _tasks(progresses: Sequence[TaskProgress]) -> tuple[TaskLine, ...]:
    by_task: dict[str, list[TaskProgress]] = {}
    for progress in progresses:
        by_task.setdefault(progress.task_id, []).append(progress)
    return tuple(_line(task_id, of_task) for task_id, of_task in by_task.items())


def _line(task_id: str, progresses: Sequence[TaskProgress]) -> TaskLine:
    statuses = tuple(progress.status for progress in progresses[:MOST_INSTANCES])
    return TaskLine(task_id, statuses, _sum([progress.counts for progress in progresses]))


def _some(places: Sequence[Link]) -> tuple[Link, ...]:
    """The first links of each kind: a run over a hundred pairs of buckets has too many to show."""
    shown = MOST_PLACES // 3
    return tuple(
        link for name in ("source", "dest", "report") for link in [link for link in places if link.name == name][:shown]
    )


def _missed(progresses: Sequence[TaskProgress]) -> tuple[Missed, ...]:
    """The last missed keys of the tasks that saved last."""
    latest = sorted(progresses, key=lambda progress: progress.saved_at)
    return tuple(missed for progress in latest for missed in progress.missed)[-LAST_MISSED:]
