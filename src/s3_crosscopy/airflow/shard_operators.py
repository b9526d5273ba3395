"""The operators of a task group after its plan: copy a shard, publish the keys of `copy_last`, summarise.

Each makes one call of `shards.tasks`. They have every argument of the operator, so that all read the same options.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from s3_crosscopy.airflow.compat import AirflowSkipException
from s3_crosscopy.airflow.console_links import pull_links, push_links
from s3_crosscopy.airflow.given_fields import GivenFields
from s3_crosscopy.airflow.lineage import Flow, flows_of_shards
from s3_crosscopy.airflow.operator import S3CrossAccountCopyOperator
from s3_crosscopy.airflow.run_context import run_of
from s3_crosscopy.airflow.xcom_values import NOT_PLANNED, all_of, pull_plan, pull_shard, read_shards
from s3_crosscopy.errors import PermanentFailure
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.options import parse_options
from s3_crosscopy.shards.pairs import at_once, read_pairs
from s3_crosscopy.shards.shard import Shard

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.airflow.compat import Context

FIELDS = tuple(S3CrossAccountCopyOperator.template_fields)


class S3CopyShardOperator(S3CrossAccountCopyOperator):
    """
    Copy one shard, except the keys of ``copy_last``.

    :param shard: A shard as JSON; ``None`` or a number: the planned shard at this task's map index.
    :param plan_task_id: Id of the task that planned it.
    """

    # Lineage and asset events describe the whole copy, and come from the summary.
    traced = placed = asks = False

    def __init__(
        self, *, shard: object, plan_task_id: str = "", source: str = "", dest: str = "", **kwargs: Any
    ) -> None:
        super().__init__(source=source, dest=dest, **kwargs)
        # Not templated: keys may look like templates.
        self.shard = shard
        self.plan_task_id = plan_task_id

    @property
    def shard_label(self) -> str:
        """The label of the shard, without a task instance."""
        return self.planned(None).label

    def label_of(self, ti: Any) -> str:
        """The label of the shard, for `map_index_template`."""
        return self.planned(ti).label

    def planned(self, ti: Any) -> Shard:
        """The shard; it is read from XCom once. Raises PermanentFailure if there is none."""
        if self.shard is None or isinstance(self.shard, int):
            if ti is None:
                raise PermanentFailure(NOT_PLANNED)
            self.shard = pull_shard(ti, self.plan_task_id, ti.map_index).to_json()
        return Shard.from_json(self.shard)

    def work(self, context: Context, cancel: threading.Event) -> Any:
        """Copy the shard, and return its result as JSON."""
        from s3_crosscopy.shards.tasks import copy_shard

        shard = self.planned(context.get("ti"))
        # The tab in Airflow's UI shows them beside the progress.
        self.source, self.dest = shard.source, shard.dest
        copier, reader = self.principals()
        self.link_to_console(context, (shard.source, shard.dest), copier)
        return copy_shard(
            shard,
            self.options(),
            copier,
            reader,
            at_once=at_once(shard.of, self.max_active_tis_per_dagrun, self.max_active_tis_per_dag),
            sink=self.sink,
            cancel=cancel,
            persistence=self.persistence(context),
            run=run_of(context),
        )


class S3CopyPublishOperator(S3CrossAccountCopyOperator):
    """
    Copy the keys of ``copy_last`` if everything else arrived, or else hold them back.

    :param results: The values that the copy tasks returned.
    :param plan_task_id: Id of the task that planned the shards.
    :param shards: The shards as JSON. ``None`` (default): those that ``plan_task_id`` planned.
    """

    template_fields: Sequence[str] = GivenFields((*FIELDS, "shards", "results"))  # type: ignore[assignment]
    traced = placed = asks = False
    handed = frozenset({"shards"})

    def __init__(
        self,
        *,
        results: Any,
        plan_task_id: str = "",
        shards: Any = None,
        source: str = "",
        dest: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(source=source, dest=dest, **kwargs)
        self.shards = shards
        self.results = results
        self.plan_task_id = plan_task_id

    def work(self, context: Context, cancel: threading.Event) -> Any:
        """Copy the keys of `copy_last`, and return the result of each pair as JSON."""
        from s3_crosscopy.shards.tasks import publish, read_results

        shards, options = all_shards(self, context), self.options()
        copier, reader = self.principals()
        self.link_to_console(context, (shards[0].source, shards[0].dest), copier)
        return publish(
            shards,
            read_results(all_of(self.results), shards, options, lambda: copier),
            options,
            copier,
            reader,
            sink=self.sink,
            cancel=cancel,
            persistence=lambda pair: self.persistence(context, pair),
            run=run_of(context),
        )


class S3CopySummaryOperator(S3CrossAccountCopyOperator):
    """
    Return one summary of all shards. Fails if shards are not done, and names them.

    :param results: The values that the copy tasks returned.
    :param published: The value that the publish task returned; ``None`` if there is no publish task.
    :param plan_task_id: Id of the task that planned the shards.
    :param shards: The shards as JSON. ``None`` (default): those that ``plan_task_id`` planned.
    :param pairs: ``(source, dest)`` pairs of the copy, in place of one ``source`` and ``dest``; for lineage, which
        starts before the shards are known.
    """

    template_fields: Sequence[str] = GivenFields(  # type: ignore[assignment]
        (*FIELDS, "shards", "results", "published", "pairs")
    )
    measured = placed = asks = False
    handed = frozenset({"shards"})

    def __init__(
        self,
        *,
        results: Any,
        published: Any = None,
        plan_task_id: str = "",
        shards: Any = None,
        pairs: Any = None,
        source: Any = None,
        dest: Any = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(source=source, dest=dest, **kwargs)
        self.shards = shards
        self.results = results
        self.published = published
        self.plan_task_id = plan_task_id
        self.pairs = pairs

    def flows_ahead(self) -> Sequence[Flow]:
        if self.shards is None:
            # XCom cannot be read here.
            places = dict.fromkeys(read_pairs(self.pairs, self.source, self.dest))
        else:
            places = dict.fromkeys((shard.source, shard.dest) for shard in read_shards(self.shards))
        return [] if parse.flag("dry_run", self.dry_run) else [Flow(*place) for place in places]

    def work(self, context: Context, cancel: threading.Event) -> Any:
        """Merge the results, and return the summary of the whole copy."""
        from s3_crosscopy.core.empty_source import why_empty
        from s3_crosscopy.model.events import RunEnded
        from s3_crosscopy.shards.tasks import read_published, read_results, summarise

        shards, options = all_shards(self, context), self.options()
        # The plan's: no principal is needed for them.
        self.console_links = pull_links(context, self.plan_task_id)
        push_links(context, self.console_links)
        published = read_published(self.published, shards, options, self.copier)
        results = read_results(all_of(self.results), shards, options, self.copier)
        if not parse.flag("dry_run", self.dry_run):
            self.flows = flows_of_shards(shards, results, published)
        report = summarise(shards, results, published, options, self.copier, self.sink, run_of(context))
        self.sink.emit(RunEnded(report))
        if report.empty and self.if_empty == "skip":
            raise AirflowSkipException(why_empty(report, parse_options(options)))
        return {**report.as_dict(), "shards": len(shards)}

    @cache  # noqa: B019 - an operator lives as long as its task
    def copier(self) -> S3Clients:
        """The principal that signs, made only if a file of a report is read or written."""
        return self.principals()[0]


def all_shards(task: S3CopyPublishOperator | S3CopySummaryOperator, context: Context) -> list[Shard]:
    """The planned shards. Raises PermanentFailure if there are none."""
    ti = context.get("ti")
    if task.shards is not None or ti is None:
        return read_shards(task.shards)
    return pull_plan(ti, task.plan_task_id)
