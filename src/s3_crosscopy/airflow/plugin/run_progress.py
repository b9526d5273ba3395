"""Many tasks' standings as one: what is running, how much is settled, and when it may be over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from s3_crosscopy.airflow.plugin.progress_model import (
    ENDED,
    CopyEndpoints,
    CurrentRate,
    Missed,
    Status,
    TaskLine,
    TaskProgress,
    View,
)
from s3_crosscopy.airflow.plugin.rate_curve import summed
from s3_crosscopy.airflow.plugin.task_progress import LAST_MISSED, most_frequent
from s3_crosscopy.model.tally import Tally, eta_s

MOST_TASKS = 12
MOST_PLACES = 6
MOST_INSTANCES = 1024
"""Airflow's own default limit of a mapping."""
MOST_STOPPED = 3

# The first that any of them is in is what they are in together; what waits among ended ones is about to go on.
_FIRST_OF = (Status.RUNNING, Status.RETRYING, Status.WAITING, Status.FAILED, Status.DONE)


def viewed(progresses: Sequence[TaskProgress]) -> View:
    """The sum. `progresses` are in order of task and map index, and at least one."""
    settled = sum(map(_settled, progresses))
    total = _total(progresses)
    tasks = _tasks(progresses)
    places = tuple(dict.fromkeys(place for each in progresses for place in each.places))
    shown = _some(places)
    return View(
        status=together([each.status for each in progresses]),
        instances=len(progresses),
        heard=sum(each.heard for each in progresses),
        counts=_sum([each.counts for each in progresses], Tally.COUNTS),
        decisions=most_frequent(_sum([each.decisions for each in progresses])),
        settled=settled,
        total_keys=total,
        eta_s=_eta_s(progresses, total),
        seconds=_seconds(progresses),
        throttled=sum(each.throttled for each in progresses),
        current_rate=_pulse(progresses),
        curve=summed(rate for each in progresses for rate in each.rates),
        tasks=tasks[:MOST_TASKS],
        more_tasks=max(0, len(tasks) - MOST_TASKS),
        places=shown,
        more_places=len(places) - len(shown),
        missed=_missed(progresses),
        stopped=tuple(dict.fromkeys(each.stopped for each in progresses if each.stopped))[:MOST_STOPPED],
        paused=tuple(dict.fromkeys(each.paused for each in progresses if each.paused))[:MOST_STOPPED],
        saved_at=max(each.saved_at for each in progresses),
        dry_run=all(each.dry_run for each in progresses if each.heard) and any(each.heard for each in progresses),
        unreadable=sum(each.unreadable for each in progresses),
    )


def together(statuses: Sequence[Status]) -> Status:
    """What several tasks are doing: what waits when others have ended is a run that goes on."""
    found = set(statuses)
    if Status.WAITING in found and found & {Status.DONE, Status.FAILED}:
        return Status.RUNNING
    return next((status for status in _FIRST_OF if status in found), Status.LEFT_OUT)


def _eta_s(progresses: Sequence[TaskProgress], total: int | None) -> float | None:
    """Seconds until every key has its outcome, at the rate so far of those that run; None where nobody can tell."""
    running = [each for each in progresses if each.status is Status.RUNNING and each.seconds > 0]
    rate = sum(_settled(each) / each.seconds for each in running)
    return eta_s((total or 0) - sum(map(_settled, progresses)), rate)


def _settled(progress: TaskProgress) -> int:
    return Tally.settled_in(progress.counts)


def _total(progresses: Sequence[TaskProgress]) -> int | None:
    """How many keys there are to settle: what ended has no more than it settled, and an estimate may be too low."""
    total = 0
    for each in progresses:
        settled = _settled(each)
        if each.status not in ENDED:
            if each.total_keys is None:
                return None
            settled = max(settled, each.total_keys)
        total += settled
    return total


def _seconds(progresses: Sequence[TaskProgress]) -> float:
    """What they took together as a clock on the wall has it: from the first one's begin to the last word of any."""
    spans = [(each.saved_at - each.seconds, each.saved_at) for each in progresses if each.saved_at]
    if not spans or len(progresses) == 1:
        return max(each.seconds for each in progresses)
    return max(end for _, end in spans) - min(begin for begin, _ in spans)


def _pulse(progresses: Sequence[TaskProgress]) -> CurrentRate:
    return CurrentRate(*map(sum, zip(*(each.current_rate for each in progresses), strict=True)))


def _sum(each: Sequence[Mapping[str, int]], names: Sequence[str] = ()) -> dict[str, int]:
    total: Counter[str] = Counter(dict.fromkeys(names, 0))
    for counts in each:
        total.update(counts)
    return dict(total)


def _tasks(progresses: Sequence[TaskProgress]) -> tuple[TaskLine, ...]:
    by_task: dict[str, list[TaskProgress]] = {}
    for each in progresses:
        by_task.setdefault(each.task_id, []).append(each)
    return tuple(
        TaskLine(
            task_id, tuple(each.status for each in of_task[:MOST_INSTANCES]), _sum([one.counts for one in of_task])
        )
        for task_id, of_task in by_task.items()
    )


def _some(places: Sequence[CopyEndpoints]) -> tuple[CopyEndpoints, ...]:
    """Some of each kind, in order: a run over a hundred pairs of buckets is no list of links."""
    each = MOST_PLACES // 3
    return tuple(
        place for what in ("source", "dest", "report") for place in [one for one in places if one.what == what][:each]
    )


def _missed(progresses: Sequence[TaskProgress]) -> tuple[Missed, ...]:
    """The last ones, of those who spoke last."""
    latest = sorted(progresses, key=lambda each: each.saved_at)
    return tuple(missed for each in latest for missed in each.missed)[-LAST_MISSED:]
