"""The permissions that a self-test needs: those of its own requests, and those of the copies that it makes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from s3_crosscopy.access.rules.permissions import OF_BUCKET

_READS: Final = ("s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging")
_SETTINGS: Final = (
    "s3:ListBucket", "s3:GetBucketVersioning", "s3:GetBucketObjectLockConfiguration", "s3:GetBucketRequestPayment",
)  # fmt: skip

ACTIONS_OF: Final[Mapping[str, tuple[str, ...]]] = {
    "HeadBucket": ("s3:ListBucket",),
    "GetBucketVersioning": ("s3:GetBucketVersioning",),
    "GetObjectLockConfiguration": ("s3:GetBucketObjectLockConfiguration",),
    "GetBucketRequestPayment": ("s3:GetBucketRequestPayment",),
    "ListObjectsV2": ("s3:ListBucket",),
    "ListObjectVersions": ("s3:ListBucketVersions",),
    "ListMultipartUploads": ("s3:ListBucketMultipartUploads",),
    "ListParts": ("s3:ListMultipartUploadParts",),
    "HeadObject": ("s3:GetObject",),
    "GetObject": ("s3:GetObject",),
    "GetObjectTagging": ("s3:GetObjectTagging",),
    "PutObject": ("s3:PutObject", "s3:PutObjectTagging"),
    "CopyObject": ("s3:PutObject", "s3:PutObjectTagging"),
    "CreateMultipartUpload": ("s3:PutObject", "s3:PutObjectTagging"),
    "UploadPart": ("s3:PutObject",),
    "UploadPartCopy": ("s3:PutObject",),
    "CompleteMultipartUpload": ("s3:PutObject",),
    "AbortMultipartUpload": ("s3:AbortMultipartUpload",),
    "DeleteObject": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
}
"""The permissions at the bucket itself by API operation (API Reference, "Permissions" of each)."""

_REMOVALS: Final = (
    "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads",
    "s3:AbortMultipartUpload",
)  # fmt: skip
SOURCE_ACTIONS: Final = (*_SETTINGS, *_READS, "s3:PutObject", "s3:PutObjectTagging", *_REMOVALS)
"""Of the source profile. If it may not write there, the copier needs the writing ones."""
COPIER_SOURCE_ACTIONS: Final = ("s3:ListBucket", *_READS)
DEST_ACTIONS: Final = (
    *_SETTINGS, "s3:GetObject", "s3:GetObjectTagging", "s3:PutObject", "s3:PutObjectTagging",
    "s3:ListMultipartUploadParts", *_REMOVALS,
)  # fmt: skip
KMS_ACTIONS: Final = ("kms:Decrypt", "kms:GenerateDataKey")
_BUCKET_ONLY: Final = OF_BUCKET | {"s3:GetBucketObjectLockConfiguration", "s3:GetBucketRequestPayment"}


def statements(bucket: str, prefix: str, actions: tuple[str, ...], sid: str) -> list[dict[str, Any]]:
    """Return two statements of a policy: for the bucket, and for what is below the prefix."""
    of_bucket = [action for action in actions if action in _BUCKET_ONLY]
    of_keys = [action for action in actions if action not in _BUCKET_ONLY]
    arn = f"arn:aws:s3:::{bucket}"
    return [
        {"Sid": f"{sid}Bucket", "Effect": "Allow", "Action": of_bucket, "Resource": arn},
        {"Sid": f"{sid}Objects", "Effect": "Allow", "Action": of_keys, "Resource": f"{arn}/{prefix}*"},
    ]


def kms_statement(key_arn: str) -> dict[str, Any]:
    """Return the statement for `--kms-key-id`."""
    return {"Sid": "SelftestKey", "Effect": "Allow", "Action": list(KMS_ACTIONS), "Resource": key_arn}


def selftest_policy(*parts: Any) -> dict[str, Any]:
    """Return a policy of these statements."""
    return {"Version": "2012-10-17", "Statement": list(parts)}
