from __future__ import annotations

import pytest

from s3_crosscopy.core.access_point_rules import check_behind, check_regions, needs_lookup, overlaps
from s3_crosscopy.core.pair_overlap import check_pairs
from s3_crosscopy.core.spec import CopySpec, resolve_spec
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.access_points import AccessPoint, access_point
from s3_crosscopy.model.location import parse_location

ARN = "arn:aws:s3:eu-west-1:111111111111:accesspoint"
ONE, TWO = f"{ARN}:one", f"{ARN}:two"
OWNERS = {"expected_bucket_owner": "222222222222", "expected_source_bucket_owner": "111111111111"}


def spec(source: str, dest: str, **options: object) -> CopySpec:
    return resolve_spec(source, dest, options)


@pytest.mark.parametrize(
    ("url", "key"),
    [
        (f"s3://{ARN}/one/in/a", "in/a"),
        (f"s3://{ARN}:one/in/a", "in/a"),
        (f"s3://{ARN}/one/", ""),
        (f"s3://{ARN}/one", ""),
        (f"s3://{ARN}/one//x", "/x"),
    ],
)
def test_both_spellings_of_an_arn_are_one_bucket_whose_name_has_no_slash(url: str, key: str) -> None:
    location = parse_location(url, "source")
    assert location == (ONE, key)
    assert parse_location(str(location), "source") == location


def test_an_arn_tells_region_and_account_and_is_spelt_with_a_slash_for_s3() -> None:
    point = access_point("arn:aws-us-gov:s3:us-gov-west-1:111111111111:accesspoint:one")
    assert point == AccessPoint("aws-us-gov", "us-gov-west-1", "111111111111", "one")
    assert point.arn == "arn:aws-us-gov:s3:us-gov-west-1:111111111111:accesspoint/one"
    assert access_point("bucket") is None
    assert access_point("arn:aws:s3:::bucket") is None


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("s3://arn:aws:s3:::bucket/k", "is an ARN, and not that of an access point"),
        ("s3://arn:aws:s3:eu-west-1:111111111111:accesspoint/UP/k", "is an ARN, and not that"),
        ("s3://arn:aws:s3:eu-west-1:1:accesspoint/one/k", "is an ARN, and not that"),
        ("s3://arn:aws:s3:eu-west-1:111111111111:accesspoint/one\r\nx/k", "is an ARN, and not that"),
        ("s3://arn:aws:s3-object-lambda:eu-west-1:111111111111:accesspoint/one/k", "Object Lambda"),
        ("s3://arn:aws:s3-outposts:eu-west-1:111111111111:outpost/op-1/accesspoint/one/k", "Outposts"),
        ("s3://arn:aws:s3::111111111111:accesspoint/abc.mrap/k", "Multi-Region Access Point"),
        ("s3://arn:aws:s3express:eu-west-1:111111111111:accesspoint/one--x/k", "directory buckets"),
        ("s3://arn:aws:s3tables:eu-west-1:111111111111:bucket/one/k", "table bucket"),
        ("s3://b--use1-az4--x-s3/k", "directory buckets are not supported"),
        ("s3://ap--use1-az4--xa-s3/k", "directory buckets are not supported"),
        ("s3://abc--table-s3/k", "table bucket"),
        ("s3://ap-abc--ol-s3/k", "Object Lambda"),
        ("s3://ap-abc--op-s3/k", "Outposts"),
        ("s3://abc.mrap/k", "Multi-Region Access Point"),
    ],
)
def test_what_no_copy_can_use_is_refused_in_one_line(url: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=f"^source: [^\n]*{why}[^\n]*$"):
        parse_location(url, "source")


def test_a_bare_arn_is_answered_with_the_url_to_write() -> None:
    with pytest.raises(InvalidInput, match=f"write 's3://{ARN}/one/in/'$"):
        parse_location(f"{ARN}/one/in/", "source")


