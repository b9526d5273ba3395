"""Each type of policy that S3's denials name, in both ways to deny: who can mend it, and if a printed policy does."""

from __future__ import annotations

from pathlib import Path

import pytest

from s3_crosscopy.access.rules.error_messages import parse_access_denied
from s3_crosscopy.access.rules.policy_types import POLICY_TYPES, advice, can_be_allowed, type_of

USER = "arn:aws:iam::123456789012:user/MaryMajor"
NO = f"User: {USER} is not authorized to perform: s3:GetObject"
ON = f'{NO} on resource: "arn:aws:s3:::amzn-s3-demo-bucket1/object-name"'
SCP, RCP, ENDPOINT, BOUNDARY, SESSION, IDENTITY, RESOURCE = (one.named for one in POLICY_TYPES)
ORGANIZATION = "the administrator of the AWS organization of the caller's account"
OF_RESOURCE = "the administrator of the AWS organization of the account that owns the bucket or key"
ENDPOINTS_OWNER = "the owner of the VPC endpoint through which the worker reaches S3"
IAM_ADMIN = "the IAM administrator of the caller's account"
ASSUMES = "whoever assumes the role with a session policy"
OWNER = "the owner of the bucket or key"

# S3's messages, as the User Guide has them -> the type, who can mend it, and whether a policy of ours does.
KINDS = [
    (f"{NO} because no service control policy allows the s3:GetObject action", SCP, ORGANIZATION, False),
    (f"{NO} with an explicit deny in a service control policy", SCP, ORGANIZATION, False),
    (f"{ON} because no resource control policy allows the s3:GetObject action", RCP, OF_RESOURCE, False),
    (f"{ON} with an explicit deny in a resource control policy", RCP, OF_RESOURCE, False),
    (f"{NO} because no VPC endpoint policy allows the s3:GetObject action", ENDPOINT, ENDPOINTS_OWNER, False),
    (f"{ON} with an explicit deny in a VPC endpoint policy", ENDPOINT, ENDPOINTS_OWNER, False),
    (f"{ON} because no permissions boundary allows the s3:GetObject action", BOUNDARY, IAM_ADMIN, False),
    (f"{NO} with an explicit deny in a permissions boundary", BOUNDARY, IAM_ADMIN, False),
    (f"{NO} because no session policy allows the s3:GetObject action", SESSION, ASSUMES, False),
    (f"{ON} with an explicit deny in a session policy", SESSION, ASSUMES, False),
    (f"{NO} because no identity-based policy allows the s3:GetObject action", IDENTITY, IAM_ADMIN, True),
    (f"{ON} with an explicit deny in an identity-based policy", IDENTITY, IAM_ADMIN, False),
    (f"{NO} because no resource-based policy allows the s3:GetObject action", RESOURCE, OWNER, True),
    (f"{ON} with an explicit deny in a resource-based policy", RESOURCE, OWNER, False),
    # With the policy's ARN, which may hold other words, and where one policy works through another.
    (f"{ON} with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/session policy", IDENTITY,
     IAM_ADMIN, False),
    (f"{ON} with an explicit deny in a VPC endpoint policy transitively through a service control policy", ENDPOINT,
     ENDPOINTS_OWNER, False),
]  # fmt: skip


def denied_by(message: str) -> str:
    denied = parse_access_denied(message)
    assert denied is not None
    return denied.by


@pytest.mark.parametrize(("message", "named", "who", "mended"), KINDS)
def test_the_type_of_policy_that_denied_says_who_can_mend_it(message: str, named: str, who: str, mended: bool) -> None:
    by = denied_by(message)
    found = type_of(by)

    assert found is not None
    assert found.named == named
    assert can_be_allowed(by) is mended
    said = advice(by)
    assert f"{who} can " in said
    assert said.startswith("no Allow overrides it; ") is ("explicit deny" in message)
    assert said.startswith("no bucket policy or identity policy can change that; ") is (
        named in (SCP, RCP, ENDPOINT, BOUNDARY, SESSION) and "explicit deny" not in message
    )
    assert "\n" not in said


@pytest.mark.parametrize(
    ("by", "mended", "said"),
    [
        ("", True, ""),
        ("the resource does not exist in this Region", True, ""),
        (
            "an explicit deny in the role trust policy",
            False,
            "no Allow overrides it; that statement has to be removed or narrowed",
        ),
    ],
)
def test_where_no_known_type_is_named_only_a_deny_is_known_not_to_be_mended(by: str, mended: bool, said: str) -> None:
    assert type_of(by) is None
    assert (can_be_allowed(by), advice(by)) == (mended, said)


def test_the_page_on_access_shows_the_whole_table() -> None:
    rows = Path(__file__).parents[3].joinpath("docs", "access.md").read_text(encoding="utf-8").splitlines()

    for one in POLICY_TYPES:
        [row] = [row for row in rows if row.startswith(f"| {one.named} |")]
        assert f"| {one.administrator} | {one.where} |" in row
