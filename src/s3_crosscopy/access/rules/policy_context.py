"""What printed policies stand on: whose the principals, buckets and keys are, and which layout of a copy that makes.

Knows what it was told. What nobody told becomes an upper-case placeholder, never a guess.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from s3_crosscopy.access.examination import BucketSettings, Party, Permission, Principal, Scope
from s3_crosscopy.access.rules.arns import account_of, region_of, role_arn_of
from s3_crosscopy.core.spec import CopySpec

KEY_PLACES = (Scope.SOURCE_KEY, Scope.DEST_KEY)

# The one form that a policy can name (IAM User Guide, "Resource"): an alias's ARN there is the alias, not its key.
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:[^:]+:key/[A-Za-z0-9-]+")
_IN_UPPER_CASE = {
    Party.COPIER: "COPIER",
    Party.READER: "READER",
    Scope.SOURCE_KEY: "SOURCE-KEY",
    Scope.DEST_KEY: "DEST-KEY",
}
PLACEHOLDER = re.compile(
    r"\b(?:(?:COPIER|READER)-(?:ACCOUNT|ROLE)|(?:SOURCE|DEST)-KEY-(?:REGION|ACCOUNT|ID)|SSO-REGION)\b"
)
"""Every name that stands for something unknown."""


class AccountLayout(str, Enum):
    """Where the copying role lives. One principal has to read the source and write the destination."""

    PULL = "pull role in the destination account"
    PUSH = "push role in the source account"
    SHARED = "one shared role"
    UNKNOWN = "not known, because the accounts are not"


class PolicyContext(NamedTuple):
    """Who and where. `trusted` is the ARN that may assume the copying role, with `external_id` if there is one.

    `dns_suffix` is how the names of the partition's servers end.

    A principal or a bucket that is left out, and every None in one, is unknown.
    """

    principals: tuple[Principal, ...] = ()
    buckets: tuple[BucketSettings, ...] = ()
    partition: str = "aws"
    trusted: str | None = None
    external_id: str | None = None
    dns_suffix: str = "amazonaws.com"

    def principal_arn(self, party: Party) -> str:
        """What a policy names: the role behind a session, or a placeholder."""
        known = self._principal(party)
        if named := known.role_arn or known.arn:
            return role_arn_of(named)
        mark = _IN_UPPER_CASE[party]
        return f"arn:{self.partition}:iam::{known.account or f'{mark}-ACCOUNT'}:role/{mark}-ROLE"

    def account(self, party: Party) -> str | None:
        """The account of a principal."""
        known = self._principal(party)
        return known.account or account_of(known.role_arn or known.arn or "")

    def owner(self, bucket: str) -> str | None:
        """The account of a bucket, whatever it is used for."""
        return next((one.owner for one in self.buckets if one.name == bucket and one.owner is not None), None)

    def key_arn(self, permission: Permission) -> str:
        """The ARN of a grant's key; placeholders where it was given as an alias or an id, or not at all."""
        if is_key_arn(permission.resource):
            return permission.resource
        mark = _IN_UPPER_CASE[permission.place]
        region = region_of(permission.resource) or self._region(permission.place) or f"{mark}-REGION"
        account = account_of(permission.resource) or f"{mark}-ACCOUNT"
        return f"arn:{self.partition}:kms:{region}:{account}:key/{mark}-ID"

    def _principal(self, party: Party) -> Principal:
        return next((one for one in self.principals if one.party is party), Principal(party))

    def _region(self, key: Scope) -> str | None:
        """S3 takes keys of the bucket's own Region only."""
        bucket = Scope.SOURCE if key is Scope.SOURCE_KEY else Scope.DEST
        return next((one.region for one in self.buckets if one.place is bucket), None)


def expected_elsewhere(spec: CopySpec) -> tuple[BucketSettings, ...]:
    """The report's and the manifest's bucket, as far as anybody said whose they have to be."""
    named = ((Scope.REPORT, spec.report_bucket), (Scope.MANIFEST, spec.manifest_bucket))
    return tuple(
        BucketSettings(place, one.name, owner=one.owner) for place, one in named if one is not None and one.owner
    )


def is_key_arn(text: str) -> bool:
    """Whether a policy can name a key so."""
    return _KEY_ARN.fullmatch(text) is not None


def layout_of(copier: str | None, source: str | None, dest: str | None) -> AccountLayout:
    """Which layout the accounts of the copier and of both buckets make; a side that is unknown counts as another's."""
    if copier is None or (source is None and dest is None):
        return AccountLayout.UNKNOWN
    if copier == dest and copier != source:
        return AccountLayout.PULL
    if copier == source and copier != dest:
        return AccountLayout.PUSH
    # Neither side's, or both sides': with one side unknown, it may still be that one's.
    return AccountLayout.UNKNOWN if source is None or dest is None else AccountLayout.SHARED


def layout_text(policy_context: PolicyContext, *, source: str, dest: str, two: bool) -> str:
    """The layout of a copy from bucket to bucket, in words. `two`: another principal lists the source."""
    copier = policy_context.account(Party.COPIER)
    owners = policy_context.owner(source), policy_context.owner(dest)
    found = layout_of(copier, *owners)
    text = found.value
    if found is AccountLayout.SHARED:
        text += f" in {'the account of both buckets' if copier == owners[0] else 'a third account'}"
    return f"list-only role plus copy role ({text})" if two else text
