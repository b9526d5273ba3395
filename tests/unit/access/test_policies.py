from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.layouts import CASES, DEST_KEY, DST, OTHER, SOURCE_KEY, SRC, Case, permissions, policy_context
from tests.unit.policy_expansion import differences

from s3_crosscopy.access.examination import Party, Permission, Policy, Principal, Scope
from s3_crosscopy.access.rules.arns import role_arn_of
from s3_crosscopy.access.rules.policies import how_to_attach, placeholders, policies, to_json
from s3_crosscopy.access.rules.policy_context import PolicyContext
from s3_crosscopy.access.rules.policy_remarks import remarks

OPTIONS: tuple[dict[str, object], ...] = (
    {},
    {"tags": "drop"},
    {"tags": {"a": "b"}},
    {"acl_policy": "bucket-owner-full-control"},
    {"overwrite": "always", "verification": "listing"},
    {"report": "s3://reports/of/runs"},
    {"report": "s3://dst/reports/"},
    {"manifest": "s3://src/keys.txt"},
    {"report": "s3://reports/r/", "manifest": "s3://lists/m/", "acl_policy": "private"},
    {"source": "s3://src/a/file", "dest": "s3://dst/b/", "source_version_id": "v1"},
    {"dest": "s3://src/out/"},
)
ACCOUNTS = st.sampled_from((SRC, DST, OTHER, None))
POINT = f"arn:aws:s3:eu-west-1:{SRC}:accesspoint"


def statements(policy: Policy) -> list[dict[str, Any]]:
    return list(policy.document["Statement"])


def of_kind(printed: Sequence[Policy], kind: str) -> dict[str, Policy]:
    return {one.attach_to: one for one in printed if one.place.startswith(kind)}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_each_layout_gets_the_policies_of_the_other_accounts_buckets_and_of_both_keys(case: Case) -> None:
    printed = policies(permissions(two=case.two), case.policy_context)

    assert tuple(of_kind(printed, "bucket policy")) == case.buckets
    assert tuple(of_kind(printed, "key policy")) == (SOURCE_KEY, DEST_KEY)
    assert len(of_kind(printed, "identity policy")) == (2 if case.two else 1)
    assert of_kind(printed, "trust policy") == {}
    assert placeholders(printed) == ()


def test_an_access_point_gets_a_policy_of_its_own_and_a_remark_on_the_bucket_behind_it() -> None:
    known = PolicyContext((Principal(Party.COPIER, role_arn=f"arn:aws:iam::{DST}:role/copier"),))
    printed = policies(permissions(source=f"s3://{POINT}/raw/in/", source_key="", dest_key=""), known)

    policy = of_kind(printed, "access point policy")[f"{POINT}/raw"]
    assert "put-access-point-policy" in how_to_attach(policy)
    assert [(row["Sid"], row["Resource"]) for row in statements(policy)] == [
        ("CrossCopyCopierSourceBucket", f"{POINT}/raw"),
        ("CrossCopyCopierSourceObjects", f"{POINT}/raw/object/in/*"),
    ]
    (identity,) = of_kind(printed, "identity policy").values()
    of_source = [row for row in statements(identity) if str(row["Resource"]).startswith(POINT)]
    assert [sorted(row) for row in of_source] == [["Action", "Effect", "Resource", "Sid"]] * 2
    assert set(of_kind(printed, "bucket policy")) == {"dst"}
    said = remarks(printed, known, single=False)
    assert sum(f"the policy of the bucket behind {POINT}/raw has to allow" in line for line in said) == 1


def test_within_the_access_points_account_the_identity_policy_is_enough() -> None:
    known = PolicyContext((Principal(Party.COPIER, role_arn=f"arn:aws:iam::{SRC}:role/copier"),))
    printed = policies(permissions(source=f"s3://{POINT}/raw/in/", source_key="", dest_key=""), known)
    assert of_kind(printed, "access point policy") == {}


