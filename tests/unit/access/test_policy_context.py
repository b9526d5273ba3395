from __future__ import annotations

import pytest
from tests.unit.layouts import CASES, DST, OTHER, SOURCE_KEY, SRC, Case
from tests.unit.test_spec import spec

from s3_crosscopy.access.examination import BucketSettings, Party, Permission, Principal, Scope
from s3_crosscopy.access.rules.policy_context import (
    AccountLayout,
    PolicyContext,
    expected_elsewhere,
    is_key_arn,
    layout_of,
    layout_text,
)


@pytest.mark.parametrize(
    ("copier", "source", "dest", "layout"),
    [
        (DST, SRC, DST, AccountLayout.PULL),
        (DST, None, DST, AccountLayout.PULL),
        (SRC, SRC, DST, AccountLayout.PUSH),
        (SRC, SRC, None, AccountLayout.PUSH),
        (SRC, SRC, SRC, AccountLayout.SHARED),
        (OTHER, SRC, SRC, AccountLayout.SHARED),
        (OTHER, SRC, DST, AccountLayout.SHARED),
        # It may be the account of the side that nobody knows.
        (OTHER, None, DST, AccountLayout.UNKNOWN),
        (OTHER, SRC, None, AccountLayout.UNKNOWN),
        (OTHER, None, None, AccountLayout.UNKNOWN),
        (None, SRC, DST, AccountLayout.UNKNOWN),
    ],
)
def test_the_accounts_make_the_layout(copier: str, source: str | None, dest: str | None, layout: AccountLayout) -> None:
    assert layout_of(copier, source, dest) is layout


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_layout_is_told_in_words(case: Case) -> None:
    assert layout_text(case.policy_context, source="src", dest="dst", two=case.two) == case.name


@pytest.mark.parametrize(
    ("principal", "arn", "account"),
    [
        (Principal(Party.COPIER, role_arn="arn:aws:iam::1:role/p/r"), "arn:aws:iam::1:role/p/r", None),
        (Principal(Party.COPIER, arn=f"arn:aws:iam::{SRC}:user/u"), f"arn:aws:iam::{SRC}:user/u", SRC),
        # The role's own ARN has its path, which the session's has not.
        (
            Principal(
                Party.COPIER, arn=f"arn:aws:sts::{SRC}:assumed-role/r/s", role_arn=f"arn:aws:iam::{SRC}:role/p/r"
            ),
            f"arn:aws:iam::{SRC}:role/p/r",
            SRC,
        ),
        (Principal(Party.COPIER, arn=f"arn:aws:sts::{SRC}:assumed-role/r/s"), f"arn:aws:iam::{SRC}:role/r", SRC),
        (Principal(Party.COPIER, arn="arn:aws:sts:::assumed-role/r/s"), "arn:aws:iam:::role/r", None),
        (Principal(Party.COPIER, account=SRC), f"arn:aws:iam::{SRC}:role/COPIER-ROLE", SRC),
        (Principal(Party.READER), "arn:aws:iam::COPIER-ACCOUNT:role/COPIER-ROLE", None),
    ],
)
def test_a_policy_names_the_role_of_a_principal_or_a_placeholder(
    principal: Principal, arn: str, account: str | None
) -> None:
    policy_context = PolicyContext((principal,))
    assert policy_context.principal_arn(Party.COPIER) == arn
    assert policy_context.account(Party.COPIER) == account


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (SOURCE_KEY, SOURCE_KEY),
        ("", "arn:aws:kms:SOURCE-KEY-REGION:SOURCE-KEY-ACCOUNT:key/SOURCE-KEY-ID"),
        ("1111-22", "arn:aws:kms:SOURCE-KEY-REGION:SOURCE-KEY-ACCOUNT:key/SOURCE-KEY-ID"),
        ("alias/mine", "arn:aws:kms:SOURCE-KEY-REGION:SOURCE-KEY-ACCOUNT:key/SOURCE-KEY-ID"),
        (f"arn:aws:kms:eu-west-1:{SRC}:alias/mine", f"arn:aws:kms:eu-west-1:{SRC}:key/SOURCE-KEY-ID"),
    ],
)
def test_only_the_full_arn_of_a_key_can_be_named(given: str, named: str) -> None:
    permission = Permission("kms:Decrypt", Party.COPIER, Scope.SOURCE_KEY, given, "")
    assert PolicyContext().key_arn(permission) == named
    assert is_key_arn(given) == (given == named)


def test_an_unknown_key_is_of_its_buckets_region() -> None:
    buckets = (
        BucketSettings(Scope.SOURCE, "src", region="eu-west-1"),
        BucketSettings(Scope.DEST, "dst", region="us-east-1"),
    )
    permission = Permission("kms:Decrypt", Party.COPIER, Scope.DEST_KEY, "", "")
    named = PolicyContext(buckets=buckets).key_arn(permission)
    assert named == "arn:aws:kms:us-east-1:DEST-KEY-ACCOUNT:key/DEST-KEY-ID"


def test_a_bucket_of_two_uses_has_one_owner() -> None:
    buckets = BucketSettings(Scope.SOURCE, "one"), BucketSettings(Scope.DEST, "one", owner=DST)
    assert PolicyContext(buckets=buckets).owner("one") == DST
    assert PolicyContext(buckets=buckets).owner("elsewhere") is None


def test_whose_a_third_bucket_is_is_known_as_far_as_it_is_expected() -> None:
    guarded = spec(
        "s3://src/in/", "s3://dst/out/", report="s3://reports/r/", manifest="s3://lists/m",
        expected_report_bucket_owner="333333333333",
    )  # fmt: skip

    assert expected_elsewhere(guarded) == (BucketSettings(Scope.REPORT, "reports", owner="333333333333"),)
    assert expected_elsewhere(spec("s3://src/in/", "s3://dst/out/", report="folder")) == ()


def test_the_bucket_of_an_etag_index_is_known_as_far_as_it_is_expected() -> None:
    expected = spec(
        "s3://src/in/", "s3://dst/out/", etag_index="s3://indexes/i/", expected_etag_index_bucket_owner="333333333333"
    )
    assert expected_elsewhere(expected) == (BucketSettings(Scope.INDEX, "indexes", owner="333333333333"),)
