"""One bucket under two names: what may be one is refused, unless its owners tell that it is not."""

from __future__ import annotations

import pytest
from tests.unit.test_spec import spec

from s3_crosscopy.core.pair_overlap import check_pairs
from s3_crosscopy.core.same_bucket import is_alias, may_be_same
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.location import Bucket

ALIAS = "bkt-ap-abcdefghijk-s3alias"
OWNERS = {"expected_source_bucket_owner": "111111111111", "expected_bucket_owner": "222222222222"}


@pytest.mark.parametrize(
    ("name", "alias"),
    [
        (ALIAS, True),
        ("volume-abc-ext-s3alias", True),
        ("ap-abc--op-s3", False),
        (ALIAS.upper(), True),
        (f"{ALIAS}.", True),
        ("bkt--use1-az4--x-s3", False),
        ("s3alias", False),
        ("my-s3alias-bucket", False),
        ("bkt", False),
    ],
)
def test_an_alias_is_told_by_how_it_ends(name: str, alias: bool) -> None:
    assert is_alias(name) is alias


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (Bucket("bkt"), Bucket("bkt"), True),
        (Bucket("bkt"), Bucket("other"), False),
        (Bucket("bkt"), Bucket("BKT"), True),
        (Bucket("bkt"), Bucket("bkt."), True),
        (Bucket("bkt", "1"), Bucket("BKT", "2"), True),
        (Bucket("bkt"), Bucket(ALIAS), True),
        (Bucket("one-s3alias"), Bucket("two-s3alias"), True),
        (Bucket("bkt", "1"), Bucket(ALIAS), True),
        (Bucket("bkt", "1"), Bucket(ALIAS, "1"), True),
        (Bucket("bkt", "1"), Bucket(ALIAS, "2"), False),
    ],
)
def test_two_names_may_be_one_bucket_where_neither_they_nor_their_owners_tell(
    one: Bucket, other: Bucket, same: bool
) -> None:
    assert may_be_same(one, other) is same
    assert may_be_same(other, one) is same


@pytest.mark.parametrize(
    ("source", "dest", "kind"),
    [
        ("s3://bkt/in/", f"s3://{ALIAS}/in/z/", "auto"),
        (f"s3://{ALIAS}/in/", "s3://bkt/in/z/", "auto"),
        ("s3://one-s3alias/in/", "s3://two-s3alias/", "auto"),
        ("s3://bkt/in/", f"s3://{ALIAS}/in/", "auto"),
        ("s3://bkt/in/f", f"s3://{ALIAS}/in/", "auto"),
        ("s3://bkt/in", f"s3://{ALIAS}/in2", "prefix"),
        ("s3://bkt/in/", "s3://BKT/in/copy/", "auto"),
        ("s3://bkt/in/", "s3://bkt./in/copy/", "auto"),
    ],
)
def test_a_copy_that_may_feed_on_itself_is_refused_in_one_line_that_names_the_way_out(
    source: str, dest: str, kind: str
) -> None:
    with pytest.raises(InvalidInput, match=r"^dest: .*may overlap.*(give the bucket's own name|same way)") as said:
        spec(source, dest, kind=kind, allow_bucket_root=True)
    assert "\n" not in str(said.value)


@pytest.mark.parametrize(
    ("source", "dest", "owners"),
    [
        ("s3://bkt/in/", f"s3://{ALIAS}/out/", {}),
        ("s3://bkt/in/f", f"s3://{ALIAS}/in/g", {}),
        (f"s3://{ALIAS}/in/", f"s3://{ALIAS}/out/", {}),
        (f"s3://{ALIAS}/in/", "s3://bkt/in/", OWNERS),
        ("s3://bkt/in/", f"s3://{ALIAS}/in/z/", OWNERS),
    ],
)
def test_an_alias_is_copied_where_nothing_can_overlap(source: str, dest: str, owners: dict[str, str]) -> None:
    assert spec(source, dest, **owners).source_url == source


@pytest.mark.parametrize(
    ("report", "given", "refused"),
    [
        (f"s3://{ALIAS}/in/r/", {}, True),
        (f"s3://{ALIAS}/out/r", {}, True),
        ("s3://SRC/in/r/", {}, True),
        (f"s3://{ALIAS}/reports/", {}, False),
        (f"s3://{ALIAS}/in/r/", OWNERS, True),
        (f"s3://{ALIAS}/in/r/", {**OWNERS, "expected_report_bucket_owner": "222222222222"}, False),
        (f"s3://{ALIAS}/out/r/", {**OWNERS, "expected_report_bucket_owner": "222222222222"}, True),
        (f"s3://{ALIAS}/out/r/", {**OWNERS, "expected_report_bucket_owner": "333333333333"}, False),
    ],
)
def test_a_reports_place_behind_an_alias_may_be_below_what_is_copied(
    report: str, given: dict[str, str], refused: bool
) -> None:
    if not refused:
        assert spec("s3://src/in/", "s3://dst/out/", report=report, **given).options.report == report
        return
    with pytest.raises(InvalidInput, match=r"^report: .* may lie below s3://(src|dst)/.*(own name|same way)"):
        spec("s3://src/in/", "s3://dst/out/", report=report, **given)


PAIR = ("s3://src/in/", "s3://dst/out/")


@pytest.mark.parametrize(
    ("pair", "refused"),
    [
        (("s3://two/in/", f"s3://{ALIAS}/out/"), True),
        (("s3://two/in/", f"s3://{ALIAS}/out/z/"), True),
        (("s3://two/x/", f"s3://{ALIAS}/in/"), True),
        ((f"s3://{ALIAS}/out/", "s3://two/x/"), True),
        ((f"s3://{ALIAS}/out/f", "s3://two/x"), True),
        (("s3://two/in/f", f"s3://{ALIAS}/"), False),
        ((f"s3://{ALIAS}/in/", "s3://two/x/"), False),
        (("s3://two/in/", f"s3://{ALIAS}/else/"), False),
        (("s3://two/in/", "s3://DST/out/"), True),
        (("s3://Dst/out/", "s3://two/x/"), True),
    ],
)
def test_no_pair_may_write_behind_an_alias_what_another_one_writes_or_reads(
    pair: tuple[str, str], refused: bool
) -> None:
    for order in ([PAIR, pair], [pair, PAIR]):
        specs = [spec(*one) for one in order]
        if not refused:
            check_pairs(specs)
            continue
        with pytest.raises(InvalidInput, match=r"^pairs: ") as said:
            check_pairs(specs)
        assert all(f"{one} -> {to}" in str(said.value) for one, to in order)


def test_pairs_of_buckets_that_have_different_owners_do_not_meet() -> None:
    pairs = [PAIR, (f"s3://{ALIAS}/out/", "s3://two/x/")]

    check_pairs([spec(*one, **OWNERS) for one in pairs])
