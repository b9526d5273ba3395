"""What the tasks have in common that copy: connections, checkpoint, stop signal, and Airflow's own exceptions.

Knows the arguments' names, and nothing of what a task does with them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from s3_crosscopy.airflow.compat import AirflowException, AirflowFailException, BaseOperator, task_state_store
from s3_crosscopy.airflow.lineage import Flows, LineageMixin
from s3_crosscopy.errors import AccountingError, CrossCopyError, EmptySource, InvalidInput, PermanentFailure
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.options import NAMES

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.airflow.compat import Context
    from s3_crosscopy.api import Persistence
    from s3_crosscopy.ports import EventSink

NO_RETRY = (InvalidInput, EmptySource, PermanentFailure, AccountingError)
"""What another try of the task cannot mend; everything else that we raise is worth one."""

RETRIES_HINT = (
    "this task has retries=0, so a copy that fails in passing is not tried again;"
    " set retries=3, retry_exponential_backoff=True: a retry copies only what is missing"
)


@contextmanager
def airflows_own_errors() -> Iterator[None]:
    """Airflow's exceptions in place of ours, so that it retries what is worth it."""
    try:
        yield
    except NO_RETRY as error:
        raise AirflowFailException(str(error)) from error
    except CrossCopyError as error:
        raise AirflowException(str(error)) from error


class BaseCopyOperator(LineageMixin, BaseOperator):
    """One task that asks S3. What it does is `work`; the arguments are its subclass's."""

    measured: ClassVar[bool] = True
    """Whether its events are metrics: it copies."""
    traced: ClassVar[bool] = True
    """Whether lineage and outlets tell of it: it answers for a whole copy, not for a part of one."""

    aws_conn_id: str | None
    source_aws_conn_id: str | None
    durable: bool | str
    resume: bool | str
    progress_to_store: bool | str
    report: str | None
    region_name: str | None
    verify: bool | str | None
    botocore_config: Mapping[str, Any] | None

    # Made by `execute`: an operator is deep-copied and pickled, an event cannot be.
    _cancel: threading.Event | None = None
    _killed = False
    sink: EventSink

    # Airflow 3.3.2's `partial` takes the arguments' defaults from every class: one without its own `__init__` has
    # BaseOperator's, and None for `inlets` and `outlets`, which fails each mapped task before it begins.
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def execute(self, context: Context | None) -> Any:
        """Do the work, and return what goes into XCom. Raises Airflow's own exceptions only.

        Without a context, as in a notebook or a test, nothing is kept for a next try.
        """
        from s3_crosscopy.airflow.task_events import describe_outlets, task_sink
        from s3_crosscopy.engine.interruptible import interruptible

        context = {} if context is None else context
        cancel = self._cancel = threading.Event()
        if self._killed:
            cancel.set()
        if not self.retries:
            self.log.warning(RETRIES_HINT)
        with airflows_own_errors():
            with task_sink(self.log, context, self._collected_flows()) as self.sink:
                xcom = interruptible(lambda stop: self.work(context, stop), cancel)
            if not self.traced or parse.flag("dry_run", self.dry_run):
                # Airflow makes an event for each outlet of a task that succeeds: this one updated nothing.
                self.outlets = []
            describe_outlets(context, self.outlets, self.flows, self.report)
        return xcom

    def _collected_flows(self) -> Flows | None:
        """The collector of lineage for a task that copies, None for any other. `flows` shows what it collects."""
        if not self.measured:
            return None
        flows = Flows()
        if self.traced:
            self.flows = flows.flows
        return flows

    def on_kill(self) -> None:
        """Tell the run to stop; it does within seconds, and a retry goes on with what is left.

        Airflow calls it on SIGTERM, which may come before `execute`, and after `execution_timeout`.
        """
        if self._cancel is not None:
            self._cancel.set()
        else:
            self._killed = True

    def work(self, context: Context, cancel: threading.Event) -> Any:
        """The work of the task; setting `cancel` stops it."""
        raise NotImplementedError

    def options(self) -> dict[str, object]:
        """The options of the copy, as they were given."""
        return {name: getattr(self, name) for name in NAMES}

    def principals(self) -> tuple[S3Clients, S3Clients | None]:
        """Who signs the copies, and who else reads the source."""
        from s3_crosscopy.airflow.connections import access_for

        common: dict[str, Any] = {
            "region_name": self.region_name,
            "verify": self.verify,
            "botocore_config": self.botocore_config,
        }
        copier = access_for(self.aws_conn_id, "aws_conn_id", **common)
        if self.source_aws_conn_id is None:
            return copier, None
        return copier, access_for(self.source_aws_conn_id, "source_aws_conn_id", **common)

    def persistence(self, context: Context, copy: int = 1) -> Persistence:
        """Where this try keeps what is left; uploads are left to a next try only if there will be one.

        `copy`: the number of the copy, in a task that makes several.
        """
        from s3_crosscopy.airflow.checkpoint_store import KEY, TaskStateCheckpoint
        from s3_crosscopy.api import NO_PERSISTENCE, Persistence

        store = task_state_store(context) if parse.flag("durable", self.durable) else None
        if store is None:
            return NO_PERSISTENCE
        ti = context.get("ti")
        tries_left = (getattr(ti, "max_tries", None) or self.retries or 0) >= (getattr(ti, "try_number", None) or 1)
        key = KEY if copy == 1 else f"{KEY}_{copy}"
        about = {name: getattr(self, name, None) for name in ("source", "dest", "report")}
        keep_progress = parse.flag("progress_to_store", self.progress_to_store)
        checkpoint = TaskStateCheckpoint(store, keep_progress, key=key, about=about)
        return Persistence(checkpoint, keep_uploads=tries_left, resume=parse.flag("resume", self.resume))
