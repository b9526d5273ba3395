"""The Airflow skin: translates connections, context, logs and errors; decides nothing.

`S3CrossAccountCopyOperator` is loaded when it is asked for: Airflow reads this package's `provider_info` while it is
imported itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from s3_crosscopy.airflow.operator import S3CrossAccountCopyOperator

__all__ = ["S3CrossAccountCopyOperator"]


def __getattr__(name: str) -> object:
    if name == "S3CrossAccountCopyOperator":
        from s3_crosscopy.airflow.operator import S3CrossAccountCopyOperator

        return S3CrossAccountCopyOperator
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
