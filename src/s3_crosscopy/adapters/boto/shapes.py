"""From S3's answers, as boto3 shapes them, to our values, and from our values to its parameters."""

from __future__ import annotations

from collections.abc import Mapping
from email.utils import parsedate
from typing import Any

from s3_crosscopy.adapters.boto.times import iso
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Checksum
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.requests import Copied, Copy, CopyPart

CHECKSUM = "Checksum"
"""How the names of checksum members begin: `ChecksumCRC32`."""


def empty(call: str, bucket: str, key: str) -> S3Error:
    """A 200 without what it should hold: a cut connection or a proxy's page, never an empty listing or a copy."""
    return S3Error(
        call=call, bucket=bucket, key=key, code="EmptyAnswer", status=200,
        message="the answer does not hold what the API promises", reason=Reason.SERVER,
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


def as_sent(header: str) -> str:
    """A header as it was written: botocore reads latin-1 and sends UTF-8, which would encode `ä` twice."""
    try:
        return header.encode("latin-1").decode()
    except UnicodeError:
        return header


def date_of(said: Mapping[str, Any]) -> str:
    """The server's own clock."""
    date = said["ResponseMetadata"].get("HTTPHeaders", {}).get("date", "")
    return iso(date) if date else ""


def is_restored(status: Mapping[str, Any] | None) -> bool:
    """`RestoreStatus` of a listing: there is a readable copy once nothing is in progress."""
    return status is not None and not status.get("IsRestoreInProgress") and "RestoreExpiryDate" in status


def is_date(text: str | None) -> bool:
    """Whether `Expires` can be sent again: HTTP allows anything there (`0`, `never`), botocore only dates."""
    return text is not None and parsedate(text) is not None


def quoted(etag: str) -> str:
    """ETags travel in quotes (RFC 9110, 8.8.3); some servers never match one without."""
    return f'"{etag}"'


def copied_of(said: Mapping[str, Any]) -> Copied:
    return Copied(str(said.get("ETag") or "").strip('"'), checksum_of(said))


def checksum_of(said: Mapping[str, Any]) -> Checksum | None:
    for name, value in said.items():
        if name.startswith(CHECKSUM) and name not in ("ChecksumType", "ChecksumAlgorithm") and value:
            kind = said.get("ChecksumType") or ("COMPOSITE" if "-" in value else "FULL_OBJECT")
            return Checksum(name[len(CHECKSUM) :], kind, value)
    return None
