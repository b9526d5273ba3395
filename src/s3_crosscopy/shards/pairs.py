"""From what a user gave for a whole copy to what each of its tasks does: pairs of places, and options of a part."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.option_parsers import show
from s3_crosscopy.model.template_values import literal

PAIR = "give (source, destination) pairs, or mappings with source and dest"


def read_pairs(pairs: object, source: object, dest: object) -> list[tuple[str, str]]:
    """The places to copy from and to, of `pairs` or of one `source` and `dest`. Raises InvalidInput.

    `pairs` may be text of JSON or of Python, because a template renders to text.
    """
    if pairs is None:
        if source is None or dest is None:
            raise InvalidInput(f"{'source' if source is None else 'dest'}: is missing; give source and dest, or pairs")
        return [_pair((source, dest))]
    if source is not None or dest is not None:
        raise InvalidInput("pairs: source and dest are given too, and it would be unclear which count; leave them out")
    if isinstance(pairs, str):
        said = literal(pairs)
        if said is None:
            raise InvalidInput(f"pairs: {show(pairs)} is no JSON; {PAIR}")
        pairs = said
    if isinstance(pairs, (str, Mapping)) or not isinstance(pairs, Sequence):
        raise InvalidInput(f"pairs: {show(pairs)} is no list; {PAIR}")
    if not pairs:
        raise InvalidInput(f"pairs: is empty, so that nothing would be copied; {PAIR}")
    return [_pair(one) for one in pairs]


def _pair(said: object) -> tuple[str, str]:
    both = (said.get("source"), said.get("dest")) if isinstance(said, Mapping) else said
    if isinstance(both, (list, tuple)) and len(both) == 2:
        source, dest = both
        if isinstance(source, str) and isinstance(dest, str):
            return source, dest
    raise InvalidInput(f"pairs: {show(said)} is no pair; {PAIR}")


def spec_of_part(spec: CopySpec, at_once: int) -> CopySpec:
    """The spec of one run of several, of which so many go on `at_once`: they share the request rate.

    A part that is empty fails nothing: whether the whole is, only the summary knows.
    """
    rate = spec.options.max_requests_per_second
    mine = None if rate is None else rate / at_once
    return spec._replace(options=replace(spec.options, if_empty="succeed", max_requests_per_second=mine))


def at_once(shards: int, *limits: int | None) -> int:
    """How many of the shards may run at the same time, by Airflow's limits, of which None is none."""
    return min([shards, *(limit for limit in limits if limit)])
