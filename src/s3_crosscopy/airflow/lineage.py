"""Lineage of a task, for OpenLineage and for the asset events of its outlets: what was copied from where to where.

OpenLineage calls the methods before the task starts and after it ended, in a fork of its process: nothing may be
requested from Airflow there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from s3_crosscopy.errors import CrossCopyError
from s3_crosscopy.model.events import Event, RunEnded, RunStarted
from s3_crosscopy.shards.merge_results import match_results

if TYPE_CHECKING:
    from s3_crosscopy.shards.result import ShardResult
    from s3_crosscopy.shards.shard import Shard


class Flow(NamedTuple):
    """A copy from one URL to another. `objects` and `bytes` are None if they were not counted."""

    source: str
    dest: str
    objects: int | None = None
    bytes: int | None = None


class Flows:
    """An event sink that collects one flow for each run of a task, none for a dry run. Counts are set at its end."""

    def __init__(self) -> None:
        self.flows: list[Flow] = []

    def emit(self, event: Event) -> None:
        if isinstance(event, RunStarted) and not event.dry_run:
            self.flows.append(Flow(event.source, event.dest))
        elif isinstance(event, RunEnded) and not event.report.dry_run:
            counts = event.report.counts
            self.flows[-1] = self.flows[-1]._replace(objects=counts["copied"], bytes=counts["bytes"])


def flows_of_shards(
    shards: Sequence[Shard], results: Iterable[ShardResult], published: Mapping[int, ShardResult] | None
) -> list[Flow]:
    """One flow for each (source, dest) pair, with the counts of its finished shards and of the publish task."""
    pair_of = {shard.number: shard.pair for shard in shards}
    counts = defaultdict(list)
    for result in match_results(shards, results).results:
        counts[pair_of[result.number]].append(result.counts)
    for pair, result in (published or {}).items():
        counts[pair].append(result.counts)
    places = {shard.pair: (shard.source, shard.dest) for shard in shards}
    return [
        Flow(*place, sum(part["copied"] for part in counts[pair]), sum(part["bytes"] for part in counts[pair]))
        for pair, place in places.items()
    ]


class LineageMixin:
    """The methods of an operator that OpenLineage's provider calls. `flows` is set while the task runs.

    The provider itself reports the error of a failed task.
    """

    flows: Sequence[Flow] = ()
    traced: ClassVar[bool]

    def flows_ahead(self) -> Sequence[Flow]:
        """The expected flows, by the rendered arguments; none for a dry run. Raises CrossCopyError."""
        raise NotImplementedError

    def get_openlineage_facets_on_start(self) -> Any:
        """One dataset for each source and destination, before anything is written."""
        try:
            return _lineage(self.flows_ahead() if self.traced else ())
        except CrossCopyError:
            return _lineage(())  # The task itself will report the wrong argument.

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """One dataset for each source and destination, with the number of objects and bytes written."""
        return _lineage(self.flows)

    def get_openlineage_facets_on_failure(self, task_instance: Any) -> Any:
        """The same for a failed task: it may have written objects."""
        return self.get_openlineage_facets_on_complete(task_instance)


def _lineage(flows: Sequence[Flow]) -> Any:
    from airflow.providers.common.compat.openlineage.facet import (
        InputDataset,
        OutputDataset,
        OutputStatisticsOutputDatasetFacet,
    )
    from airflow.providers.openlineage.extractors import OperatorLineage

    def written(flow: Flow) -> Any:
        if flow.objects is None:
            return {}
        return {"outputStatistics": OutputStatisticsOutputDatasetFacet(fileCount=flow.objects, size=flow.bytes)}

    return OperatorLineage(
        inputs=[InputDataset(*_name(flow.source)) for flow in flows],
        outputs=[OutputDataset(*_name(flow.dest), outputFacets=written(flow)) for flow in flows],
    )


def _name(url: str) -> tuple[str, str]:
    """Namespace and name as Airflow makes them from an asset, without `/` at the end, so that both are one dataset."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return f"s3://{bucket}", key.rstrip("/") or "/"
