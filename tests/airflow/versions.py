"""What the installed Airflow can: `make test-airflow` runs these tests on 3.0, 3.1, 3.2 and 3.3."""

from __future__ import annotations

from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

AIRFLOW = tuple(int(number) for number in version("apache-airflow-core").split(".")[:2])

DAGS_TEST_IS_TRUE = AIRFLOW >= (3, 1)
"""3.0's `airflow dags test` runs tasks another way than its workers do, and cannot read a mapped task's results."""

OTEL_TIMING = "timing" if AIRFLOW >= (3, 3) else "gauge"
"""Before 3.3 Airflow sends timings to OpenTelemetry as gauges (`SafeOtelLogger.timing`)."""

STORES_TASK_STATE = AIRFLOW >= (3, 3)
ASKS_PEOPLE = AIRFLOW >= (3, 1)
NEEDS_TRIGGERER = AIRFLOW < (3, 3)
"""Before 3.3 a task that waits for a person is deferred, and a triggerer looks for the answer."""

WAITING_FOR_A_PERSON = "deferred" if NEEDS_TRIGGERER else "awaiting_input"
"""The state of its task instance."""

needs_true_dags_test = pytest.mark.skipif(not DAGS_TEST_IS_TRUE, reason="3.0's `dags test` is not what workers do")
needs_structured_logs = pytest.mark.skipif(
    AIRFLOW < (3, 1), reason="3.0 gives operators standard loggers: the fields are in the text (test_sink)"
)
needs_asset_state_store = pytest.mark.skipif(AIRFLOW < (3, 3), reason="the asset state store came with 3.3")
needs_task_state_store = pytest.mark.skipif(not STORES_TASK_STATE, reason="the task state store came with 3.3")
needs_tab = pytest.mark.skipif(AIRFLOW < (3, 1), reason="3.0 has no tabs of plugins")


def dag_bag(files: Path) -> Any:
    """The DAGs of a file or a folder; Airflow 3.2 has moved the class."""
    module = import_module("airflow.dag_processing.dagbag" if AIRFLOW >= (3, 2) else "airflow.models.dagbag")
    return module.DagBag(str(files))


def cannot_make(code: str) -> str:
    """The reason why this Airflow cannot make the DAG of a page; "" if it can. Imports Airflow."""
    from airflow.providers.amazon.aws.operators import s3

    if "approve=" in code and not ASKS_PEOPLE:
        return "Airflow asks people since 3.1"
    if "S3CopyPrefixOperator" in code and not hasattr(s3, "S3CopyPrefixOperator"):
        return "this release of the amazon provider has no S3CopyPrefixOperator"
    return ""