def test_an_alias_cannot_be_named_in_a_policy() -> None:
    printed = policies(permissions(source="s3://raw-abc-s3alias/in/", source_key="", dest_key=""), PolicyContext())
    assert "raw-abc-s3alias is an access point's alias, which no policy can name" in " ".join(
        remarks(printed, PolicyContext(), single=False)
    )


def test_a_key_that_looks_like_a_placeholder_is_none_behind_an_access_point_either() -> None:
    source = f"s3://{POINT}/raw/COPIER-ROLE/"
    printed = policies(permissions(source=source, source_key="", dest_key=""), PolicyContext())
    assert placeholders(printed) == ("COPIER-ACCOUNT", "COPIER-ROLE")
    known = PolicyContext((Principal(Party.COPIER, role_arn=f"arn:aws:iam::{DST}:role/copier"),))
    assert placeholders(policies(permissions(source=source, source_key="", dest_key=""), known)) == ()


@given(
    chosen=st.sampled_from(OPTIONS),
    accounts=st.tuples(ACCOUNTS, ACCOUNTS, ACCOUNTS, ACCOUNTS),
    two=st.booleans(),
    keys=st.tuples(st.sampled_from((SOURCE_KEY, DEST_KEY, "")), st.sampled_from((SOURCE_KEY, DEST_KEY, ""))),
    data=st.data(),
)
def test_documents_allow_what_the_grants_need_and_nothing_else(
    chosen: dict[str, Any],
    accounts: tuple[str | None, str | None, str | None, str | None],
    two: bool,
    keys: tuple[str, str],
    data: st.DataObject,
) -> None:
    of_run = permissions(two=two, source_key=keys[0], dest_key=keys[1], **chosen)
    missing = data.draw(st.lists(st.sampled_from(of_run), unique=True))
    where = policy_context(*accounts)
    for some in (of_run, missing):
        printed = policies(some, where)

        assert differences(printed, some, where) == []
        assert printed == policies(data.draw(st.permutations(some)), where)
        for one in printed:
            sids = [statement["Sid"] for statement in statements(one)]
            assert len(set(sids)) == len(sids)
            assert all(re.fullmatch("[A-Za-z0-9]+", sid) for sid in sids)
            assert all(statement["Action"] == sorted(statement["Action"]) for statement in statements(one))


def test_a_same_account_bucket_needs_no_bucket_policy_and_an_unknown_owner_does() -> None:
    of_report = permissions(report="s3://reports/r/", source_key="", dest_key="")

    assert tuple(of_kind(policies(of_report, policy_context()), "bucket")) == ("src", "reports")
    in_dest = permissions(report="s3://dst/r/", source_key="", dest_key="")
    assert tuple(of_kind(policies(in_dest, policy_context()), "bucket")) == ("src",)
    assert tuple(of_kind(policies(of_report, policy_context(copier=None)), "bucket")) == ("src", "dst", "reports")


def test_one_bucket_or_key_of_two_uses_has_one_policy() -> None:
    of_run = permissions(report="s3://dst/r/", source_key=DEST_KEY)

    named = [one.place for one in policies(of_run, policy_context(copier=SRC, dest=DST))]

    assert named == [
        "identity policy of the copier",
        "bucket policy of the destination bucket and the report's bucket",
        "key policy of the source KMS key and the destination KMS key",
    ]


def test_two_keys_of_one_place_have_statements_of_their_own() -> None:
    some = [Permission("kms:Decrypt", Party.COPIER, Scope.SOURCE_KEY, key, "") for key in (SOURCE_KEY, DEST_KEY)]

    identity, *of_keys = policies(some, policy_context())

    assert [one["Sid"] for one in statements(identity)] == ["CrossCopyCopierSourceKey", "CrossCopyCopierSourceKey2"]
    assert {one.attach_to for one in of_keys} == {SOURCE_KEY, DEST_KEY}


def test_the_root_user_needs_no_identity_policy() -> None:
    where = policy_context()._replace(
        principals=(Principal(Party.COPIER, role_arn=f"arn:aws:iam::{DST}:root", account=DST),)
    )
    some = permissions()

    printed = policies(some, where)

    assert of_kind(printed, "identity") == {}
    assert differences(printed, some, where) == []


