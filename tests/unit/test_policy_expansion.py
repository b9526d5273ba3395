"""The check of the printed policies can fail: whatever is allowed beyond the permissions, or lacks, is noticed."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from tests.unit.layouts import DST, permissions, policy_context
from tests.unit.policy_expansion import differences

from s3_crosscopy.access.examination import Policy
from s3_crosscopy.access.rules.policies import policies


def adds_an_action(statement: dict[str, Any]) -> None:
    statement["Action"].append("s3:DeleteObject")


def takes_an_action(statement: dict[str, Any]) -> None:
    statement["Action"].pop()


def has_a_wildcard(statement: dict[str, Any]) -> None:
    statement["Action"] = ["s3:*"]


def is_the_whole_bucket(statement: dict[str, Any]) -> None:
    statement["Resource"] = "arn:aws:s3:::src/*"


def is_everything(statement: dict[str, Any]) -> None:
    statement["Resource"] = ["*"]


def is_another_resource_too(statement: dict[str, Any]) -> None:
    statement["Resource"] = [statement["Resource"], "arn:aws:s3:::elsewhere/*"]


def is_for_everybody(statement: dict[str, Any]) -> None:
    statement["Principal"] = "*"


def is_for_another_one_too(statement: dict[str, Any]) -> None:
    statement["Principal"] = {"AWS": ["arn:aws:iam::111111111111:root", f"arn:aws:iam::{DST}:role/copier"]}


def is_the_opposite(statement: dict[str, Any]) -> None:
    statement["NotAction"] = ["s3:DeleteObject"]


def denies(statement: dict[str, Any]) -> None:
    statement["Effect"] = "Deny"


def has_no_condition(statement: dict[str, Any]) -> None:
    statement["Condition"] = {}


def has_another_condition(statement: dict[str, Any]) -> None:
    statement["Condition"] = {"StringLike": {"kms:ViaService": "*"}}


S3_CHANGES = [
    adds_an_action,
    takes_an_action,
    has_a_wildcard,
    is_the_whole_bucket,
    is_everything,
    is_another_resource_too,
    is_for_everybody,
    is_for_another_one_too,
    is_the_opposite,
    denies,
    has_another_condition,
]


@pytest.mark.parametrize(
    ("place", "change"),
    [
        *(("identity policy of the copier", change) for change in S3_CHANGES),
        *(("bucket policy of the source bucket", change) for change in S3_CHANGES),
        ("key policy of the source KMS key", has_no_condition),
        ("key policy of the source KMS key", has_another_condition),
        ("key policy of the source KMS key", adds_an_action),
        ("key policy of the source KMS key", is_for_everybody),
    ],
)
def test_a_document_that_allows_anything_else_is_noticed(place: str, change: Callable[[dict[str, Any]], None]) -> None:
    some, where = permissions(), policy_context()
    printed = [Policy(one.place, one.attach_to, copy.deepcopy(one.document)) for one in policies(some, where)]
    assert differences(printed, some, where) == []

    change(next(one.document["Statement"][-1] for one in printed if one.place == place))

    assert differences(printed, some, where) != []


def test_a_document_too_many_or_too_few_is_noticed() -> None:
    some, where = permissions(), policy_context()
    printed = policies(some, where)
    widest = policies(some, policy_context(source=None, dest=None))

    assert all(differences([one for one in printed if one is not left], some, where) for left in printed)
    assert differences(widest, some, where) != []
