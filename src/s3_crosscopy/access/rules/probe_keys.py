"""The one key that probes may use, and the id of an upload that nobody has: whatever a probe leaves is found there."""

from __future__ import annotations

from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.location import Location, parse_location

RESERVED_NAME = ".s3-crosscopy-probe"
"""What follows the destination's prefix, so that whatever lets copies be written there covers it."""

NO_UPLOAD = "s3-crosscopy-no-such-upload"
"""S3 makes upload ids; it never makes this one."""


def probe_key(spec: CopySpec) -> str:
    """The destination key that is asked about. A single object's grants name that key and no other."""
    return spec.dest_prefix if spec.single else spec.dest_prefix + RESERVED_NAME


def missing_source_key(spec: CopySpec) -> str:
    """A source key that the grants cover and that nobody has; for a single object that very one."""
    return spec.source_prefix if spec.single else spec.source_prefix + RESERVED_NAME


def report_probe(place: str) -> Location:
    """The bucket and the reserved key of a report at S3."""
    location = parse_location(place, "report")
    folder = location.key if not location.key or location.key.endswith("/") else f"{location.key}/"
    return Location(location.bucket, folder + RESERVED_NAME)
