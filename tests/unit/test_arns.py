from __future__ import annotations

import pytest

from s3_crosscopy.plan.arns import account_of, partition_of, region_of, role_arn_of

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
