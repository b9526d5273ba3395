"""Reads the answer to a question: approved, rejected, no answer in time, or given to another plan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

APPROVE: Final = "Approve"
REJECT: Final = "Reject"
CODE: Final = "plan"
"""The field of the question with the code of its plan."""


class Answer(NamedTuple):
    """An answer. `why`: the reason against the copy, "" if it was approved. `by`: who answered, "" if not known.

    `again`: the person approved an earlier plan, and has to be asked again.
    """

    why: str
    by: str = ""
    again: bool = False


def read_answer(event: Mapping[str, Any], code: str, *, is_shown: bool) -> Answer:
    """Return the answer in an event of Airflow's human-in-the-loop to the question for the plan with this `code`.

    `is_shown`: the person saw this plan. If not, they saw an earlier one, and had to give the code of this one.
    """
    user = event.get("responded_by_user") or {}
    by = str(user.get("name") or user.get("id") or "")
    entered = str((event.get("params_input") or {}).get(CODE, "")).strip()
    other = f"the approval is of another plan, not of {code}" if entered != code and (entered or not is_shown) else ""
    table = (
        ("error" in event and event.get("error_type") == "timeout", "nobody approved it in time"),
        ("error" in event, f"the question could not be answered ({event.get('error')})"),
        (bool(event.get("timedout")), "nobody approved it in time"),
        (list(event.get("chosen_options") or ()) != [APPROVE], f"it was rejected{f' by {by}' if by else ''}"),
    )
    why = next((why for holds, why in table if holds), "")
    return Answer(why or other, by, again=not why and bool(other))
