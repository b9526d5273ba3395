"""The whole decision about a pair: the first of these that fits, whatever the later ones would say."""

from __future__ import annotations

from typing import Any

import pytest
from tests.unit.plan_samples import spec
from tests.unit.value_samples import LATER, MD5, OTHER_MD5, THEN, listed

from s3_crosscopy.core.decide.decision import make_choose, make_out_of_scope
from s3_crosscopy.core.decide.listing_comparison import ListingComparison
from s3_crosscopy.core.excused_keys import Excused
from s3_crosscopy.core.state.checked_ranges import Checked
from s3_crosscopy.engine.listing_check import ListingCheck
from s3_crosscopy.model.objects import KnownCopy, Listed

SOURCE = listed("p/k", 10)._replace(storage_class="STANDARD")
SAME, OTHER = listed("q/k", 10, modified=LATER), listed("q/k", 10, OTHER_MD5, LATER)
ARCHIVED = SOURCE._replace(storage_class="GLACIER")


def chosen(source: Listed, dest: Listed | None, began: str = "", to: str = "s3://dst/q/", **options: Any) -> str:
    decision = make_choose(spec(dest=to, **options), began)(source, dest)
    return f"{decision.action.value}: {decision.reason}"


@pytest.mark.parametrize(
    ("source", "dest", "expected"),
    [
        pytest.param(SOURCE, None, "copy: new", id="by the table"),
        pytest.param(SOURCE, SAME, "skip: same etag", id="by the table, with a destination"),
        pytest.param(SOURCE._replace(storage_class=""), SAME, "miss: not at the source", id="named and not there"),
        pytest.param(ARCHIVED, None, "refuse: archived", id="cannot be read"),
        pytest.param(ARCHIVED, SAME, "skip: same etag", id="cannot be read and need not be"),
        pytest.param(ARCHIVED, OTHER, "compare: etag unclear", id="cannot be read and may be unchanged"),
        pytest.param(ARCHIVED._replace(restored=True), None, "copy: new", id="restored"),
    ],
)
def test_what_is_done_with_a_pair(source: Listed, dest: Listed | None, expected: str) -> None:
    assert chosen(source, dest) == expected


def test_a_key_that_is_not_meant_is_not_looked_at_further() -> None:
    assert chosen(SOURCE, None, exclude=["*k"]).startswith("filter: ")
    assert chosen(ARCHIVED, None, exclude=["*k"]).startswith("filter: ")
    assert chosen(SOURCE, None, exclude=["*x"]) == "copy: new"


def test_the_prefixes_own_marker_has_no_name_at_the_root_of_a_bucket() -> None:
    marker = SOURCE._replace(key="p/", size=0)
    assert chosen(marker, None, to="s3://dst/", allow_bucket_root=True) == "filter: prefix marker"
    assert chosen(SOURCE, None, to="s3://dst/", allow_bucket_root=True) == "copy: new"
    assert chosen(marker, None) == "copy: new"


def test_an_archived_object_is_left_out_where_that_is_wished() -> None:
    assert chosen(ARCHIVED, None, archived="skip") == "skip: archived"


@pytest.mark.parametrize(
    ("modified", "expected"),
    [("2026-12-31T00:00:00Z", "skip: copy newer"), ("2020-01-01T00:00:00Z", "refuse: archived")],
)
def test_an_archived_object_whose_copy_the_times_call_unchanged_is_not_refused(modified: str, expected: str) -> None:
    choose = make_choose(spec(), "", ListingComparison())
    source, dest = (
        ARCHIVED._replace(etag=f"{MD5}-2", checksum="CRC32:COMPOSITE"),
        OTHER._replace(etag=f"{OTHER_MD5}-3", modified=modified, checksum="CRC32:COMPOSITE"),
    )
    decision = choose(source, dest)
    assert f"{decision.action.value}: {decision.reason}" == expected


