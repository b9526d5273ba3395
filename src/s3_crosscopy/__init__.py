"""Copy S3 objects and prefixes server-side between AWS accounts.

Names are loaded when they are asked for: Airflow imports this package to read its provider info at every start.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from s3_crosscopy.model.version import VERSION

if TYPE_CHECKING:
    from s3_crosscopy.api import copy
    from s3_crosscopy.errors import (
        AccountingError,
        CopyFailed,
        CrossCopyError,
        EmptySource,
        Interrupted,
        InvalidInput,
        ListingBroken,
        PermanentFailure,
        RetryableFailure,
    )
    from s3_crosscopy.model.outcomes import Failure, Reason, Verified
    from s3_crosscopy.model.report import Report

__version__ = VERSION

__all__ = [
    "AccountingError",
    "CopyFailed",
    "CrossCopyError",
    "EmptySource",
    "Failure",
    "Interrupted",
    "InvalidInput",
    "ListingBroken",
    "PermanentFailure",
    "Reason",
    "Report",
    "RetryableFailure",
    "Verified",
    "copy",
]

_ELSEWHERE = {
    "copy": "s3_crosscopy.api",
    "Report": "s3_crosscopy.model.report",
    **dict.fromkeys(("Failure", "Reason", "Verified"), "s3_crosscopy.model.outcomes"),
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(_ELSEWHERE.get(name, "s3_crosscopy.errors")), name)
