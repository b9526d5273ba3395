"""The four tasks of a task group: plan, copy a shard, publish the markers, sum up. Each is one call of `api`.

They take every argument of the operator, so that all of them read the options alike.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from s3_crosscopy.airflow.checks import SIDES, is_literal
from s3_crosscopy.airflow.compat import AirflowSkipException, most_mapped
from s3_crosscopy.airflow.lineage import Flow, flows_of_shards
from s3_crosscopy.airflow.operator import S3CrossAccountCopyOperator
from s3_crosscopy.errors import PermanentFailure
from s3_crosscopy.model import parse
from s3_crosscopy.model.location import parse_location
from s3_crosscopy.model.options import parse_options
from s3_crosscopy.model.shard import Shard
from s3_crosscopy.plan.known import ALLOWING
from s3_crosscopy.plan.pairs import check_pairs
from s3_crosscopy.plan.resolve import resolve
from s3_crosscopy.plan.sharding import at_once, read_pairs

if TYPE_CHECKING:
    from s3_crosscopy.airflow.compat import Context

FIELDS = tuple(S3CrossAccountCopyOperator.template_fields)
NOT_PLANNED = "the plan task is not done, its log says why; clear it with its downstream"


class S3CopyPlanOperator(S3CrossAccountCopyOperator):
    """
    Plan the shards of a copy: look at the access, and find key ranges of about equal size. Copies nothing.

    :param pairs: ``(source, dest)`` pairs, in place of one ``source`` and ``dest``. (templated)
    :param shards: How many shards over all pairs; at most ``[core] max_map_length``. (templated)
    """

    template_fields: Sequence[str] = (*FIELDS, "pairs", "shards")
    measured = traced = False

    def __init__(
        self,
        *,
        pairs: object = None,
        source: Any = None,
        dest: Any = None,
        shards: int | str = 64,
        **kwargs: Any,
    ) -> None:
        # First, because the arguments are checked at the end of the other.
        self.pairs = pairs
        self.shards = shards
        super().__init__(source=source, dest=dest, **kwargs)

    def places(self) -> Iterable[Mapping[str, object]]:
        """Those of the pairs that are no templates. Raises InvalidInput where one writes what another one does."""
        pairs = self.pairs
        if isinstance(pairs, (list, tuple)) and pairs:
            pairs = [one for one in pairs if is_literal(one, self.template_ext)]
            if not pairs:
                return []
        if not is_literal((pairs, self.source, self.dest), self.template_ext):
            return super().places() if pairs is None else []
        known = read_pairs(pairs, self.source, self.dest)
        if is_literal(self.kind, self.template_ext):
            check_known_pairs(known, self.kind)
        return [dict(zip(SIDES, pair, strict=True)) for pair in known]

    def work(self, context: Context, cancel: threading.Event) -> Any:
        """The shards, as JSON."""
        from s3_crosscopy.api import resolve_spec
        from s3_crosscopy.api.sharding import plan_shards

        pairs = read_pairs(self.pairs, self.source, self.dest)
        shards = parse.count(1)("shards", self.shards)
        specs = [resolve_spec(*pair, self.options()) for pair in pairs]
        planned = plan_shards(
            pairs,
            specs,
            *self.principals(),
            shards=shards,
            most=most_mapped(),
            preflight=self.preflight,
            sink=self.sink,
            cancel=cancel,
        )
        keys = sum(shard.keys for shard in planned.shards)
        self.log.info(f"planned {len(planned.shards)} shards of about {keys:,} keys with {planned.requests} LISTs")
        return [shard.to_json() for shard in planned.shards]


class S3CopyShardOperator(S3CrossAccountCopyOperator):
    """
    Copy one shard, all but the keys that ``copy_last`` names.

    :param shard: A shard that the plan task returned.
    """

    # Lineage and asset events are of the whole copy, and the summary's: a consumer would take a part for it.
    traced = placed = False

    def __init__(self, *, shard: object, source: str = "", dest: str = "", **kwargs: Any) -> None:
        super().__init__(source=source, dest=dest, **kwargs)
        # Not templated: keys may look like templates.
        self.shard = shard

    @property
    def shard_label(self) -> str:
        """For `map_index_template`."""
        return Shard.from_json(self.shard).label

    def work(self, context: Context, cancel: threading.Event) -> Any:
        """What became of the shard, as JSON."""
        from s3_crosscopy.api.scaling import copy_shard

        shard = Shard.from_json(self.shard)
        return copy_shard(
            shard,
            self.options(),
            *self.principals(),
            at_once=at_once(shard.of, self.max_active_tis_per_dagrun, self.max_active_tis_per_dag),
            sink=self.sink,
            cancel=cancel,
            kept=self.kept(context),
        )


class S3CopyPublishOperator(S3CrossAccountCopyOperator):
    """
    Copy the keys that ``copy_last`` names, if everything else arrived; hold them back if not.

    :param shards: What the plan task returned.
    :param results: What the copy tasks returned.
    """

    template_fields: Sequence[str] = (*FIELDS, "shards", "results")
    traced = placed = False

    def __init__(self, *, shards: Any, results: Any, source: str = "", dest: str = "", **kwargs: Any) -> None:
        super().__init__(source=source, dest=dest, **kwargs)
        self.shards = shards
        self.results = results

    def work(self, context: Context, cancel: threading.Event) -> Any:
        """What became of the markers of each pair, as JSON."""
        from s3_crosscopy.api.scaling import publish, read_results

        return publish(
            read_shards(self.shards),
            read_results(list(self.results)),
            self.options(),
            *self.principals(),
            sink=self.sink,
            cancel=cancel,
            kept=lambda pair: self.kept(context, pair),
        )


class S3CopySummaryOperator(S3CrossAccountCopyOperator):
    """
    One summary of all shards; fails, naming them, when some are not done.

    :param shards: What the plan task returned.
    :param results: What the copy tasks returned.
    :param published: What the publish task returned; ``None`` where there is none.
    """

    template_fields: Sequence[str] = (*FIELDS, "shards", "results", "published")
    measured = placed = False

    def __init__(
        self,
        *,
        shards: Any,
        results: Any,
        published: Any = None,
        source: str = "",
        dest: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(source=source, dest=dest, **kwargs)
        self.shards = shards
        self.results = results
        self.published = published

    def flows_ahead(self) -> Sequence[Flow]:
        places = dict.fromkeys((shard.source, shard.dest) for shard in read_shards(self.shards))
        return [] if parse.flag("dry_run", self.dry_run) else [Flow(*place) for place in places]

    def work(self, context: Context, cancel: threading.Event) -> Any:
        """The summary of the whole copy."""
        from s3_crosscopy.api.scaling import read_published, read_results, summarise
        from s3_crosscopy.model.events import RunEnded
        from s3_crosscopy.model.options import parse_options
        from s3_crosscopy.plan.emptiness import why_empty

        shards, published = read_shards(self.shards), read_published(self.published)
        said: Iterable[object] = self.results or ()
        results = read_results(list(said))
        if not parse.flag("dry_run", self.dry_run):
            self.flows = flows_of_shards(shards, results, published)
        report = summarise(shards, results, published, self.options(), lambda: self.principals()[0])
        self.sink.emit(RunEnded(report))
        if report.empty and self.if_empty == "skip":
            raise AirflowSkipException(why_empty(report, parse_options(self.options())))
        return {**report.as_dict(), "shards": len(shards)}


def check_known_pairs(pairs: Sequence[tuple[object, object]], kind: object) -> None:
    """Raise InvalidInput for pairs that are wrong, or write onto each other. The plan task looks at all of them again.

    Whether the root of a bucket is meant, and whose buckets are expected, may be templates.
    """
    options = parse_options({**ALLOWING, "kind": kind})
    check_pairs([resolve(parse_location(one, "source"), parse_location(to, "dest"), options) for one, to in pairs])


def read_shards(said: Any) -> list[Shard]:
    """The shards that the plan task returned. Raises PermanentFailure when it returned none."""
    if isinstance(said, (str, Mapping)) or not isinstance(said, Iterable):
        raise PermanentFailure(NOT_PLANNED)
    return [Shard.from_json(one) for one in said]
