"""The statements about S3 that a self-test checks, each with the page of AWS's documentation that makes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple


class Fact(NamedTuple):
    """A statement, its source, and what of this project rests on it."""

    text: str
    source: str
    used_for: str


_COPY = "API Reference, CopyObject"
_PUT = "API Reference, PutObject"
_HEAD = "API Reference, HeadObject"
_PART = "API Reference, UploadPartCopy"
_COMPLETE = "API Reference, CompleteMultipartUpload"
_INTEGRITY = "User Guide, Checking object integrity"
_OWNER = "User Guide, Verifying bucket ownership with bucket owner condition"
_CONDITIONS = "User Guide, Add preconditions to S3 operations"

FACTS: Final[Mapping[str, Fact]] = {
    "keys": Fact(
        "A key is any UTF-8 of up to 1,024 bytes, and is compared byte for byte",
        "User Guide, Naming Amazon S3 objects", "every key is copied to its own name",
    ),
    "key-limit": Fact(
        "A key of more than 1,024 bytes is refused", "User Guide, Naming Amazon S3 objects",
        "such a copy fails alone, with a reason",
    ),
    "properties": Fact(
        "An object has the content headers, metadata and tags of its PUT or upload", _PUT,
        "copies in parts, which name them in CreateMultipartUpload",
    ),
    "non-ascii": Fact(
        "HEAD returns metadata that is no ASCII in the form of RFC 2047, and a write decodes that form",
        "User Guide, Working with object metadata", "metadata is sent again as HEAD returned it",
    ),
    "checksum": Fact(
        "HEAD returns the checksum that was sent with the object", _INTEGRITY, "verification by checksum",
    ),
    "checksum-default": Fact(
        "An object without a checksum of its own gets CRC64NVME of the full object", _INTEGRITY,
        "verification by checksum",
    ),
    "etag": Fact(
        "Without KMS the ETag is the MD5 of the content, or of the parts' MD5s with -N",
        "API Reference, Object", "verification by ETag, preserve_etag",
    ),
    "etag-kms": Fact("With KMS the ETag is not the MD5", "API Reference, Object", "such copies are verified otherwise"),
    "sse-default": Fact(
        "New objects are encrypted with SSE-S3 unless the bucket's default or the request says otherwise",
        "User Guide, Setting default server-side encryption", "no SSE header is sent without an option",
    ),
    "copy-keeps": Fact(
        "CopyObject keeps content headers, metadata, tags and the checksum algorithm", _COPY, "copies in one request",
    ),
    "copy-in-parts": Fact(
        "UploadPartCopy copies data only, and the upload has what CreateMultipartUpload says", _PART,
        "copies in parts",
    ),
    "copy-class": Fact("CopyObject makes STANDARD without a storage class in the request", _COPY, "storage_class"),
    "copy-single": Fact(
        "CopyObject of an object in parts makes one without parts: its ETag and checksum are of the full object",
        _COPY, "an ETag that differs is no failure",
    ),
    "layout": Fact(
        "Parts of the same sizes give the same ETag", "API Reference, Object", "preserve_etag",
    ),
    "part-head": Fact("HEAD with a part number tells its size and the number of parts", _HEAD, "preserve_etag"),
    "part-range": Fact("HEAD of a part that does not exist is refused with 416", _HEAD, "preserve_etag"),
    "list-order": Fact(
        "ListObjectsV2 returns keys in the order of their UTF-8 bytes", "API Reference, ListObjectsV2",
        "both listings are joined as they come",
    ),
    "list-last-page": Fact(
        "A last page that is full says so", "API Reference, ListObjectsV2", "one LIST a side when nothing is there",
    ),
    "missing": Fact("With s3:ListBucket a missing key answers 404", _HEAD, "a missing key is no failure of access"),
    "missing-source": Fact("A copy of a missing source is refused with NoSuchKey", _COPY, "outcome missing"),
    "region": Fact(
        "HeadBucket tells the bucket's Region", "API Reference, HeadBucket", "requests go to the bucket's Region",
    ),
    "owner": Fact("A request that expects another owner is denied", _OWNER, "expected_bucket_owner"),
    "source-owner": Fact(
        "A copy that expects another owner of the source is denied", _OWNER, "expected_source_bucket_owner",
    ),
    "source-condition": Fact(
        "A copy whose source has another ETag than CopySourceIfMatch is refused with 412", _COPY,
        "no copy of half-changed data",
    ),
    "if-none-match": Fact(
        "CopyObject and CompleteMultipartUpload with If-None-Match are refused with 412 where the key exists",
        _CONDITIONS, "no overwrite of what another writer has written",
    ),
    "if-match": Fact(
        "CopyObject and CompleteMultipartUpload with If-Match are refused with 412 where the ETag is another one",
        _CONDITIONS, "no overwrite of what another writer has written",
    ),
    "if-match-missing": Fact(
        "A write with If-Match to a missing key is refused with 404", _CONDITIONS, "a deleted copy is decided again",
    ),
    "delete-condition": Fact(
        "DeleteObject with If-Match is refused with 412 where the ETag is another one", _CONDITIONS,
        'extraneous="delete" deletes only what was listed',
    ),
    "size-condition": Fact(
        "CompleteMultipartUpload with another MpuObjectSize than that of the parts is refused", _COMPLETE,
        "verification of copies in parts",
    ),
    "part-beyond": Fact("UploadPartCopy of a range beyond the source's end is refused", _PART, "a source that shrank"),
    "no-upload": Fact("A part for an upload that was aborted is refused with NoSuchUpload", _PART, "resumed uploads"),
    "large-copy": Fact("CopyObject of more than 5 GiB is refused", _COPY, "multipart_threshold"),
    "versions": Fact("A copy names a version of its source", _COPY, "source_version_id"),
    "delete-marker": Fact(
        "In a bucket with versioning a delete makes a marker, and removing it brings the object back",
        "User Guide, Working with delete markers", "s3-crosscopy undelete",
    ),
    "open-uploads": Fact(
        "An upload and its parts stay, and are listed, until it is completed or aborted",
        "API Reference, ListMultipartUploads", "resumed uploads",
    ),
    "allowed": Fact(
        "The principals have the permissions of docs/aws.md, and S3 answers", "this project", "each check as a whole",
    ),
    "own-copies": Fact("The copy does what its own documentation says", "this project", "everything"),
}  # fmt: skip
