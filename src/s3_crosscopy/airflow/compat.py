"""Adapts to the installed version of Airflow, 3.0 or newer, and re-exports its classes for the other modules."""

from __future__ import annotations

import atexit
import sys
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

try:
    from airflow.providers.common.compat.sdk import (
        AirflowException,
        AirflowFailException,
        AirflowNotFoundException,
        AirflowSkipException,
        AirflowTaskTimeout,
        BaseHook,
        BaseOperator,
        Context,
        Stats,
        TaskGroup,
        conf,
    )
except ImportError:
    # Below common-compat 1.13, as in the constraints of Airflow 3.0 and 3.1: where these versions have them.
    from airflow.configuration import conf
    from airflow.exceptions import (  # type: ignore[attr-defined,no-redef]
        AirflowException,
        AirflowFailException,
        AirflowNotFoundException,
        AirflowSkipException,
        AirflowTaskTimeout,
    )
    from airflow.sdk import BaseOperator, Context, TaskGroup
    from airflow.stats import Stats

    try:
        from airflow.sdk import BaseHook
    except ImportError:
        from airflow.hooks.base import BaseHook  # type: ignore[attr-defined,no-redef]

try:
    from airflow.sdk.definitions.xcom_arg import PlainXComArg
except ImportError:
    PlainXComArg = None  # type: ignore[assignment,misc]

__all__ = [
    "AirflowException",
    "AirflowFailException",
    "AirflowSkipException",
    "AirflowTaskTimeout",
    "BaseOperator",
    "Context",
    "TaskGroup",
    "asset_state_store",
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
    """`[core] max_map_length` as this worker has it: the maximum number of tasks mapped over one list."""
    return int(conf.getint("core", "max_map_length", fallback=1024))


def numbers_of(output: Any) -> Any:
    """An argument for `expand` that maps over the list `output`, and gives each task its index instead of the element.

    With `output` itself, every mapped task would read the whole list to take one element. If Airflow's class has moved,
    `output` itself is returned.
    """
    return output if PlainXComArg is None else _Numbers(output.operator, output.key)


class _Numbers(PlainXComArg or object):  # type: ignore[misc]
    """An output whose elements are their own indexes, so that nothing has to be read."""

    def resolve(self, context: Any, *more: Any, **named: Any) -> Any:
        index = getattr(context["ti"], "map_index", None)
        if isinstance(index, int) and index >= 0:
            return range(index + 1)
        return super().resolve(context, *more, **named)


def find_connection(conn_id: str) -> Any | None:
    """The connection with this id; None if it does not exist.

    Airflow raises AirflowNotFoundException for that, and in a task of Airflow 3.0 the supervisor's error response.
    """
    try:
        return BaseHook.get_connection(conn_id)
    except AirflowNotFoundException:
        return None
    except Exception as error:
        # AirflowRuntimeError: its `.error` is an ErrorResponse, whose `.error` is an ErrorType.
        error_type = getattr(getattr(error, "error", None), "error", None)
        if getattr(error_type, "value", None) == "CONNECTION_NOT_FOUND":
            return None
        raise


def is_unmapped(task: object) -> bool:
    """True for an operator that Airflow made from a mapped one when its task runs."""
    return bool(getattr(task, "_BaseOperator__from_mapped", False))


def spells_templates_otherwise(task: Any) -> bool:
    """True for a task whose DAG has its own Jinja settings, so that templates may have other delimiters."""
    settings = getattr(task.get_dag(), "jinja_environment_kwargs", None) or {}
    return any(name.endswith(("_string", "_prefix")) for name in settings)


def task_state_store(context: Context) -> Any | None:
    """The task state store, with `get`, `set` and `delete`; None below Airflow 3.3."""
    return context.get("task_state_store")


def asset_state_store(context: Context) -> Any | None:
    """The asset state stores of a task, by asset; None below Airflow 3.3, or for a task without assets."""
    return context.get("asset_state_store")


NOT_RUNNING = frozenset({404, 409, 410})
"""HTTP statuses of Airflow's API server for a task that is not running any more. Its supervisor stops at these too.

The id of a cleared task is gone from the database (404), or another try is running in its place (409, 410).
"""


def not_running_any_more(error: Exception) -> bool:
    """True if an error of the state store shows that this task is not the running one any more.

    The supervisor passes on a response of the API server as AirflowRuntimeError. Its `.error` is an ErrorResponse,
    whose `.detail` has the status; None if there was no response. A closed socket to the supervisor ends the task too.
    Everything else (5xx, a timeout, an expired token) may be transient.
    """
    if isinstance(error, (EOFError, BrokenPipeError, ConnectionResetError)):
        return True
    detail = getattr(getattr(error, "error", None), "detail", None)
    status = detail.get("status_code") if isinstance(detail, Mapping) else None
    return status in NOT_RUNNING


def stats() -> Any:
    """Airflow's metrics client, with `incr`, `gauge` and `timing`. OpenTelemetry gets all of it when the task ends."""
    # While 3.2.1 and 3.2.2 import this module, which a task does at its first XCom, they make a new client, and at the
    # end of the task they send only what the newest client counted.
    with suppress(ImportError):
        import airflow.sdk.serde  # noqa: F401
    # This module is there if metrics go to OpenTelemetry. Below 3.1.8 it sends them once a minute, and not at the end.
    otel = sys.modules.get("airflow.metrics.otel_logger")
    if otel is not None and not hasattr(otel, "flush_otel_metrics"):
        atexit.unregister(_flush_otel)
        atexit.register(_flush_otel)
    return Stats


def _flush_otel() -> None:
    from opentelemetry import metrics

    provider: Any = metrics.get_meter_provider()
    provider.force_flush()


def is_asset(outlet: object) -> bool:
    """True for an outlet that is an asset or a reference to one; False for an alias, or an OpenLineage dataset."""
    from airflow.sdk.definitions.asset import Asset, AssetRef

    return isinstance(outlet, (Asset, AssetRef))
