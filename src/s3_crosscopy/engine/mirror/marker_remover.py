"""Takes one delete back: removes the delete marker that a run made, if it is still the newest version of its key."""

from __future__ import annotations

from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.ports import S3

BACK = ""
THERE = "it is there already"
OTHERS = "it was written or deleted again since then"


def remove_marker(s3: S3, bucket: Bucket, row: ReportRow) -> str:
    """Return why a deleted key was left as it is, "" if its delete marker was removed. Raises S3Error.

    Nothing but a delete marker that is the newest version is ever removed, whatever the row says.
    """
    newest = s3.newest_version(bucket, row.dest_key)
    if newest is None:
        return OTHERS
    if not newest.is_marker:
        return THERE if newest.etag == row.etag else OTHERS
    if newest.version != row.marker:
        return OTHERS
    s3.delete_object(bucket, row.dest_key, "", newest.version)
    return BACK