@pytest.mark.parametrize(
    ("source", "dest", "options", "names"),
    [
        (f"s3://{ONE}/in/", "s3://bkt/out/", {}, set()),
        (f"s3://{ONE}/in/", "s3://bkt/in/", {}, {ONE}),
        (f"s3://{ONE}/in/", "s3://bkt/in/z/", {}, {ONE}),
        ("s3://bkt/in/z/", f"s3://{ONE}/in/", {}, {ONE}),
        (f"s3://{ONE}/in/", f"s3://{TWO}/in/", {}, {ONE, TWO}),
        (f"s3://{ONE}/in/", f"s3://{ONE}/out/", {}, set()),
        (f"s3://{ONE}/in/", "s3://bkt/in/", OWNERS, set()),
        (f"s3://{ONE}/in/k", "s3://bkt/in/k", {}, {ONE}),
        (f"s3://{ONE}/in/k", "s3://bkt/in/k2", {}, set()),
        (f"s3://{ONE}/in/", "s3://bkt/out/", {"report": "s3://other/in/r"}, {ONE}),
        (f"s3://{ONE}/in/", "s3://bkt/out/", {"report": "s3://other/reports/"}, set()),
        ("s3://bkt/in/", "s3://other/out/", {"report": f"s3://{ONE}/out/r"}, {ONE}),
        ("s3://bkt/in/", f"s3://{ONE}/out/", {"etag_index": "s3://third/out/"}, {ONE}),
        (f"s3://{ONE}/in/k", "s3://bkt/out/", {"report": "s3://other/in/"}, set()),
        (f"s3://{ONE}/in/", "s3://bkt/out/", {"report": "folder"}, set()),
    ],
)
def test_only_prefixes_that_may_overlap_need_a_look_at_the_buckets(
    source: str, dest: str, options: dict[str, object], names: set[str]
) -> None:
    assert needs_lookup(spec(source, dest, **options)) == names


def test_the_buckets_that_were_looked_up_decide() -> None:
    nested = spec(f"s3://{ONE}/in/", "s3://bkt/in/z/")
    assert check_behind(nested, {ONE: "another"}) == []
    with pytest.raises(InvalidInput, match=r"^dest: .* overlap in the bucket 'bkt'; name a place outside$"):
        check_behind(nested, {ONE: "bkt"})
    with pytest.raises(InvalidInput, match=f"^dest: .* may overlap, because .* access point {ONE} leads to: allow"):
        check_behind(nested, {ONE: None})


def test_a_report_below_the_copy_is_refused_and_one_in_another_bucket_is_not() -> None:
    made = spec(f"s3://{ONE}/in/", "s3://bkt/out/", report="s3://other/in/r/")
    assert [overlap.option for overlap in overlaps(made)] == ["report"]
    assert check_behind(made, {ONE: "raw"}) == []
    with pytest.raises(InvalidInput, match=r"^report: .* overlap in the bucket 'other'"):
        check_behind(made, {ONE: "other"})
    with pytest.raises(InvalidInput, match=r"^report: .* may overlap"):
        check_behind(made, {ONE: None})


def test_the_same_prefix_behind_an_unknown_access_point_is_a_warning() -> None:
    (warning,) = check_behind(spec("s3://bkt/in/", f"s3://{TWO}/in/"), {TWO: None})
    assert "may be the same place" in warning
    assert TWO in warning


@pytest.mark.parametrize("side", [f"s3://{ONE}/in/", "s3://ap-abc-s3alias/in/"])
def test_an_access_point_is_used_within_its_region_only(side: str) -> None:
    for made in (spec(side, "s3://bkt/out/"), spec("s3://bkt/out/", side)):
        check_regions(made, "eu-west-1", "eu-west-1")
        check_regions(made, None, "eu-west-1")
        with pytest.raises(InvalidInput, match="within one Region only"):
            check_regions(made, "eu-west-1", "us-east-1")


def test_buckets_may_be_in_two_regions() -> None:
    check_regions(spec("s3://one/in/", "s3://two/in/"), "eu-west-1", "us-east-1")


def test_an_alias_cannot_be_looked_up_so_that_it_is_refused_beside_an_arn_too() -> None:
    with pytest.raises(InvalidInput, match=r"may overlap.*an access point's alias"):
        spec(f"s3://{ONE}/in/", "s3://ap-abc-s3alias/in/z/")


def test_pairs_that_may_meet_behind_an_access_point_are_refused() -> None:
    with pytest.raises(InvalidInput, match=f"^pairs: .* because '{ONE}' is an access point"):
        check_pairs([spec("s3://src/in/", f"s3://{ONE}/out/"), spec("s3://two/in/", "s3://dst/out/")])
