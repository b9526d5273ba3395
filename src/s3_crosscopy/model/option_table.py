"""All options of a copy in one table: name, group, default, parser and one-line help.

The table drives `CopyOptions`, the CLI's arguments, the operator's template fields and the reference in the docs.
Names are the amazon provider's where it has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.content_headers import header_rules
from s3_crosscopy.model.durations import Duration
from s3_crosscopy.model.header_values import kms_key, version
from s3_crosscopy.model.option_groups import (
    COMPARISON,
    MIRROR,
    OWNERS,
    PROPERTIES,
    RELIABILITY,
    REPORTS,
    SELECTION,
    SPEED,
    Group,
)
from s3_crosscopy.model.option_parsers import near

MIB: Final = 2**20
GIB: Final = 2**30
DAY_S: Final = 86_400

CONCURRENCY: Final = 64
"""Default limit of concurrent requests: production may share the bucket, and fewer keep a core busy with boto3."""

MIN_PART_BYTES: Final = 5 * MIB
"""S3's smallest size of a part, except the last (User Guide, "Amazon S3 multipart upload limits")."""
MAX_PART_BYTES: Final = 5 * GIB
"""S3's largest size of a part, and of a single CopyObject."""
MAX_OBJECT_BYTES: Final = 10_000 * MAX_PART_BYTES
"""S3's largest object, 48.8 TiB: the maximum number of parts of the largest size."""

ACLS = (
    "private",
    "public-read",
    "public-read-write",
    "authenticated-read",
    "aws-exec-read",
    "bucket-owner-read",
    "bucket-owner-full-control",
)
STORAGE_CLASSES = (
    "STANDARD",
    "REDUCED_REDUNDANCY",
    "STANDARD_IA",
    "ONEZONE_IA",
    "INTELLIGENT_TIERING",
    "GLACIER",
    "DEEP_ARCHIVE",
    "GLACIER_IR",
)
SSE_S3: Final = "AES256"
"""Encryption with S3's own keys, without KMS."""
CHECKSUM_ALGORITHMS = ("CRC32", "CRC32C", "SHA1", "SHA256", "CRC64NVME")


class Option(NamedTuple):
    """One row of the table. `default=None` means "not given" and is not read by `parse`."""

    name: str
    group: Group
    default: Any
    parse: parse.Parser
    help: str


