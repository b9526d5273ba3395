"""Stores why a task ended without a result in an XCom of its own, which the tab in Airflow's UI reads.

A task that fails returns nothing, and below Airflow 3.3 nothing else of it would remain. Airflow removes the XCom when
the task is tried again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from s3_crosscopy.airflow.compat import AirflowTaskTimeout, not_running_any_more
from s3_crosscopy.errors import CopyFailed
from s3_crosscopy.model.humanize import error_text

if TYPE_CHECKING:
    from s3_crosscopy.airflow.compat import Context

KEY = "s3_crosscopy_end"
LONGEST = 500
"""Characters kept of the reason: it is one line, and the task's log has all of it."""

OURS = ("AirflowException", "AirflowFailException", "AirflowSkipException")
"""The errors that the operators raise, whose text needs no name before it."""


def end_of(error: BaseException) -> dict[str, Any]:
    """The value of the XCom: the reason in one line, and the summary if the error has one, else None."""
    first = next(iter(error_text(str(error)).splitlines()), "").strip() or type(error).__name__
    known = type(error).__name__ in OURS
    cause = error if isinstance(error, CopyFailed) else error.__cause__
    report = cause.report if isinstance(cause, CopyFailed) else None
    return {
        "why": (first if known else f"{type(error).__name__}: {first}")[:LONGEST],
        "summary": None if report is None else report.as_dict(),
    }


@contextmanager
def end_is_stored(task: Any, context: Context) -> Iterator[None]:
    """Store the end of the `task` if this block raises an error, which is raised as it is."""
    try:
        yield
    except (Exception, AirflowTaskTimeout) as error:
        _push(task, context, error)
        raise


def _push(task: Any, context: Mapping[str, Any], error: BaseException) -> None:
    push = getattr(context.get("ti"), "xcom_push", None)
    # Another try may be running in place of this one, and its XComs are not this one's.
    orphaned = isinstance(error, Exception) and not_running_any_more(error)
    if push is None or not task.do_xcom_push or orphaned:
        return
    try:
        push(key=KEY, value=end_of(error))
    except Exception as unsaid:  # noqa: BLE001 - the error of the task matters more
        task.log.warning(f"why the task ended is not in XCom: {type(unsaid).__name__}: {error_text(str(unsaid))}")
