"""A plan to be approved, and its approval: small values that wait with a task until a person has decided."""

from __future__ import annotations

from typing import Any, NamedTuple

from s3_crosscopy.model.checkpoint_values import check_count, check_text, typed
from s3_crosscopy.model.mirror_state import Deleting, deleting_of, deleting_to_json


class PlannedDeletes(NamedTuple):
    """The deletes of a dry run, judged as those of the copy itself.

    keys: number of keys that would be deleted. unapproved: how many of them a former approval does not include.
    judged: the files with all of them.
    """

    keys: int
    unapproved: int
    judged: Deleting


class PlanTotals(NamedTuple):
    """The size of a copy. usd: the estimated cost, None if it is not known."""

    objects: int
    bytes: int
    deletes: int
    usd: float | None = None


class Approval(NamedTuple):
    """A plan that was approved.

    mark: fingerprint of the copy's arguments. candidates: the files with the keys that may be deleted, None for none.
    by: name of the person, "" if it is not known. given_s: time of the approval in seconds since 1970.
    """

    mark: str
    totals: PlanTotals
    candidates: Deleting | None = None
    by: str = ""
    given_s: float = 0.0


NO_DELETES = Deleting("", "", (), 0, 0)
"""The candidates of a plan that deletes nothing."""


def approval_to_json(approval: Approval) -> list[Any]:
    """Return JSON values."""
    mark, totals, candidates, by, given_s = approval
    return [mark, list(totals), deleting_to_json(candidates), by, given_s]


def approval_of(kept: Any) -> Approval:
    """Parse the result of `approval_to_json`. Raises ValueError or TypeError for anything else."""
    mark, totals, candidates, by, given_s = typed(kept, (list, tuple))
    objects, size, deletes, usd = totals
    for number in (objects, size, deletes):
        check_count(number)
    check_text(mark)
    check_text(by)
    parsed = PlanTotals(objects, size, deletes, usd if usd is None else float(usd))
    return Approval(mark, parsed, deleting_of(candidates), by, float(given_s))
