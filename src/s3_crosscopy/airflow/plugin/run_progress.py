"""Sums up the progress of many tasks: combined status, counts, rate and estimated time to the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from s3_crosscopy.airflow.plugin.dry_run_plan import added as planned
from s3_crosscopy.airflow.plugin.look_values import looks
from s3_crosscopy.airflow.plugin.progress_model import (
    ENDED,
    REPORT,
    CurrentRate,
    Link,
    Missed,
    Pair,
    Status,
    TaskLine,
    TaskProgress,
    View,
    Why,
)
from s3_crosscopy.airflow.plugin.rate_curve import summed
from s3_crosscopy.airflow.plugin.task_progress import LAST_MISSED, most_frequent
from s3_crosscopy.model.extraneous import added
from s3_crosscopy.model.tally import Tally, eta_s

MOST_TASKS = 12
MOST_PAIRS = 6
MOST_REPORTS = 2
MOST_WHYS = 3
MOST_INSTANCES = 1024
"""Airflow's own default limit of a mapping."""
MOST_STOPPED = 3

# The combined status is the first of these that any of the tasks has.
_FIRST_OF = (
    Status.RUNNING,
    Status.ASKING,
    Status.RETRYING,
    Status.WAITING,
    Status.FAILED,
    Status.DONE,
    Status.LEFT_OUT,
    Status.SKIPPED,
)


def summarize(progresses: Sequence[TaskProgress], merged_reports: Sequence[Link] = ()) -> View:
    """The sum of `progresses`, of which there is at least one, in order of task and map index.

    `merged_reports`: links to the reports of whole task groups.
    """
    done = sum(map(_done, progresses))
    total = _total(progresses)
    heard = [progress for progress in progresses if progress.heard]
    tasks = _tasks(progresses)
    pairs = _pairs(progresses)
    return View(
        status=combined_status([progress.status for progress in progresses]),
        instances=len(progresses),
        heard=len(heard),
        counts=_sum([progress.counts for progress in progresses], Tally.COUNTS),
        decisions=most_frequent(_sum([progress.decisions for progress in progresses])),
        done=done,
        total_keys=total,
        eta_s=_eta_s(progresses, _total(progresses, estimates=True)),
        seconds=_seconds(progresses),
        throttled=sum(progress.throttled for progress in progresses),
        current_rate=_current_rate(progresses),
        curve=summed(rate for progress in progresses for rate in progress.rates),
        tasks=tasks[:MOST_TASKS],
        more_tasks=max(0, len(tasks) - MOST_TASKS),
        pairs=pairs[:MOST_PAIRS],
        more_pairs=max(0, len(pairs) - MOST_PAIRS),
        reports=(*merged_reports, *_reports(progresses))[:MOST_REPORTS],
        missed=_missed(progresses),
        stopped=tuple(dict.fromkeys(progress.stopped for progress in progresses if progress.stopped))[:MOST_STOPPED],
        paused=tuple(dict.fromkeys(progress.paused for progress in progresses if progress.paused))[:MOST_STOPPED],
        saved_at=max(progress.saved_at for progress in progresses),
        dry_run=bool(heard) and all(progress.dry_run for progress in heard),
        unreadable=sum(progress.unreadable for progress in progresses),
        extraneous=added(progress.extraneous for progress in progresses),
        looks=looks(progress.look for progress in progresses),
        ended=sum(progress.status in ENDED for progress in progresses),
        whys=_whys(progresses)[:MOST_WHYS],
        verified_by=_sum([progress.verified_by for progress in progresses]),
        checked=_checked(progresses),
        planned=planned(progress.planned for progress in progresses),
    )


def combined_status(statuses: Sequence[Status]) -> Status:
    """The status of several tasks together: running if some wait while others have ended."""
    present = set(statuses)
    if Status.WAITING in present and present & {Status.DONE, Status.FAILED}:
        return Status.RUNNING
    return next(status for status in _FIRST_OF if status in present)


def _eta_s(progresses: Sequence[TaskProgress], total: int | None) -> float | None:
    """Seconds until every key has an outcome, at the average rate of the running tasks; None if unknown."""
    running = [progress for progress in progresses if progress.status is Status.RUNNING and progress.seconds > 0]
    rate = sum(_done(progress) / progress.seconds for progress in running)
    return eta_s((total or 0) - sum(map(_done, progresses)), rate)


def _done(progress: TaskProgress) -> int:
    return Tally.ended_in(progress.counts)


def _total(progresses: Sequence[TaskProgress], *, estimates: bool = False) -> int | None:
    """The number of keys that need an outcome; None if unknown. `estimates`: an estimate counts where it is not known.

    An ended task has no more than it committed, and another at least that: an estimate may be too low. One that failed
    left the rest.
    """
    total = 0
    for progress in progresses:
        done = _done(progress)
        if progress.status not in ENDED or progress.status is Status.FAILED:
            total_keys = progress.total_keys
            if total_keys is None and estimates:
                total_keys = progress.estimated_keys
            if total_keys is None:
                return None
            done = max(done, total_keys)
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
    counts = _sum([progress.counts for progress in progresses])
    mapped = any(progress.map_index >= 0 for progress in progresses)
    return TaskLine(task_id, statuses, counts, mapped, any(progress.heard for progress in progresses))


def _pairs(progresses: Sequence[TaskProgress]) -> tuple[Pair, ...]:
    """The different pairs of a source and a destination, in order."""
    named = ({link.name: link for link in progress.places} for progress in progresses)
    pairs = dict.fromkeys(Pair(links.get("source"), links.get("dest")) for links in named)
    return tuple(pair for pair in pairs if any(pair))


def _reports(progresses: Sequence[TaskProgress]) -> tuple[Link, ...]:
    return tuple(dict.fromkeys(link for progress in progresses for link in progress.places if link.name == REPORT))


def _whys(progresses: Sequence[TaskProgress]) -> tuple[Why, ...]:
    """The different reasons, each with the first instance that has it."""
    whys: dict[str, Why] = {}
    for progress in progresses:
        if progress.why in whys:
            whys[progress.why] = whys[progress.why]._replace(others=whys[progress.why].others + 1)
        elif progress.why:
            whys[progress.why] = Why(progress.why, progress.task_id, progress.map_index)
    return tuple(whys.values())


def _checked(progresses: Sequence[TaskProgress]) -> int | None:
    """The number of objects that were compared at the end; None if a task that was heard compared none."""
    numbers = [progress.checked for progress in progresses if progress.heard]
    known = [number for number in numbers if number is not None]
    return sum(known) if known and len(known) == len(numbers) else None


def _missed(progresses: Sequence[TaskProgress]) -> tuple[Missed, ...]:
    """The last missed keys of the tasks that saved last."""
    latest = sorted(progresses, key=lambda progress: progress.saved_at)
    return tuple(missed for progress in latest for missed in progress.missed)[-LAST_MISSED:]
