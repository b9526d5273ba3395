"""Passes the plan of a task group from task to task by XCom, in values with a few shards each.

A mapped task of Airflow reads the whole list that it is mapped over: a thousand tasks read it a thousand times. Here
each task reads, by its map index, one value with a few shards in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from s3_crosscopy.errors import InvalidInput, PermanentFailure
from s3_crosscopy.model.input_limits import PLANNED
from s3_crosscopy.model.packed_json import unpack
from s3_crosscopy.shards.plan_values import TOGETHER, unpacked
from s3_crosscopy.shards.shard import Shard

KEY = "shards"
"""Prefix of the XCom keys of the values with shards; a number follows."""
NOT_PLANNED = "the plan task is not done, its log says why; clear it with its downstream"
AT_ONCE = 100
"""Number of results that are read with one request."""


def key_of(index: int) -> str:
    """The XCom key of the value with the shard at this index."""
    return f"{KEY}_{index // TOGETHER + 1:04}"


def push_plan(ti: Any, packed: Sequence[str]) -> None:
    """Write the packed values for downstream tasks."""
    for number, text in enumerate(packed):
        ti.xcom_push(key=key_of(number * TOGETHER), value=text)


def pull_shard(ti: Any, plan_task_id: str, index: int) -> Shard:
    """The shard at this index. Raises PermanentFailure, or InvalidInput for the plan of another version."""
    shards, position = unpacked([_pull(ti, plan_task_id, index)]), index % TOGETHER
    if position >= len(shards):
        raise PermanentFailure(NOT_PLANNED)
    return shards[position]


def pull_plan(ti: Any, plan_task_id: str) -> list[Shard]:
    """All shards, in order. Raises the errors of `pull_shard`."""
    shards = unpacked([_pull(ti, plan_task_id, 0)])
    while shards and len(shards) < shards[0].of:
        following = unpacked([_pull(ti, plan_task_id, len(shards))])
        if not following:
            raise PermanentFailure(NOT_PLANNED)
        shards += following
    return shards


def _pull(ti: Any, plan_task_id: str, index: int) -> Sequence[object]:
    # None: the plan task is not mapped. Without it Airflow requests the values of all map indexes.
    text = ti.xcom_pull(task_ids=plan_task_id, key=key_of(index), map_indexes=None)
    if text is None:
        raise PermanentFailure(NOT_PLANNED)
    try:
        value = unpack(str(text), PLANNED)
    except ValueError as error:
        raise InvalidInput(f"shards: the plan {error}; clear the plan task and what follows it") from error
    return value if isinstance(value, list) else [value]


def read_shards(raw: Any) -> list[Shard]:
    """The shards that the plan task returned if there is no XCom. Raises PermanentFailure if it returned none."""
    if isinstance(raw, (str, dict)) or not isinstance(raw, Iterable):
        raise PermanentFailure(NOT_PLANNED)
    return [Shard.from_json(shard) for shard in raw]


def all_of(results: Any) -> list[Any]:
    """The values that mapped tasks returned, read with few requests; Airflow's own iterator makes one for each."""
    if results is None:
        return []
    if isinstance(results, (list, tuple)) or not isinstance(results, Sequence):
        return list(results)
    values: list[Any] = []
    try:
        while following := list(results[len(values) : len(values) + AT_ONCE]):
            values += following
    except TypeError:  # Airflow 3.0 gives no slices
        return list(results)
    return values
