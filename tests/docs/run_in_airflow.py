"""Runs the pages' tasks as Airflow has them, in a process of its own: importing Airflow makes a home, and warns.

Reads what to do as JSON from its first argument, writes what became of it to the second. Fragments, which are no whole
DAG, stand in one of their own.
"""

from __future__ import annotations

import json
import os
import sys
from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from tests.airflow.versions import STORES_TASK_STATE, cannot_make, dag_bag

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
    left = {path.name: why for path in files if (why := cannot_make(path.read_text(encoding="utf-8")))}
    return {
        "left": left,
        "tasks": {path.name: run_all(path) for path in files if path.name not in left},
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
    """What every task of a file returned, in order; those of a group are only made: they need a scheduler to run."""
    from s3_crosscopy.airflow import S3CrossAccountCopyOperator

    bag = dag_bag(path)
    assert not bag.import_errors, bag.import_errors
    ran = Ran()
    # A DAG that is scheduled on an asset comes after the one that updates it in the alphabet, too.
    dags = [dag for name, dag in sorted(bag.dags.items()) if name not in LEFT]
    tasks = [task for dag in dags for task in dag.topological_sort()]
    for task in tasks:
        made_by = getattr(task, "operator_class", type(task))
        ours = isinstance(made_by, type) and issubclass(made_by, S3CrossAccountCopyOperator)
        if ours and type(task) is not S3CrossAccountCopyOperator:
            ran.outcomes[task.task_id] = {"kind": "made"}
        elif ours:
            ran.outcomes[task.task_id] = run_ours(task, ran)
        elif type(task).__name__ in OTHERS:
            ran.outcomes[task.task_id] = {"kind": "other", "returned": run(task, ran), "dest": etags()}
    return ran.outcomes


def run_ours(task: Any, ran: Ran) -> dict[str, Any]:
    """What a copy returned; its error if it needs what this Airflow has not."""
    from s3_crosscopy.airflow.compat import AirflowFailException

    try:
        return {"kind": "ours", "returned": run(task, ran), "dest": etags()}
    except AirflowFailException as error:
        if STORES_TASK_STATE:
            raise
        return {"kind": "refused", "returned": str(error)}


OTHERS = ("_PythonDecoratedOperator", "S3CopyPrefixOperator")
"""The classes of other tasks that run here."""
LEFT = ("copy_between_two_accounts",)
"""DAGs whose other tasks look at what only `make demo` has."""


class Ran:
    """What the tasks of a file left for those after them."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Any] = {}
        self.asset_events = ByAsset(SimpleNamespace)

    def pull(self, *, task_ids: str, **_: Any) -> Any:
        return self.outcomes[task_ids]["returned"]


class ByAsset:
    """Values of assets, by their names: before 3.2 an asset itself is no key."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._values = defaultdict[str, Any](make)

    def __getitem__(self, asset: Any) -> Any:
        return self._values[asset.name]


class Triggering:
    """The events that triggered a run: of each asset the last one."""

    def __init__(self, events: ByAsset) -> None:
        self._events = events

    def __getitem__(self, asset: Any) -> list[Any]:
        return [self._events[asset]]


class AssetState:
    """The state of one asset, as Airflow's store has it during a task."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        return self._values.get(key)

    def set(self, key: str, value: Any) -> None:
        self._values[key] = value


def run(task: Any, ran: Ran) -> Any:
    import pendulum

    if not task.upstream_task_ids:
        empty()
    end = pendulum.datetime(2026, 11, 24, tz="UTC")
    context = {
        "ds": "2026-11-23",
        "data_interval_start": end.subtract(days=1),
        "data_interval_end": end,
        "run_id": "scheduled__2026-11-24",
        "params": task.dag.params.dump(),
        "macros": SimpleNamespace(timedelta=timedelta),
        "ti": SimpleNamespace(try_number=1, max_tries=3, task_id=task.task_id, dag_id=task.dag_id, xcom_pull=ran.pull),
        "outlet_events": ran.asset_events,
        "triggering_asset_events": Triggering(ran.asset_events),
        **({"asset_state_store": ByAsset(AssetState)} if STORES_TASK_STATE else {}),
    }
    task.render_template_fields(context)
    return task.execute(context)


def empty() -> None:
    import boto3

    s3 = boto3.Session(profile_name="analytics").client("s3")
    for row in s3.list_objects_v2(Bucket="analytics-landing").get("Contents", ()):
        s3.delete_object(Bucket="analytics-landing", Key=row["Key"])


def etags() -> dict[str, str]:
    """The keys and ETags at the destination."""
    import boto3

    s3 = boto3.Session(profile_name="analytics").client("s3")
    return {row["Key"]: row["ETag"] for row in s3.list_objects_v2(Bucket="analytics-landing").get("Contents", ())}


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
