"""The plan of a dry run in the stored summary: the requests that the copy would make, their cost and duration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from s3_crosscopy.airflow.plugin.progress_model import PlannedCopy
from s3_crosscopy.model.humanize import printable


def planned_in(values: Mapping[str, Any]) -> PlannedCopy | None:
    """Return the plan; None if there is none, or it is damaged."""
    plan = values.get("plan")
    if not isinstance(plan, Mapping):
        return None
    try:
        requests = sum(int(row["number"]) for row in plan["requests"])
        duration = plan.get("duration")
        seconds = 0.0 if duration is None else float(duration["seconds"])
        return PlannedCopy(requests, _cost(plan.get("cost")), seconds)
    except (KeyError, TypeError, ValueError, OverflowError):
        return None


def added(plans: Iterable[PlannedCopy | None]) -> PlannedCopy | None:
    """Return the plan of several tasks, None if none has one. The costs of several are not added up."""
    known = [plan for plan in plans if plan is not None]
    if len(known) < 2:
        return known[0] if known else None
    return PlannedCopy(sum(plan.requests for plan in known), "", 0.0)


def _cost(cost: Any) -> str:
    if cost is None:
        return ""
    amount = float(cost["amount"])
    # A fraction of a cent is not nothing.
    shown = f"{amount:,.2f}" if amount >= 0.1 else f"{amount:.2g}"
    return printable(f"{cost['bound']} {shown} {cost['currency']}")[:40]
