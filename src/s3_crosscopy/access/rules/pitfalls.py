"""What will bite although every grant holds, said before it does: one table of known traps.

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
    """Everything that is known before a run. What is unknown (None) springs no trap."""

    options: CopyOptions
    copier: Principal
    source: BucketSettings
    dest: BucketSettings
    sample: Sample | None = None

    @property
    def foreign_dest(self) -> bool:
        """Whether the copier is certainly of another account than the destination bucket."""
        return None not in (self.copier.account, self.dest.owner) and self.copier.account != self.dest.owner

    @property
    def foreign_source(self) -> bool:
        """Whether the copier is certainly of another account than the source bucket."""
        return None not in (self.copier.account, self.source.owner) and self.copier.account != self.source.owner


class Pitfall(NamedTuple):
    """When it springs, and what to say then."""

    springs: Callable[[PitfallContext], bool]
    says: Callable[[PitfallContext], str]


def pitfalls(scene: PitfallContext) -> tuple[str, ...]:
    """The traps of this run, a line each."""
    return tuple(pitfall.says(scene) for pitfall in TRAPS if pitfall.springs(scene))


def _partitions_differ(scene: PitfallContext) -> bool:
    source, dest = scene.source.partition, scene.dest.partition
    return None not in (source, dest) and source != dest


def _regions_differ(scene: PitfallContext) -> bool:
    known = None not in (scene.source.region, scene.dest.region)
    return known and scene.source.region != scene.dest.region and not _partitions_differ(scene)


def _encrypts_with_kms(scene: PitfallContext) -> bool:
    wish = scene.options.kms_encryption_type or scene.dest.encryption or ""
    return wish.startswith("aws:kms")


def _key_is_no_arn(scene: PitfallContext) -> bool:
    key = scene.options.kms_key_id
    return key is not None and not key.startswith("arn:")


def _default_key_is_no_arn(scene: PitfallContext) -> bool:
    by_default = scene.options.kms_encryption_type is None
    return by_default and scene.foreign_dest and bool(scene.dest.kms_key) and not _is_arn(scene.dest.kms_key)


def _is_arn(key: str | None) -> bool:
    return key is not None and key.startswith("arn:")


def _managed_key_at_dest(scene: PitfallContext) -> bool:
    """`aws/s3` by the bucket's default, or by an option that names no key: each is of the caller's own account."""
    if not scene.foreign_dest:
        return False
    if scene.options.kms_encryption_type is not None:
        return scene.options.kms_key_id is None
    return (scene.dest.encryption or "").startswith("aws:kms") and scene.dest.kms_key == ""


def _managed_key_at_source(scene: PitfallContext) -> bool:
    return scene.foreign_source and (scene.source.encryption or "").startswith("aws:kms") and scene.source.kms_key == ""


def _owner_could_not_read(scene: PitfallContext) -> bool:
    other = scene.dest.ownership not in (None, ENFORCED)
    return other and scene.foreign_dest and scene.options.acl_policy != OWNER_READS


def _acl_refused(scene: PitfallContext) -> bool:
    return scene.dest.ownership == ENFORCED and scene.options.acl_policy not in (None, OWNER_READS)


def _unpaid(scene: PitfallContext) -> bool:
    return scene.options.request_payer is None and "Requester" in (scene.source.payer, scene.dest.payer)


def _locked(scene: PitfallContext) -> bool:
    return scene.dest.object_lock not in (None, "off", "on")


TRAPS: tuple[Pitfall, ...] = (
    Pitfall(
        _partitions_differ,
        lambda s: (
            f"no copy is possible on the server's side between {s.source.region} and {s.dest.region}: they are"
            " different AWS partitions"
        ),
    ),
    Pitfall(
        _regions_differ,
        lambda s: (
            f"this copies from {s.source.region} to {s.dest.region}: a VPC endpoint carries no cross-Region copy,"
            " so a worker in a private network needs another way to S3; the transfer is billed to the source's owner"
        ),
    ),
    Pitfall(
        _encrypts_with_kms,
        lambda s: (
            f"objects of {parse.show_bytes(s.options.multipart_threshold)} and more are copied in parts, which"
            " needs kms:Decrypt on the destination's key beside kms:GenerateDataKey: without it only they fail"
        ),
    ),
    Pitfall(
        _key_is_no_arn,
        lambda s: (
            f"kms_key_id {s.options.kms_key_id!r} is no full ARN: S3 looks for it in the copier's own account"
            f" ({s.copier.account or 'unknown'}); across accounts give the key's ARN"
        ),
    ),
    Pitfall(
        _default_key_is_no_arn,
        lambda s: (
            f"the destination's default encryption names its key {s.dest.kms_key!r} without an ARN, which"
            f" resolves in the copier's own account {s.copier.account}; its owner should put the key's full ARN there"
        ),
    ),
    Pitfall(
        _managed_key_at_dest,
        lambda s: (
            "the copies would be encrypted with the AWS-managed key aws/s3, which no other account can use: give"
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
            " DurationSeconds says, and a longer run goes on only if its credentials can be refreshed"
        ),
    ),
    Pitfall(
        _owner_could_not_read,
        lambda s: (
            f"the destination bucket's ownership is {s.dest.ownership}, not {ENFORCED}: what account"
            f" {s.copier.account} writes there, its owner {s.dest.owner} cannot read; set {ENFORCED}, or"
            f" acl_policy='{OWNER_READS}'"
        ),
    ),
    Pitfall(
        _acl_refused,
        lambda s: (
            f"the destination bucket's ownership is {ENFORCED}, which refuses acl_policy={s.options.acl_policy!r};"
            f" leave it out (or '{OWNER_READS}')"
        ),
    ),
    Pitfall(
        _unpaid,
        lambda s: "a bucket here is Requester Pays: without request_payer='requester' each request to it is denied",
    ),
    Pitfall(
        _locked,
        lambda s: (
            f"the destination bucket locks what is written to it by default ({s.dest.object_lock}): no copy can be"
            " deleted before that"
        ),
    ),
)
