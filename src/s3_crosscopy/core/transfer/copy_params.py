"""Builds the parameters of CopyObject, CreateMultipartUpload and CompleteMultipartUpload from one table of properties.

CopyObject keeps most properties itself and is sent only what differs. UploadPartCopy carries data only, so that all
properties are sent with CreateMultipartUpload. Arguments have S3's API names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from s3_crosscopy.core.transfer.header_choice import NewHeaders, new_content, replaces
from s3_crosscopy.core.transfer.preconditions import precondition
from s3_crosscopy.model.objects import NOTHING, Facts
from s3_crosscopy.model.option_table import MAX_PART_BYTES
from s3_crosscopy.model.options import CopyOptions

Args = Mapping[str, object]

MAX_TAG_HEADER_BYTES = 2048
"""Longest `x-amz-tagging` header, in bytes (the same limit as in aws-cli)."""
MAX_COPY_BYTES = MAX_PART_BYTES
"""Largest object that CopyObject accepts (API reference, "CopyObject")."""

NO_ARGS: Args = {}


class Subject(NamedTuple):
    """The object that arguments are built for.

    facts: result of a HEAD, or None. Set if `header_choice.needs_facts`, and for a multipart copy.
    tags: the source's tags, or None. Set for a multipart copy that keeps them.
    headers: the content headers that its copy gets or loses by the option `headers`.
    """

    options: CopyOptions
    storage_class: str
    facts: Facts | None = None
    tags: Mapping[str, str] | None = None
    headers: NewHeaders = NOTHING


class Property(NamedTuple):
    """One property of an object: how it is kept, in words for the docs, and its arguments for each of the two calls.

    copy: builds those of CopyObject. create: builds those of CreateMultipartUpload.
    """

    name: str
    kept: str
    copy: Callable[[Subject], Args]
    create: Callable[[Subject], Args]


def _none(_: Subject) -> Args:
    return NO_ARGS


def _content_again(subject: Subject) -> Args:
    """Content headers, if these or metadata are replaced: REPLACE drops both. Sent separately without `facts`."""
    return NO_ARGS if subject.facts is None or not replaces(subject.options, subject.headers) else _content(subject)


def _content(subject: Subject) -> Args:
    return new_content(subject.facts, subject.headers)


def _metadata_if_other(subject: Subject) -> Args:
    """User metadata, if it or content headers are replaced. Metadata to keep is sent separately without `facts`."""
    if not replaces(subject.options, subject.headers):
        return NO_ARGS
    separately = subject.options.metadata == "keep" and subject.facts is None
    return {"MetadataDirective": "REPLACE", **(NO_ARGS if separately else _metadata(subject))}


def _metadata(subject: Subject) -> Args:
    metadata = subject.options.metadata
    if isinstance(metadata, Mapping):
        return {"Metadata": metadata}
    if metadata == "drop":
        return {"Metadata": {}}
    assert subject.facts is not None, "metadata requires a HEAD"
    return {"Metadata": dict(subject.facts.metadata)}


def _tags_if_other(subject: Subject) -> Args:
    return NO_ARGS if subject.options.tags == "keep" else {"TaggingDirective": "REPLACE", **_tags(subject)}


def _tags(subject: Subject) -> Args:
    return NO_ARGS if tags_afterwards(subject) else _tag_header(_wanted_tags(subject))


def _wanted_tags(subject: Subject) -> Mapping[str, str]:
    tags = subject.options.tags
    if isinstance(tags, Mapping):
        return tags
    return {} if tags == "drop" else subject.tags or {}


def _tag_header(tags: Mapping[str, str]) -> Args:
    return {"Tagging": urlencode(list(tags.items()))} if tags else NO_ARGS


def _storage_class(subject: Subject) -> Args:
    requested = subject.options.storage_class
    storage_class = subject.storage_class if requested == "source" else requested
    return {"StorageClass": storage_class} if storage_class not in (None, "STANDARD") else NO_ARGS


def _encryption(subject: Subject) -> Args:
    options = subject.options
    if options.kms_encryption_type is None:
        return NO_ARGS
    args: dict[str, object] = {"ServerSideEncryption": options.kms_encryption_type}
    if options.kms_key_id is not None:
        args["SSEKMSKeyId"] = options.kms_key_id
    if options.bucket_key_enabled is not None:
        args["BucketKeyEnabled"] = options.bucket_key_enabled
    return args


def _acl(subject: Subject) -> Args:
    return NO_ARGS if subject.options.acl_policy is None else {"ACL": subject.options.acl_policy}


def _checksum_if_other(subject: Subject) -> Args:
    algorithm = subject.options.checksum_algorithm
    return NO_ARGS if algorithm is None else {"ChecksumAlgorithm": algorithm}


def _checksum(subject: Subject) -> Args:
    """The algorithm that CopyObject would keep. Only CRCs of parts can be combined to that of the whole object."""
    algorithm = subject.options.checksum_algorithm
    if algorithm is None and subject.facts is not None and subject.facts.checksum is not None:
        algorithm = subject.facts.checksum.algorithm
    if algorithm is None:
        return NO_ARGS
    kind = "FULL_OBJECT" if algorithm.startswith("CRC") else "COMPOSITE"
    return {"ChecksumAlgorithm": algorithm, "ChecksumType": kind}


def _no_annotations(_: Subject) -> Args:
    return {"AnnotationDirective": "EXCLUDE"}


PROPERTIES: tuple[Property, ...] = (
    Property("content headers", "unless headers= sets or drops them", _content_again, _content),
    Property("user metadata", "unless metadata= drops or replaces it", _metadata_if_other, _metadata),
    Property("tags", "unless tags= drops or replaces them", _tags_if_other, _tags),
    Property(
        "storage class", "with storage_class='source'; otherwise STANDARD or as named", _storage_class, _storage_class
    ),
    Property("encryption", "no: the destination bucket's default, or kms_encryption_type=", _encryption, _encryption),
    Property("ACL", "no: none is sent, or acl_policy=", _acl, _acl),
    Property("checksum algorithm", "yes, unless checksum_algorithm= names one", _checksum_if_other, _checksum),
    Property("annotations", "no: each is billed", _no_annotations, _none),
    Property("website redirect", "no", _none, _none),
    Property("Object Lock", "no: the destination bucket's default retention applies", _none, _none),
)


def copy_args(subject: Subject) -> Args:
    """Return the arguments of CopyObject, without source and destination.

    Without `facts` they are those of all objects of the storage class; `header_choice.needs_facts` says what is added.
    """
    return _merge(row.copy(subject) for row in PROPERTIES)


def create_args(subject: Subject) -> Args:
    """Return the arguments of CreateMultipartUpload, without the destination."""
    return _merge(row.create(subject) for row in PROPERTIES)


def complete_args(size: int, create: Args, expected: str) -> Args:
    """Return the arguments of CompleteMultipartUpload. `MpuObjectSize` makes S3 check the size at no cost.

    create: the arguments that CreateMultipartUpload was sent. expected: as in `preconditions`.
    """
    checksum_type = {"ChecksumType": create["ChecksumType"]} if "ChecksumType" in create else {}
    return {"MpuObjectSize": size, **checksum_type, **precondition(expected)}


def tags_afterwards(subject: Subject) -> Mapping[str, str]:
    """Return the tags to set after the copy because they do not fit the header; empty if there are none.

    Always empty for a CopyObject that keeps the tags, because S3 copies these itself.
    """
    tags = _wanted_tags(subject)
    header = _tag_header(tags).get("Tagging", "")
    return tags if len(str(header)) > MAX_TAG_HEADER_BYTES else {}


def may_owe_tags(options: CopyOptions, size: int) -> bool:
    """Return True if the options allow that tags of an object of `size` bytes must be set after the copy."""
    if options.tags == "keep":
        return size > MAX_COPY_BYTES
    return bool(tags_afterwards(Subject(options, "")))


def goes_in_one(subject: Subject, size: int) -> bool:
    """Return True if an object above the multipart threshold must be copied by one CopyObject.

    Only CopyObject keeps tags that do not fit the header, and metadata that HEAD does not return.
    """
    kept_tags = subject.options.tags == "keep" and bool(tags_afterwards(subject))
    return size <= MAX_COPY_BYTES and (kept_tags or (untold_metadata(subject) and not subject.headers))


def untold_metadata(subject: Subject) -> bool:
    """Return True if the object has metadata to keep that HEAD does not return.

    Only CopyObject keeps it, and only if it replaces no content headers.
    """
    return subject.options.metadata == "keep" and subject.facts is not None and subject.facts.untold > 0


def _merge(rows: Iterable[Args]) -> dict[str, object]:
    merged: dict[str, object] = {}
    for args in rows:
        merged.update(args)
    return merged
