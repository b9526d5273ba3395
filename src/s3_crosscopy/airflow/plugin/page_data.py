"""Turns rows of Airflow's database into the JSON of the page. Knows what they mean, not where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any, NamedTuple

from s3_crosscopy.airflow.plugin.progress_model import ENDED, REPORT, Link, Status, TaskProgress
from s3_crosscopy.airflow.plugin.run_progress import summarize
from s3_crosscopy.airflow.plugin.task_progress import UNREADABLE, is_summary, progress_of
from s3_crosscopy.airflow.plugin.view_json import view_to_json
from s3_crosscopy.model.input_limits import PLANNED, Limit
from s3_crosscopy.model.json_text import read_json
from s3_crosscopy.model.packed_json import unpack

SHARD = "S3CopyShardOperator"
OPERATORS = frozenset({"S3CrossAccountCopyOperator", SHARD, "S3CopyPublishOperator"})
"""The operators that copy. A task of another one, such as a subclass, counts as a copy once it stored a state.

The plan and the summary are not among them: their objects are counted by the tasks that copy.
"""
HELPERS = frozenset({"S3CopyPlanOperator", "S3CopySummaryOperator"})
"""The operators of a group that copy nothing themselves, of which a run shows why they failed."""
FAILING = frozenset({Status.FAILED, Status.RETRYING})

InstanceKey = tuple[str, int]
"""Task id and map index, under which the values of a task instance are stored."""


class Instance(NamedTuple):
    """A row of Airflow's table of task instances."""

    task_id: str
    map_index: int
    state: str | None
    start_date: datetime | None
    operator: str | None

    @property
    def key(self) -> InstanceKey:
        """The key of its stored values."""
        return self.task_id, self.map_index

    @property
    def is_copy(self) -> bool:
        """True if its operator is one of `OPERATORS`."""
        return self.operator in OPERATORS

    @property
    def is_helper(self) -> bool:
        """True if its operator is one of `HELPERS`."""
        return self.operator in HELPERS

    @property
    def group(self) -> str:
        """The id of its task group, "" without one."""
        return self.task_id.rpartition(".")[0]

    @property
    def planned_by(self) -> str | None:
        """The id of the plan task in the same group, if it copies a shard."""
        return f"{self.group}.plan".lstrip(".") if self.operator == SHARD else None


class StoredValues(NamedTuple):
    """The values that tasks stored.

    `states`: the values in the task state store, several for a task that makes several copies. `summaries`: the
    returned XComs. `plans`: the planned shards, in order, by the id of the plan task. `ends`: the XComs of tasks that
    returned nothing. `consoles`: the S3 console of the buckets, by task id; none for other servers than AWS.
    """

    states: Mapping[InstanceKey, Sequence[Any]]
    summaries: Mapping[InstanceKey, Any]
    plans: Mapping[str, Any]
    ends: Mapping[InstanceKey, Any] = MappingProxyType({})
    consoles: Mapping[str, str] = MappingProxyType({})


def page(
    instances: Sequence[Instance], stored: StoredValues, *, has_store: bool, whole_run: bool = True
) -> dict[str, Any]:
    """The data of the page, as small JSON. `view` is None if none of the instances copies anything.

    whole_run: of the plan and the summary of a group only a failure and the merged report are shown, because the
    figures are those of the tasks that copy.
    """
    progresses = [(instance, progress) for instance in instances for progress in _progresses(instance, stored)]
    merged = _merged_reports(progresses) if whole_run else {}
    if whole_run:
        progresses = [(instance, _of_whole_run(instance, progress, merged)) for instance, progress in progresses]
    copies = [progress for instance, progress in progresses if _is_shown(instance, progress)]
    over = all(progress.status in ENDED for progress in copies or [progress for _, progress in progresses])
    view = view_to_json(summarize(copies, tuple(merged.values()))) if copies else None
    return {"has_store": has_store, "over": over, "view": view}


def _is_shown(instance: Instance, progress: TaskProgress) -> bool:
    left_something = progress.heard or progress.unreadable or progress.why
    return instance.is_copy or bool(left_something) or (instance.is_helper and progress.status in FAILING)


def _merged_reports(progresses: Iterable[tuple[Instance, TaskProgress]]) -> dict[str, Link]:
    """The merged report by the id of the task group whose summary wrote it."""
    of_helpers = ((instance.group, progress.places) for instance, progress in progresses if instance.is_helper)
    return {group: link for group, places in of_helpers for link in places if link.name == REPORT}


def _of_whole_run(instance: Instance, progress: TaskProgress, merged: Mapping[str, Link]) -> TaskProgress:
    """Reduce a helper to its failure, and leave out a report that is part of a merged one."""
    if instance.is_helper:
        why = progress.why if progress.status in FAILING else ""
        return TaskProgress(progress.task_id, progress.status, progress.map_index, why=why)
    if instance.group in merged:
        return replace(progress, places=tuple(link for link in progress.places if link.name != REPORT))
    return progress


def _progresses(instance: Instance, stored: StoredValues) -> list[TaskProgress]:
    since = instance.start_date.timestamp() if instance.start_date is not None else None
    planned = _planned(stored.plans.get(instance.planned_by or ""), instance.map_index)
    summary = stored.summaries.get(instance.key)
    if summary is UNREADABLE and not instance.is_copy:
        summary = None  # The XCom of another operator need not be a summary.
    states = stored.states.get(instance.key)
    left = [(state, summary) for state in states] if states else [(None, result) for result in _results(summary)]
    end, console = stored.ends.get(instance.key), stored.consoles.get(instance.task_id, "")
    progresses = [
        progress_of(instance.task_id, instance.state, since, state, result, planned, end, console)
        for state, result in left
    ]
    return [replace(progress, map_index=instance.map_index) for progress in progresses]


def _results(summary: Any) -> list[Any]:
    """The summaries in a returned XCom: that of a publish task has one for each pair, by its number."""
    if isinstance(summary, Mapping) and summary and all(map(is_summary, summary.values())):
        return list(summary.values())
    return [summary]


def _planned(plan: Any, map_index: int) -> Any:
    """The shard that a mapped instance copies: Airflow maps over the shards in order."""
    return plan[map_index] if isinstance(plan, list) and 0 <= map_index < len(plan) else None


def shards_in(packed: Iterable[Any]) -> list[Any]:
    """The shards of a plan from its packed values, in order, up to the first value that cannot be read."""
    shards: list[Any] = []
    for text in packed:
        try:
            unpacked = unpack(text, PLANNED) if isinstance(text, str) else None
        except ValueError:
            unpacked = None
        if not isinstance(unpacked, list):
            break
        shards += unpacked
    return shards


def value_of(text: Any, limit: Limit) -> Any:
    """The JSON value in a text column; `UNREADABLE` if it is not JSON or over the limit.

    Some of Airflow's writers encode a value twice. A string that is not JSON itself is the value.
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
