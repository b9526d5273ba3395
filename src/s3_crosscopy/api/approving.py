"""Plans a copy, and makes it if its rule or an approval lets it pass; else returns the question for a person."""

from __future__ import annotations

import dataclasses
import hashlib
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from s3_crosscopy.api.call_arguments import request_of
from s3_crosscopy.api.copying import run_copy
from s3_crosscopy.api.run_request import RunRequest
from s3_crosscopy.core.approval.coverage import is_current, reason_beyond
from s3_crosscopy.core.approval.plan_markdown import plan_markdown
from s3_crosscopy.core.approval.rule import ApprovalRule, parse_rule, reason_to_ask
from s3_crosscopy.core.state.resume import fingerprint
from s3_crosscopy.engine.interruptible import interruptible
from s3_crosscopy.errors import InvalidInput, PermanentFailure
from s3_crosscopy.model.approval import NO_DELETES, Approval, PlanTotals
from s3_crosscopy.model.option_table import NAMES
from s3_crosscopy.model.plan import about
from s3_crosscopy.model.report import Report

if TYPE_CHECKING:
    from s3_crosscopy.ports import EventSink

CODE_DIGITS = 8


class Question(NamedTuple):
    """A plan that needs an approval. `plan`: the report of its dry run. `approval`: the one to be given.

    `code` distinguishes the plan from others, for people. `text` is the whole plan as Markdown.
    """

    why: str
    plan: Report
    approval: Approval
    code: str
    text: str


def copy_or_question(
    request: RunRequest, rule: ApprovalRule, approval: Approval | None, plan_sink: EventSink | None = None
) -> Report | Question:
    """Copy, if the plan of now passes the rule or is covered by the approval; else return the question.

    Deletes only what the plan of now has. `plan_sink`: gets the events of the plan. Raises what `copy` does.
    """
    mark = _mark(request)
    current = approval if approval is not None and is_current(approval, mark, time.time()) else None
    plan = plan_copy(request._replace(sink=plan_sink or request.sink), current)
    totals = totals_of(plan)
    why = reason_to_ask(totals, rule)
    if why and current is not None:
        why = reason_beyond(current.totals, totals, plan.planned_deletes.unapproved if plan.planned_deletes else 0)
    candidates = plan.planned_deletes.judged if plan.planned_deletes is not None else NO_DELETES
    if why:
        return _question(why, plan, Approval(mark, totals, candidates))
    deletes = request.spec.options.extraneous == "delete"
    return run_copy(request._replace(approved=candidates if deletes else None))


def plan_copy(request: RunRequest, approval: Approval | None = None) -> Report:
    """Return the report of a dry run. Writes no report, but the keys that would be deleted, beside it."""
    spec = request.spec
    options = dataclasses.replace(spec.options, dry_run=True)
    approved = approval.candidates if approval is not None else None
    return run_copy(request._replace(spec=spec._replace(options=options), approved=approved, planning=True))


def totals_of(plan: Report) -> PlanTotals:
    """Return the totals of a plan."""
    cost = plan.plan.cost if plan.plan is not None else None
    usd = about(cost.amount) if cost is not None and cost.currency == "USD" else None
    deletes = plan.planned_deletes.keys if plan.planned_deletes is not None else 0
    return PlanTotals(plan.counts["would_copy"], plan.counts["bytes"], deletes, usd)


def copy_approved(
    source: str,
    dest: str,
    *,
    approve: object,
    ask: Callable[[Question], bool],
    cancel: threading.Event | None = None,
    **arguments: Any,
) -> Report:
    """Copy as `copy()` does, after `ask` has approved the plan, if the rule `approve` wants that.

    Raises PermanentFailure if it has not, and what `copy()` does.
    """
    rule = parse_rule("approve", approve)
    options = {name: arguments.pop(name) for name in NAMES if name in arguments}
    request = request_of(source, dest, options, **arguments)
    if rule is None or request.spec.options.dry_run:
        raise InvalidInput("approve: a dry run copies nothing; leave out one of them")
    return interruptible(lambda stop: _ask_and_copy(request._replace(cancel=stop), rule, ask), cancel)


def _ask_and_copy(request: RunRequest, rule: ApprovalRule, ask: Callable[[Question], bool]) -> Report:
    step = copy_or_question(request, rule, None)
    while isinstance(step, Question):
        if not ask(step):
            raise PermanentFailure("approve: the plan was not approved; nothing was copied or deleted", None)
        step = copy_or_question(request, rule, step.approval._replace(given_s=time.time()))
    return step


def _mark(request: RunRequest) -> str:
    return fingerprint(request.spec, "", request.servers, request.scope.ranges, request.scope.role)


def _question(why: str, plan: Report, approval: Approval) -> Question:
    candidates = approval.candidates
    files = candidates.mark if candidates is not None and candidates.keys else ""
    code = plan_code(approval, files)
    return Question(why, plan, approval, code, plan_markdown(plan, approval.totals, why, code))


def plan_code(approval: Approval, files: str) -> str:
    """Return the code of a plan: equal only for equal totals, and for the same files of candidates."""
    return hashlib.sha256(repr((approval.mark, approval.totals, files)).encode()).hexdigest()[:CODE_DIGITS]