@pytest.mark.parametrize(
    ("trusted", "external_id", "statement"),
    [
        (
            f"arn:aws:iam::{OTHER}:role/airflow",
            None,
            {"Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/airflow"}},
        ),
        (
            f"arn:aws:sts::{OTHER}:assumed-role/airflow/task",
            "handshake",
            {
                "Principal": {"AWS": f"arn:aws:iam::{OTHER}:role/airflow"},
                "Condition": {"StringEquals": {"sts:ExternalId": "handshake"}},
            },
        ),
    ],
)
def test_the_copying_role_trusts_who_assumes_it(
    trusted: str, external_id: str | None, statement: dict[str, object]
) -> None:
    printed = policies(permissions(), policy_context(trusted=trusted, external_id=external_id))

    [(role, trust)] = of_kind(printed, "trust policy").items()
    assert role == f"arn:aws:iam::{DST}:role/copier"
    common = {"Sid": "CrossCopyAssumeCopier", "Effect": "Allow", "Action": ["sts:AssumeRole"]}
    assert statements(trust) == [common | statement]


def test_china_has_its_own_arns_and_its_own_name_of_s3() -> None:
    key = f"arn:aws-cn:kms:cn-north-1:{SRC}:key/1-2"
    some = permissions(partition="aws-cn", source_key=key, dest_key="")
    where = policy_context(partition="aws-cn", dns_suffix="amazonaws.com.cn")

    printed = policies(some, where)

    assert differences(printed, some, where) == []
    text = to_json([one._asdict() for one in printed])
    assert '"kms:ViaService": "s3.cn-north-1.amazonaws.com.cn"' in text
    assert "arn:aws:" not in text


@pytest.mark.parametrize(("region", "left"), [("eu-west-1", ()), (None, ("SSO-REGION",))])
def test_a_permission_sets_role_gets_its_policies_in_identity_center(region: str | None, left: tuple[str, ...]) -> None:
    named = role_arn_of(f"arn:aws:sts::{DST}:assumed-role/AWSReservedSSO_Data_1/jane", region)
    where = policy_context(trusted=f"arn:aws:iam::{DST}:root")
    where = where._replace(principals=(where.principals[0]._replace(role_arn=named),))

    printed = policies(permissions(), where)

    how = {one.place.partition(" ")[0]: how_to_attach(one) for one in printed if one.attach_to == named}
    assert how["identity"].startswith("put it into the permission set's inline policy in IAM Identity Center")
    assert (
        how["trust"] == f"{named} cannot be changed in IAM: use a role of your own that the permission set may assume"
    )
    assert placeholders(printed) == left


def test_what_nobody_knows_is_a_placeholder_and_all_of_them_are_told() -> None:
    printed = policies(permissions(two=True, source_key="alias/mine", dest_key="1-2"), PolicyContext())

    assert placeholders(printed) == (
        "COPIER-ACCOUNT",
        "COPIER-ROLE",
        "DEST-KEY-ACCOUNT",
        "DEST-KEY-ID",
        "DEST-KEY-REGION",
        "READER-ACCOUNT",
        "READER-ROLE",
        "SOURCE-KEY-ACCOUNT",
        "SOURCE-KEY-ID",
        "SOURCE-KEY-REGION",
    )
    assert '"s3.DEST-KEY-REGION.amazonaws.com"' in to_json([one._asdict() for one in printed])


def test_a_prefix_may_be_called_like_a_placeholder() -> None:
    assert placeholders(policies(permissions(source="s3://src/COPIER-ROLE/"), policy_context())) == ()


def matches(resource: str, key: str) -> bool:
    """As IAM reads a resource: `${*}`, `${?}` and `${$}` are those characters, a bare `*` is anything."""
    pattern = "".join(
        re.escape(part[2]) if part.startswith("${") else fnmatch.translate(part)[4:-3]
        for part in re.findall(r"\$\{[*?$]\}|\*|[^*$]+", resource)
    )
    return re.fullmatch(pattern, f"arn:aws:s3:::src/{key}", re.DOTALL) is not None


