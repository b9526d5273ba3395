"""Finds what will fail although every permission holds: one table of known pitfalls.

Sources: S3 User Guide ("Controlling ownership of objects", "Using server-side encryption with AWS KMS keys", "Requester
Pays"), IAM User Guide ("Role chaining"), VPC guide ("Gateway endpoints for Amazon S3").
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from s3_crosscopy.access.examination import BucketSettings, Principal, Sample
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.options import CopyOptions

ENFORCED = "BucketOwnerEnforced"
OWNER_READS = "bucket-owner-full-control"


class PitfallContext(NamedTuple):
    """Everything that is known before a run. What is unknown (None) is reported as no pitfall."""

    options: CopyOptions
    copier: Principal
    source: BucketSettings
    dest: BucketSettings
    sample: Sample | None = None

    @property
    def foreign_dest(self) -> bool:
        """True if the destination bucket certainly belongs to another account than the copier."""
        return None not in (self.copier.account, self.dest.owner) and self.copier.account != self.dest.owner

    @property
    def foreign_source(self) -> bool:
        """True if the source bucket certainly belongs to another account than the copier."""
        return None not in (self.copier.account, self.source.owner) and self.copier.account != self.source.owner


class Pitfall(NamedTuple):
    """One pitfall: its condition and its message."""

    applies: Callable[[PitfallContext], bool]
    message: Callable[[PitfallContext], str]


def pitfalls(context: PitfallContext) -> tuple[str, ...]:
    """The pitfalls of this run, a line each."""
    return tuple(pitfall.message(context) for pitfall in PITFALLS if pitfall.applies(context))


def _partitions_differ(context: PitfallContext) -> bool:
    source, dest = context.source.partition, context.dest.partition
    return None not in (source, dest) and source != dest


def _regions_differ(context: PitfallContext) -> bool:
    known = None not in (context.source.region, context.dest.region)
    return known and context.source.region != context.dest.region and not _partitions_differ(context)


def _encrypts_with_kms(context: PitfallContext) -> bool:
    algorithm = context.options.kms_encryption_type or context.dest.encryption or ""
    return algorithm.startswith("aws:kms")


def _default_kms(bucket: BucketSettings) -> bool:
    return (bucket.encryption or "").startswith("aws:kms")


def _copied_in_parts(options: CopyOptions) -> str:
    if options.preserve_etag:
        return "with preserve_etag objects of any size that were uploaded in parts are copied in parts"
    return f"objects of {parse.show_bytes(options.multipart_threshold)} and more are copied in parts"


def _key_is_no_arn(context: PitfallContext) -> bool:
    key = context.options.kms_key_id
    return key is not None and not key.startswith("arn:")


def _default_key_is_no_arn(context: PitfallContext) -> bool:
    by_default = context.options.kms_encryption_type is None
    return by_default and context.foreign_dest and bool(context.dest.kms_key) and not _is_arn(context.dest.kms_key)


def _is_arn(key: str | None) -> bool:
    return key is not None and key.startswith("arn:")


def _managed_key_at_dest(context: PitfallContext) -> bool:
    """aws/s3 by the bucket's default, or by an option that names no key: it belongs to the caller's own account."""
    if not context.foreign_dest:
        return False
    if context.options.kms_encryption_type is not None:
        return context.options.uses_kms and context.options.kms_key_id is None
    return (context.dest.encryption or "").startswith("aws:kms") and context.dest.kms_key == ""


def _managed_key_at_source(context: PitfallContext) -> bool:
    return (
        context.foreign_source
        and (context.source.encryption or "").startswith("aws:kms")
        and context.source.kms_key == ""
    )


def _owner_could_not_read(context: PitfallContext) -> bool:
    writer_owns = context.dest.ownership not in (None, ENFORCED)
    return writer_owns and context.foreign_dest and context.options.acl_policy != OWNER_READS


def _acl_refused(context: PitfallContext) -> bool:
    return context.dest.ownership == ENFORCED and context.options.acl_policy not in (None, OWNER_READS)


def _unpaid(context: PitfallContext) -> bool:
    return context.options.request_payer is None and "Requester" in (context.source.payer, context.dest.payer)


def _locked(context: PitfallContext) -> bool:
    return context.dest.object_lock not in (None, "off", "on")


PITFALLS: tuple[Pitfall, ...] = (
    Pitfall(
        _partitions_differ,
        lambda s: (
            f"no server-side copy is possible between {s.source.region} and {s.dest.region}: they are in"
            " different AWS partitions"
        ),
    ),
    Pitfall(
        _regions_differ,
        lambda s: (
            f"this copies from {s.source.region} to {s.dest.region}: a VPC endpoint carries no cross-Region copy,"
            " so a worker in a private network needs another route to S3; the transfer is billed to the source's owner"
        ),
    ),
    Pitfall(
        _encrypts_with_kms,
        lambda s: (
            f"{_copied_in_parts(s.options)}, which"
            " needs kms:Decrypt on the destination's key as well as kms:GenerateDataKey: without it only these fail"
        ),
    ),
    Pitfall(
        lambda s: s.options.preserve_etag and (_encrypts_with_kms(s) or _default_kms(s.source)),
        lambda s: (
            f"preserve_etag keeps no ETag where KMS encrypts {'the copies' if _encrypts_with_kms(s) else 'the source'}:"
            " such an ETag is no MD5, and only the requests are more; leave preserve_etag out"
        ),
    ),
    Pitfall(
        _key_is_no_arn,
        lambda s: (
            f"kms_key_id {s.options.kms_key_id!r} is not a full ARN: S3 looks for it in the copier's own account"
            f" ({s.copier.account or 'unknown'}); across accounts, set the key's ARN"
        ),
    ),
    Pitfall(
        _default_key_is_no_arn,
        lambda s: (
            f"the destination's default encryption names its key {s.dest.kms_key!r} without an ARN, which"
            f" resolves in the copier's own account {s.copier.account}; the bucket owner should set the key's full ARN"
        ),
    ),
    Pitfall(
        _managed_key_at_dest,
        lambda s: (
            "the copies would be encrypted with the AWS-managed key aws/s3, which no other account can use: set"
            " kms_key_id, or a customer managed key as the destination's default"
        ),
    ),
    Pitfall(
        _managed_key_at_source,
        lambda s: (
            "the source's default encryption is the AWS-managed key aws/s3, which cannot be shared: account"
            f" {s.copier.account} cannot read such objects; their owner has to encrypt them with a customer managed key"
            " (or to push them itself)"
        ),
    ),
    Pitfall(
        lambda s: s.copier.chained is True,
        lambda s: (
            "the copier's role was assumed with another role: such a session ends after an hour, whatever"
            " DurationSeconds says, and a longer run continues only if its credentials can be refreshed"
        ),
    ),
    Pitfall(
        _owner_could_not_read,
        lambda s: (
            f"the destination bucket's ownership is {s.dest.ownership}, not {ENFORCED}: the owner {s.dest.owner} cannot"
            f" read what account {s.copier.account} writes there; set {ENFORCED}, or"
            f" acl_policy='{OWNER_READS}'"
        ),
    ),
    Pitfall(
        _acl_refused,
        lambda s: (
            f"the destination bucket's ownership is {ENFORCED}, which rejects acl_policy={s.options.acl_policy!r};"
            f" do not set it (or set '{OWNER_READS}')"
        ),
    ),
    Pitfall(
        _unpaid,
        lambda s: (
            "a bucket of this copy is Requester Pays: without request_payer='requester' each request to it is denied"
        ),
    ),
    Pitfall(
        _locked,
        lambda s: (
            f"the destination bucket locks what is written to it by default ({s.dest.object_lock}): no copy can be"
            " deleted before that time"
        ),
    ),
)
