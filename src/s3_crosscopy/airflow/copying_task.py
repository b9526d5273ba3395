"""The work of a task that makes one whole copy: one call of `run_copy`, after an approval if one is needed."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING, Any

from s3_crosscopy.airflow import human_input
from s3_crosscopy.airflow.approval_store import ApprovalStore
from s3_crosscopy.airflow.base_operator import BaseCopyOperator, airflows_own_errors
from s3_crosscopy.airflow.compat import AirflowFailException, AirflowSkipException, task_state_store
from s3_crosscopy.airflow.run_context import run_of
from s3_crosscopy.airflow.task_end import end_is_stored
from s3_crosscopy.core.approval.answer import read_answer
from s3_crosscopy.core.approval.rule import parse_rule
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.approval import Approval, approval_of, approval_to_json

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.airflow.compat import Context
    from s3_crosscopy.api import RunRequest
    from s3_crosscopy.api.approving import Question
    from s3_crosscopy.api.since_store import SinceStore
    from s3_crosscopy.core.approval.rule import ApprovalRule
    from s3_crosscopy.core.spec import CopySpec
    from s3_crosscopy.model.report import Report


class CopyingTask(BaseCopyOperator):
    """A task that copies from `source` to `dest`. Subclasses have the arguments."""

    preflight: Any
    if_empty: Any
    approve: Any = None
    approve_timeout: Any
    state: str | None

    _question: Question | None = None
    _approval: Approval | None = None

    # As in the base class.
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def execute(self, context: Context | None) -> Any:
        """Copy, and return the XCom of the task; or end until a person has approved the plan."""
        xcom = super().execute(context)
        if self._question is not None:
            context = {} if context is None else context
            with end_is_stored(self, context):
                self._wait_for_answer(context, self._question)
        return xcom

    def execute_complete(self, context: Context, event: dict[str, Any], plan: dict[str, Any]) -> Any:
        """Copy what was approved. Raises AirflowFailException, which ends all tries, if it was not.

        If the plan has changed, or the approval is of an earlier one, people are asked again.
        """
        answer = read_answer(event, plan["code"], is_shown=plan["is_shown"])
        if answer.again:
            self.log.warning(f"approve: {answer.why}; the question is asked again")
        elif answer.why:
            with end_is_stored(self, context):
                raise AirflowFailException(f"approve: {answer.why}; nothing was copied or deleted")
        else:
            self._approval = approval_of(plan["approval"])._replace(by=answer.by, given_s=time.time())
            self.log.info(f"the plan {plan['code']} was approved{f' by {answer.by}' if answer.by else ''}")
            self._approvals(context).save(self._approval)
        return self.execute(context)

    def work(self, context: Context, cancel: threading.Event) -> dict[str, object] | None:
        """Copy, and return the summary. Raises AirflowSkipException for an empty source with `if_empty="skip"`.

        Returns None, with the question, if an approval is needed.
        """
        from s3_crosscopy.api import RunRequest, resolve_spec, run_copy
        from s3_crosscopy.core.empty_source import why_empty

        spec = resolve_spec(self.source, self.dest, self.options())
        rule = parse_rule("approve", self.approve)
        copier, reader = self.principals()
        self.link_to_console(context, (spec.source_url, spec.dest_url), copier)
        persistence = self.persistence(context)
        request = RunRequest(spec, copier, reader, self.sink, cancel, persistence, self.preflight)
        request = request._replace(state=self.since_state(context, spec, copier), run=run_of(context))
        asks = rule is not None and not spec.options.dry_run
        report = self._copy_if_approved(context, request, rule) if rule and asks else run_copy(request)
        if report is None:
            return None
        if report.empty and self.if_empty == "skip":
            raise AirflowSkipException(why_empty(report, spec.options))
        return report.as_dict()

    def _copy_if_approved(self, context: Context, request: RunRequest, rule: ApprovalRule) -> Report | None:
        from s3_crosscopy.airflow.log_sink import task_log_sink
        from s3_crosscopy.api.approving import Question, copy_or_question

        human_input.check_available()
        approvals = self._approvals(context)
        approval = self._approval or approvals.load()
        step = copy_or_question(request, rule, approval, task_log_sink(self.log))
        if isinstance(step, Question):
            self._question = step
            return None
        if approval is not None:
            # A task that is cleared after its success is another copy.
            approvals.drop()
        return step

    def _wait_for_answer(self, context: Context, question: Question) -> None:
        """Ask, and end this run of the task."""
        with airflows_own_errors():
            timeout_s = parse.count(1)("approve_timeout", self.approve_timeout)
            is_shown = human_input.ask(context, question)
        self.log.info(f"waiting for an approval of the plan {question.code}: {question.why}\n{question.text}")
        if not is_shown:
            self.log.warning(
                "approve: people see the plan of an earlier question of this task; to approve the plan above they have"
                f" to enter its code, {question.code}"
            )
        plan = {"code": question.code, "is_shown": is_shown, "approval": approval_to_json(question.approval)}
        human_input.park(self, context, question, timeout_s, {"plan": plan})

    def _approvals(self, context: Context) -> ApprovalStore:
        store = task_state_store(context) if parse.flag("durable", self.durable) else None
        return ApprovalStore(store)

    def since_state(self, context: Context, spec: CopySpec, copier: S3Clients) -> SinceStore | None:
        """The store of the option `since`: the argument `state`, or else the asset state store of Airflow 3.3."""
        from s3_crosscopy.airflow.asset_since_store import since_store
        from s3_crosscopy.api.since_states import open_state

        if spec.options.since is not None and self.state is None:
            return since_store(context, spec, self.outlets, self.inlets)
        return open_state(self.state, spec, copier)
