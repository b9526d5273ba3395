"""Checks a copy through access points when its run begins: their Regions, and the buckets that they lead to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from s3_crosscopy.core.access_point_rules import check_behind, check_regions, needs_lookup
from s3_crosscopy.core.same_bucket import hides_bucket
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.access_points import access_point
from s3_crosscopy.model.events import Warned

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.clients import S3Clients
    from s3_crosscopy.adapters.boto.s3 import BotoS3
    from s3_crosscopy.core.spec import CopySpec
    from s3_crosscopy.model.location import Bucket
    from s3_crosscopy.ports import EventSink


def check_access_points(
    spec: CopySpec, principals: tuple[S3Clients, S3Clients], source: BotoS3, dest: BotoS3, sink: EventSink
) -> None:
    """Raise InvalidInput for a copy that would leave a Region or feed on itself. No request without access points.

    principals: the copier, and the principal that reads the source. Buckets that nobody may look up are warned of.
    """
    if hides_bucket(spec.source.name) or hides_bucket(spec.dest.name):
        check_regions(spec, _region(source, spec.source), _region(dest, spec.dest))
    behind = {name: _bucket_behind(name, principals) for name in needs_lookup(spec)}
    for warning in check_behind(spec, behind):
        sink.emit(Warned(warning))


def _region(side: BotoS3, bucket: Bucket) -> str | None:
    point = access_point(bucket.name)
    if point is not None:
        return point.region
    try:
        return side.region(bucket)
    except S3Error:
        return None


def _bucket_behind(name: str, principals: tuple[S3Clients, S3Clients]) -> str | None:
    point = access_point(name)
    assert point is not None, "only ARNs are looked up"
    buckets = (clients.bucket_behind(point) for clients in dict.fromkeys(principals))
    return next((bucket for bucket in buckets if bucket is not None), None)
