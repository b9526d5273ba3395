"""Who is told of a task's copies: its log, Airflow's metrics, lineage, and the asset events of its outlets."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from s3_crosscopy.adapters.sinks import Several
from s3_crosscopy.airflow.compat import is_asset
from s3_crosscopy.airflow.lineage import Flows
from s3_crosscopy.airflow.log_sink import task_log_sink
from s3_crosscopy.airflow.metrics import measured
from s3_crosscopy.model import option_parsers as parse

if TYPE_CHECKING:
    from s3_crosscopy.airflow.base_operator import BaseCopyOperator
    from s3_crosscopy.airflow.compat import Context
    from s3_crosscopy.ports import EventSink


@contextmanager
def watched(task: BaseCopyOperator, context: Context) -> Iterator[EventSink]:
    """The sink for the events of a task. When it went well, its outlets' events say what was copied."""
    log = task_log_sink(task.log)
    if task.measured:
        flows = Flows()
        if task.traced:
            task.flows = flows.flows
        with measured(context) as stats:
            yield Several(log, flows, stats)
    else:
        yield log
    _tell_outlets(task, context)


def _tell_outlets(task: BaseCopyOperator, context: Context) -> None:
    if not task.traced or parse.flag("dry_run", task.dry_run):
        # Airflow makes an event for each outlet of a task that went well: of this one nothing was updated.
        task.outlets = []
    events: Any = context.get("outlet_events")
    if events is None:  # Executed by hand, outside of Airflow: nobody hears of it.
        return
    for outlet in filter(is_asset, task.outlets):
        events[outlet].extra = {
            "objects": sum(flow.objects or 0 for flow in task.flows),
            "bytes": sum(flow.bytes or 0 for flow in task.flows),
            "report": task.report,
        }
