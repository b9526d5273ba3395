"""The reserved key of probes, the only one where a probe can leave anything, and an upload id that S3 never makes."""

from __future__ import annotations

from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.location import Location, parse_location

RESERVED_NAME = ".s3-crosscopy-probe"
"""Follows the destination's prefix, so that permissions for the copies cover it too."""

NO_UPLOAD = "s3-crosscopy-no-such-upload"
"""An upload id that S3 never makes."""


def probe_key(spec: CopySpec) -> str:
    """The destination key to probe. The permissions for a single object cover that key and no other."""
    return spec.dest_prefix if spec.single else spec.dest_prefix + RESERVED_NAME


def missing_source_key(spec: CopySpec) -> str:
    """A source key that the permissions cover and that does not exist; for a single object, that object's key."""
    return spec.source_prefix if spec.single else spec.source_prefix + RESERVED_NAME


def report_probe(place: str) -> Location:
    """The bucket and the reserved key for a report at S3."""
    location = parse_location(place, "report")
    folder = location.key if not location.key or location.key.endswith("/") else f"{location.key}/"
    return Location(location.bucket, folder + RESERVED_NAME)
