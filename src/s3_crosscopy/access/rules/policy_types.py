"""Recognizes the type of policy that denied a request, from S3's message, and who can change it: one table.

Sources: S3 User Guide ("Access denied message examples") and IAM User Guide ("Policy evaluation logic"). A message
names one type, although several may deny the request.
"""

from __future__ import annotations

from typing import Final, NamedTuple


class PolicyType(NamedTuple):
    """One type of policy. `named` is its name in S3's messages; `administrator`: who can change it.

    `where`: the place of the policy.
    `allows`: an Allow in a policy that this tool prints adds the missing permission.
    """

    named: str
    administrator: str
    where: str
    allows: bool = False


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
        allows=True,
    ),
    PolicyType(
        "resource-based policy",
        "the owner of the bucket or key",
        "in the policy of the bucket, access point or key",
        allows=True,
    ),
)
"""Each may deny in two ways: by a Deny statement, which no Allow overrides, or by not having a required Allow."""

_EXPLICIT: Final = "an explicit deny"
"""S3's words for a Deny statement."""
_NO_OVERRIDE: Final = "no Allow overrides it"


def type_of(denied_by: str) -> PolicyType | None:
    """The type of policy that `AccessDeniedMessage.by` names, the first if several; None if it names none."""
    named = [policy_type for policy_type in POLICY_TYPES if policy_type.named in denied_by]
    return min(named, key=lambda policy_type: denied_by.find(policy_type.named), default=None)


def can_be_allowed(denied_by: str) -> bool:
    """True if an Allow in the caller's identity policy or in the policy of the bucket or key adds the permission.

    Also True if S3 did not name the cause: most often such an Allow is missing.
    """
    policy_type = type_of(denied_by)
    return _EXPLICIT not in denied_by and (policy_type is None or policy_type.allows)


def advice(denied_by: str) -> str:
    """One clause that says who has to change what; "" if S3 names no known type of policy."""
    policy_type, explicit = type_of(denied_by), _EXPLICIT in denied_by
    if policy_type is None:
        return f"{_NO_OVERRIDE}; that statement has to be removed or narrowed" if explicit else ""
    if explicit:
        return f"{_NO_OVERRIDE}; {policy_type.administrator} can remove or narrow that statement, {policy_type.where}"
    if policy_type.allows:
        return f"{policy_type.administrator} can allow it, {policy_type.where}"
    other = f"{policy_type.administrator} can allow it, {policy_type.where}"
    return f"no bucket policy or identity policy can change that; {other}"
