"""`S3CopyPlanOperator`, the first task of a task group: it plans the shards, with one call of `plan_shards`."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from s3_crosscopy.airflow.argument_checks import SIDES, is_literal
from s3_crosscopy.airflow.compat import most_mapped
from s3_crosscopy.airflow.given_fields import GivenFields
from s3_crosscopy.airflow.operator import S3CrossAccountCopyOperator
from s3_crosscopy.airflow.xcom_values import push_plan
from s3_crosscopy.core.known_arguments import ALLOWING
from s3_crosscopy.core.pair_overlap import check_pairs
from s3_crosscopy.core.spec import resolve
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.location import parse_location
from s3_crosscopy.model.options import parse_options
from s3_crosscopy.shards.pairs import read_pairs
from s3_crosscopy.shards.plan_values import Fitted, fitted

if TYPE_CHECKING:
    from s3_crosscopy.airflow.compat import Context


class S3CopyPlanOperator(S3CrossAccountCopyOperator):
    """
    Plan the shards of a copy: examine the access, and find key ranges of about equal size. Copies nothing.

    :param pairs: ``(source, dest)`` pairs, in place of one ``source`` and ``dest``. ``None`` (default): one pair,
        ``source`` and ``dest``. (templated)
    :param shards: Number of shards over all pairs; at most ``[core] max_map_length``. Default 64. (templated)
    """

    template_fields: Sequence[str] = GivenFields(  # type: ignore[assignment]
        (*S3CrossAccountCopyOperator.template_fields, "pairs", "shards")
    )
    measured = traced = asks = False

    def __init__(
        self,
        *,
        pairs: object = None,
        source: Any = None,
        dest: Any = None,
        shards: int | str = 64,
        **kwargs: Any,
    ) -> None:
        # Set first, because the base class checks the arguments at the end of its constructor.
        self.pairs = pairs
        self.shards = shards
        super().__init__(source=source, dest=dest, **kwargs)

    def places(self) -> Iterable[Mapping[str, object]]:
        """The pairs that are not templates. Raises InvalidInput if two of them write to the same place."""
        pairs = self.pairs
        if isinstance(pairs, (list, tuple)) and pairs:
            pairs = [pair for pair in pairs if is_literal(pair, self.template_ext)]
            if not pairs:
                return []
        if not is_literal((pairs, self.source, self.dest), self.template_ext):
            return super().places() if pairs is None else []
        known = read_pairs(pairs, self.source, self.dest)
        if is_literal(self.kind, self.template_ext):
            check_known_pairs(known, self.kind)
        return [dict(zip(SIDES, pair, strict=True)) for pair in known]

    def work(self, context: Context, cancel: threading.Event) -> Any:
        """Plan, and return the estimated number of keys of each shard. The shards themselves go into other XComs.

        Returns the shards as JSON if there is no XCom.
        """
        from s3_crosscopy.api import resolve_spec
        from s3_crosscopy.shards.planner import plan_shards

        pairs = read_pairs(self.pairs, self.source, self.dest)
        shards = parse.count(1)("shards", self.shards)
        specs = [resolve_spec(*pair, self.options()) for pair in pairs]
        copier, reader = self.principals()
        self.link_to_console(context, (specs[0].source_url, specs[0].dest_url), copier)
        planned = plan_shards(
            pairs,
            specs,
            copier,
            reader,
            shards=shards,
            most=most_mapped(),
            preflight=self.preflight,
            sink=self.sink,
            cancel=cancel,
        )
        plan = fitted(planned.shards)
        keys = sum(shard.keys for shard in plan.shards)
        self.log.info(f"planned {len(plan.shards)} shards of about {keys:,} keys with {planned.requests} LISTs")
        if line := warning_for(plan, len(planned.shards)):
            self.log.warning(line)
        ti = context.get("ti")
        if ti is None:
            return [shard.to_json() for shard in plan.shards]
        push_plan(ti, plan.packed)
        return [shard.keys for shard in plan.shards]


def check_known_pairs(pairs: Sequence[tuple[object, object]], kind: object) -> None:
    """Raise InvalidInput for wrong pairs, or two that write to the same place. The plan task checks all of them again.

    `allow_bucket_root` and the expected bucket owners may be templates, and are not checked here.
    """
    options = parse_options({**ALLOWING, "kind": kind})
    check_pairs(
        [resolve(parse_location(source, "source"), parse_location(dest, "dest"), options) for source, dest in pairs]
    )


def warning_for(plan: Fitted, planned: int) -> str:
    """A warning about a plan that had to be changed, or that is too large; "" if it is as it was planned."""
    if not plan.fits:
        size = sum(map(len, plan.packed))
        return f"the plan takes {size:,} bytes of Airflow's XCom, because its URLs or keys are very long"
    if len(plan.shards) < planned:
        return (
            f"{planned:,} shards became {len(plan.shards):,}: their first keys are too long for Airflow's XCom, so they"
            " were cut, and shards with the same first key were joined"
        )
    return ""
