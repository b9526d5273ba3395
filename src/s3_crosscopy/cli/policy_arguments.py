"""The flags that name principals, accounts, Regions and keys, for a command that sends no requests to AWS."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING

from s3_crosscopy.access.examination import BucketSettings, Party, Principal, Scope
from s3_crosscopy.access.rules.arns import partition_of, region_of, role_arn_of
from s3_crosscopy.access.rules.assume_role import is_external_id
from s3_crosscopy.access.rules.permissions import RunNeeds
from s3_crosscopy.access.rules.policy_context import PolicyContext, expected_elsewhere, is_key_arn
from s3_crosscopy.cli.arguments import keywords
from s3_crosscopy.core.spec import CopySpec, resolve_spec
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model import option_parsers as parse
from s3_crosscopy.model.option_table import NAMES

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.partitions import Partition

# No wildcard: as a principal it would be everybody. A Ceph ARN has no account.
_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:(iam|sts)::[^:*?\s]*:(root|(role|user|assumed-role|federated-user)/[^*?\s]+)")

_FLAGS = (
    ("--copier-arn", "ARN", "role or user that signs every copy: it reads the source and writes the destination"),
    ("--reader-arn", "ARN", "role or user that lists, HEADs and reads tags at the source (default: --copier-arn)"),
    ("--source-account", "ID", "account of the source bucket (default: --expected-source-bucket-owner)"),
    ("--dest-account", "ID", "account of the destination bucket (default: --expected-bucket-owner)"),
    ("--source-region", "REGION", "Region of the source bucket"),
    ("--dest-region", "REGION", "Region of the destination bucket"),
    ("--source-kms-key", "ARN", "KMS key that the source's objects are encrypted with"),
    ("--dest-kms-key", "ARN", "KMS key that encrypts the copies (default: --kms-key-id)"),
    ("--trusted-arn", "ARN", "principal that may assume the copying role"),
    ("--external-id", "TEXT", "external id that the principal of --trusted-arn has to pass"),
)


def add_planned(parser: argparse.ArgumentParser) -> None:
    """Add the flags for principals, buckets and keys, and for the trust policy."""
    group = parser.add_argument_group("principals, accounts and keys; what is not given becomes a placeholder")
    for name, metavar, text in _FLAGS:
        group.add_argument(name, metavar=metavar, help=text)


def read_planned(namespace: argparse.Namespace) -> tuple[RunNeeds, PolicyContext]:
    """The needs of the planned copy, and its principals and buckets. Raises InvalidInput."""
    spec = resolve_spec(namespace.source, namespace.dest, keywords(namespace, NAMES))
    source_key = _key("--source-kms-key", namespace.source_kms_key, namespace.source_region)
    dest_key = _key(
        "--dest-kms-key" if namespace.dest_kms_key else "--kms-key-id",
        namespace.dest_kms_key or spec.options.kms_key_id,
        namespace.dest_region,
    )
    _check_trust(namespace)
    principals = [
        Principal(party, role_arn=role_arn_of(_principal(name, arn)))
        for party, name, arn in (
            (Party.COPIER, "--copier-arn", namespace.copier_arn),
            (Party.READER, "--reader-arn", namespace.reader_arn),
        )
        if arn is not None
    ]
    role_arns = {principal.role_arn for principal in principals}
    two = namespace.reader_arn is not None and (namespace.copier_arn is None or len(role_arns) == 2)
    partition = _partition(namespace, source_key, dest_key)
    policy_context = PolicyContext(
        tuple(principals),
        _buckets(namespace, spec),
        partition.name,
        namespace.trusted_arn,
        namespace.external_id,
        partition.dns_suffix,
    )
    return RunNeeds(spec, two, source_key, dest_key, partition.name), policy_context


def _buckets(namespace: argparse.Namespace, spec: CopySpec) -> tuple[BucketSettings, ...]:
    options = spec.options
    source = _account("--source-account", namespace.source_account, options.expected_source_bucket_owner)
    dest = _account("--dest-account", namespace.dest_account, options.expected_bucket_owner)
    return (
        BucketSettings(Scope.SOURCE, spec.source.name, owner=source, region=namespace.source_region),
        BucketSettings(Scope.DEST, spec.dest.name, owner=dest, region=namespace.dest_region),
        *expected_elsewhere(spec),
    )


def _account(name: str, account_id: str | None, expected: str | None) -> str | None:
    if account_id is None:
        return expected
    account = str(parse.account(name, account_id))
    if expected is not None and expected != account:
        raise InvalidInput(
            f"{name}: is {account}, but the copy expects the bucket's owner to be {expected}; correct one of them"
        )
    return account


def _principal(name: str, arn: str) -> str:
    if not _PRINCIPAL.fullmatch(arn):
        raise InvalidInput(
            f"{name}: {arn!r} is not the ARN of one role or user; it looks like arn:aws:iam::111122223333:role/name"
        )
    return arn


def _key(name: str, key_arn: str | None, region: str | None) -> str:
    if not key_arn:
        return ""
    if key_arn.endswith("alias/aws/s3"):
        raise InvalidInput(
            f"{name}: the policy of aws/s3 belongs to AWS, so no other account can use the key; do not give it within"
            " one account, or encrypt with a key of your own"
        )
    if not is_key_arn(key_arn):
        raise InvalidInput(
            f"{name}: a policy cannot name a key by {key_arn!r}; give the full key ARN (arn:aws:kms:...:key/...)"
        )
    if region is not None and region != region_of(key_arn):
        raise InvalidInput(
            f"{name}: the key is in {region_of(key_arn)} and the bucket in {region}; S3 accepts keys of the bucket's"
            " own Region only"
        )
    return key_arn


def _check_trust(namespace: argparse.Namespace) -> None:
    if namespace.trusted_arn is None:
        if namespace.external_id is not None:
            raise InvalidInput("--external-id: requires --trusted-arn")
        return
    _principal("--trusted-arn", namespace.trusted_arn)
    if namespace.external_id is not None and not is_external_id(namespace.external_id):
        raise InvalidInput(
            "--external-id: is not valid in IAM; give 2 to 1,224 letters, digits and characters of _+=,.@:/-"
        )
    if namespace.copier_arn is not None and ":role/" not in role_arn_of(namespace.copier_arn):
        raise InvalidInput(
            "--trusted-arn: --copier-arn is not a role, so nobody can assume it; do not give --trusted-arn"
        )


def _partition(namespace: argparse.Namespace, source_key: str, dest_key: str) -> Partition:
    from s3_crosscopy.adapters.boto.partitions import partition_of_region, partitions

    arns = {
        "--copier-arn": namespace.copier_arn,
        "--reader-arn": namespace.reader_arn,
        "--trusted-arn": namespace.trusted_arn,
        "--source-kms-key": source_key,
        "--dest-kms-key": dest_key,
    }
    by_flag = {name: partition_of(arn) for name, arn in arns.items() if arn}
    known = partitions()
    for name, partition in by_flag.items():
        if partition not in known:
            raise InvalidInput(
                f"{name}: {partition!r} is not an AWS partition; botocore here knows {', '.join(sorted(known))}"
            )
    regions = [region for region in (namespace.source_region, namespace.dest_region) if region]
    names = {*by_flag.values(), *(partition_of_region(region) or "aws" for region in regions)}
    if len(names) > 1:
        raise InvalidInput(f"ARNs and Regions are in {' and '.join(sorted(names))}; no copy leaves an AWS partition")
    return known[names.pop() if names else "aws"]
