"""Checks the pairs of one group for overlaps: they are copied concurrently, so none may write where another does.

Each pair alone is checked by `core.spec.resolve`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from s3_crosscopy.core.same_bucket import folded, hides_bucket, may_be_same
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import InvalidInput


class _Keys(NamedTuple):
    """The keys that one pair writes or reads: one object if `single`, else a prefix. `bucket` is folded.

    In ascending order a location is followed by those inside it.
    """

    bucket: str
    key: str
    single: bool
    pair: int

    def holds(self, other: _Keys) -> bool:
        """Return True if the other location is this one or inside it."""
        return self.bucket == other.bucket and self.holds_key(other)

    def holds_key(self, other: _Keys) -> bool:
        """Return the same for two locations of one bucket."""
        return self.key == other.key or (not self.single and other.key.startswith(self.key))


def check_pairs(specs: Sequence[CopySpec]) -> None:
    """Raise InvalidInput, one line that names both pairs, if one writes what another one writes or reads.

    The result would depend on which of them is faster. Sources may overlap or be equal, which copies one source to
    several destinations.
    """
    written = sorted(_written(spec, pair) for pair, spec in enumerate(specs))
    for outer, inner in pairwise(written):
        if outer.holds(inner):
            raise InvalidInput(_both_write(specs[outer.pair], specs[inner.pair]))
    for pair, spec in enumerate(specs):
        read = _read(spec, pair)
        # The written locations are disjoint here, so only the neighbours can contain what is read, or be inside it.
        index = bisect_left(written, read._replace(single=False, pair=-1))
        for neighbour in written[max(0, index - 1) : index + 1]:
            if neighbour.holds(read) or read.holds(neighbour):
                raise InvalidInput(_chained(specs[neighbour.pair], spec))
    for first, second, alias in _overlaps_by_alias(specs):
        raise InvalidInput(_may_overlap(first, second, alias))


def _written(spec: CopySpec, pair: int) -> _Keys:
    return _Keys(folded(spec.dest.name), spec.dest_prefix, spec.single, pair)


def _read(spec: CopySpec, pair: int) -> _Keys:
    return _Keys(folded(spec.source.name), spec.source_prefix, spec.single, pair)


def _overlaps_by_alias(specs: Sequence[CopySpec]) -> Iterator[tuple[CopySpec, CopySpec, str]]:
    """Yield two pairs, one of which writes what the other may write or read, as one bucket is named by an alias."""
    locations = [(spec.dest, _written(spec, pair), True) for pair, spec in enumerate(specs)]
    locations += [(spec.source, _read(spec, pair), False) for pair, spec in enumerate(specs)]
    for bucket, keys, writes in locations:
        if not hides_bucket(bucket.name):
            continue
        for other_bucket, other, other_writes in locations:
            if keys.pair == other.pair or not (writes or other_writes) or not may_be_same(bucket, other_bucket):
                continue
            if keys.holds_key(other) or other.holds_key(keys):
                yield specs[keys.pair], specs[other.pair], bucket.name


def _both_write(first: CopySpec, second: CopySpec) -> str:
    if (first.source, first.source_prefix, first.dest_prefix) == (
        second.source,
        second.source_prefix,
        second.dest_prefix,
    ):
        return f"pairs: {_pair(first)} is given twice; leave one out"
    return (
        f"pairs: {_pair(first)} and {_pair(second)} write onto each other, so that chance decides which copy stays;"
        " give each pair a destination apart from the others"
    )


def _chained(first: CopySpec, then: CopySpec) -> str:
    return (
        f"pairs: {_pair(first)} writes what {_pair(then)} reads, and they run at the same time, so that chance decides"
        " what is copied on; copy the second one in a group of its own, after this one"
    )


def _may_overlap(first: CopySpec, second: CopySpec, alias: str) -> str:
    return (
        f"pairs: {_pair(first)} and {_pair(second)} may overlap, because {alias!r} is an access point, which does not"
        " tell its bucket; give the bucket's own name"
    )


def _pair(spec: CopySpec) -> str:
    return f"{spec.source_url} -> {spec.dest_url}"
