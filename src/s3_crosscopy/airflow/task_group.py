"""One copy over many workers, as a task group: plan, copy mapped over its shards, publish, summary."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from s3_crosscopy.airflow.compat import TaskGroup, numbers_of
from s3_crosscopy.airflow.plan_operator import S3CopyPlanOperator
from s3_crosscopy.airflow.shard_operators import (
    FIELDS,
    S3CopyPublishOperator,
    S3CopyShardOperator,
    S3CopySummaryOperator,
)
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.options import REFUSED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from airflow.sdk import XComArg

SHARED: Final = frozenset(FIELDS) - {"source", "dest"}
"""The arguments of the operator that every task of the group takes."""

OURS: Final = ("task_id", "task_group", "trigger_rule", "map_index_template")

RETRYING: Final[Mapping[str, Any]] = {
    "retries": 3,
    "retry_delay": timedelta(seconds=30),
    "retry_exponential_backoff": True,  # Doubles the delay: before Airflow 3.2 a truth value, then also a factor.
    "max_retry_delay": timedelta(minutes=10),
}
"""A retry does only what is left; what is throttled wants more time each try."""


class S3CrossAccountCopyTaskGroup(TaskGroup):
    """
    Copy prefixes to buckets of another AWS account, server-side, by as many workers as Airflow has.

    ``plan`` looks at the access and cuts the keys of all pairs into ``shards``, by few LISTs. ``copy`` is mapped over
    them; each has its own retries and goes on where it was. ``publish`` is there if ``copy_last`` is given: it copies
    these keys when every shard is whole. ``summary`` returns one summary, and fails, naming them, when shards are not
    done: clear those with their downstream, and nothing else runs again.

    :param group_id: Id of the group.
    :param pairs: ``(source, dest)`` pairs of ``s3://`` URLs, or mappings with these names. (templated)
    :param source: Where from, if it is only one. (templated)
    :param dest: Where to, if it is only one. (templated)
    :param shards: How many shards over all pairs, at most ``[core] max_map_length``. (templated)
    :param task_kwargs: Arguments of Airflow's for all tasks: ``pool``, ``queue``, ``retries``,
        ``max_active_tis_per_dagrun`` ... By default a task has 3 retries with a delay that doubles from 30 seconds.
        ``outlets`` are the summary's: their events tell of the whole copy.
    :param kwargs: Every other argument of ``S3CrossAccountCopyOperator`` (all but ``manifest`` make sense), and of
        ``TaskGroup``. ``max_requests_per_second`` is for the whole group: each shard gets its share, by
        ``max_active_tis_per_dagrun`` or else by the number of shards. ``max_failures`` is judged for each shard and for
        all together. ``if_empty`` is about all pairs together.
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
        for name in REFUSED:
            if name in kwargs:
                raise InvalidInput(f"{name}: {REFUSED[name]}")
        shared = {name: kwargs.pop(name) for name in SHARED & set(kwargs)}
        super().__init__(group_id=group_id, **kwargs)
        given = dict(task_kwargs or {})
        # An outlet's event is of the whole copy.
        outlets = {"outlets": given.pop("outlets")} if "outlets" in given else {}
        for name in (*OURS, *FIELDS):
            if name in given:
                raise InvalidInput(f"task_kwargs: {name!r} is the group's; {_instead(name)}")
        # What a DAG says by default_args is meant, also for these tasks.
        said = {**(getattr(self.dag, "default_args", None) or {}), **self.default_args}
        preflight = shared.pop("preflight", said.get("preflight", "light"))
        common = {
            **{name: value for name, value in RETRYING.items() if name not in said},
            **given,
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
        done: dict[str, Any] = {"results": copy.output, "plan_task_id": plan.task_id}
        published = None
        if shared.get("copy_last", said.get("copy_last")):
            publish = S3CopyPublishOperator(task_id="publish", preflight="off", **done, **common)
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
            **done,
            **common,
        )
        plan.set_downstream(summary)

    def __getitem__(self, label: str) -> Any:
        """A task of the group, by its id there: `plan`, `copy` ... Airflow 3.0's own groups do not have this."""
        return self.get_child_by_label(label)

    @property
    def summary(self) -> Any:
        """The task that ends the group; its `output` is the summary of the whole copy."""
        return self["summary"]

    @property
    def output(self) -> XComArg:
        """The summary of the whole copy, for tasks that take it."""
        result: XComArg = self.summary.output
        return result


def _instead(name: str) -> str:
    return f"give {name}= to the group itself" if name in FIELDS else "leave it out"
