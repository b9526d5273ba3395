"""Which property of an object goes to which API call: one table, whatever the size of the object.

CopyObject keeps most things by itself and is told only what shall differ; UploadPartCopy carries data only, so that
everything has to be given to CreateMultipartUpload. Arguments are by S3's API names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple
from urllib.parse import urlencode

from s3_crosscopy.model.objects import Facts
from s3_crosscopy.model.options import MAX_PART_BYTES, CopyOptions

Args = Mapping[str, object]

MAX_TAG_HEADER_BYTES = 2048
"""Tags above this do not fit the `x-amz-tagging` header (aws-cli's own cut)."""
MAX_COPY_BYTES = MAX_PART_BYTES
"""CopyObject takes no larger object (API reference, "CopyObject")."""

NO_ARGS: Args = {}


class Subject(NamedTuple):
    """The object that arguments are made for. `facts` and `tags` are there where `needs_facts` or a multipart copy
    asked for them."""

    options: CopyOptions
    storage_class: str
    facts: Facts | None = None
    tags: Mapping[str, str] | None = None


class Property(NamedTuple):
    """One row: what is `kept` in words (for the docs), and the arguments for a single copy and for an upload."""

    name: str
    kept: str
    copy: Callable[[Subject], Args]
    create: Callable[[Subject], Args]


def _none(_: Subject) -> Args:
    return NO_ARGS


def _content_again(subject: Subject) -> Args:
    """REPLACE drops the content headers with the metadata, so they are sent again."""
    return NO_ARGS if subject.options.metadata == "keep" else _content(subject)


def _content(subject: Subject) -> Args:
    assert subject.facts is not None, "content headers are known from a HEAD only"
    return subject.facts.content


def _metadata_if_other(subject: Subject) -> Args:
    if subject.options.metadata == "keep":
        return NO_ARGS
    return {"MetadataDirective": "REPLACE", **_metadata(subject)}


def _metadata(subject: Subject) -> Args:
    wish = subject.options.metadata
    if isinstance(wish, Mapping):
        return {"Metadata": wish}
    if wish == "drop":
        return {"Metadata": {}}
    assert subject.facts is not None, "metadata is known from a HEAD only"
    return {"Metadata": subject.facts.metadata}


def _tags_if_other(subject: Subject) -> Args:
    return NO_ARGS if subject.options.tags == "keep" else {"TaggingDirective": "REPLACE", **_tags(subject)}


def _tags(subject: Subject) -> Args:
    return NO_ARGS if tags_afterwards(subject) else _tag_header(_wanted_tags(subject))


def _wanted_tags(subject: Subject) -> Mapping[str, str]:
    wish = subject.options.tags
    if isinstance(wish, Mapping):
        return wish
    return {} if wish == "drop" else subject.tags or {}


def _tag_header(tags: Mapping[str, str]) -> Args:
    return {"Tagging": urlencode(list(tags.items()))} if tags else NO_ARGS


def _storage_class(subject: Subject) -> Args:
    wish = subject.options.storage_class
    named = subject.storage_class if wish == "source" else wish
    return {"StorageClass": named} if named not in (None, "STANDARD") else NO_ARGS


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
    wish = subject.options.checksum_algorithm
    return NO_ARGS if wish is None else {"ChecksumAlgorithm": wish}


def _checksum(subject: Subject) -> Args:
    """The algorithm that a single copy would keep. CRCs of parts add up to one of the whole object, SHAs do not."""
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
    Property("content headers", "always", _content_again, _content),
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


def needs_facts(options: CopyOptions) -> bool:
    """Whether even a small object needs a HEAD first: replacing metadata would drop its content headers."""
    return options.metadata != "keep"


def copy_args(subject: Subject) -> Args:
    """The arguments of CopyObject beside source and destination."""
    args = _merge(row.copy(subject) for row in PROPERTIES)
    return {**args, **must_be_new(subject.options)}


def create_args(subject: Subject) -> Args:
    """The arguments of CreateMultipartUpload beside the destination."""
    return _merge(row.create(subject) for row in PROPERTIES)


def complete_args(options: CopyOptions, size: int, create: Args) -> Args:
    """The arguments of CompleteMultipartUpload; `MpuObjectSize` makes S3 check the size at no cost."""
    kind = {"ChecksumType": create["ChecksumType"]} if "ChecksumType" in create else {}
    return {"MpuObjectSize": size, **kind, **must_be_new(options)}


def tags_afterwards(subject: Subject) -> Mapping[str, str]:
    """The tags that must be put after the copy because they do not fit its header; empty for none.

    A single copy that keeps the tags has no such ones: CopyObject carries them by itself.
    """
    wanted = _wanted_tags(subject)
    header = _tag_header(wanted).get("Tagging", "")
    return wanted if len(str(header)) > MAX_TAG_HEADER_BYTES else {}


def may_owe_tags(options: CopyOptions, size: int) -> bool:
    """Tells whether tags of a copy of `size` bytes may have to be put afterwards, as far as the options tell."""
    if options.tags == "keep":
        return size > MAX_COPY_BYTES
    return bool(tags_afterwards(Subject(options, "")))


def goes_in_one(subject: Subject, size: int) -> bool:
    """True for an object of a size for parts that one CopyObject copies: it carries what no upload can be given."""
    kept_tags = subject.options.tags == "keep" and bool(tags_afterwards(subject))
    return size <= MAX_COPY_BYTES and (kept_tags or untold_metadata(subject))


def untold_metadata(subject: Subject) -> bool:
    """Tells whether metadata is to be kept that HEAD cannot tell, so that only CopyObject can carry it."""
    return subject.options.metadata == "keep" and subject.facts is not None and subject.facts.untold > 0


def must_be_new(options: CopyOptions) -> Args:
    """The guard of `overwrite="never"`: S3 itself refuses (412) where the key exists."""
    return {"IfNoneMatch": "*"} if options.overwrite == "never" else NO_ARGS


def _merge(rows: Iterable[Args]) -> dict[str, object]:
    merged: dict[str, object] = {}
    for args in rows:
        merged.update(args)
    return merged
