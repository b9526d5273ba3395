"""The tasks of a task group run one after the other in this process, as Airflow would without its database."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from airflow.sdk import DAG

from s3_crosscopy.airflow import S3CrossAccountCopyTaskGroup
from s3_crosscopy.airflow.compat import AirflowException
from tests.airflow.fake_state_store import FakeStore


def group(**arguments: Any) -> Any:
    """A group in a DAG of its own."""
    given = {"group_id": "copy", "source": "s3://src/p/", "dest": "s3://dst/q/", "aws_conn_id": "aws_x"}
    if "pairs" in arguments:
        given = {name: value for name, value in given.items() if name not in ("source", "dest")}
    with DAG(dag_id="d", schedule=None):
        return S3CrossAccountCopyTaskGroup(**{**given, **arguments})


class Run:
    """One run of a group. Each task gets what the others returned, as JSON; a task that raised returned nothing.

    `cuts` are source keys at which the one shard that was planned is cut in pieces.
    """

    def __init__(self, made: Any, cuts: Sequence[str] = ()) -> None:
        self.made = made
        self.cuts = cuts
        self.shards: Any = None
        self.results: dict[int, Any] = {}
        self.published: Any = None
        self.errors: dict[int, Exception] = {}
        self.stores: dict[str, FakeStore] = {}

    def plan(self) -> list[Any]:
        shards: list[Any] = self._execute(self.made["plan"], "plan")
        if self.cuts:
            (one,) = shards
            ranges = pairwise(["", *self.cuts, None])
            of = len(self.cuts) + 1
            shards = [{**one, "number": n, "of": of, "range": list(each)} for n, each in enumerate(ranges, start=1)]
        self.shards = shards
        return shards

    def shard(self, number: int) -> Any:
        """One mapped task, from 0; its exception is kept."""
        self.results.pop(number, None)
        self.errors.pop(number, None)
        task = self.made["copy"].unmap({"shard": self.shards[number]})
        try:
            self.results[number] = self._execute(task, f"copy-{number}")
        except AirflowException as error:
            self.errors[number] = error
        return self.results.get(number)

    def copy(self) -> list[Any]:
        """All mapped tasks; the results of those that have one."""
        return [result for number in range(len(self.shards)) if (result := self.shard(number)) is not None]

    def publish(self) -> Any:
        self.published = None
        task = self.made["publish"].prepare_for_execution()
        task.shards, task.results = self.shards, self._in_order()
        self.published = self._execute(task, "publish")
        return self.published

    def summary(self) -> Any:
        task = self.made["summary"].prepare_for_execution()
        task.shards, task.results, task.published = self.shards, self._in_order(), self.published
        return self._execute(task, "summary")

    def whole(self) -> Any:
        """All of it, by the trigger rules; the summary."""
        self.plan()
        if len(self.copy()) == len(self.shards) and "copy.publish" in self.made.children:
            self.publish()
        return self.summary()

    def _in_order(self) -> list[Any]:
        return [self.results[number] for number in sorted(self.results)]

    def _execute(self, task: Any, name: str) -> Any:
        store = self.stores.setdefault(name, FakeStore())
        return json.loads(json.dumps(task.execute({"task_state_store": store})))
