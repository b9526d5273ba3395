"""Checks a copy through access points: one Region, and no overlap with what lies behind them.

An access point's ARN does not tell its bucket. Where prefixes overlap, the run looks up the buckets when it begins, and
then decides here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from s3_crosscopy.core.same_bucket import folded, is_alias, may_be_same
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.access_points import access_point
from s3_crosscopy.model.location import Bucket, Location, parse_location

LOOK_UP = (
    "allow s3:GetAccessPoint on it, or give the buckets' own names, or the account ids of both buckets' owners as"
    " expected owners if they differ"
)


class Overlap(NamedTuple):
    """Two places of which one may lie in the other. `equal`: they have the same prefix. `option`: names the first."""

    option: str
    first: Location
    second: Location
    equal: bool


def needs_lookup(spec: CopySpec) -> frozenset[str]:
    """Return the ARNs of the access points whose buckets decide if places of this copy overlap."""
    names = (place.bucket for overlap in overlaps(spec) for place in (overlap.first, overlap.second))
    return frozenset(name for name in names if access_point(name) is not None)


def overlaps(spec: CopySpec) -> list[Overlap]:
    """Return the places that overlap if access points lead to the same bucket."""
    sides = (("source", spec.source, spec.source_prefix), ("dest", spec.dest, spec.dest_prefix))
    undecided: list[Overlap] = []
    source, dest = Location(spec.source.name, spec.source_prefix), Location(spec.dest.name, spec.dest_prefix)
    within = not spec.single and (source.key.startswith(dest.key) or dest.key.startswith(source.key))
    if (within or source.key == dest.key) and _undecided(spec.source, spec.dest):
        undecided.append(Overlap("dest", dest, source, source.key == dest.key))
    for option, bucket in (("report", spec.report_bucket), ("etag_index", spec.etag_index_bucket)):
        if bucket is None or spec.single:
            continue
        location = parse_location(getattr(spec.options, option), option)
        for _, side, prefix in sides:
            if f"{location.key.rstrip('/')}/".startswith(prefix) and _undecided(bucket, side):
                undecided.append(Overlap(option, location, Location(side.name, prefix), equal=False))
    return undecided


def check_behind(spec: CopySpec, behind: Mapping[str, str | None]) -> list[str]:
    """Check the places again. behind: the bucket of each access point of `needs_lookup`, None if it is not known.

    Returns warnings. Raises InvalidInput for places that overlap, or may overlap so that a copy would feed on itself.
    """
    warnings = []
    for option, first, second, equal in overlaps(spec):
        buckets = [behind.get(place.bucket, place.bucket) for place in (first, second)]
        known = [bucket for bucket in buckets if bucket is not None]
        if len(known) == 2 and folded(known[0]) != folded(known[1]):
            continue
        if len(known) == 2:
            raise InvalidInput(
                f"{option}: {first} and {second} overlap in the bucket {known[0]!r}; name a place outside"
            )
        point = next(place.bucket for place, bucket in zip((first, second), buckets, strict=True) if bucket is None)
        unknown = f"it is not known which bucket the access point {point} leads to"
        if not equal:
            raise InvalidInput(f"{option}: {first} and {second} may overlap, because {unknown}: {LOOK_UP}")
        warnings.append(f"{first} and {second} may be the same place, because {unknown}: {LOOK_UP}")
    return warnings


def check_regions(spec: CopySpec, source_region: str | None, dest_region: str | None) -> None:
    """Raise InvalidInput if a copy through an access point would leave its Region. None: the Region is not known."""
    point = next((name for name in (spec.source.name, spec.dest.name) if is_alias(name) or access_point(name)), None)
    if point is not None and None not in (source_region, dest_region) and source_region != dest_region:
        raise InvalidInput(
            f"dest: the source is in {source_region} and the destination in {dest_region}, but S3 copies through the"
            f" access point {point} within one Region only; give the buckets' own names"
        )


def _undecided(first: Bucket, second: Bucket) -> bool:
    """Return True if only a look at an access point's bucket tells if both are one bucket."""
    by_arn = access_point(first.name) is not None or access_point(second.name) is not None
    return by_arn and folded(first.name) != folded(second.name) and may_be_same(first, second)
