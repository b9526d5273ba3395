"""The pairs of one group against each other: they are copied at the same time, so none may write where another does.

One pair alone is checked by `plan.resolve`.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from s3_crosscopy.core.same_bucket import folded, is_alias, may_be_same
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import InvalidInput


class _Place(NamedTuple):
    """Everything that one pair writes, or reads: one object if `single`. Sorted, a place stands right before those
    inside of it. `bucket` is as a server may read it."""

    bucket: str
    key: str
    single: bool
    pair: int

    def holds(self, other: _Place) -> bool:
        """Tells whether the other place is this one, or lies inside."""
        return self.bucket == other.bucket and self.holds_key(other)

    def holds_key(self, other: _Place) -> bool:
        """The same, if both buckets are one."""
        return self.key == other.key or (not self.single and other.key.startswith(self.key))


def check_pairs(specs: Sequence[CopySpec]) -> None:
    """Raise InvalidInput, one line that names both pairs, if one writes what another one writes or reads.

    What is there in the end would depend on which of them was faster. Sources may overlap, and may be the same: that
    copies one source to several places.
    """
    written = sorted(_written(spec, at) for at, spec in enumerate(specs))
    for outer, inner in pairwise(written):
        if outer.holds(inner):
            raise InvalidInput(_said_twice(specs[outer.pair], specs[inner.pair]))
    for at, spec in enumerate(specs):
        read = _read(spec, at)
        # What is written is apart by now, so only the neighbours can hold what is read, or lie inside of it.
        place = bisect_left(written, read._replace(single=False, pair=-1))
        for near in written[max(0, place - 1) : place + 1]:
            if near.holds(read) or read.holds(near):
                raise InvalidInput(_chained(specs[near.pair], spec))
    for one, other, alias in _behind_aliases(specs):
        raise InvalidInput(_untold(one, other, alias))


def _written(spec: CopySpec, at: int) -> _Place:
    return _Place(folded(spec.dest.name), spec.dest_prefix, spec.single, at)


def _read(spec: CopySpec, at: int) -> _Place:
    return _Place(folded(spec.source.name), spec.source_prefix, spec.single, at)


def _behind_aliases(specs: Sequence[CopySpec]) -> Iterator[tuple[CopySpec, CopySpec, str]]:
    """Two pairs, where one writes what the other may write or read, because one place is named by an alias."""
    places = [(spec.dest, _written(spec, at), True) for at, spec in enumerate(specs)]
    places += [(spec.source, _read(spec, at), False) for at, spec in enumerate(specs)]
    for bucket, place, writes in places:
        if not is_alias(bucket.name):
            continue
        for near, its, written in places:
            apart = place.pair == its.pair or not (writes or written) or not may_be_same(bucket, near)
            if not apart and (place.holds_key(its) or its.holds_key(place)):
                yield specs[place.pair], specs[its.pair], bucket.name


def _said_twice(one: CopySpec, other: CopySpec) -> str:
    if (one.source, one.source_prefix, one.dest_prefix) == (other.source, other.source_prefix, other.dest_prefix):
        return f"pairs: {_told(one)} is given twice; leave one out"
    return (
        f"pairs: {_told(one)} and {_told(other)} write onto each other, so that chance decides which copy stays;"
        " give each pair a destination apart from the others"
    )


def _chained(first: CopySpec, then: CopySpec) -> str:
    return (
        f"pairs: {_told(first)} writes what {_told(then)} reads, and they run at the same time, so that chance decides"
        " what is copied on; copy the second one in a group of its own, after this one"
    )


def _untold(one: CopySpec, other: CopySpec, alias: str) -> str:
    return (
        f"pairs: {_told(one)} and {_told(other)} may meet, because {alias!r} is an access point's alias, which does not"
        " tell its bucket; give the bucket's own name"
    )


def _told(spec: CopySpec) -> str:
    return f"{spec.source_url} -> {spec.dest_url}"
