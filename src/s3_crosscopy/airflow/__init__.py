"""The Airflow integration: translates connections, context, logs and errors; decides nothing.

Operator and task group are imported on first use: Airflow reads this package's `provider_info` while it is being
imported itself.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s3_crosscopy.airflow.operator import S3CrossAccountCopyOperator
    from s3_crosscopy.airflow.task_group import S3CrossAccountCopyTaskGroup

__all__ = ["S3CrossAccountCopyOperator", "S3CrossAccountCopyTaskGroup"]

_MODULES = {"S3CrossAccountCopyOperator": "operator", "S3CrossAccountCopyTaskGroup": "task_group"}


def __getattr__(name: str) -> object:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_MODULES[name]}"), name)
