"""The functions behind operator, CLI and library: they build the adapters, run the engine and judge the report."""

from s3_crosscopy.api.aborting import Aborted, abort_uploads
from s3_crosscopy.api.copying import NOT_KEPT, Kept, copy, resolve_spec, run_copy
from s3_crosscopy.api.verdict import summary_line

__all__ = ["NOT_KEPT", "Aborted", "Kept", "abort_uploads", "copy", "resolve_spec", "run_copy", "summary_line"]
