"""Runs the pages' tasks as Airflow has them, in a process of its own: importing Airflow makes a home, and warns.

Reads what to do as JSON from its first argument, writes what became of it to the second. Fragments, which are no whole
DAG, stand in one of their own.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

FRAGMENT = """\
{imports}
from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import DAG

with DAG("fragment_{number}", schedule=None):
    use_the_copy = EmptyOperator(task_id="use_the_copy")
{body}
"""


def main(asked: dict[str, Any]) -> dict[str, Any]:
    folder = Path(os.environ["AIRFLOW_HOME"]) / "dags"
    folder.mkdir()
    for number, code in enumerate(asked["codes"]):
        (folder / f"block_{number:03}.py").write_text(whole(code, number), encoding="utf-8")
    files = [*sorted(folder.iterdir()), *map(Path, asked["files"])]
    return {
        "tasks": {path.name: run_all(path) for path in files},
        "connections": [connect(one) for one in asked["connections"]],
        "metrics": metrics(),
    }


def whole(code: str, number: int) -> str:
    """A DAG file: a fragment's imports, and the rest of it within a DAG."""
    if "DAG(" in code:
        return code
    lines = code.splitlines()
    imports = "\n".join(line for line in lines if line.startswith(("from ", "import ")))
    body = "\n".join(f"    {line}" for line in lines if not line.startswith(("from ", "import ")))
    return FRAGMENT.format(imports=imports, body=body, number=number)


def run_all(path: Path) -> dict[str, Any]:
    """What every task of ours in a file returned; those of a group are only made, as their run needs a scheduler."""
    from airflow.dag_processing.dagbag import DagBag

    from s3_crosscopy.airflow import S3CrossAccountCopyOperator

    bag = DagBag(path)
    assert not bag.import_errors, bag.import_errors
    ours = [
        task
        for dag in bag.dags.values()
        for task in dag.tasks
        if isinstance(getattr(task, "operator_class", type(task)), type)
        and issubclass(getattr(task, "operator_class", type(task)), S3CrossAccountCopyOperator)
    ]
    return {task.task_id: run(task) if type(task) is S3CrossAccountCopyOperator else "made" for task in ours}


class AssetState:
    """The state of one asset, as Airflow's store has it during a task."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self._values.get(key)

    def set(self, key: str, value: Any) -> None:
        self._values[key] = value


def run(task: Any) -> Any:
    import pendulum

    empty()
    end = pendulum.datetime(2026, 11, 24, tz="UTC")
    context = {
        "ds": "2026-11-23",
        "data_interval_start": end.subtract(days=1),
        "data_interval_end": end,
        "run_id": "scheduled__2026-11-24",
        "params": task.dag.params.dump(),
        "macros": SimpleNamespace(timedelta=timedelta),
        "ti": SimpleNamespace(try_number=1, max_tries=3, task_id=task.task_id, dag_id=task.dag_id),
        "outlet_events": defaultdict(SimpleNamespace),
        "asset_state_store": defaultdict(AssetState),
    }
    task.render_template_fields(context)
    return task.execute(context)


def empty() -> None:
    import boto3

    s3 = boto3.Session(profile_name="analytics").client("s3")
    for row in s3.list_objects_v2(Bucket="analytics-landing").get("Contents", ()):
        s3.delete_object(Bucket="analytics-landing", Key=row["Key"])


def connect(value: str) -> str | None:
    """The role of a connection, as our code understands it and STS lets it be assumed."""
    from s3_crosscopy.airflow.connections import access_for

    os.environ["AIRFLOW_CONN_OF_A_PAGE"] = value
    return access_for("of_a_page", "aws_conn_id", region_name=None, verify=None, botocore_config=None).role_arn


def metrics() -> str:
    from docs.writers.metrics import metrics_page

    return metrics_page()


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    Path(sys.argv[2]).write_text(json.dumps(main(asked)), encoding="utf-8")
