"""The functions behind operator, CLI and library: they build the adapters, run the engine and raise for the report."""

from s3_crosscopy.access.doctor import examine
from s3_crosscopy.access.examination_text import examination_text
from s3_crosscopy.api.aborting import Aborted, abort_uploads
from s3_crosscopy.api.copying import copy, run_copy
from s3_crosscopy.api.result_errors import summary_line
from s3_crosscopy.api.resuming import NO_PERSISTENCE, Persistence
from s3_crosscopy.api.run_request import RunRequest, RunScope
from s3_crosscopy.core.spec import resolve_spec

screen = examination_text
"""The name of `examination_text` until 1.0."""

__all__ = [
    "NO_PERSISTENCE",
    "Aborted",
    "Persistence",
    "RunRequest",
    "RunScope",
    "abort_uploads",
    "copy",
    "examination_text",
    "examine",
    "resolve_spec",
    "run_copy",
    "screen",
    "summary_line",
]
