"""Which try of which task makes a run, as Airflow's context says."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from s3_crosscopy.airflow.run_context import run_of
from s3_crosscopy.model.run_record import RunInfo, TaskRun


def test_a_task_is_named_with_its_run_and_its_try() -> None:
    context: Any = {"ti": SimpleNamespace(dag_id="d", run_id="r", task_id="g.copy", map_index=3, try_number=2)}
    assert run_of(context) == RunInfo("Airflow", TaskRun("d", "r", "g.copy", 3, 2))


def test_what_a_task_instance_does_not_know_is_left_out() -> None:
    context: Any = {"ti": SimpleNamespace(dag_id="d", map_index=None)}
    assert run_of(context).task == TaskRun("d", "", "", -1, 1)


def test_without_a_task_instance_it_is_python() -> None:
    assert run_of(None) == run_of({}) == RunInfo("Python")
