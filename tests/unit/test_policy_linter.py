"""The printed policies before AWS's own linter: cfn-lint, which knows every action, the grammar and what is attached.

It reads templates, so that each document stands in one as what it will be: a role's, a bucket's, a key's.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

import pytest
from tests.unit.layouts import CASES, OTHER, SRC, Case, permissions, policy_context

from s3_crosscopy.access.examination import Policy
from s3_crosscopy.access.rules.policies import policies

KINDS = {
    "identity": ("AWS::IAM::ManagedPolicy", "PolicyDocument"),
    "trust": ("AWS::IAM::Role", "AssumeRolePolicyDocument"),
    "bucket": ("AWS::S3::BucketPolicy", "PolicyDocument"),
    "key": ("AWS::KMS::Key", "KeyPolicy"),
}
# The one rule for policies that is off by default: resources that do not go with the actions.
RESOURCES = "I3510"


def template(printed: Iterable[Policy]) -> dict[str, Any]:
    resources = {}
    for number, one in enumerate(printed):
        kind, place = KINDS[one.place.partition(" ")[0]]
        properties: dict[str, Any] = {place: copy.deepcopy(one.document)}
        if kind == "AWS::S3::BucketPolicy":
            properties["Bucket"] = one.attach_to
        resources[f"Policy{number}"] = {"Type": kind, "Properties": properties}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": resources}


@cache
def linter() -> Any:
    """With its rules: to load them takes most of what a template takes."""
    from cfnlint.config import ConfigMixIn, ManualArgs  # type: ignore[import-untyped]
    from cfnlint.runner import Runner  # type: ignore[import-untyped]

    return Runner(ConfigMixIn(regions=["us-east-1"], **ManualArgs(include_checks=[RESOURCES])))


def findings(of: dict[str, Any]) -> list[str]:
    from cfnlint.decode.decode import decode_str  # type: ignore[import-untyped]

    read, errors = decode_str(json.dumps(of))
    assert not errors
    return [f"{one.rule.id} {one.message[:100]}" for one in linter().validate_template(read)]


def of_layout(case: Case, **more: Any) -> dict[str, Any]:
    where = case.policy_context._replace(trusted=f"arn:aws:iam::{OTHER}:role/airflow", external_id="handshake")
    return template(policies(permissions(two=case.two, **more), where))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_linter_has_nothing_to_say_about_any_layout(case: Case) -> None:
    everything = {"acl_policy": "bucket-owner-full-control", "report": "s3://reports/r/", "manifest": "s3://lists/m"}

    assert findings(of_layout(case, **everything)) == []


def test_the_linter_has_nothing_to_say_about_versions_and_other_partitions() -> None:
    one: dict[str, Any] = {"source": "s3://src/a", "dest": "s3://dst/b", "source_version_id": "v"}
    key = f"arn:aws-cn:kms:cn-north-1:{SRC}:key/11111111-aaaa-4aaa-8aaa-111111111111"
    chinese = permissions(partition="aws-cn", source_key=key, dest_key="")

    assert findings(of_layout(CASES[0], **one)) == []
    assert findings(template(policies(chinese, policy_context(partition="aws-cn")))) == []


def test_actions_on_buckets_name_buckets_and_actions_on_objects_name_objects() -> None:
    from cfnlint.data import AdditionalSpecs  # type: ignore[import-untyped]
    from cfnlint.helpers import load_resource  # type: ignore[import-untyped]

    # The linter's rule lets it pass; its table, made of the service authorization reference, knows.
    known = load_resource(AdditionalSpecs, "Policies.json")["s3"]["Actions"]
    every: dict[str, Any] = {"acl_policy": "private", "report": "s3://reports/r/", "manifest": "s3://lists/m"}
    one: dict[str, Any] = {"source": "s3://src/a", "dest": "s3://dst/b", "source_version_id": "v"}
    seen = set()
    for some in (permissions(source_key="", dest_key="", **every), permissions(source_key="", dest_key="", **one)):
        for policy in policies(some, CASES[0].policy_context):
            for statement in policy.document["Statement"]:
                kind = "object" if "/" in statement["Resource"] else "bucket"
                seen |= set(statement["Action"])
                assert all(kind in known[name[3:].lower()]["Resources"] for name in statement["Action"])
    assert {"s3:ListBucket", "s3:PutObjectAcl", "s3:GetObjectVersionTagging"} <= seen


def has_an_unknown_action(statement: dict[str, Any]) -> None:
    statement["Action"] = ["s3:ListObjectsV2"]


def is_of_another_service(statement: dict[str, Any]) -> None:
    statement["Resource"] = "arn:aws:sqs:us-east-1:111111111111:queue"


def has_an_unreadable_sid(statement: dict[str, Any]) -> None:
    statement["Sid"] = "reads the source"


def has_an_unknown_element(statement: dict[str, Any]) -> None:
    statement["Efect"] = statement.pop("Effect")


def has_an_unknown_operator(statement: dict[str, Any]) -> None:
    statement["Condition"] = {"StringIs": {"kms:ViaService": "s3.us-east-1.amazonaws.com"}}


def has_a_principal_that_is_nobody(statement: dict[str, Any]) -> None:
    statement["Principal"] = {"AWS": "role/copier"}


IDENTITY, TRUST, BUCKET, KEY = "Policy0", "Policy1", "Policy2", "Policy3"


@pytest.mark.parametrize(
    ("where", "change", "rule"),
    [
        (IDENTITY, has_an_unknown_action, "W3037"),
        (IDENTITY, is_of_another_service, "I3510"),
        (IDENTITY, has_an_unreadable_sid, "E3510"),
        (IDENTITY, has_an_unknown_element, "E3510"),
        (IDENTITY, has_an_unknown_operator, "E3510"),
        (IDENTITY, has_a_principal_that_is_nobody, "E3510"),
        (BUCKET, has_an_unknown_action, "W3037"),
        (BUCKET, has_an_unknown_operator, "E3512"),
        (BUCKET, has_a_principal_that_is_nobody, "E3512"),
        (KEY, has_an_unknown_element, "E3512"),
        (KEY, has_an_unknown_operator, "E3512"),
        (TRUST, has_an_unknown_element, "E3530"),
        (TRUST, has_a_principal_that_is_nobody, "E3530"),
    ],
)
def test_the_linter_notices_a_broken_document(where: str, change: Callable[[dict[str, Any]], None], rule: str) -> None:
    broken = of_layout(CASES[0])
    [document] = (value for value in broken["Resources"][where]["Properties"].values() if isinstance(value, dict))

    change(document["Statement"][0])

    assert rule in {one.partition(" ")[0] for one in findings(broken)}
