"""Sends the metrics of a copy to Airflow's metrics, with the names of the log's fields.

The table `METRICS` is the reference, which the documentation prints. Tags have few values: no key, run id or map index.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from s3_crosscopy.airflow.compat import AirflowSkipException, stats
from s3_crosscopy.model.events import BatchSettled, Event, Progress, Resumed, RunEnded, RunStarted
from s3_crosscopy.model.outcomes import Outcome

if TYPE_CHECKING:
    from s3_crosscopy.airflow.compat import Context

PREFIX: Final = "s3_crosscopy"
"""First part of each name. Airflow puts its own `[metrics] statsd_prefix` or `otel_prefix` before it."""

TAGS: Final[Mapping[str, str]] = {
    "dag_id": "of the task",
    "task_id": "of the task; the mapped instances of one task share it",
    "source_bucket": "where objects are copied from",
    "dest_bucket": "where to",
}
"""The tags of every metric, once they are known; also `team_name` if Airflow has teams."""


class Kind(str, Enum):
    """Type of a metric, sent by the method `incr`, `gauge` or `timing` of Airflow's `Stats`."""

    COUNTER = "counter"
    GAUGE = "gauge"
    TIMING = "timing"


class Metric(NamedTuple):
    """One metric. `log_line`: the log line that has the same value."""

    name: str
    kind: Kind
    unit: str
    meaning: str
    log_line: str


_BATCH: Final = "batch settled"
_PROGRESS: Final = "progress"
_NEVER: Final = (Outcome.WOULD_COPY, Outcome.NOT_ATTEMPTED)
"""A dry run sends no metrics, and the keys of a batch were all attempted."""
_NOTES: Final[Mapping[Outcome, str]] = {Outcome.FAILED: "; counted again by a retry that fails too"}

METRICS: Final = (
    Metric("listed", Kind.COUNTER, "objects", "source objects with an outcome, each counted below too", _BATCH),
    *(
        Metric(outcome.value, Kind.COUNTER, "objects", outcome.meaning + _NOTES.get(outcome, ""), _BATCH)
        for outcome in Outcome
        if outcome not in _NEVER
    ),
    Metric("bytes", Kind.COUNTER, "bytes", "of the copied objects", _BATCH),
    Metric(
        "throttled",
        Kind.COUNTER,
        "requests",
        "attempts that S3 throttled",
        f"{_PROGRESS}, end of the run",
    ),
    Metric("window", Kind.GAUGE, "requests", "how many may be in flight; 0 when the copy is over", _PROGRESS),
    Metric("in_flight", Kind.GAUGE, "requests", "how many are; 0 when the copy is over", _PROGRESS),
    Metric("objects_per_second", Kind.GAUGE, "objects/s", "copied in the last 5 s; 0 when it is over", _PROGRESS),
    Metric("bytes_per_second", Kind.GAUGE, "bytes/s", "copied in the last 5 s; 0 when it is over", _PROGRESS),
    Metric("duration", Kind.TIMING, "ms", "of a copy that came to its end, earlier tries included", "end of the run"),
    Metric("runs", Kind.COUNTER, "task tries", "that ended; the tag outcome is ok or failed", "the end of the task"),
)
"""All metrics, without the prefix. A dry run sends none."""

COUNTED: Final = tuple(metric.name for metric in METRICS if metric.log_line == _BATCH)
GAUGES: Final = tuple(metric.name for metric in METRICS if metric.kind is Kind.GAUGE)

_log = logging.getLogger(__name__)


class StatsSink:
    """Sends the events of one task as metrics. If sending fails, it logs a warning and stops; the copy continues."""

    def __init__(self, tags: Mapping[str, str]) -> None:
        self._tags = dict(tags)
        self._stats: Any = None
        self._silent = False
        self._gauged = False
        # Of the current run: a task may make several, and a run may be resumed from a checkpoint.
        self._throttled_before = 0
        self._throttled_sent = 0

    def emit(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._silent = self._silent or event.dry_run
            self._tags.update(source_bucket=_bucket(event.source), dest_bucket=_bucket(event.dest))
        elif isinstance(event, Resumed):
            self._throttled_before = event.throttled
        elif isinstance(event, BatchSettled):
            for name in COUNTED:
                self._count(name, event.counts[name])
        elif isinstance(event, Progress):
            self._count_throttled(event.throttled)
            self._show(event.fields())
        elif isinstance(event, RunEnded):
            # The report includes earlier tries, which have sent their own.
            self._count_throttled(event.report.throttled - self._throttled_before)
            self._throttled_before = self._throttled_sent = 0
            self._send("timing", "duration", timedelta(seconds=event.report.seconds))

    def end(self, *, ok: bool) -> None:
        """Count the end of the task, and set its gauges to 0: they would show their last values for ever."""
        if self._gauged:
            self._show(dict.fromkeys(GAUGES, 0))
        self._send("incr", "runs", 1, outcome="ok" if ok else "failed")

    def _count(self, name: str, number: int) -> None:
        if number:
            self._send("incr", name, number)

    def _count_throttled(self, of_run: int) -> None:
        self._count("throttled", of_run - self._throttled_sent)
        self._throttled_sent = of_run

    def _show(self, fields: Mapping[str, object]) -> None:
        self._gauged = True
        for name in GAUGES:
            self._send("gauge", name, fields[name])

    def _send(self, method: str, name: str, value: object, **tags: str) -> None:
        if self._silent:
            return
        try:
            self._stats = self._stats or stats()
            getattr(self._stats, method)(f"{PREFIX}.{name}", value, tags={**self._tags, **tags})
        except Exception as error:  # noqa: BLE001 - whatever a metrics client may raise
            self._silent = True
            _log.warning("no more metrics of this copy are sent: sending %s failed: %s", name, error)


@contextmanager
def measured(context: Context) -> Iterator[StatsSink]:
    """The sink for the events of a task that copies. The end of the task is counted; a skipped task is a success."""
    sink = StatsSink(_tags(context))
    try:
        yield sink
    except AirflowSkipException:
        sink.end(ok=True)
        raise
    except BaseException:
        sink.end(ok=False)
        raise
    sink.end(ok=True)


def _tags(context: Context) -> Mapping[str, str]:
    ti = context.get("ti")
    # The tags of Airflow's own metrics of the task; they include its team if it has one.
    tags = getattr(ti, "stats_tags", None) or {name: getattr(ti, name, None) for name in ("dag_id", "task_id")}
    return {name: str(value) for name, value in tags.items() if value is not None}


def _bucket(url: str) -> str:
    return url.removeprefix("s3://").partition("/")[0]