def test_a_key_that_would_be_too_long_is_refused_where_it_would_be_copied() -> None:
    long = SOURCE._replace(key="p/" + "k" * 1022)
    deeper = "s3://dst/deeper/"
    assert chosen(long, None, to=deeper) == chosen(long, None, to=deeper, overwrite="always") == "refuse: key too long"
    assert chosen(SOURCE, None, to=deeper) == chosen(long, None) == "copy: new"
    # What is not meant, not there, or archived is told as what it is.
    assert chosen(long, None, to=deeper, exclude="*") == "filter: filtered by glob"
    assert chosen(long._replace(storage_class=""), None, to=deeper) == "miss: not at the source"
    archived = long._replace(storage_class="GLACIER")
    assert chosen(archived, None, to=deeper) == "refuse: archived"
    assert chosen(archived, None, to=deeper, archived="skip") == "skip: archived"


@pytest.mark.parametrize(
    ("dest", "began", "expected"),
    [
        pytest.param(SAME, THEN, "earlier: copied earlier", id="written since this run began"),
        pytest.param(SAME, "2026-12-01T00:00:00+00:00", "skip: exists", id="written before it"),
        pytest.param(OTHER, THEN, "skip: exists", id="written since, by somebody else"),
        pytest.param(SAME, "", "skip: exists", id="no run was resumed"),
    ],
)
def test_an_equal_copy_that_came_since_a_resumed_run_began_is_its_own(dest: Listed, began: str, expected: str) -> None:
    assert chosen(SOURCE, dest, began, overwrite="never") == expected


def test_what_an_earlier_attempt_copied_is_copied_again_only_where_the_table_says_so() -> None:
    assert chosen(SOURCE, SAME, THEN, overwrite="always") == "copy: always"


LONG = SOURCE._replace(key="p/" + "k" * 1022)


@pytest.mark.parametrize("source", [SOURCE, ARCHIVED, LONG, SOURCE._replace(storage_class=""), listed("p/", 0)])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"exclude": ["*k"]},
        {"min_size": 11},
        {"archived": "skip"},
        {"to": "s3://dst/deeper/"},
        {"to": "s3://dst/", "allow_bucket_root": True},
    ],
)
def test_the_listing_check_looks_at_what_the_run_would_copy(source: Listed, options: dict[str, Any]) -> None:
    decided = chosen(source, None, overwrite="always", **options)
    named = {"dest": "s3://dst/q/", **{("dest" if name == "to" else name): value for name, value in options.items()}}
    wished = spec(overwrite="always", **named)
    check = ListingCheck(wished, THEN, Excused(), Checked([]))
    assert check._is_checked(source) is decided.startswith("copy: ")
    out = make_out_of_scope(wished)(source)
    assert out is None or decided == f"{out.action.value}: {out.reason}"


def test_listings_decide_about_other_etags_only_where_that_is_left_to_them() -> None:
    source = Listed("p/k", 1, f"{MD5}-2", LATER, checksum="CRC32:COMPOSITE")
    dest = Listed("q/k", 1, f"{MD5}-3", THEN, checksum="CRC32:COMPOSITE")
    decided = {
        compare: make_choose(spec(compare=compare), "", ListingComparison())(source, dest).reason
        for compare in ("auto", "checksum")
    }
    assert decided == {"auto": "source newer", "checksum": "etag unclear"}
    assert make_choose(spec(), "", None)(source, dest).reason == "etag unclear"
    archived = source._replace(storage_class="GLACIER")
    assert make_choose(spec(), "", ListingComparison())(archived, dest).reason == "archived"


def test_a_copy_that_the_index_knows_is_unchanged_unless_its_size_differs() -> None:
    known = KnownCopy(*OTHER)
    assert chosen(SOURCE, known, etag_index="folder") == "skip: same as indexed"
    assert chosen(SOURCE, OTHER, etag_index="folder") == chosen(SOURCE, OTHER)
    assert chosen(SOURCE, known._replace(size=11), etag_index="folder") == "copy: size differs"
    assert chosen(ARCHIVED, known, etag_index="folder") == "skip: same as indexed"
    assert chosen(SOURCE, known, etag_index="folder", exclude=["*k"]).startswith("filter: ")
