"""Remarks on printed policies: what they allow beyond the expected, and what has to be allowed elsewhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from s3_crosscopy.access.examination import Policy
from s3_crosscopy.access.rules.arns import account_of
from s3_crosscopy.access.rules.policies import S3_ARN, texts_in
from s3_crosscopy.access.rules.policy_context import PolicyContext
from s3_crosscopy.model.access_points import ALIAS_END

_NO_CONDITION = (
    "s3:ListBucket has no condition on s3:prefix, because HeadBucket and the HEAD of a missing key have no"
    " prefix: with the condition S3 answers 403 instead of 404, and a missing key looks like access denied"
)
_UNCONDITIONED: Mapping[bool, str] = {
    False: _NO_CONDITION,
    True: f"{_NO_CONDITION}; a copy of one object needs the permission for nothing else, so it cannot be narrower",
}
_POINT = re.compile("arn:[^:]*:s3:[^:]+:[0-9]+:accesspoint/[^/]+")
_ALIAS = re.compile(f"arn:[^:]*:s3:::([^/]+{ALIAS_END})")
_DELEGATES = (
    "the policy of the bucket behind {} has to allow the same actions on the bucket itself, or delegate them to its"
    " access points by the condition s3:DataAccessPointArn or s3:DataAccessPointAccount"
)
_WHOLE_ACCOUNT = (
    "the trust policy lets every role and user of account {} that its own administrator allows become the copier; name"
    " the one role with --trusted-arn, or, where that account is another company's and serves others too, give"
    " --external-id, without which others could make that company use the copier for them (confused deputy)"
)
_UNNAMEABLE = "{} is an access point's alias, which no policy can name; give the access point's ARN"


def remarks(printed: Sequence[Policy], policy_context: PolicyContext, *, single: bool) -> tuple[str, ...]:
    """Remarks on what these policies allow beyond the expected, a line each. `single`: the copy is of one object."""
    actions = {
        action for policy in printed for statement in policy.document["Statement"] for action in statement["Action"]
    }
    lines = [_UNCONDITIONED[single]] if "s3:ListBucket" in actions else []
    lines += _of_access_points(printed)
    if (
        policy_context.trusted is not None
        and policy_context.trusted.endswith(":root")
        and policy_context.external_id is None
    ):
        lines.append(_WHOLE_ACCOUNT.format(account_of(policy_context.trusted)))
    return tuple(lines)


def _of_access_points(printed: Sequence[Policy]) -> list[str]:
    """A remark for each access point and each alias that the policies name."""
    texts = [text for policy in printed for text in texts_in(policy.document) if S3_ARN.match(text)]
    points = dict.fromkeys(match[0] for text in texts if (match := _POINT.match(text)))
    aliases = dict.fromkeys(match[1] for text in texts if (match := _ALIAS.match(text)))
    return [
        *(_DELEGATES.format(arn) for arn in points),
        *(
            f"{alias} is an access point's alias, which no policy can name; give the access point's ARN"
            for alias in aliases
        ),
    ]
