from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.access.examination import BucketSettings, Party, Principal, Scope
from s3_crosscopy.access.rules.pitfalls import PitfallContext, pitfalls
from s3_crosscopy.model.options import parse_options

SOURCE, DEST = "111111111111", "222222222222"
KEY = "arn:aws:kms:eu-west-1:222222222222:key/1"


def scene(
    copier: str | None = DEST, chained: bool | None = None, source: Any = (), dest: Any = (), **o: Any
) -> PitfallContext:
    """A pull copy between two ordinary buckets; `source`, `dest` and options say what is special."""
    here = BucketSettings(
        Scope.SOURCE, "src", owner=SOURCE, region="eu-west-1", partition="aws", encryption="AES256", payer="BucketOwner"
    )
    there = BucketSettings(
        Scope.DEST,
        "dst",
        owner=DEST,
        region="eu-west-1",
        partition="aws",
        ownership="BucketOwnerEnforced",
        encryption="AES256",
        object_lock="off",
    )
    return PitfallContext(
        parse_options(o),
        Principal(Party.COPIER, account=copier, chained=chained),
        here._replace(**dict(source)),
        there._replace(**dict(dest)),
    )


def test_an_ordinary_pull_springs_no_trap() -> None:
    assert pitfalls(scene()) == ()


@pytest.mark.parametrize(
    "sprung",
    [
        scene(kms_encryption_type="aws:kms", kms_key_id=KEY, preserve_etag=True),
        scene(dest={"encryption": "aws:kms", "kms_key": KEY}, preserve_etag=True),
    ],
)
def test_preserved_etags_make_uploads_of_any_object_and_cannot_be_kept_with_kms(sprung: PitfallContext) -> None:
    in_parts, not_kept = pitfalls(sprung)
    assert in_parts.startswith("with preserve_etag objects of any size that were uploaded in parts are copied in parts")
    assert "needs kms:Decrypt on the destination's key" in in_parts
    assert not_kept.startswith("preserve_etag keeps no ETag where KMS encrypts the copies")


def test_preserved_etags_without_kms_spring_no_trap() -> None:
    assert pitfalls(scene(preserve_etag=True)) == ()


def test_what_is_unknown_springs_no_trap() -> None:
    nothing = PitfallContext(
        parse_options({}),
        Principal(Party.COPIER),
        BucketSettings(Scope.SOURCE, "src"),
        BucketSettings(Scope.DEST, "dst"),
    )
    assert pitfalls(nothing) == ()
    assert pitfalls(scene(copier=None, dest={"ownership": "ObjectWriter"})) == ()


@pytest.mark.parametrize(
    ("sprung", "says"),
    [
        (scene(dest={"region": "us-east-1"}), "a VPC endpoint carries no cross-Region copy"),
        (scene(kms_encryption_type="aws:kms", kms_key_id=KEY), "objects of 1 GiB and more are copied in parts"),
        (
            scene(source={"encryption": "aws:kms", "kms_key": KEY}, preserve_etag=True),
            "preserve_etag keeps no ETag where KMS encrypts the source",
        ),
        (scene(dest={"encryption": "aws:kms:dsse", "kms_key": KEY}), "needs kms:Decrypt on the destination's key"),
        (scene(chained=True), "ends after an hour"),
        (scene(copier=SOURCE, dest={"ownership": "ObjectWriter"}), "the owner 222222222222 cannot read"),
        (scene(acl_policy="public-read"), "rejects acl_policy='public-read'"),
        (scene(source={"payer": "Requester"}), "without request_payer='requester'"),
        (scene(dest={"object_lock": "GOVERNANCE 30 days"}), "by default (GOVERNANCE 30 days)"),
        (scene(source={"encryption": "aws:kms", "kms_key": ""}), "account 222222222222 cannot read such objects"),
    ],
)
def test_a_pitfall_is_one_line_that_says_what_to_do(sprung: PitfallContext, says: str) -> None:
    (line,) = pitfalls(sprung)
    assert says in line
    assert "\n" not in line


@pytest.mark.parametrize(
    "known",
    [
        scene(copier=SOURCE, acl_policy="bucket-owner-full-control", dest={"ownership": "ObjectWriter"}),
        scene(acl_policy="bucket-owner-full-control"),
        scene(source={"payer": "Requester"}, request_payer="requester"),
        scene(dest={"object_lock": "on"}),
        scene(copier=SOURCE, source={"encryption": "aws:kms", "kms_key": ""}),
    ],
)
def test_who_has_seen_to_it_hears_nothing(known: PitfallContext) -> None:
    assert pitfalls(known) == ()


@pytest.mark.parametrize(
    ("sprung", "says"),
    [
        (
            scene(kms_encryption_type="aws:kms", kms_key_id="alias/x"),
            "S3 looks for it in the copier's own account (2222",
        ),
        (scene(copier=None, kms_encryption_type="aws:kms", kms_key_id="alias/x"), "own account (unknown)"),
        (scene(copier=SOURCE, dest={"encryption": "aws:kms", "kms_key": "alias/x"}), "should set the key's full ARN"),
        (scene(copier=SOURCE, dest={"encryption": "aws:kms", "kms_key": ""}), "AWS-managed key aws/s3"),
        (scene(copier=SOURCE, kms_encryption_type="aws:kms"), "AWS-managed key aws/s3"),
        (scene(dest={"region": "cn-north-1", "partition": "aws-cn"}), "different AWS partitions"),
        (scene(dest={"region": "eusc-de-east-1", "partition": "aws-eusc"}), "eu-west-1 and eusc-de-east-1: they are"),
    ],
)
def test_a_trap_among_others_is_said_too(sprung: PitfallContext, says: str) -> None:
    assert [line for line in pitfalls(sprung) if says in line] != []


def test_a_default_key_with_its_arn_or_of_ones_own_account_is_none() -> None:
    own = scene(dest={"encryption": "aws:kms", "kms_key": "alias/x"})
    named = scene(copier=SOURCE, dest={"encryption": "aws:kms", "kms_key": KEY})
    overruled = scene(
        copier=SOURCE, dest={"encryption": "aws:kms", "kms_key": "alias/x"}, kms_encryption_type="aws:kms",
        kms_key_id=KEY,
    )  # fmt: skip
    for one in (own, named, overruled):
        assert [line for line in pitfalls(one) if "ARN" in line or "aws/s3" in line] == []