@given(prefix=st.text("ab*?$", min_size=1, max_size=4), other=st.text("ab*?$", max_size=6))
def test_characters_that_mean_something_in_a_resource_mean_themselves(prefix: str, other: str) -> None:
    some = permissions(source=f"s3://src/{prefix}/", source_key="", dest_key="")
    [of_source] = of_kind(policies(some, policy_context()), "bucket").values()

    resource = statements(of_source)[-1]["Resource"]

    assert matches(resource, f"{prefix}/{other}")
    assert matches(resource, f"{other}/x") == f"{other}/x".startswith(f"{prefix}/")


def test_json_is_pretty_or_has_no_white_space_between_tokens_and_keeps_its_order() -> None:
    [identity, *_] = policies(permissions(), policy_context())

    pretty, compact = to_json(identity.document), to_json(identity.document, compact=True)

    assert json.loads(pretty) == json.loads(compact) == identity.document
    assert re.search(r"\s", compact) is None
    assert pretty.startswith('{\n  "Version": "2012-10-17",\n  "Statement": [\n    {\n      "Sid": "CrossCopyCopier')
    assert to_json({"key": "ü"}, compact=True) == '{"key":"\\u00fc"}'


def test_each_kind_says_where_it_goes() -> None:
    where = policy_context(trusted=f"arn:aws:iam::{OTHER}:role/airflow")

    said = {one.place.partition(" ")[0]: how_to_attach(one) for one in policies(permissions(), where)}

    assert said == {
        "identity": f"attach it to arn:aws:iam::{DST}:role/copier, inline or as a managed policy",
        "trust": f"add the statement to those of arn:aws:iam::{DST}:role/copier, because update-assume-role-policy "
        "replaces the whole document",
        "bucket": "add the statements to those of src, because put-bucket-policy replaces the whole document",
        "key": f"add the statements to those of {DEST_KEY}, because put-key-policy replaces the whole document",
    }


@pytest.mark.parametrize("single", [True, False])
def test_why_a_listing_has_no_condition_is_remarked_where_one_is_granted(single: bool) -> None:
    where = policy_context()
    printed = policies(permissions(), where)
    without = policies([one for one in permissions() if one.action != "s3:ListBucket"], where)

    [line] = remarks(printed, where, single=single)
    assert line.startswith("s3:ListBucket has no condition on s3:prefix")
    assert line.endswith("it cannot be narrower") is single
    assert remarks(without, where, single=single) == ()


@pytest.mark.parametrize(
    ("trusted", "external_id", "told"),
    [
        (f"arn:aws:iam::{OTHER}:root", None, True),
        (f"arn:aws:iam::{OTHER}:root", "handshake", False),
        (f"arn:aws:iam::{OTHER}:role/airflow", None, False),
    ],
)
def test_trust_in_a_whole_account_is_remarked_unless_an_external_id_narrows_it(
    trusted: str, external_id: str | None, told: bool
) -> None:
    where = policy_context(trusted=trusted, external_id=external_id)

    found = [line for line in remarks(policies(permissions(), where), where, single=False) if "trust" in line]
    assert len(found) == told
    assert all(f"every role and user of account {OTHER}" in line for line in found)


def test_an_identity_policy_allows_nothing_in_a_bucket_of_another_account_than_the_known_one() -> None:
    printed = policies(permissions(report="s3://reports/r/"), policy_context(source=None))

    [identity] = of_kind(printed, "identity policy").values()
    found = {one["Resource"]: one.get("Condition") for one in statements(identity) if ":s3:::" in one["Resource"]}
    its = {"StringEquals": {"aws:ResourceAccount": DST}}
    assert found == {
        "arn:aws:s3:::src": None,
        "arn:aws:s3:::src/in/*": None,
        "arn:aws:s3:::dst": its,
        "arn:aws:s3:::dst/out/*": its,
        "arn:aws:s3:::reports/r/*": None,
    }
    others = [one for one in printed if one is not identity]
    assert "aws:ResourceAccount" not in json.dumps([one.document for one in others])
