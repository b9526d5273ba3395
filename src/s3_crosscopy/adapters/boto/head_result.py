"""Converts the response to a HEAD to `Facts`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s3_crosscopy.adapters.boto.conversions import checksum_of, date_of, time_in
from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.adapters.boto.object_headers import content_of, metadata_of
from s3_crosscopy.adapters.boto.strict_parser import size_in
from s3_crosscopy.model.objects import Facts

RESTORED = 'ongoing-request="false"'
"""In `x-amz-restore` of an archived object with a readable copy."""


def facts_of(bucket: str, key: str, payload: Mapping[str, Any]) -> Facts:
    """The result of a HEAD. Raises S3Error if it has no size or no time."""
    with translated("HeadObject", bucket, key):
        size, modified = size_in(payload, "ContentLength"), time_in(payload, "LastModified")
    return Facts(
        size=size,
        etag=payload.get("ETag", "").strip('"'),
        modified=modified,
        storage_class=payload.get("StorageClass", "STANDARD"),
        date=date_of(payload),
        restored=RESTORED in payload.get("Restore", ""),
        encryption=payload.get("ServerSideEncryption", ""),
        checksum=checksum_of(payload),
        parts=payload.get("PartsCount"),
        version=payload.get("VersionId", ""),
        untold=payload.get("MissingMeta", 0),
        content=content_of(payload),
        metadata=metadata_of(payload),
    )
