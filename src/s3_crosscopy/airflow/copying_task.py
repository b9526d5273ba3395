"""The work of a task that makes one whole copy: one call of `run_copy`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from s3_crosscopy.airflow.base_operator import BaseCopyOperator
from s3_crosscopy.airflow.compat import AirflowSkipException

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.airflow.compat import Context
    from s3_crosscopy.api.since_store import SinceStore
    from s3_crosscopy.core.spec import CopySpec


class CopyingTask(BaseCopyOperator):
    """A task that copies from `source` to `dest`. Subclasses have the arguments."""

    preflight: Any
    if_empty: Any
    state: str | None

    # As in the base class.
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    def work(self, context: Context, cancel: threading.Event) -> dict[str, object]:
        """Copy, and return the summary. Raises AirflowSkipException for an empty source with `if_empty="skip"`."""
        from s3_crosscopy.api import RunRequest, resolve_spec, run_copy
        from s3_crosscopy.core.empty_source import why_empty

        spec = resolve_spec(self.source, self.dest, self.options())
        copier, reader = self.principals()
        persistence = self.persistence(context)
        request = RunRequest(spec, copier, reader, self.sink, cancel, persistence, self.preflight)
        report = run_copy(request._replace(state=self.since_state(context, spec, copier)))
        if report.empty and self.if_empty == "skip":
            raise AirflowSkipException(why_empty(report, spec.options))
        return report.as_dict()

    def since_state(self, context: Context, spec: CopySpec, copier: S3Clients) -> SinceStore | None:
        """The store of the option `since`: the argument `state`, or else the asset state store of Airflow 3.3."""
        from s3_crosscopy.airflow.asset_since_store import since_store
        from s3_crosscopy.api.since_states import open_state

        if spec.options.since is not None and self.state is None:
            return since_store(context, spec, self.outlets, self.inlets)
        return open_state(self.state, spec, copier)
