from __future__ import annotations

import pytest

from s3_crosscopy.access.rules.arns import (
    account_of,
    is_permission_sets,
    partition_of,
    path_remark,
    region_of,
    role_arn_of,
)

# an ARN -> what a policy names, the account, the partition
TABLE = [
    (
        "arn:aws:sts::111122223333:assumed-role/copier/airflow",
        "arn:aws:iam::111122223333:role/copier",
        "111122223333",
        "aws",
    ),
    (
        "arn:aws-cn:sts::111122223333:assumed-role/copier/a@b",
        "arn:aws-cn:iam::111122223333:role/copier",
        "111122223333",
        "aws-cn",
    ),
    ("arn:aws:sts:::assumed-role/copier/session", "arn:aws:iam:::role/copier", None, "aws"),  # Ceph
    (
        "arn:aws:iam::111122223333:role/path/copier",
        "arn:aws:iam::111122223333:role/path/copier",
        "111122223333",
        "aws",
    ),
    ("arn:aws:iam::111122223333:user/me", "arn:aws:iam::111122223333:user/me", "111122223333", "aws"),
    (
        "arn:aws:sts::111122223333:federated-user/me",
        "arn:aws:sts::111122223333:federated-user/me",
        "111122223333",
        "aws",
    ),
    ("arn:aws-us-gov:iam::111122223333:root", "arn:aws-us-gov:iam::111122223333:root", "111122223333", "aws-us-gov"),
    (
        "arn:aws-iso-b:sts::111122223333:assumed-role/copier/x",
        "arn:aws-iso-b:iam::111122223333:role/copier",
        "111122223333",
        "aws-iso-b",
    ),
    (
        "arn:aws-eusc:iam::111122223333:role/copier",
        "arn:aws-eusc:iam::111122223333:role/copier",
        "111122223333",
        "aws-eusc",
    ),
    ("arn:aws:s3:::bucket/key", "arn:aws:s3:::bucket/key", None, "aws"),
    ("arn:aws:iam:::user/op", "arn:aws:iam:::user/op", None, "aws"),
    ("op", "op", None, "aws"),
    ("", "", None, "aws"),
]


@pytest.mark.parametrize(("arn", "named", "account", "partition"), TABLE)
def test_a_policy_names_the_role_of_a_session_and_everything_else_as_it_is(
    arn: str, named: str, account: str | None, partition: str
) -> None:
    assert role_arn_of(arn) == named
    assert account_of(arn) == account
    assert partition_of(arn) == partition


@pytest.mark.parametrize(
    ("arn", "region"),
    [
        ("arn:aws:kms:eu-west-1:111122223333:key/1", "eu-west-1"),
        ("arn:aws:s3:::bucket", None),
        ("alias/key", None),
    ],
)
def test_a_keys_arn_names_its_region(arn: str, region: str | None) -> None:
    assert region_of(arn) == region


SESSION = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_Data_0123/jane@example.com"
ROLES = "arn:aws:iam::111122223333:role/aws-reserved/sso.amazonaws.com"


@pytest.mark.parametrize(
    ("region", "named"),
    [
        ("eu-central-1", f"{ROLES}/eu-central-1/AWSReservedSSO_Data_0123"),
        ("us-east-1", f"{ROLES}/AWSReservedSSO_Data_0123"),
        (None, f"{ROLES}/SSO-REGION/AWSReservedSSO_Data_0123"),
    ],
)
@pytest.mark.parametrize("arn", [SESSION, "arn:aws:iam::111122223333:role/AWSReservedSSO_Data_0123"])
def test_a_permission_sets_role_has_its_path_with_the_identity_centers_region(
    arn: str, region: str | None, named: str
) -> None:
    assert role_arn_of(arn, region) == named
    assert role_arn_of(named, "elsewhere") == named
    assert is_permission_sets(named)
    assert not is_permission_sets(arn)


@pytest.mark.parametrize(
    ("arn", "says"),
    [
        (SESSION, "remove it and its slash if the Region is us-east-1"),
        (
            "arn:aws:sts::111122223333:assumed-role/copier/x",
            "which has no path; if the role has one, give the role's own ARN",
        ),
        ("arn:aws:iam::111122223333:role/copier", ""),
        ("arn:aws:iam::111122223333:user/me", ""),
    ],
)
def test_what_a_sessions_arn_does_not_tell_is_remarked(arn: str, says: str) -> None:
    remark = path_remark(arn, role_arn_of(arn))

    assert says in remark
    assert bool(remark) is bool(says)


def test_a_permission_sets_role_with_its_region_needs_no_remark() -> None:
    assert path_remark(SESSION, role_arn_of(SESSION, "eu-west-1")) == ""
