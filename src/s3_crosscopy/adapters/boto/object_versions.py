"""The calls about versions with one boto3 client: delete an object or a version, and what a bucket and a key have."""

from __future__ import annotations

from typing import Any

from s3_crosscopy.adapters.boto.conversions import bucket_params, quoted, time_in
from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.adapters.boto.strict_parser import required
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Version
from s3_crosscopy.model.outcomes import Reason

FEW = 2
"""Entries of a page: the key itself comes first, also before longer keys that begin with it."""


LOST = "an earlier attempt may have deleted it: the answer to that was lost"


class ObjectVersions:
    """The part of `BotoS3` for versions. See `ports.S3`."""

    _client: Any

    def delete_object(self, bucket: Bucket, key: str, etag: str, version: str = "") -> str:
        # A version never changes: with its id no precondition is necessary.
        which = {"VersionId": version} if version else {"IfMatch": quoted(etag)}
        try:
            with translated("DeleteObject", bucket.name, key):
                payload = self._client.delete_object(Bucket=bucket.name, Key=key, **which, **bucket_params(bucket))
        except S3Error as error:
            raise _unless_made_before(error) from error.__cause__
        made = not version and payload.get("DeleteMarker")
        return str(payload.get("VersionId", "")) if made else ""

    def versioning(self, bucket: Bucket) -> str:
        owner = {"ExpectedBucketOwner": bucket.owner} if bucket.owner is not None else {}
        with translated("GetBucketVersioning", bucket.name, ""):
            payload = self._client.get_bucket_versioning(Bucket=bucket.name, **owner)
        return str(payload.get("Status", ""))

    def newest_version(self, bucket: Bucket, key: str) -> Version | None:
        with translated("ListObjectVersions", bucket.name, key):
            payload = self._client.list_object_versions(
                Bucket=bucket.name, Prefix=key, MaxKeys=FEW, **bucket_params(bucket)
            )
        for member, is_marker in (("Versions", False), ("DeleteMarkers", True)):
            for row in payload.get(member, ()):
                if row.get("Key") == key and row.get("IsLatest"):
                    modified = time_in(row, "LastModified", "a version")
                    etag = str(row.get("ETag", "")).strip('"')
                    return Version(required(row, "VersionId", "a version"), is_marker, modified, etag)
        return None


def _unless_made_before(error: S3Error) -> S3Error:
    """Return the error. After a repeated request "not there" is unclear: its first attempt may have deleted it."""
    response = getattr(error.__cause__, "response", None) or {}
    repeated = response.get("ResponseMetadata", {}).get("RetryAttempts")
    if not repeated or error.reason not in (Reason.CHANGED, Reason.MISSING):
        return error
    reason, message = Reason.TIMED_OUT, f"{LOST} ({error.code})"
    return S3Error(
        call=error.call, bucket=error.bucket, key=error.key, code="RequestTimeout", status=0, message=message,
        reason=reason, request_id=error.request_id,
    )  # fmt: skip
