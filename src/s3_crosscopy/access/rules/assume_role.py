"""Makes the trust policy and the identity policy that let a principal assume a role.

Within one account the trust alone is enough; across accounts both are needed (IAM User Guide, "Cross-account access").
"""

from __future__ import annotations

import re
from typing import Any

from s3_crosscopy.access.examination import Policy
from s3_crosscopy.access.rules.arns import role_arn_of
from s3_crosscopy.access.rules.error_messages import parse_access_denied
from s3_crosscopy.access.rules.policies import IDENTITY, TRUST

ASSUME = "sts:AssumeRole"
EXTERNAL_ID = "THE-EXTERNAL-ID-OF-THE-CONNECTION"
"""Placeholder: more people may read a log than the connection, so messages do not contain the id itself."""

# As STS validates it (API reference of AssumeRole, "ExternalId").
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}")


def is_external_id(text: str) -> bool:
    """True if IAM accepts this text as an external id."""
    return _EXTERNAL_ID.fullmatch(text) is not None


def refused_assumption(message: str) -> tuple[str, str] | None:
    """The ARNs of the caller and of the role that it may not assume; None for any other message."""
    denied = parse_access_denied(message)
    if denied is None or denied.action != ASSUME or not denied.resource:
        return None
    return role_arn_of(denied.user), denied.resource


def policies_to_assume(caller: str, role: str, *, with_external_id: bool = False) -> tuple[Policy, ...]:
    """The policies that let `caller` assume `role`, both ARNs."""
    trust: dict[str, Any] = {
        "Sid": "CrossCopyAssumeRole",
        "Effect": "Allow",
        "Principal": {"AWS": caller},
        "Action": [ASSUME],
    }
    if with_external_id:
        trust["Condition"] = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    ask = {"Sid": "CrossCopyAssumeRole", "Effect": "Allow", "Action": [ASSUME], "Resource": role}
    return (
        Policy(f"{TRUST} of the role", role, _document(trust)),
        Policy(f"{IDENTITY} of the principal that assumes it", caller, _document(ask)),
    )


def _document(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}
