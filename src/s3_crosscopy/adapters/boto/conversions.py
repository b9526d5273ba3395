"""From S3's answers, as boto3 shapes them, to our values, and from our values to its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.adapters.boto.s3_dates import clock, iso
from s3_crosscopy.adapters.boto.strict_parser import Unreadable, required, size_in
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import MAX_KEY_BYTES, Bucket
from s3_crosscopy.model.objects import Checksum, Listed, Page, Part
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, ListPage
from s3_crosscopy.model.outcomes import Reason

CHECKSUM = "Checksum"
"""How the names of checksum members begin: `ChecksumCRC32`."""


def empty(call: str, bucket: str, key: str, lacks: str) -> S3Error:
    """A 200 without what it should hold: a cut connection or a proxy's page, never an empty listing or a copy."""
    return S3Error(
        call=call, bucket=bucket, key=key, code="EmptyAnswer", status=200,
        message=f"the answer has no {lacks}, as the API promises", reason=Reason.SERVER,
    )  # fmt: skip


def guards(bucket: Bucket) -> dict[str, str]:
    """What goes along on every request to a bucket."""
    args: dict[str, str] = {}
    if bucket.owner is not None:
        args["ExpectedBucketOwner"] = bucket.owner
    if bucket.requester_pays:
        args["RequestPayer"] = "requester"
    return args


def copy_source(op: Copy | CopyPart) -> dict[str, str]:
    """Always a mapping: botocore quotes its key right, which it cannot do to a string."""
    version = {"VersionId": op.version} if op.version is not None else {}
    return {"Bucket": op.source.name, "Key": op.source_key, **version}


def copy_guards(op: Copy | CopyPart) -> dict[str, str]:
    """Each owner guards its own side; the destination's on the source would refuse every cross-account copy."""
    args = guards(op.dest)
    if op.source.owner is not None:
        args["ExpectedSourceBucketOwner"] = op.source.owner
    if op.if_match:  # a server without ETags gives nothing to guard with
        args["CopySourceIfMatch"] = quoted(op.if_match)
    return args


def date_of(said: Mapping[str, Any]) -> str:
    """The server's own clock."""
    return clock(said["ResponseMetadata"].get("HTTPHeaders", {}).get("date", ""))


def is_restored(status: Mapping[str, Any] | None) -> bool:
    """`RestoreStatus` of a listing: there is a readable copy once nothing is in progress."""
    return status is not None and not status.get("IsRestoreInProgress") and "RestoreExpiryDate" in status


def quoted(etag: str) -> str:
    """ETags travel in quotes (RFC 9110, 8.8.3); some servers never match one without."""
    return f'"{etag}"'


def page_of(op: ListPage, said: Mapping[str, Any]) -> Page:
    """The page that an answer to ListObjectsV2 holds. Raises S3Error where it is none, or does not say how to go on."""
    if "IsTruncated" not in said:
        raise empty("ListObjectsV2", op.bucket.name, op.prefix, "IsTruncated")
    with translated("ListObjectsV2", op.bucket.name, op.prefix):
        objects = [_listed(row) for row in said.get("Contents", ())]
    if said.get("IsTruncated") and not said.get("NextContinuationToken"):
        raise torn(op)
    return Page(objects, said.get("NextContinuationToken") if said.get("IsTruncated") else None, date_of(said))


def _listed(row: Mapping[str, Any]) -> Listed:
    key = required(row, "Key", "a row of the listing")
    if len(key) * 4 > MAX_KEY_BYTES and (length := len(key.encode("utf-8", "surrogatepass"))) > MAX_KEY_BYTES:
        raise Unreadable(f"the key {key[:40]!r}... of the listing has {length:,} bytes, S3 allows {MAX_KEY_BYTES:,}")
    of = f"the row of {key!r}"
    return Listed(key, size_in(row, "Size", of), row.get("ETag", "").strip('"'), time_in(row, "LastModified", of),
                  row.get("StorageClass") or "STANDARD", is_restored(row.get("RestoreStatus")))  # fmt: skip


def time_in(said: Mapping[str, Any], name: str, of: str = "the answer") -> str:
    """A time, as `Listed.modified`. Raises Unreadable."""
    try:
        return iso(required(said, name, of))
    except ValueError as error:
        raise Unreadable(f"{name} of {of}: {error}") from error


def torn(op: ListPage) -> S3Error:
    """A page that is not the last one and does not lead to the next."""
    return S3Error(
        call="ListObjectsV2", bucket=op.bucket.name, key=op.prefix, code="TruncatedWithoutToken", status=200,
        message="the page says that more follows, but not where", reason=Reason.SERVER,
    )  # fmt: skip


def copy_of(op: Copy, result: Mapping[str, Any]) -> Copied:
    """What a CopyObjectResult tells. Raises S3Error for one without an ETag."""
    copied = copied_of(result)
    if not copied.etag:
        raise empty("CopyObject", op.source.name, op.source_key, "ETag")
    return copied


def part_of(op: CopyPart, result: Mapping[str, Any]) -> Part:
    """What a CopyPartResult tells. Raises S3Error for one without an ETag."""
    etag = str(result.get("ETag") or "").strip('"')
    if not etag:
        raise empty("UploadPartCopy", op.source.name, op.source_key, "ETag")
    checksums = {name: value for name, value in result.items() if name.startswith(CHECKSUM)}
    return Part(op.number, etag, checksums)


def completed_of(bucket: Bucket, key: str, said: Mapping[str, Any]) -> Copied:
    """Reads a CompleteMultipartUploadResult; the ETag may be missing. Raises S3Error where all is."""
    if not any(said.get(name) for name in ("ETag", "Key", "Bucket", "Location")):
        raise empty("CompleteMultipartUpload", bucket.name, key, "ETag")
    return copied_of(said)


def copied_of(said: Mapping[str, Any]) -> Copied:
    return Copied(str(said.get("ETag") or "").strip('"'), checksum_of(said))


def checksum_of(said: Mapping[str, Any]) -> Checksum | None:
    for name, value in said.items():
        if name.startswith(CHECKSUM) and name not in ("ChecksumType", "ChecksumAlgorithm") and value:
            kind = said.get("ChecksumType") or ("COMPOSITE" if "-" in value else "FULL_OBJECT")
            return Checksum(name[len(CHECKSUM) :], kind, value)
    return None
