"""`S3CrossAccountCopyTaskGroup`: one copy by many workers, in the tasks plan, copy (mapped), publish and summary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from s3_crosscopy.airflow.compat import TaskGroup, numbers_of
from s3_crosscopy.airflow.plan_operator import S3CopyPlanOperator
from s3_crosscopy.airflow.renamed_arguments import refuse_renamed
from s3_crosscopy.airflow.shard_operators import (
    FIELDS,
    S3CopyPublishOperator,
    S3CopyShardOperator,
    S3CopySummaryOperator,
)
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.option_parsers import AUTO
from s3_crosscopy.model.option_table import refuse
from s3_crosscopy.shards.pairs import NO_SINCE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import XComArg

NO_MARKERS: Final[tuple[object, ...]] = ("off", (), [], ["off"], ("off",))
"""The values of `copy_last` without a key to publish."""

SHARED: Final = frozenset(FIELDS) - {"source", "dest"}
"""The arguments of the operator that every task of the group has."""

OURS: Final = ("task_id", "task_group", "trigger_rule", "map_index_template")

RETRYING: Final[Mapping[str, Any]] = {
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,  # Doubles the delay: before Airflow 3.2 a truth value, then also a factor.
    "max_retry_delay": timedelta(minutes=10),
}
"""A retry copies only what remains. The delay doubles, because throttling needs more time with each try."""


class S3CrossAccountCopyTaskGroup(TaskGroup):
    """
    Copy prefixes to buckets of another AWS account, server-side, with as many workers as Airflow has.

    ``plan`` examines the access and divides the keys of all pairs into ``shards``, with few LISTs. ``copy`` is mapped
    over them; each shard has its own retries and resumes by itself. ``publish`` copies the keys of ``copy_last`` when
    every shard is complete, and deletes with ``extraneous="delete"``; with ``copy_last="off"`` and no deletes there is
    none. ``summary`` returns one summary of the whole copy. It fails, and names them, when shards are not done: clear
    those with their downstream, and nothing else runs again.

    :param group_id: Id of the group.
    :param pairs: ``(source, dest)`` pairs of ``s3://`` URLs, or mappings with these names. ``None`` (default): one
        pair, ``source`` and ``dest``. (templated)
    :param source: ``s3://`` URL to copy from, if there is only one pair. ``None`` with ``pairs``. (templated)
    :param dest: ``s3://`` URL to copy to, if there is only one pair. ``None`` with ``pairs``. (templated)
    :param shards: Number of shards over all pairs, at most ``[core] max_map_length``. Default 64. (templated)
    :param task_kwargs: Arguments of Airflow for all tasks: ``pool``, ``queue``, ``retries``,
        ``max_active_tis_per_dagrun`` ... ``outlets`` are those of the summary: their events describe the whole copy.
        ``None`` (default): 3 retries with a delay that doubles from 30 seconds to 10 minutes.
    :param kwargs: Every other argument of ``S3CrossAccountCopyOperator`` (except ``manifest`` and ``since``), and of
        ``TaskGroup``.
        ``max_requests_per_second`` is the limit of the whole group: each shard gets its share, by
        ``max_active_tis_per_dagrun`` or else by the number of shards. ``max_failures`` applies to each shard and to
        all of them together. ``if_empty`` applies to all pairs together.
    """

    def __init__(
        self,
        group_id: str,
        *,
        pairs: Sequence[Any] | str | None = None,
        source: str | None = None,
        dest: str | None = None,
        shards: int | str = 64,
        task_kwargs: Mapping[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        refuse(kwargs)
        refuse_renamed(type(self), kwargs)
        shared = {name: kwargs.pop(name) for name in SHARED & set(kwargs)}
        if shared.get("since") is not None:
            raise InvalidInput(NO_SINCE)
        super().__init__(group_id=group_id, **kwargs)
        task_kwargs = dict(task_kwargs or {})
        # The event of an outlet describes the whole copy.
        outlets = {"outlets": task_kwargs.pop("outlets")} if "outlets" in task_kwargs else {}
        for name in (*OURS, *FIELDS):
            if name in task_kwargs:
                raise InvalidInput(f"task_kwargs: {name!r} is the group's; {_instead(name)}")
        # The DAG's default_args apply to these tasks too.
        default_args = {**(getattr(self.dag, "default_args", None) or {}), **self.default_args}
        preflight = shared.pop("preflight", default_args.get("preflight", "light"))
        common = {
            **{name: value for name, value in RETRYING.items() if name not in default_args},
            **task_kwargs,
            **shared,
            "task_group": self,
        }
        plan = S3CopyPlanOperator(
            task_id="plan", pairs=pairs, source=source, dest=dest, shards=shards, preflight=preflight, **common
        )
        mapped = S3CopyShardOperator.partial(
            task_id="copy",
            map_index_template="{{ task.label_of(ti) }}",
            preflight="off",
            plan_task_id=plan.task_id,
            **common,
        )
        copy = mapped.expand(shard=numbers_of(plan.output))
        shard_results: dict[str, Any] = {"results": copy.output, "plan_task_id": plan.task_id}
        published = None
        if _publishes({**default_args, **shared}):
            publish = S3CopyPublishOperator(task_id="publish", preflight="off", **shard_results, **common)
            plan.set_downstream(publish)
            published = publish.output
        summary = S3CopySummaryOperator(
            task_id="summary",
            trigger_rule="all_done",
            preflight="off",
            published=published,
            pairs=pairs,
            source=source,
            dest=dest,
            **outlets,
            **shard_results,
            **common,
        )
        plan.set_downstream(summary)

    def __getitem__(self, label: str) -> Any:
        """The task with this id in the group: `plan`, `copy` ... The groups of Airflow 3.0 cannot be indexed."""
        return self.get_child_by_label(label)

    @property
    def summary(self) -> Any:
        """The last task of the group; its `output` is the summary of the whole copy."""
        return self["summary"]

    @property
    def output(self) -> XComArg:
        """The summary of the whole copy, as an input for other tasks."""
        result: XComArg = self.summary.output
        return result


def _publishes(arguments: Mapping[str, Any]) -> bool:
    """Return True if something is left to be done when all shards are complete; a template may render to that."""
    markers = arguments.get("copy_last", AUTO) not in NO_MARKERS
    return markers or arguments.get("extraneous") not in (None, "report", "count", "keep")


def _instead(name: str) -> str:
    return f"give {name}= to the group itself" if name in FIELDS else "leave it out"
