"""The first task of a task group: it plans the shards, one call of `api`."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from s3_crosscopy.airflow.argument_checks import SIDES, is_literal
from s3_crosscopy.airflow.compat import most_mapped
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
    Plan the shards of a copy: look at the access, and find key ranges of about equal size. Copies nothing.

    :param pairs: ``(source, dest)`` pairs, in place of one ``source`` and ``dest``. (templated)
    :param shards: How many shards over all pairs; at most ``[core] max_map_length``. (templated)
    """

    template_fields: Sequence[str] = (*S3CrossAccountCopyOperator.template_fields, "pairs", "shards")
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
        """Return about how many keys each shard has; the shards go beside it. All of them where there is no XCom."""
        from s3_crosscopy.api import resolve_spec
        from s3_crosscopy.shards.planner import plan_shards

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
        made = fitted(planned.shards)
        keys = sum(shard.keys for shard in made.shards)
        self.log.info(f"planned {len(made.shards)} shards of about {keys:,} keys with {planned.requests} LISTs")
        if line := told_of(made, len(planned.shards)):
            self.log.warning(line)
        ti = context.get("ti")
        if ti is None:
            return [shard.to_json() for shard in made.shards]
        push_plan(ti, made.packed)
        return [shard.keys for shard in made.shards]


def check_known_pairs(pairs: Sequence[tuple[object, object]], kind: object) -> None:
    """Raise InvalidInput for pairs that are wrong, or write onto each other. The plan task looks at all of them again.

    Whether the root of a bucket is meant, and whose buckets are expected, may be templates.
    """
    options = parse_options({**ALLOWING, "kind": kind})
    check_pairs([resolve(parse_location(one, "source"), parse_location(to, "dest"), options) for one, to in pairs])


def told_of(made: Fitted, planned: int) -> str:
    """One line about a plan that had to be changed, or is large all the same; "" for what is as it was planned."""
    if not made.fits:
        size = sum(map(len, made.packed))
        return f"the plan takes {size:,} bytes of Airflow's XCom, because its places or keys are very long"
    if len(made.shards) < planned:
        return (
            f"{planned:,} shards became {len(made.shards):,}: the keys at which they begin are too long for Airflow's"
            " XCom, so these were cut, and shards that begin alike are one"
        )
    return ""
