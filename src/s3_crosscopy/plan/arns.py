"""Amazon Resource Names of principals: what a policy has to name instead of a session, and whose account it is.

Knows the syntax only (IAM User Guide, "IAM identifiers"). Ceph's ARNs name no account: `arn:aws:iam:::role/name`.
"""

from __future__ import annotations

import re

_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*):(?P<service>[a-z0-9-]+):[a-z0-9-]*:(?P<account>[^:]*):(?P<resource>.+)"
)
_ACCOUNT = re.compile(r"[0-9]{12}")
_ASSUMED = "assumed-role/"


def role_arn_of(arn: str) -> str:
    """The role of an assumed-role session, as a policy names it; every other ARN as it is.

    A session's ARN leaves out the role's path (`/service-role/`), so that the answer is wrong for a role that has one:
    whoever knows the role's own ARN uses that instead.
    """
    parts = _ARN.fullmatch(arn)
    if parts is None or parts["service"] != "sts" or not parts["resource"].startswith(_ASSUMED):
        return arn
    role = parts["resource"][len(_ASSUMED) :].partition("/")[0]
    return f"arn:{parts['partition']}:iam::{parts['account']}:role/{role}"


def account_of(arn: str) -> str | None:
    """The account id in an ARN; None where it names none, as S3's and Ceph's do not."""
    parts = _ARN.fullmatch(arn)
    return parts["account"] if parts is not None and _ACCOUNT.fullmatch(parts["account"]) else None


def partition_of(arn: str) -> str:
    """`aws`, `aws-cn`, `aws-us-gov`; `aws` for what is no ARN."""
    parts = _ARN.fullmatch(arn)
    return parts["partition"] if parts is not None else "aws"


def region_of(arn: str) -> str | None:
    """The Region in an ARN, as a KMS key's has one; None where it names none."""
    return arn.split(":")[3] or None if _ARN.fullmatch(arn) is not None else None