OPTIONS: Final[tuple[Option, ...]] = (
    Option("kind", SELECTION, "auto", parse.Choice("auto", "object", "prefix"),
           "one object or everything under a prefix; auto: a key that ends in '/' is a prefix"),
    Option("allow_bucket_root", SELECTION, False, parse.flag,
           "allow the root of a bucket as source or destination (an empty template must not copy a bucket)"),
    Option("if_empty", SELECTION, "fail", parse.Choice("fail", "skip", "succeed"),
           "what nothing to copy means, because the source, the globs and sizes or the manifest leave none: fail, skip"
           " the task, or succeed"),
    Option("overwrite", COMPARISON, "if_changed", parse.Choice("if_changed", "always", "never"),
           "what to do with a key that the destination has: copy it if it changed, always, or never"),
    Option("compare", COMPARISON, "auto", parse.Choice("auto", "etag", "size", "mtime", "checksum"),
           "what tells that an object changed; auto: size and ETag, and a HEAD a side where ETags cannot tell"
           " and HEADs can; checksum: the same, with a HEAD a side wherever ETags differ; new metadata, content type"
           " or tags of the same content are copied by mtime only"),
    Option("include", SELECTION, (), parse.globs,
           "copy only keys that match one of these globs, relative to the source prefix (of one object: its name);"
           " '*' matches '/' too"),
    Option("exclude", SELECTION, (), parse.globs,
           "leave out keys that match one of these globs, which see what those of include see; wins over include"),
    Option("min_size", SELECTION, None, parse.Size(0, MAX_OBJECT_BYTES), "copy only objects of at least this size"),
    Option("max_size", SELECTION, None, parse.Size(0, MAX_OBJECT_BYTES), "copy only objects of at most this size"),
    Option("modified_after", SELECTION, None, parse.moment,
           "copy only objects modified after this time (ISO 8601, UTC)"),
    Option("modified_before", SELECTION, None, parse.moment,
           "copy only objects modified before this time (ISO 8601, UTC)"),
    Option("archived", SELECTION, "fail", parse.Choice("fail", "skip"),
           "what an object in GLACIER or DEEP_ARCHIVE that is not restored means: a failure, or left out"),
    Option("batch_size", SPEED, 1000, parse.count(1, 1_000_000),
           "how many objects are committed, logged and checkpointed together"),
    Option("max_concurrency", SPEED, CONCURRENCY, parse.CountOr("auto", 1, 10_000),
           "how many requests are in flight at once; auto: as many as the server takes without throttling"),
    Option("transport", SPEED, "auto", parse.Choice("auto", "boto3", "fast"),
           "the data path: boto3, or fast (needs pycurl); auto: fast where pycurl is installed and it fits"),
    Option("max_requests_per_second", SPEED, None, parse.rate, "upper limit of requests a second, of all kinds"),
    Option("multipart_threshold", SPEED, GIB, parse.Size(MIN_PART_BYTES, MAX_PART_BYTES),
           "objects of this size and more are copied in parts"),
    Option("part_size", SPEED, None, parse.Size(MIN_PART_BYTES, MAX_PART_BYTES),
           "bytes of a part; by default the source's own layout, or what keeps the window full"),
    Option("preserve_etag", PROPERTIES, False, parse.flag,
           "copy each object in its source's own part layout, whatever its size, so that it keeps the ETag"),
    Option("storage_class", PROPERTIES, None, parse.Choice("source", *STORAGE_CLASSES),
           "storage class of the copies: 'source' keeps each object's own, none leaves it to S3 (STANDARD)"),
    Option("kms_key_id", PROPERTIES, None, kms_key, "KMS key (full ARN across accounts) that encrypts the copies"),
    Option("kms_encryption_type", PROPERTIES, None, parse.Choice(SSE_S3, "aws:kms", "aws:kms:dsse"),
           "encryption of the copies: AES256 (S3's own keys), or a kind of KMS encryption; none leaves it to the"
           " destination bucket's default"),
    Option("bucket_key_enabled", PROPERTIES, None, parse.flag, "use an S3 Bucket Key with KMS"),
    Option("acl_policy", PROPERTIES, None, parse.Choice(*ACLS), "canned ACL of the copies; none sends no ACL at all"),
    Option("metadata", PROPERTIES, "keep", parse.keep_drop_or_replace,
           "user metadata: keep, drop, or a mapping that replaces it (content headers stay, one HEAD an object)"),
    Option("headers", PROPERTIES, (), header_rules,
           "content headers of the copies: a mapping that sets some and drops those that are None, or (glob, mapping)"
           " pairs, of which all that match apply and later ones win; others stay, at one HEAD an object"),
    Option("tags", PROPERTIES, "keep", parse.keep_drop_or_replace,
           "object tags: keep, drop, or a mapping that replaces them"),
    Option("checksum_algorithm", PROPERTIES, None, parse.Choice(*CHECKSUM_ALGORITHMS),
           "checksum that S3 computes for the copies; none keeps the source's algorithm"),
    Option("request_payer", OWNERS, None, parse.Choice("requester"),
           "'requester' agrees to pay at a requester-pays bucket"),
    Option("expected_bucket_owner", OWNERS, None, parse.account, "account id that must own the destination bucket"),
    Option("expected_source_bucket_owner", OWNERS, None, parse.account, "account id that must own the source bucket"),
    Option("expected_report_bucket_owner", OWNERS, None, parse.account,
           "account id that must own the report's bucket; none: what is expected of the source's or the destination's"
           " bucket if it is one of them"),
    Option("expected_etag_index_bucket_owner", OWNERS, None, parse.account,
           "account id that must own the bucket of the ETag index; none: as for the report's"),
    Option("expected_manifest_bucket_owner", OWNERS, None, parse.account,
           "account id that must own the manifest's bucket; none: as for the report's"),
    Option("manifest", SELECTION, None, parse.text,
           "copy exactly the keys of this file, s3:// URL, or former report (one HEAD a side for each)"),
    Option("source_version_id", SELECTION, None, version, "version of the source object, for one object"),
    Option("verification", RELIABILITY, "responses", parse.Choice("responses", "listing"),
           "how the copies are verified: by S3's answers to them, or also by a new listing of both sides at the end"),
    Option("copy_last", RELIABILITY, parse.AUTO, parse.globs_auto_or_off,
           "keys that match, seen as by include, are copied only after everything else arrived, in the globs' order;"
           " those of one glob side by side; auto: the logs of Delta and Hudi tables, each in its own order, then"
           " _last_checkpoint and _SUCCESS; off: none"),
    Option("table_formats", RELIABILITY, "warn", parse.Choice("warn", "fail", "ignore"),
           "what it means to copy an Iceberg table, whose metadata still names the files of the source: a warning, a"
           " failure before any of its metadata is copied, or nothing"),
    Option("report", REPORTS, None, parse.text, "folder or s3://bucket/prefix/ that gets the outcome of every object"),
    Option("report_format", REPORTS, "jsonl", parse.Choice("jsonl", "parquet"), "JSON lines in gzip, or Parquet"),
    Option("report_skipped", REPORTS, False, parse.flag, "name the skipped and filtered objects in the report too"),
    Option("etag_index", COMPARISON, None, parse.text,
           "folder or s3://bucket/prefix/ that keeps the ETags of each object and of its copy, so that a run needs no"
           " HEAD for what is unchanged"),
    Option("since", COMPARISON, None, parse.Choice("last_success", "key"),
           "look only at what is new since the last complete run: 'last_success' compares no pair again that is older;"
           " 'key', for keys that only grow, lists only from the last keys on as well; none looks at everything"),
    Option("full_every", COMPARISON, 7 * DAY_S, Duration(0, 366 * DAY_S),
           "how often a run with since looks at everything again, and counts what the short way had missed"),
    Option("overlap", COMPARISON, DAY_S, Duration(900, 366 * DAY_S),
           "how far since goes back before the last complete run; longer than the longest multipart upload, whose"
           " object has the time at which the upload began"),
    Option("max_failures", RELIABILITY, 0, parse.failures,
           "how many objects may fail before the run counts as failed: a number, or a share of the listed ('1%')"),
    Option("outage_deadline", RELIABILITY, 900, parse.count(0, 86_400),
           "seconds that a run pauses, and asks now and then, while S3 answers nothing but 5xx, or not at all; then it"
           " ends, and a retry goes on; 0: it never pauses"),
    Option("extraneous", MIRROR, "report", parse.Choice("report", "count", "keep", "delete"),
           "what keys at the destination mean that the source does not have: report those that the listings pass; count"
           " all of them; keep them unseen; or delete them at the end of a run that copied everything"),
    Option("max_delete", MIRROR, "10%", parse.failures,
           "how many keys extraneous='delete' may delete: a number, or a share of those listed at the destination; if"
           " there are more, none is deleted and the run fails"),
    Option("delete_filtered", MIRROR, False, parse.flag,
           "extraneous='delete' also deletes keys that include, exclude, min_size or max_size leave out, if the source"
           " does not have them"),
    Option("permanent_delete", MIRROR, False, parse.flag,
           "extraneous='delete' may delete from a bucket without versioning, where nothing can be taken back"),
    Option("dry_run", SELECTION, False, parse.flag, "list and decide, copy nothing"),
)  # fmt: skip

NAMES: Final = tuple(option.name for option in OPTIONS)

REFUSED: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        ("sse_customer_algorithm", "sse_customer_key", "sse_customer_key_md5", "copy_source_sse_customer_key"),
        "SSE-C (customer-provided keys) is not supported; use kms_key_id, or the bucket's default encryption",
    ),
    **dict.fromkeys(
        (
            "object_lock_mode",
            "object_lock_retain_until_date",
            "object_lock_legal_hold",
            "object_lock_legal_hold_status",
        ),
        "Object Lock settings are not supported; set the destination bucket's default retention",
    ),
}
"""Settings of S3 that are refused because they are not fully supported, each with what to do instead."""


def refuse(names: Iterable[str]) -> None:
    """Raise InvalidInput if one of the names is in `REFUSED`."""
    for name in names:
        if name in REFUSED:
            raise InvalidInput(f"{name}: {REFUSED[name]}")


def refuse_unknown(name: str) -> None:
    """Raise InvalidInput for an unknown option, with a special message for those that are refused on purpose."""
    refuse([name])
    if name not in NAMES:
        raise InvalidInput(f"{name}: no such option{near(name, NAMES) or '; s3-crosscopy copy --help lists them'}")
