"""Sends the events of a task to its log, to Airflow's metrics, to lineage, and to the asset events of its outlets."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from s3_crosscopy.adapters.sinks import Several
from s3_crosscopy.airflow.compat import is_asset
from s3_crosscopy.airflow.log_sink import task_log_sink
from s3_crosscopy.airflow.metrics import measured

if TYPE_CHECKING:
    from s3_crosscopy.airflow.compat import Context
    from s3_crosscopy.airflow.lineage import Flow, Flows
    from s3_crosscopy.ports import EventSink


@contextmanager
def task_sink(log: Any, context: Context, flows: Flows | None) -> Iterator[EventSink]:
    """The sink for the events of a task with this `log`. `flows` collects its lineage; None: a task that copies
    nothing, and that metrics leave out too."""
    log_sink = task_log_sink(log)
    if flows is None:
        yield log_sink
        return
    with measured(context) as stats:
        yield Several(log_sink, flows, stats)


def describe_outlets(context: Context, outlets: Iterable[object], flows: Sequence[Flow], report: str | None) -> None:
    """Add to the asset event of each outlet how much was copied, and where the report is."""
    events: Any = context.get("outlet_events")
    if events is None:  # The operator was executed outside of Airflow, and there are no asset events.
        return
    for outlet in filter(is_asset, outlets):
        events[outlet].extra = {
            "objects": sum(flow.objects or 0 for flow in flows),
            "bytes": sum(flow.bytes or 0 for flow in flows),
            "report": report,
        }
