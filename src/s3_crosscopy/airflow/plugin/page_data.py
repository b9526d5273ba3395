"""From rows of Airflow's database to what the page shows. Knows what they mean, not where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from s3_crosscopy.airflow.plugin.progress_model import ENDED, TaskProgress
from s3_crosscopy.airflow.plugin.run_progress import viewed
from s3_crosscopy.airflow.plugin.task_progress import UNREADABLE, progress_of
from s3_crosscopy.model.input_limits import PLANNED, Limit
from s3_crosscopy.model.json_text import read_json
from s3_crosscopy.model.packed_json import unpack

SHARD = "S3CopyShardOperator"
OPERATORS = frozenset({"S3CrossAccountCopyOperator", SHARD, "S3CopyPublishOperator"})
"""Tasks of these copy, whatever they have left so far. Others do if they left something of ours: a subclass, say.

The tasks that plan and sum up are not among them: what they tell of is counted where it is done.
"""

Filed = tuple[str, int]
"""Where a task instance's values are filed: task id and map index."""


class Instance(NamedTuple):
    """A task instance, as Airflow's table has it."""

    task_id: str
    map_index: int
    state: str | None
    start_date: datetime | None
    operator: str | None

    @property
    def filed(self) -> Filed:
        """Where its values are."""
        return self.task_id, self.map_index

    @property
    def is_copy(self) -> bool:
        """Whether its operator is one of ours."""
        return self.operator in OPERATORS

    @property
    def planned_by(self) -> str | None:
        """The task that planned it, if it is a shard: its neighbour in their group."""
        return f"{self.task_id.rpartition('.')[0]}.plan".lstrip(".") if self.operator == SHARD else None


class UnreadableState(NamedTuple):
    """What tasks left: values in the store (a task that makes several copies has several), and XComs.

    `plans` are the shards that plan tasks planned, in order, by their ids.
    """

    persistence: Mapping[Filed, Sequence[Any]]
    summaries: Mapping[Filed, Any]
    plans: Mapping[str, Any]


def page(instances: Sequence[Instance], left: UnreadableState, *, has_store: bool) -> dict[str, Any]:
    """What the page asks for, as small JSON. `view` is None if none of the instances copies anything."""
    all_of_them = [(one, each) for one in instances for each in _standings(one, left)]
    copies = [each for one, each in all_of_them if one.is_copy or each.heard or each.unreadable]
    over = all(each.status in ENDED for each in copies or [each for _, each in all_of_them])
    return {"has_store": has_store, "over": over, "view": viewed(copies).as_dict() if copies else None}


def _standings(one: Instance, left: UnreadableState) -> list[TaskProgress]:
    since = one.start_date.timestamp() if one.start_date is not None else None
    planned = _planned(left.plans.get(one.planned_by or ""), one.map_index)
    summary = left.summaries.get(one.filed)
    if summary is UNREADABLE and not one.is_copy:
        summary = None  # whatever it is, it need not be of ours
    persistence = left.persistence.get(one.filed) or [None]
    return [progress_of(one.task_id, one.state, since, each, summary, planned) for each in persistence]


def _planned(plan: Any, map_index: int) -> Any:
    """The shard that a mapped instance copies: Airflow maps over them in order."""
    return plan[map_index] if isinstance(plan, list) and 0 <= map_index < len(plan) else None


def shards_in(packed: Iterable[Any]) -> list[Any]:
    """The shards of a plan, out of its values in order, up to the first that cannot be read."""
    shards: list[Any] = []
    for text in packed:
        try:
            some = unpack(text, PLANNED) if isinstance(text, str) else None
        except ValueError:
            some = None
        if not isinstance(some, list):
            break
        shards += some
    return shards


def value_of(text: Any, limit: Limit) -> Any:
    """The JSON value in a column of text, `UNREADABLE` for anything else.

    Some of Airflow's writers pack a value twice; a text that holds none is a value of its own.
    """
    if not isinstance(text, str):
        return text
    try:
        value = read_json(text, limit)
    except ValueError:
        return UNREADABLE
    try:
        return read_json(value, limit) if isinstance(value, str) else value
    except ValueError:
        return value
