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
_ROLE = "role/"
_SSO_ROLE = "AWSReservedSSO_"
_SSO_PATH = "aws-reserved/sso.amazonaws.com/"
SSO_REGION = "SSO-REGION"
"""Stands for the Region of IAM Identity Center where nobody told it."""
_SSO_WITHOUT_REGION = "us-east-1"
_SSO_REMARK = (
    "SSO-REGION in {} is the Region of IAM Identity Center, which a session's ARN does not tell; put that there, or"
    f" leave it out with its slash if it is {_SSO_WITHOUT_REGION}"
)


def role_arn_of(arn: str, sso_region: str | None = None) -> str:
    """The role of an assumed-role session, as a policy names it; every other ARN as it is.

    A session's ARN leaves out the role's path (`/service-role/`), so that the answer is wrong for a role that has one:
    whoever knows the role's own ARN uses that instead. The path of a permission set's role is known, but for the Region
    of IAM Identity Center, `sso_region` (IAM Identity Center User Guide, "Referencing permission sets in resource
    policies").
    """
    parts = _ARN.fullmatch(arn)
    if parts is None:
        return arn
    resource = parts["resource"]
    if parts["service"] == "sts" and resource.startswith(_ASSUMED):
        role = resource[len(_ASSUMED) :].partition("/")[0]
    elif parts["service"] == "iam" and resource.startswith(_ROLE + _SSO_ROLE):
        role = resource[len(_ROLE) :]
    else:
        return arn
    return f"arn:{parts['partition']}:iam::{parts['account']}:role/{_sso_path(role, sso_region)}{role}"


def path_remark(arn: str, named: str) -> str:
    """A remark on `named`, the role's ARN that was made of the session's `arn`; "" for none."""
    if SSO_REGION in named:
        return _SSO_REMARK.format(named)
    if named == arn or is_permission_sets(named):
        return ""
    return f"{named} is what a session's ARN tells; a role with a path has it in its own ARN, give that then"


def is_permission_sets(role_arn: str) -> bool:
    """Tells whether the role is one that IAM Identity Center made: IAM lets nobody change it."""
    return f":role/{_SSO_PATH}" in role_arn


def _sso_path(role: str, region: str | None) -> str:
    if not role.startswith(_SSO_ROLE):
        return ""
    return _SSO_PATH if region == _SSO_WITHOUT_REGION else f"{_SSO_PATH}{region or SSO_REGION}/"


def account_of(arn: str) -> str | None:
    """The account id in an ARN; None where it names none, as S3's and Ceph's do not."""
    parts = _ARN.fullmatch(arn)
    return parts["account"] if parts is not None and _ACCOUNT.fullmatch(parts["account"]) else None


def partition_of(arn: str) -> str:
    """`aws`, `aws-cn`, `aws-eusc`; `aws` for what is no ARN."""
    parts = _ARN.fullmatch(arn)
    return parts["partition"] if parts is not None else "aws"


def region_of(arn: str) -> str | None:
    """The Region in an ARN, as a KMS key's has one; None where it names none."""
    return arn.split(":")[3] or None if _ARN.fullmatch(arn) is not None else None
