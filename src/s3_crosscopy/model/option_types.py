"""Types of the options that allow a few words only, for editors and type checkers.

`model.options` has the words too, and decides; a test holds both together.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

Template: TypeAlias = str
"""Text that Airflow renders before it is read: every option may be a template."""

Kind = Literal["auto", "object", "prefix"]
IfEmpty = Literal["fail", "skip", "succeed"]
Overwrite = Literal["if_changed", "always", "never"]
Compare = Literal["auto", "etag", "size", "mtime", "checksum"]
Archived = Literal["fail", "skip"]
Transport = Literal["auto", "boto3", "fast"]
StorageClass = Literal[
    "source",
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
]
KmsEncryption = Literal["AES256", "aws:kms", "aws:kms:dsse"]
Acl = Literal[
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
]
ChecksumAlgorithm = Literal["CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME"]
RequestPayer = Literal["requester"]
Verification = Literal["responses", "listing"]
TableFormats = Literal["warn", "fail", "ignore"]
ReportFormat = Literal["jsonl", "parquet"]
Since = Literal["last_success", "key"]
Extraneous = Literal["report", "count", "keep", "delete"]
Preflight = Literal["off", "light", "full"]
