"""A census adds up, whatever was entered, and holds sums only."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.plan_samples import spec
from tests.unit.value_samples import MD5, THEN, listed

from s3_crosscopy.core.estimate.dry_run_stats import DryRunStatsCollector
from s3_crosscopy.model.dry_run import SIZE_ROWS, DryRunStats, SizeClass, Sum, size_label, size_row
from s3_crosscopy.model.objects import Listed, absent
from s3_crosscopy.model.operations import Side
from s3_crosscopy.model.option_table import MAX_OBJECT_BYTES, MIB, STORAGE_CLASSES
from s3_crosscopy.model.tally import Tally

SIZES = st.one_of(st.integers(0, MAX_OBJECT_BYTES), st.sampled_from([0, 1, 1023, 1024, 8 * MIB - 1, 8 * MIB]))
OBJECTS = st.builds(
    Listed,
    st.just("k"),
    SIZES,
    st.sampled_from([MD5, f"{MD5}-3"]),
    st.just(THEN),
    st.sampled_from(STORAGE_CLASSES),
    st.booleans(),
)
ENDS = st.lists(st.tuples(st.sampled_from(Tally.OUTCOMES), st.sampled_from(["new", "archived", "same etag"]), OBJECTS))


def taken(ends: list[tuple[str, str, Listed]], *, by_key: bool = False, **options: Any) -> DryRunStats:
    taker = DryRunStatsCollector(spec(**options), by_key=by_key)
    for outcome, reason, source in ends:
        taker.enter(outcome, reason, source)
        if outcome == "would_copy":
            taker.would_copy(source, asked=False)
    return taker.taken()


@given(ENDS)
def test_every_object_is_in_exactly_one_decision(ends: list[tuple[str, str, Listed]]) -> None:
    dry_run_stats = taken(ends)
    counted = Counter((outcome, reason) for outcome, reason, _ in ends)
    found = {
        (outcome, reason): one.objects
        for outcome, reasons in dry_run_stats.decisions.items()
        for reason, one in reasons.items()
    }
    assert found == counted
    sizes = sum(one.bytes for reasons in dry_run_stats.decisions.values() for one in reasons.values())
    assert sizes == sum(source.size for _, _, source in ends)


@given(ENDS)
def test_sizes_and_classes_hold_exactly_what_would_be_copied(ends: list[tuple[str, str, Listed]]) -> None:
    dry_run_stats = taken(ends, multipart_threshold=8 * MIB)
    copied = [source for outcome, _, source in ends if outcome == "would_copy"]
    assert dry_run_stats.to_copy == Sum(len(copied), sum(source.size for source in copied))
    for rows in (dry_run_stats.sizes, dry_run_stats.classes):
        assert sum(one.objects for one in rows.values()) == len(copied)
        assert sum(one.bytes for one in rows.values()) == dry_run_stats.to_copy.bytes
    large = [source for source in copied if source.size >= 8 * MIB]
    assert dry_run_stats.in_parts == Sum(len(large), sum(source.size for source in large))
    assert dry_run_stats.parts >= len(large)
    assert dry_run_stats.restored.objects == sum(
        source.restored and source.storage_class in ("GLACIER", "DEEP_ARCHIVE") for source in copied
    )


@given(ENDS)
def test_json_of_a_census_is_small_and_says_the_same(ends: list[tuple[str, str, Listed]]) -> None:
    dry_run_stats = taken(ends)
    made = json.loads(json.dumps(dry_run_stats.as_dict()))
    assert made["to_copy"] == dry_run_stats.to_copy._asdict()
    assert sum(one["objects"] for one in made["sizes"].values()) == dry_run_stats.to_copy.objects
    assert made["in_parts"]["parts"] == dry_run_stats.parts


@given(SIZES)
def test_a_size_is_in_the_row_whose_label_names_the_next_bound(size: int) -> None:
    row = size_row(size)
    label, bound = SIZE_ROWS[row]
    assert size < bound
    assert row == 0 or size >= SIZE_ROWS[row - 1][1]
    assert size_label(row) == f"below {label}"


def test_the_rows_of_sizes_are_powers_of_ten_of_the_binary_units() -> None:
    assert SIZE_ROWS[:5] == (
        ("1 KiB", 2**10),
        ("10 KiB", 10240),
        ("100 KiB", 102400),
        ("1 MiB", MIB),
        ("10 MiB", 10 * MIB),
    )
    assert SIZE_ROWS[-1] == ("100 TiB", 100 * 2**40)


def test_archived_are_those_that_only_a_restore_would_let_be_copied() -> None:
    dry_run_stats = taken(
        [
            ("failed", "archived", listed(size=5)),
            ("skipped", "archived", listed(size=6)),
            ("skipped", "same etag", listed(size=7)),
        ]
    )
    assert dry_run_stats.archived == Sum(2, 11)
    assert taken([]).archived == taken([]).to_copy == Sum()


def test_too_long_are_those_that_a_shorter_destination_prefix_would_let_be_copied() -> None:
    dry_run_stats = taken(
        [
            ("failed", "key too long", listed(size=5)),
            ("failed", "key too long", listed(size=6)),
            ("failed", "invalid", listed(size=7)),
        ]
    )
    assert dry_run_stats.too_long == Sum(2, 11)
    assert dry_run_stats.as_dict()["too_long"] == {"objects": 2, "bytes": 11}
    assert taken([]).too_long == Sum()


def test_a_key_that_is_too_long_is_not_asked_for_at_the_destination() -> None:
    long = listed("p/" + "k" * 1022)
    deeper = DryRunStatsCollector(spec(dest="s3://dst/deeper/"), by_key=True)
    deeper.enter("failed", "key too long", long)
    assert deeper.taken().requests == {SizeClass("HeadObject", Side.SOURCE, "STANDARD"): 1}


def test_asking_for_each_key_costs_a_head_and_no_more_than_one_where_there_is_nothing() -> None:
    dry_run_stats = taken(
        [("missing", "not at the source", absent("k")), ("skipped", "same etag", listed())], by_key=True
    )
    assert dry_run_stats.requests == {
        SizeClass("HeadObject", Side.SOURCE, "STANDARD"): 2,
        SizeClass("HeadObject", Side.DEST, "STANDARD"): 1,
    }


def test_comparing_costs_a_head_a_side() -> None:
    taker = DryRunStatsCollector(spec(storage_class="GLACIER_IR"), by_key=False)
    taker.comparing(listed())
    assert taker.taken().requests == {
        SizeClass("HeadObject", Side.SOURCE, "STANDARD"): 1,
        SizeClass("HeadObject", Side.DEST, "GLACIER_IR"): 1,
    }


@pytest.mark.parametrize(("etag", "unsure"), [(MD5, False), (f"{MD5}-4", True)])
def test_parts_are_unsure_where_the_etag_tells_of_a_layout(etag: str, unsure: bool) -> None:
    dry_run_stats = taken([("would_copy", "new", listed(size=20 * MIB, etag=etag))], multipart_threshold=8 * MIB)
    assert dry_run_stats.parts_unsure is unsure
