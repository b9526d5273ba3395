"""The principals, buckets and keys of printed policies with their accounts, and the account layout of a copy.

What is unknown becomes an upper-case placeholder, never a guess.
"""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from s3_crosscopy.access.examination import BucketSettings, Party, Permission, Principal, Scope
from s3_crosscopy.access.rules.arns import account_of, region_of, role_arn_of
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.access_points import access_point

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
"""Matches every placeholder."""


class AccountLayout(str, Enum):
    """The account of the copying role, which has to read the source and write the destination."""

    PULL = "pull role in the destination account"
    PUSH = "push role in the source account"
    SHARED = "one shared role"
    UNKNOWN = "not known, because the accounts are not"


class PolicyContext(NamedTuple):
    """The known principals and buckets of a copy. Those left out, and every None in one, are unknown.

    trusted: The ARN that may assume the copying role; None prints no trust policy.
    external_id: The external id that `trusted` has to pass; None for none.
    dns_suffix: The end of the partition's host names.
    """

    principals: tuple[Principal, ...] = ()
    buckets: tuple[BucketSettings, ...] = ()
    partition: str = "aws"
    trusted: str | None = None
    external_id: str | None = None
    dns_suffix: str = "amazonaws.com"

    def principal_arn(self, party: Party) -> str:
        """The ARN that a policy names: that of the role behind a session, or a placeholder."""
        known = self._principal(party)
        if named := known.role_arn or known.arn:
            return role_arn_of(named)
        mark = _IN_UPPER_CASE[party]
        return f"arn:{self.partition}:iam::{known.account or f'{mark}-ACCOUNT'}:role/{mark}-ROLE"

    def account(self, party: Party) -> str | None:
        """The account id of a principal, or None."""
        known = self._principal(party)
        return known.account or account_of(known.role_arn or known.arn or "")

    def owner(self, bucket: str) -> str | None:
        """The account id of a bucket's owner, or None; for an access point's ARN the account in it."""
        if (point := access_point(bucket)) is not None:
            return point.account
        owners = (known.owner for known in self.buckets if known.name == bucket)
        return next((owner for owner in owners if owner is not None), None)

    def key_arn(self, permission: Permission) -> str:
        """The key ARN of a permission; with placeholders if the key is known by alias or id only, or not at all."""
        if is_key_arn(permission.resource):
            return permission.resource
        mark = _IN_UPPER_CASE[permission.place]
        region = region_of(permission.resource) or self._region(permission.place) or f"{mark}-REGION"
        account = account_of(permission.resource) or f"{mark}-ACCOUNT"
        return f"arn:{self.partition}:kms:{region}:{account}:key/{mark}-ID"

    def _principal(self, party: Party) -> Principal:
        return next((principal for principal in self.principals if principal.party is party), Principal(party))

    def _region(self, key: Scope) -> str | None:
        """The Region of a bucket's key, which is always the bucket's own."""
        place = Scope.SOURCE if key is Scope.SOURCE_KEY else Scope.DEST
        return next((bucket.region for bucket in self.buckets if bucket.place is place), None)


def expected_elsewhere(spec: CopySpec) -> tuple[BucketSettings, ...]:
    """The buckets of the report, the manifest and the ETag index, where the spec has an expected owner for them."""
    named = (
        (Scope.REPORT, spec.report_bucket),
        (Scope.MANIFEST, spec.manifest_bucket),
        (Scope.INDEX, spec.etag_index_bucket),
    )
    return tuple(
        BucketSettings(place, bucket.name, owner=bucket.owner)
        for place, bucket in named
        if bucket is not None and bucket.owner
    )


def is_key_arn(text: str) -> bool:
    """True if a policy can name a key by this text: a full key ARN."""
    return _KEY_ARN.fullmatch(text) is not None


def layout_of(copier: str | None, source: str | None, dest: str | None) -> AccountLayout:
    """The layout of the accounts of the copier and of both buckets; an unknown bucket counts as another account's."""
    if copier is None or (source is None and dest is None):
        return AccountLayout.UNKNOWN
    if copier == dest and copier != source:
        return AccountLayout.PULL
    if copier == source and copier != dest:
        return AccountLayout.PUSH
    # The copier's account owns neither bucket or both; if one owner is unknown, it may own that one.
    return AccountLayout.UNKNOWN if source is None or dest is None else AccountLayout.SHARED


def layout_text(policy_context: PolicyContext, *, source: str, dest: str, two: bool) -> str:
    """The layout of a copy between two buckets, in words. `two`: another principal lists the source."""
    copier = policy_context.account(Party.COPIER)
    owners = policy_context.owner(source), policy_context.owner(dest)
    layout = layout_of(copier, *owners)
    text = layout.value
    if layout is AccountLayout.SHARED:
        text += f" in {'the account of both buckets' if copier == owners[0] else 'a third account'}"
    return f"list-only role plus copy role ({text})" if two else text
