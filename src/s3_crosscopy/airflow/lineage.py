"""What a task copied from where to where, for OpenLineage and for the events of its outlets.

OpenLineage calls the methods when the task is about to begin and when it is over, in a fork of its process: nothing may
be asked of Airflow there.
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
    """What was copied, from one URL to another. Objects and bytes are None where nobody counted."""

    source: str
    dest: str
    objects: int | None = None
    bytes: int | None = None


class Flows:
    """One flow for each run of a task, but for a dry one: its places, and counts if it came to its end."""

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
    """One flow for each pair of places: what its shards that are done and the publish task copied."""
    pair_of = {shard.number: shard.pair for shard in shards}
    counts = defaultdict(list)
    for one in match_results(shards, results).results:
        counts[pair_of[one.number]].append(one.counts)
    for pair, one in (published or {}).items():
        counts[pair].append(one.counts)
    places = {shard.pair: (shard.source, shard.dest) for shard in shards}
    return [
        Flow(*place, sum(one["copied"] for one in counts[pair]), sum(one["bytes"] for one in counts[pair]))
        for pair, place in places.items()
    ]


class LineageMixin:
    """What OpenLineage's provider calls of an operator. `flows` is set while the task runs.

    The error of a failed task is told by the provider itself.
    """

    flows: Sequence[Flow] = ()
    traced: ClassVar[bool]

    def flows_ahead(self) -> Sequence[Flow]:
        """The flows that are about to begin, by the rendered arguments; none in a dry run. Raises CrossCopyError."""
        raise NotImplementedError

    def get_openlineage_facets_on_start(self) -> Any:
        """One dataset for each source and destination, before anything was written."""
        try:
            return _lineage(self.flows_ahead() if self.traced else ())
        except CrossCopyError:
            return _lineage(())  # The task itself is about to say what is wrong with its arguments.

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """One dataset for each source and destination, with how much was written."""
        return _lineage(self.flows)

    def get_openlineage_facets_on_failure(self, task_instance: Any) -> Any:
        """The same of a task that failed: what it wrote is there."""
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
    """Namespace and name as Airflow makes them of an asset, so that both are one dataset: no `/` at the end."""
    bucket, _, key = url.removeprefix("s3://").partition("/")
    return f"s3://{bucket}", key.rstrip("/") or "/"
