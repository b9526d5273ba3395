"""Asks a person through Airflow's human-in-the-loop (3.1): the task waits without a worker slot."""

from __future__ import annotations

import importlib
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any, NoReturn

from s3_crosscopy.core.approval.answer import APPROVE, CODE, REJECT
from s3_crosscopy.errors import InvalidInput

if TYPE_CHECKING:
    from s3_crosscopy.airflow.compat import BaseOperator, Context
    from s3_crosscopy.api.approving import Question

TOO_OLD = (
    "approve: needs Airflow 3.1 or newer, whose human-in-the-loop asks a person; upgrade Airflow, or leave approve out"
    " and look at a dry_run first"
)
OPTIONS = (APPROVE, REJECT)


def check_available() -> None:
    """Raise InvalidInput below Airflow 3.1."""
    if _optional("airflow.sdk.execution_time.hitl", "upsert_hitl_detail") is None:
        raise InvalidInput(TOO_OLD)


def ask(context: Context, question: Question) -> bool:
    """Write the question; return True if people see it.

    Airflow (3.3.2) keeps one question for each task instance, also over its tries, and does not replace its text: if
    this task has asked before, people see the plan of that time. So the question has a field with the code of its plan.
    """
    check_available()
    from airflow.sdk.execution_time.comms import CreateHITLDetailPayload
    from airflow.sdk.execution_time.task_runner import SUPERVISOR_COMMS

    ti = context["ti"]
    stored: Any = SUPERVISOR_COMMS.send(
        CreateHITLDetailPayload(
            ti_id=ti.id,
            options=list(OPTIONS),
            subject=f"Approve the copy of task {ti.task_id!r}?",
            body=question.text,
            defaults=[REJECT],
            multiple=False,
            params=params_of(question),
            assigned_users=[],
        )
    )
    return getattr(stored, "body", question.text) == question.text


def params_of(question: Question) -> dict[str, dict[str, Any]]:
    """The field with the code of the plan, filled in already."""
    description = "Code of the plan that is approved; the task's log has it if the plan has changed since."
    return {CODE: {"value": question.code, "description": description, "schema": {"type": "string"}}}


def park(task: BaseOperator, context: Context, question: Question, timeout_s: int, kwargs: dict[str, Any]) -> NoReturn:
    """End this run of the `task` until a person has answered; `execute_complete` then gets `kwargs` and the event.

    Below Airflow 3.3 the task is deferred, and a triggerer looks for the answer.
    """
    timeout = timedelta(seconds=timeout_s)
    awaiting = _optional("airflow.sdk.exceptions", "TaskAwaitingInput")
    if awaiting is not None:
        raise awaiting(method_name="execute_complete", kwargs=kwargs, timeout=timeout)
    from airflow.providers.standard.triggers.hitl import HITLTrigger

    trigger = HITLTrigger(
        ti_id=context["ti"].id,
        options=list(OPTIONS),
        defaults=[REJECT],
        params=params_of(question),
        timeout_datetime=datetime.now(timezone.utc) + timeout,
    )
    task.defer(trigger=trigger, method_name="execute_complete", kwargs=kwargs)


def _optional(module: str, name: str) -> Any | None:
    """The object of this name, None if this version of Airflow has none."""
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None
