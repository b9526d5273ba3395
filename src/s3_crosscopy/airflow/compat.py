"""Everything that depends on Airflow's version, and the one place that imports Airflow. Floor: Airflow 3.0."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    AirflowNotFoundException,
    AirflowSkipException,
    BaseHook,
    BaseOperator,
    Context,
    TaskGroup,
    conf,
)

try:
    from airflow.sdk.definitions.xcom_arg import PlainXComArg
except ImportError:
    PlainXComArg = None  # type: ignore[assignment,misc]

__all__ = [
    "AirflowException",
    "AirflowFailException",
    "AirflowSkipException",
    "BaseOperator",
    "Context",
    "TaskGroup",
    "find_connection",
    "is_asset",
    "is_unmapped",
    "most_mapped",
    "not_running_any_more",
    "numbers_of",
    "spells_templates_otherwise",
    "stats",
    "task_state_store",
]


def most_mapped() -> int:
    """How many tasks Airflow maps over one list at most, as far as this worker knows."""
    return int(conf.getint("core", "max_map_length", fallback=1024))


def numbers_of(output: Any) -> Any:
    """For `expand`: as many tasks as the list has elements, each of which gets its own place in it.

    Of an output by itself every mapped task reads the whole list, to take one element. Where Airflow's class for it is
    another one, they do.
    """
    return output if PlainXComArg is None else _Numbers(output.operator, output.key)


class _Numbers(PlainXComArg or object):  # type: ignore[misc]
    """An output whose elements are their own places: nothing has to be read."""

    def resolve(self, context: Any, *more: Any, **named: Any) -> Any:
        index = getattr(context["ti"], "map_index", None)
        if isinstance(index, int) and index >= 0:
            return range(index + 1)
        return super().resolve(context, *more, **named)


def find_connection(conn_id: str) -> Any | None:
    """The connection of that id; None if there is none.

    Airflow 3 says so with its own "not found", Airflow 3.0 in a task with what the supervisor answered.
    """
    try:
        return BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        return None
    except Exception as error:
        # AirflowRuntimeError, where it comes through: its `.error` is an ErrorResponse, whose `.error` an ErrorType.
        kind = getattr(getattr(error, "error", None), "error", None)
        if getattr(kind, "value", None) == "CONNECTION_NOT_FOUND":
            return None
        raise


def is_unmapped(task: object) -> bool:
    """True for an operator that is made of a mapped one, in its task, and not by a DAG file."""
    return bool(getattr(task, "_BaseOperator__from_mapped", False))


def spells_templates_otherwise(task: Any) -> bool:
    """True for a task of a DAG with Jinja settings of its own, in which templates may begin with something else."""
    settings = getattr(task.get_dag(), "jinja_environment_kwargs", None) or {}
    return any(name.endswith(("_string", "_prefix")) for name in settings)


def task_state_store(context: Context) -> Any | None:
    """The store that outlives a try, with `get`, `set` and `delete`; None where Airflow has none, below 3.3."""
    return context.get("task_state_store")


NOT_RUNNING = frozenset({404, 409, 410})
"""Statuses of Airflow's API server for a task that is not running any more: its own supervisor stops at these too.

A cleared task's id is gone from the database (404), or another one is running in its place (409, 410).
"""


def not_running_any_more(error: Exception) -> bool:
    """Tells whether an error of the state store says for certain that this task is not the one that runs.

    Through its supervisor a task hears of the API server's answers as AirflowRuntimeError. Its `.error` is an
    ErrorResponse, whose `.detail` has the status, None where there was no answer. Nobody at the other end of the socket
    to the supervisor is the end of the task too. Everything else, a 5xx, a time-out, an expired token, may pass.
    """
    if isinstance(error, (EOFError, BrokenPipeError, ConnectionResetError)):
        return True
    detail = getattr(getattr(error, "error", None), "detail", None)
    status = detail.get("status_code") if isinstance(detail, Mapping) else None
    return status in NOT_RUNNING


def stats() -> Any:
    """Airflow's metrics: `incr`, `gauge` and `timing`, sent to wherever they are configured to go."""
    from airflow.providers.common.compat.sdk import Stats

    return Stats


def is_asset(outlet: object) -> bool:
    """Whether an outlet is one asset, or a reference to one; no alias, and nothing that only OpenLineage reads."""
    from airflow.providers.common.compat.sdk import Asset
    from airflow.sdk.definitions.asset import AssetRef

    return isinstance(outlet, (Asset, AssetRef))
