"""Converts boto3's responses to our values, and our values to boto3's parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.adapters.boto.s3_dates import clock, iso
from s3_crosscopy.adapters.boto.strict_parser import Unreadable, required, size_in
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.access_points import access_point
from s3_crosscopy.model.location import MAX_KEY_BYTES, Bucket
from s3_crosscopy.model.objects import Checksum, Listed, Page, Part
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, ListPage
from s3_crosscopy.model.outcomes import Reason

CHECKSUM = "Checksum"
"""The prefix of checksum members, such as `ChecksumCRC32`."""


def empty(call: str, bucket: str, key: str, missing: str) -> S3Error:
    """The error for a 200 without a required member: a cut connection or a proxy's page, no empty listing or copy."""
    return S3Error(
        call=call, bucket=bucket, key=key, code="EmptyAnswer", status=200,
        message=f"the answer has no {missing}, as the API promises", reason=Reason.SERVER,
    )  # fmt: skip


def bucket_params(bucket: Bucket) -> dict[str, str]:
    """The parameters of every request to a bucket: its expected owner, and who pays."""
    args: dict[str, str] = {}
    if bucket.owner is not None:
        args["ExpectedBucketOwner"] = bucket.owner
    if bucket.requester_pays:
        args["RequestPayer"] = "requester"
    return args


def copy_source(op: Copy | CopyPart) -> dict[str, str]:
    """`CopySource` as a mapping: botocore quotes the key correctly there, but not in a string."""
    version = {"VersionId": op.version} if op.version is not None else {}
    point = access_point(op.source.name)
    return {"Bucket": op.source.name if point is None else point.arn, "Key": op.source_key, **version}


def copy_members(service_model: Any) -> Mapping[str, Any]:
    """The arguments of CopyObject that botocore knows, with the preconditions that it may know of uploads only.

    Below 1.41, as in the constraints of Airflow 3.0 and 3.1, these two headers are missing in its model of CopyObject.
    """
    members: dict[str, Any] = service_model.operation_model("CopyObject").input_shape.members
    of_uploads = service_model.operation_model("CompleteMultipartUpload").input_shape.members
    for name in ("IfMatch", "IfNoneMatch"):
        members.setdefault(name, of_uploads[name])
    return members


def copy_conditions(op: Copy | CopyPart) -> dict[str, str]:
    """The expected owners and the source's ETag. Each owner counts for its own side only."""
    args = bucket_params(op.dest)
    if op.source.owner is not None:
        args["ExpectedSourceBucketOwner"] = op.source.owner
    if op.if_match:  # a server without ETags allows no precondition
        args["CopySourceIfMatch"] = quoted(op.if_match)
    return args


def date_of(payload: Mapping[str, Any]) -> str:
    """The server's time, from the `Date` header."""
    return clock(payload["ResponseMetadata"].get("HTTPHeaders", {}).get("date", ""))


def is_restored(status: Mapping[str, Any] | None) -> bool:
    """True if a `RestoreStatus` of a listing says that there is a readable copy and no restore in progress."""
    return status is not None and not status.get("IsRestoreInProgress") and "RestoreExpiryDate" in status


def quoted(etag: str) -> str:
    """An ETag in quotes (RFC 9110, 8.8.3); some servers never match one without them."""
    return f'"{etag}"'


def page_of(op: ListPage, payload: Mapping[str, Any]) -> Page:
    """The page in a ListObjectsV2 response. Raises S3Error if it is none, or is truncated without a token."""
    if "IsTruncated" not in payload:
        raise empty("ListObjectsV2", op.bucket.name, op.prefix, "IsTruncated")
    with translated("ListObjectsV2", op.bucket.name, op.prefix):
        objects = [_listed(row) for row in payload.get("Contents", ())]
    if payload.get("IsTruncated") and not payload.get("NextContinuationToken"):
        raise truncated_without_token(op)
    return Page(objects, payload.get("NextContinuationToken") if payload.get("IsTruncated") else None, date_of(payload))


def _listed(row: Mapping[str, Any]) -> Listed:
    key = required(row, "Key", "a row of the listing")
    if len(key) * 4 > MAX_KEY_BYTES and (length := len(key.encode("utf-8", "surrogatepass"))) > MAX_KEY_BYTES:
        raise Unreadable(f"the key {key[:40]!r}... of the listing has {length:,} bytes, S3 allows {MAX_KEY_BYTES:,}")
    of = f"the row of {key!r}"
    return Listed(key, size_in(row, "Size", of), row.get("ETag", "").strip('"'), time_in(row, "LastModified", of),
                  row.get("StorageClass") or "STANDARD", is_restored(row.get("RestoreStatus")),
                  listed_checksum(row.get("ChecksumAlgorithm", ()), row.get("ChecksumType", "")))  # fmt: skip


def listed_checksum(algorithms: Sequence[str], kind: str) -> str:
    """`Listed.checksum` for the values of a row of a listing."""
    return f"{','.join(algorithms)}:{kind}" if algorithms else ""


def time_in(payload: Mapping[str, Any], name: str, of: str = "the answer") -> str:
    """A time, in the format of `Listed.modified`. Raises Unreadable."""
    try:
        return iso(required(payload, name, of))
    except ValueError as error:
        raise Unreadable(f"{name} of {of}: {error}") from error


def truncated_without_token(op: ListPage) -> S3Error:
    """The error for a page that is not the last one and does not lead to the next."""
    return S3Error(
        call="ListObjectsV2", bucket=op.bucket.name, key=op.prefix, code="TruncatedWithoutToken", status=200,
        message="the page is truncated but has no continuation token", reason=Reason.SERVER,
    )  # fmt: skip


def copy_of(op: Copy, result: Mapping[str, Any]) -> Copied:
    """The value of a CopyObjectResult. Raises S3Error for one without an ETag."""
    copied = copied_of(result)
    if not copied.etag:
        raise empty("CopyObject", op.source.name, op.source_key, "ETag")
    return copied


def part_of(op: CopyPart, result: Mapping[str, Any]) -> Part:
    """The value of a CopyPartResult. Raises S3Error for one without an ETag."""
    etag = str(result.get("ETag") or "").strip('"')
    if not etag:
        raise empty("UploadPartCopy", op.source.name, op.source_key, "ETag")
    checksums = {name: value for name, value in result.items() if name.startswith(CHECKSUM)}
    return Part(op.number, etag, checksums)


def completed_of(bucket: Bucket, key: str, payload: Mapping[str, Any]) -> Copied:
    """The value of a CompleteMultipartUploadResult; the ETag may be missing. Raises S3Error if all members are."""
    if not any(payload.get(name) for name in ("ETag", "Key", "Bucket", "Location")):
        raise empty("CompleteMultipartUpload", bucket.name, key, "ETag")
    return copied_of(payload)


def copied_of(payload: Mapping[str, Any]) -> Copied:
    return Copied(str(payload.get("ETag") or "").strip('"'), checksum_of(payload))


def checksum_of(payload: Mapping[str, Any]) -> Checksum | None:
    for name, value in payload.items():
        if name.startswith(CHECKSUM) and name not in ("ChecksumType", "ChecksumAlgorithm") and value:
            checksum_type = payload.get("ChecksumType") or ("COMPOSITE" if "-" in value else "FULL_OBJECT")
            return Checksum(name[len(CHECKSUM) :], checksum_type, value)
    return None
