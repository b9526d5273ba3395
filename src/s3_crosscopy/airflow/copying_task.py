"""The work of a task that makes one whole copy: one call of `run_copy`."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from s3_crosscopy.airflow.base_operator import BaseCopyOperator
from s3_crosscopy.airflow.compat import AirflowSkipException

if TYPE_CHECKING:
    from s3_crosscopy.airflow.compat import Context


class CopyingTask(BaseCopyOperator):
    """A task that copies from `source` to `dest`. Subclasses have the arguments."""

    preflight: Any
    if_empty: Any

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
        report = run_copy(RunRequest(spec, copier, reader, self.sink, cancel, persistence, self.preflight))
        if report.empty and self.if_empty == "skip":
            raise AirflowSkipException(why_empty(report, spec.options))
        return report.as_dict()
