"""Hands the plan of a task group from task to task by XCom: a few shards in each value, for who needs them.

A mapped task of Airflow reads the whole list that it is mapped over, a thousand tasks a thousand times. Here each knows
its number by its place in the list, and reads one value, with a few shards in it.
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
"""The XCom keys of the values with shards begin with it, and end with a number."""
NOT_PLANNED = "the plan task is not done, its log says why; clear it with its downstream"
AT_ONCE = 100
"""So many results are asked for with one request."""


def key_of(index: int) -> str:
    """The XCom key of the value that holds the shard at this place in the list."""
    return f"{KEY}_{index // TOGETHER + 1:04}"


def push_plan(ti: Any, packed: Sequence[str]) -> None:
    """Leave the values for the tasks that follow."""
    for number, text in enumerate(packed):
        ti.xcom_push(key=key_of(number * TOGETHER), value=text)


def pull_shard(ti: Any, plan_task_id: str, index: int) -> Shard:
    """The shard at this place in the list. Raises PermanentFailure, or InvalidInput for another version's plan."""
    some, at = unpacked([_pull(ti, plan_task_id, index)]), index % TOGETHER
    if at >= len(some):
        raise PermanentFailure(NOT_PLANNED)
    return some[at]


def pull_plan(ti: Any, plan_task_id: str) -> list[Shard]:
    """All shards, in order. Raises as `pull_shard`."""
    found = unpacked([_pull(ti, plan_task_id, 0)])
    while found and len(found) < found[0].of:
        more = unpacked([_pull(ti, plan_task_id, len(found))])
        if not more:
            raise PermanentFailure(NOT_PLANNED)
        found += more
    return found


def _pull(ti: Any, plan_task_id: str, index: int) -> Sequence[object]:
    # None: of a task that is not mapped. Without it Airflow asks for all map indexes, by another request.
    text = ti.xcom_pull(task_ids=plan_task_id, key=key_of(index), map_indexes=None)
    if text is None:
        raise PermanentFailure(NOT_PLANNED)
    try:
        some = unpack(str(text), PLANNED)
    except ValueError as error:
        raise InvalidInput(f"shards: the plan {error}; clear the plan task and what follows it") from error
    return some if isinstance(some, list) else [some]


def read_shards(said: Any) -> list[Shard]:
    """The shards that the plan task returned where there is no XCom. Raises PermanentFailure when it returned none."""
    if isinstance(said, (str, dict)) or not isinstance(said, Iterable):
        raise PermanentFailure(NOT_PLANNED)
    return [Shard.from_json(one) for one in said]


def all_of(results: Any) -> list[Any]:
    """Read the results of mapped tasks in few requests: Airflow's own iterator makes one for each of them."""
    if results is None:
        return []
    if isinstance(results, (list, tuple)) or not isinstance(results, Sequence):
        return list(results)
    found: list[Any] = []
    while some := list(results[len(found) : len(found) + AT_ONCE]):
        found += some
    return found
