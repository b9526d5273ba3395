"""Parses the ARNs of principals: the role behind a session, account, partition and Region.

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
"""Placeholder for an unknown Region of IAM Identity Center."""
_SSO_WITHOUT_REGION = "us-east-1"
_SSO_REMARK = (
    "SSO-REGION in {} is the Region of IAM Identity Center, which a session's ARN does not contain; replace it, or"
    f" remove it and its slash if the Region is {_SSO_WITHOUT_REGION}"
)


def role_arn_of(arn: str, sso_region: str | None = None) -> str:
    """The ARN of the role of an assumed-role session, as a policy names it; any other ARN is returned unchanged.

    A session's ARN leaves out the role's path (`/service-role/`), so the result is wrong for a role that has one: use
    the role's own ARN where it is known. The path of a permission set's role is known except for `sso_region`, the
    Region of IAM Identity Center; None puts a placeholder there (IAM Identity Center User Guide, "Referencing
    permission sets in resource policies").
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
    """A remark on `named`, the role's ARN that was derived from the session's `arn`; "" for none."""
    if SSO_REGION in named:
        return _SSO_REMARK.format(named)
    if named == arn or is_permission_sets(named):
        return ""
    return f"{named} is derived from a session's ARN, which has no path; if the role has one, give the role's own ARN"


def is_permission_sets(role_arn: str) -> bool:
    """True if IAM Identity Center created the role: such a role cannot be changed in IAM."""
    return f":role/{_SSO_PATH}" in role_arn


def _sso_path(role: str, region: str | None) -> str:
    if not role.startswith(_SSO_ROLE):
        return ""
    return _SSO_PATH if region == _SSO_WITHOUT_REGION else f"{_SSO_PATH}{region or SSO_REGION}/"


def account_of(arn: str) -> str | None:
    """The account id in an ARN; None if it has none, as those of S3 and Ceph."""
    parts = _ARN.fullmatch(arn)
    return parts["account"] if parts is not None and _ACCOUNT.fullmatch(parts["account"]) else None


def partition_of(arn: str) -> str:
    """The AWS partition in an ARN (`aws`, `aws-cn`, `aws-eusc`); `aws` for a text that is not an ARN."""
    parts = _ARN.fullmatch(arn)
    return parts["partition"] if parts is not None else "aws"


def region_of(arn: str) -> str | None:
    """The Region in an ARN, such as that of a KMS key; None if it has none."""
    return arn.split(":")[3] or None if _ARN.fullmatch(arn) is not None else None
