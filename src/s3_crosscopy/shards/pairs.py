"""Reads the (source, dest) pairs of a copy, and derives the options of one of its tasks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.option_parsers import show
from s3_crosscopy.model.template_values import literal

NO_SINCE = (
    "since: a task group keeps no state of its last complete run; use S3CrossAccountCopyOperator, or leave it out"
)
PAIR = "give (source, destination) pairs, or mappings with source and dest"


def read_pairs(pairs: object, source: object, dest: object) -> list[tuple[str, str]]:
    """The (source, dest) pairs, from `pairs` or from one `source` and `dest`. Raises InvalidInput.

    `pairs` may be JSON or Python text, because a template renders to text.
    """
    if pairs is None:
        if source is None or dest is None:
            raise InvalidInput(f"{'source' if source is None else 'dest'}: is missing; give source and dest, or pairs")
        return [_pair((source, dest))]
    if source is not None or dest is not None:
        raise InvalidInput("pairs: source and dest are given too, and it would be unclear which count; leave them out")
    if isinstance(pairs, str):
        parsed = literal(pairs)
        if parsed is None:
            raise InvalidInput(f"pairs: {show(pairs)} is not JSON; {PAIR}")
        pairs = parsed
    if isinstance(pairs, (str, Mapping)) or not isinstance(pairs, Sequence):
        raise InvalidInput(f"pairs: {show(pairs)} is not a list; {PAIR}")
    if not pairs:
        raise InvalidInput(f"pairs: is empty, so that nothing would be copied; {PAIR}")
    return [_pair(pair) for pair in pairs]


def _pair(raw: object) -> tuple[str, str]:
    both = (raw.get("source"), raw.get("dest")) if isinstance(raw, Mapping) else raw
    if isinstance(both, (list, tuple)) and len(both) == 2:
        source, dest = both
        if isinstance(source, str) and isinstance(dest, str):
            return source, dest
    raise InvalidInput(f"pairs: {show(raw)} is not a pair; {PAIR}")


def spec_of_part(spec: CopySpec, at_once: int) -> CopySpec:
    """The spec of one run of several, of which `at_once` run concurrently: they share the request rate.

    An empty part does not fail: only the summary knows if the whole copy is empty.
    """
    rate = spec.options.max_requests_per_second
    share = None if rate is None else rate / at_once
    return spec._replace(options=replace(spec.options, if_empty="succeed", max_requests_per_second=share))


def at_once(shards: int, *limits: int | None) -> int:
    """The number of shards that may run concurrently, by Airflow's limits; None is no limit."""
    return min([shards, *(limit for limit in limits if limit)])
