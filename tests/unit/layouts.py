"""The layouts of a cross-account copy as values: who signs, whose the buckets and keys are, and what a copy needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tests.unit.policy_expansion import principal_arn
from tests.unit.value_samples import options

from s3_crosscopy.access.examination import BucketSettings, Party, Permission, Principal, Scope
from s3_crosscopy.access.rules.permissions import RunNeeds, needed
from s3_crosscopy.access.rules.policy_context import PolicyContext
from s3_crosscopy.core.spec import resolve
from s3_crosscopy.model.location import parse_location

SRC, DST, OTHER = "111111111111", "222222222222", "333333333333"
SOURCE_KEY = f"arn:aws:kms:eu-west-1:{SRC}:key/11111111-aaaa-4aaa-8aaa-111111111111"
DEST_KEY = f"arn:aws:kms:us-east-1:{DST}:key/22222222-bbbb-4bbb-8bbb-222222222222"
SOURCE, DEST = "s3://src/in/", "s3://dst/out/"


def permissions(
    *,
    two: bool = False,
    source: str = SOURCE,
    dest: str = DEST,
    source_key: str | None = SOURCE_KEY,
    dest_key: str | None = DEST_KEY,
    partition: str = "aws",
    **given: object,
) -> tuple[Permission, ...]:
    """What a copy needs."""
    spec = resolve(parse_location(source, "source"), parse_location(dest, "dest"), options(**given))
    return needed(RunNeeds(spec, two, source_key, dest_key, partition))


def policy_context(
    copier: str | None = DST,
    reader: str | None = None,
    source: str | None = SRC,
    dest: str | None = DST,
    partition: str = "aws",
    dns_suffix: str = "amazonaws.com",
    **more: str | None,
) -> PolicyContext:
    """Who and where, by accounts."""
    parties: Mapping[Party, str | None] = {Party.COPIER: copier, Party.READER: reader}
    principals = [
        Principal(party, role_arn=principal_arn(party, account, partition), account=account)
        for party, account in parties.items()
        if account is not None
    ]
    buckets = BucketSettings(Scope.SOURCE, "src", owner=source), BucketSettings(Scope.DEST, "dst", owner=dest)
    return PolicyContext(tuple(principals), buckets, partition, dns_suffix=dns_suffix, **more)


class Case(NamedTuple):
    """A layout: its name, its ground, whether two principals share the work, and which buckets' policies it needs."""

    name: str
    policy_context: PolicyContext
    two: bool
    buckets: tuple[str, ...]


CASES = (
    Case("pull role in the destination account", policy_context(), False, ("src",)),
    Case("push role in the source account", policy_context(copier=SRC), False, ("dst",)),
    Case("one shared role in the account of both buckets", policy_context(copier=SRC, dest=SRC), False, ()),
    Case("one shared role in a third account", policy_context(copier=OTHER), False, ("src", "dst")),
    Case(
        "list-only role plus copy role (pull role in the destination account)",
        policy_context(reader=SRC),
        True,
        ("src",),
    ),
    Case(
        "list-only role plus copy role (push role in the source account)",
        policy_context(copier=SRC, reader=OTHER),
        True,
        ("src", "dst"),
    ),
    Case("not known, because the accounts are not", policy_context(source=None, dest=None), False, ("src", "dst")),
)
