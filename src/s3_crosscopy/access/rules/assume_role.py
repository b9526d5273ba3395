"""The two policies that let a principal assume a role: the role has to trust it, and its own policy has to let it ask.

Within one account the trust alone is enough; across accounts both are needed (IAM User Guide, "Cross-account access").
"""

from __future__ import annotations

import re
from typing import Any

from s3_crosscopy.access.examination import Policy
from s3_crosscopy.access.rules.arns import role_arn_of
from s3_crosscopy.access.rules.error_messages import parse_denial
from s3_crosscopy.access.rules.policies import IDENTITY, TRUST

ASSUME = "sts:AssumeRole"
EXTERNAL_ID = "THE-EXTERNAL-ID-OF-THE-CONNECTION"
"""A message may end in a log that more people read than the connection: the id itself is not repeated."""


# As STS validates it (API reference of AssumeRole, "ExternalId").
_EXTERNAL_ID = re.compile(r"[A-Za-z0-9_+=,.@:/-]{2,1224}")


def is_external_id(text: str) -> bool:
    """Tells whether IAM takes this as an external id."""
    return _EXTERNAL_ID.fullmatch(text) is not None


def refused_assumption(message: str) -> tuple[str, str] | None:
    """Who may not assume which role, by STS' own words; None for every other message."""
    denied = parse_denial(message)
    if denied is None or denied.action != ASSUME or not denied.resource:
        return None
    return role_arn_of(denied.user), denied.resource


def policies_to_assume(who: str, role: str, *, with_external_id: bool = False) -> tuple[Policy, ...]:
    """What lets `who` assume `role`, both ARNs."""
    trust: dict[str, Any] = {
        "Sid": "CrossCopyAssumeRole",
        "Effect": "Allow",
        "Principal": {"AWS": who},
        "Action": [ASSUME],
    }
    if with_external_id:
        trust["Condition"] = {"StringEquals": {"sts:ExternalId": EXTERNAL_ID}}
    ask = {"Sid": "CrossCopyAssumeRole", "Effect": "Allow", "Action": [ASSUME], "Resource": role}
    return (
        Policy(f"{TRUST} of the role", role, _document(trust)),
        Policy(f"{IDENTITY} of who assumes it", who, _document(ask)),
    )


def _document(statement: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [statement]}
