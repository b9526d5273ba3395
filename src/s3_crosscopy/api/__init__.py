"""The functions behind operator, CLI and library: they build the adapters, run the engine and judge the report."""

from s3_crosscopy.api.aborting import Aborted, abort_uploads
from s3_crosscopy.api.copying import copy, run_copy
from s3_crosscopy.api.doctor import examine
from s3_crosscopy.api.kept import NOT_KEPT, Kept
from s3_crosscopy.api.screen import screen
from s3_crosscopy.api.verdict import summary_line
from s3_crosscopy.plan.resolve import resolve_spec

__all__ = [
    "NOT_KEPT",
    "Aborted",
    "Kept",
    "abort_uploads",
    "copy",
    "examine",
    "resolve_spec",
    "run_copy",
    "screen",
    "summary_line",
]
