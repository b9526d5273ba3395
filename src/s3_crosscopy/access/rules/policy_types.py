"""Which type of policy denied a request, by S3's own words, and who can mend that: one table.

Sources: S3 User Guide ("Access denied message examples") and IAM User Guide ("Policy evaluation logic"). A message
names one type although several may deny.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class PolicyType(NamedTuple):
    """One type of policy. `named` is how S3 calls it; `who` can change it, `where` it is found.

    `granted`: an Allow in the policies that this tool prints mends what it does not allow.
    """

    named: str
    who: str
    where: str
    granted: bool = False


POLICY_TYPES: Final = (
    PolicyType(
        "service control policy",
        "the administrator of the AWS organization of the caller's account",
        "in AWS Organizations, at the account or a unit above it",
    ),
    PolicyType(
        "resource control policy",
        "the administrator of the AWS organization of the account that owns the bucket or key",
        "in AWS Organizations, at the account or a unit above it",
    ),
    PolicyType(
        "VPC endpoint policy",
        "the owner of the VPC endpoint through which the worker reaches S3",
        "in the policy of the endpoint",
    ),
    PolicyType(
        "permissions boundary",
        "the IAM administrator of the caller's account",
        "in the managed policy that is set as the boundary of the role or user",
    ),
    PolicyType(
        "session policy",
        "whoever assumes the role with a session policy",
        "in Policy or PolicyArns of AssumeRole (assume_role_kwargs of an Airflow connection)",
    ),
    PolicyType(
        "identity-based policy",
        "the IAM administrator of the caller's account",
        "in the policies of the role or user and of its groups",
        granted=True,
    ),
    PolicyType(
        "resource-based policy",
        "the owner of the bucket or key",
        "in the policy of the bucket, access point or key",
        granted=True,
    ),
)
"""Each may deny in two ways: a Deny statement, which no Allow overrides, and no Allow where one is needed."""

_EXPLICIT: Final = "an explicit deny"
"""In S3's words for what no Allow overrides."""
_NO_OVERRIDE: Final = "no Allow overrides it"


def type_of(denied_by: str) -> PolicyType | None:
    """The type of policy that is to blame, in the words of `Denied.by`; the first that is named, None if none is."""
    found = [(denied_by.find(one.named), at, one) for at, one in enumerate(POLICY_TYPES) if one.named in denied_by]
    return min(found)[2] if found else None


def is_mended(denied_by: str) -> bool:
    """Tells whether an Allow in the caller's own policy or in that of the bucket or key can mend it.

    True as well where S3 did not say what is to blame: most often such an Allow is missing.
    """
    one = type_of(denied_by)
    return _EXPLICIT not in denied_by and (one is None or one.granted)


def advice(denied_by: str) -> str:
    """Says in one clause who has to do what; "" where S3 does not name a type that is known here."""
    one, explicit = type_of(denied_by), _EXPLICIT in denied_by
    if one is None:
        return f"{_NO_OVERRIDE}, that statement has to be removed or narrowed" if explicit else ""
    if explicit:
        return f"{_NO_OVERRIDE}; {one.who} can remove or narrow that statement, {one.where}"
    if one.granted:
        return f"{one.who} can allow it, {one.where}"
    return f"no bucket policy or identity policy mends that; {one.who} can allow it, {one.where}"
