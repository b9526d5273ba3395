"""Reads from Airflow's context which try of which task makes a run, for the summary and the page of its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from s3_crosscopy.model.run_record import AIRFLOW, PYTHON, RunInfo, TaskRun

if TYPE_CHECKING:
    from s3_crosscopy.airflow.compat import Context


def run_of(context: Context | None) -> RunInfo:
    """The caller of a run. Without a task instance, as in a notebook or a test, it is Python."""
    ti: Any = None if context is None else context.get("ti")
    if ti is None:
        return RunInfo(by=PYTHON)
    return RunInfo(by=AIRFLOW, task=_task_run(ti))


def _task_run(ti: Any) -> TaskRun:
    dag_id, run_id, task_id = (str(getattr(ti, name, None) or "") for name in ("dag_id", "run_id", "task_id"))
    map_index, try_number = getattr(ti, "map_index", None), getattr(ti, "try_number", None)
    return TaskRun(
        dag_id,
        run_id,
        task_id,
        map_index=map_index if isinstance(map_index, int) else -1,
        try_number=try_number if isinstance(try_number, int) else 1,
    )
