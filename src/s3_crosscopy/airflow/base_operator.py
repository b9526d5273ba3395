"""Base class of the operators: connections, checkpoint, stop signal, and Airflow's own exceptions.

Knows the names of the arguments, and nothing of what a task does with them.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar

from s3_crosscopy.airflow.compat import AirflowException, AirflowFailException, BaseOperator, task_state_store
from s3_crosscopy.airflow.console_links import LINKS, links_of, push_links
from s3_crosscopy.airflow.lineage import Flow, Flows, LineageMixin
from s3_crosscopy.errors import AccountingError, CrossCopyError, EmptySource, InvalidInput, PermanentFailure
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.option_table import NAMES

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.airflow.compat import Context
    from s3_crosscopy.api import Persistence
    from s3_crosscopy.ports import EventSink

NO_RETRY = (InvalidInput, EmptySource, PermanentFailure, AccountingError)
"""Errors that a retry of the task cannot fix; every other error of this package is worth one."""

RETRIES_HINT = (
    "this task has retries=0, so a copy that fails for a transient reason is not retried;"
    " set retries=3, retry_exponential_backoff=True: a retry copies only what is missing"
)


@contextmanager
def airflows_own_errors() -> Iterator[None]:
    """Raise Airflow's exceptions in place of ours: AirflowFailException where a retry cannot help."""
    try:
        yield
    except NO_RETRY as error:
        raise AirflowFailException(str(error)) from error
    except CrossCopyError as error:
        raise AirflowException(str(error)) from error


class BaseCopyOperator(LineageMixin, BaseOperator):
    """A task that uses S3. Subclasses have the arguments, and do their work in `work`."""

    measured: ClassVar[bool] = True
    """True for a task that copies: its events become metrics."""
    traced: ClassVar[bool] = True
    """True for a task that stands for a whole copy: it has lineage and updates its outlets."""

    operator_extra_links = LINKS

    source: Any
    dest: Any
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
    console_links: Mapping[str, str] = {}
    """The links of this try to the S3 console, by XCom key; made when the task runs."""
    sink: EventSink

    # Airflow 3.3.2's `partial` takes the arguments' defaults from every class: one without its own `__init__` has
    # BaseOperator's, and None for `inlets` and `outlets`, which fails each mapped task before it begins.
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def execute(self, context: Context | None) -> Any:
        """Do the work, and return the XCom of the task. Raises Airflow's own exceptions only.

        `context=None`, as in a notebook or a test: nothing is stored for a retry.
        """
        from s3_crosscopy.airflow.task_end import end_is_stored
        from s3_crosscopy.airflow.task_events import describe_outlets, task_sink
        from s3_crosscopy.engine.interruptible import interruptible

        context = {} if context is None else context
        cancel = self._cancel = threading.Event()
        if self._killed:
            cancel.set()
        if not self.retries:
            self.log.warning(RETRIES_HINT)
        with end_is_stored(self, context), airflows_own_errors():
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
        """Stop the run within seconds; a retry resumes it.

        Airflow calls this on SIGTERM, which may arrive before `execute`, and after `execution_timeout`.
        """
        if self._cancel is not None:
            self._cancel.set()
        else:
            self._killed = True

    def work(self, context: Context, cancel: threading.Event) -> Any:
        """Do the work of the task and return its XCom. Setting `cancel` stops it."""
        raise NotImplementedError

    def flows_ahead(self) -> Sequence[Flow]:
        from s3_crosscopy.core.spec import resolve_spec

        spec = resolve_spec(self.source, self.dest, self.options())
        return [] if spec.options.dry_run else [Flow(spec.source_url, spec.dest_url)]

    def options(self) -> dict[str, object]:
        """The options of the copy by name, as the operator was given them."""
        return {name: getattr(self, name) for name in NAMES}

    def principals(self) -> tuple[S3Clients, S3Clients | None]:
        """The principal that signs the copies, and the one that reads the source; None if it is the same."""
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

    def link_to_console(self, context: Context, place: tuple[str, str], copier: S3Clients) -> None:
        """Show links to the source and the destination in Airflow's UI from now on. An error is only logged."""
        from s3_crosscopy.adapters.boto.partitions import partition_of_service

        try:
            partition = partition_of_service(copier.service, copier.session.region_name or "")
            self.console_links = links_of(*place, partition)
            push_links(context, self.console_links)
        except Exception as error:  # noqa: BLE001 - whatever Airflow raises: a link is not worth a copy
            self.log.warning(f"no links to the S3 console: {type(error).__name__}")

    def persistence(self, context: Context, copy: int = 1) -> Persistence:
        """The storage of this try's state. Uploads stay open for a retry only if there will be one.

        `copy`: number of the copy, from 1, in a task that makes several.
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
