"""Creates an object of the memory store from the parameters of CopyObject or CreateMultipartUpload."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast
from urllib.parse import parse_qsl

from s3_crosscopy.testing.memory_store import MemoryStore
from s3_crosscopy.testing.stored_objects import StoredBucket, StoredObject

HEADERS = (
    "CacheControl",
    "ContentDisposition",
    "ContentEncoding",
    "ContentLanguage",
    "ContentType",
    "Expires",
)
_WRITE_ARGS = {
    *HEADERS,
    "ACL",
    "BucketKeyEnabled",
    "ChecksumAlgorithm",
    "Metadata",
    "SSEKMSKeyId",
    "ServerSideEncryption",
    "StorageClass",
    "Tagging",
}
COPY_ARGS = frozenset(
    _WRITE_ARGS | {"AnnotationDirective", "IfMatch", "IfNoneMatch", "MetadataDirective", "TaggingDirective"}
)
CREATE_ARGS = frozenset(_WRITE_ARGS | {"ChecksumType"})
Args = Mapping[str, object]


def copied_object(store: MemoryStore, bucket: StoredBucket, source: StoredObject, args: Args) -> StoredObject:
    """Return the result of CopyObject: a single part, by the directives, and STANDARD unless specified otherwise."""
    replaced = args.get("MetadataDirective") == "REPLACE"
    algorithm = args.get("ChecksumAlgorithm") or (source.checksum and source.checksum.algorithm)
    made = store.made(
        source.content,
        (),
        encryption(bucket, args),
        checksum_args={"ChecksumAlgorithm": algorithm},
        modified=store.now(),
        storage_class=storage_class(args),
        headers=headers(args) if replaced else source.headers,
        metadata=metadata(args) if replaced else source.metadata,
        tags=tags(args) if args.get("TaggingDirective") == "REPLACE" else source.tags,
    )
    return made if replaced else replace(made, untold=source.untold)


def encryption(bucket: StoredBucket, args: Args) -> str:
    return str(args.get("ServerSideEncryption") or bucket.encryption)


def storage_class(args: Args) -> str:
    return str(args.get("StorageClass") or "STANDARD")


def headers(args: Args) -> dict[str, str]:
    return {name: str(args[name]) for name in HEADERS if name in args}


def metadata(args: Args) -> dict[str, str]:
    """Return user metadata with names in lower case, as S3 stores them."""
    entries = cast("Mapping[str, Any]", args.get("Metadata") or {})
    return {name.lower(): str(value) for name, value in entries.items()}


def tags(args: Args) -> dict[str, str]:
    return dict(parse_qsl(str(args.get("Tagging") or ""), keep_blank_values=True))
