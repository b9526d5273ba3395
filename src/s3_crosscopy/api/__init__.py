"""The functions behind operator, CLI and library: they build the adapters, run the engine and raise for the report.

Names are loaded when they are asked for: a copy needs neither the doctor nor what reads reports.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s3_crosscopy.access.doctor import examine
    from s3_crosscopy.access.examination_text import examination_text
    from s3_crosscopy.access.examination_text import examination_text as screen
    from s3_crosscopy.api.aborting import Aborted, abort_uploads
    from s3_crosscopy.api.copying import copy, run_copy
    from s3_crosscopy.api.result_errors import summary_line
    from s3_crosscopy.api.resuming import NO_PERSISTENCE, Persistence
    from s3_crosscopy.api.run_request import RunRequest, RunScope
    from s3_crosscopy.api.undeleting import Undeleted, undelete
    from s3_crosscopy.core.spec import resolve_spec

__all__ = [
    "NO_PERSISTENCE",
    "Aborted",
    "Persistence",
    "RunRequest",
    "RunScope",
    "Undeleted",
    "abort_uploads",
    "copy",
    "examination_text",
    "examine",
    "resolve_spec",
    "run_copy",
    "screen",
    "summary_line",
    "undelete",
]

_MODULES = {
    "s3_crosscopy.access.doctor": ("examine",),
    "s3_crosscopy.access.examination_text": ("examination_text",),
    "s3_crosscopy.api.aborting": ("Aborted", "abort_uploads"),
    "s3_crosscopy.api.copying": ("copy", "run_copy"),
    "s3_crosscopy.api.result_errors": ("summary_line",),
    "s3_crosscopy.api.resuming": ("NO_PERSISTENCE", "Persistence"),
    "s3_crosscopy.api.run_request": ("RunRequest", "RunScope"),
    "s3_crosscopy.api.undeleting": ("Undeleted", "undelete"),
    "s3_crosscopy.core.spec": ("resolve_spec",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}
_FORMER_NAMES = {"screen": "examination_text"}
"""Names until 1.0."""


def __getattr__(name: str) -> object:
    current = _FORMER_NAMES.get(name, name)
    if current not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_MODULE_OF[current]), current)
