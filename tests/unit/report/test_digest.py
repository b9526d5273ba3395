"""A digest adds up whatever the rows are, and stays small however many they are."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.model.dry_run import Sum
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.report.digest import MOST_CELLS, MOST_KINDS, Digest, Timeline, size_span
from s3_crosscopy.report.digest_json import MOST_ROWS, from_json, to_json
from s3_crosscopy.report.digester import (
    FIRST_WIDTH_S,
    FOREVER_S,
    KINDS,
    OF_A_KIND,
    OTHER,
    ROWS_AT_ONCE,
    SLOWEST,
    Digester,
)

TIMES = st.one_of(
    st.just(0.0),
    st.integers(0, 10**10).map(lambda ms: ms / 1000),
    st.sampled_from([0.001, FOREVER_S, float("inf"), float("nan")]),
)
ROWS = st.builds(
    ReportRow,
    st.text(min_size=1, max_size=5),
    st.text(max_size=5),
    st.sampled_from(Tally.OUTCOMES),
    st.sampled_from(["new", "denied", "throttled"]),
    st.integers(0, 2**46),
    st.just(""),
    code=st.sampled_from(["", "AccessDenied", "SlowDown"]),
    at_s=TIMES,
    took_s=TIMES,
)


def copied(key: str = "k", size: int = 1, at_s: float = 0.0, took_s: float = 0.0) -> ReportRow:
    return ReportRow(key, key, "copied", "new", size, "etag", "etag", at_s=at_s, took_s=took_s)


def failed(key: str, reason: str = "denied", code: str = "AccessDenied") -> ReportRow:
    return ReportRow(key, key, "failed", reason, 1, "etag", call="CopyObject", code=code)


def taken(*rows: ReportRow) -> Digest:
    digester = Digester()
    digester.add(rows)
    return digester.digest()


@given(st.lists(ROWS))
def test_every_row_is_counted_once_by_outcome_and_reason(rows: list[ReportRow]) -> None:
    digest = taken(*rows)
    assert digest.rows == len(rows)
    counted = Counter(row.outcome for row in rows)
    for outcome in Tally.OUTCOMES:
        assert digest.of_outcome(outcome).objects == counted[outcome]
    assert digest.of_reason("new") == (
        sum(row.reason == "new" for row in rows), sum(row.size for row in rows if row.reason == "new")
    )  # fmt: skip
    timed = sum(one.objects for one in digest.timeline.cells)
    assert timed == sum(row.outcome == "copied" and 0 < row.at_s < FOREVER_S for row in rows) + sum(
        row.outcome == "would_copy" and 0 < row.at_s < FOREVER_S for row in rows
    )
    assert len(digest.timeline.cells) <= MOST_CELLS


@given(st.lists(ROWS))
def test_a_digest_comes_back_from_json_as_it_was(rows: list[ReportRow]) -> None:
    digest = taken(*(row for row in rows if row.at_s < FOREVER_S and row.took_s < FOREVER_S))
    assert from_json(json.loads(json.dumps(to_json(digest)))) == digest


@given(st.lists(ROWS), st.lists(ROWS))
def test_digests_of_two_parts_come_to_that_of_the_whole(one: list[ReportRow], other: list[ReportRow]) -> None:
    both = Digester()
    both.include(taken(*one))
    both.include(taken(*other))
    merged, whole = both.digest(), taken(*one, *other)
    assert (merged.rows, merged.outcomes, merged.sizes) == (whole.rows, whole.outcomes, whole.sizes)
    # A cell's copies may stand in the neighbour of theirs, because only the cell is known, not the moment.
    assert sum(cell.bytes for cell in merged.timeline.cells) == sum(cell.bytes for cell in whole.timeline.cells)
    assert [row.took_s for row in merged.slowest] == [row.took_s for row in whole.slowest]


def test_rows_that_are_added_together_count_as_if_each_came_alone() -> None:
    rows = [
        copied(str(number), size=number % 300, at_s=number / 8, took_s=number % 97 / 10) if number % 3 else failed("f")
        for number in range(3 * ROWS_AT_ONCE + 1)
    ]
    alone = Digester()
    for row in rows:
        alone.add([row])
    assert taken(*rows) == alone.digest()
    assert alone.digest().timeline.width_s > FIRST_WIDTH_S


def test_times_are_kept_to_the_millisecond_like_those_of_a_line() -> None:
    (slow,) = taken(copied(at_s=1.23456, took_s=0.98765)).slowest
    assert (slow.at_s, slow.took_s) == (1.235, 0.988)


@pytest.mark.parametrize(
    ("size", "row", "says"),
    [
        (0, 0, "empty"),
        (1, 1, "1 B to below 2 B"),
        (1023, 10, "512 B to below 1 KiB"),
        (1024, 11, "1 KiB to below 2 KiB"),
        (5 * 2**30, 33, "4 GiB to below 8 GiB"),
    ],
)
def test_sizes_are_counted_by_power_of_two(size: int, row: int, says: str) -> None:
    assert taken(copied(size=size)).sizes == {row: Sum(1, size)}
    assert size_span(row) == says


def test_only_what_was_or_would_be_copied_has_a_size() -> None:
    skipped = ReportRow("k", "k", "skipped", "same etag", 7, "etag")
    assert taken(skipped, failed("f")).sizes == {}
    assert taken(skipped._replace(outcome="would_copy")).sizes == {3: Sum(1, 7)}


def test_the_timeline_has_a_cell_for_every_quarter_of_a_second_at_first() -> None:
    timeline = taken(copied(at_s=0.1), copied(at_s=0.2, size=4), copied(at_s=0.6)).timeline
    assert timeline == Timeline(FIRST_WIDTH_S, (Sum(2, 5), Sum(), Sum(1, 1)))


def test_a_longer_run_has_wider_cells_not_more() -> None:
    timeline = taken(*(copied(at_s=second) for second in range(1, 3601))).timeline
    assert timeline.width_s == 16.0
    assert len(timeline.cells) == 226
    assert timeline.cells[1] == Sum(16, 16)


def test_a_run_without_times_has_no_timeline_and_nothing_slow() -> None:
    digest = taken(copied(), copied(at_s=FOREVER_S, took_s=float("inf")))
    assert digest.timeline.cells == ()
    assert digest.slowest == ()


def test_the_slowest_come_first_and_of_equal_ones_the_first_that_came() -> None:
    rows = [copied(f"{number:04}", took_s=1.0 + number % 100) for number in range(2000)]
    digest = taken(*rows)
    assert len(digest.slowest) == SLOWEST
    assert digest.slowest[0].key == "0099"
    assert [row.took_s for row in digest.slowest] == [100.0] * 20 + [99.0] * 20 + [98.0] * 10


def test_a_million_of_one_failure_do_not_hide_another() -> None:
    rows = [failed(f"a{number}") for number in range(OF_A_KIND * 3)]
    digest = taken(*rows, failed("late", "timed out", "RequestTimeout"))
    assert len(digest.failed) == OF_A_KIND + 1
    assert "late" in [row.key for row in digest.failed]
    assert digest.of_outcome("failed").objects == OF_A_KIND * 3 + 1


def test_however_many_kinds_of_failures_there_are_only_so_many_are_kept() -> None:
    rows = [failed(f"{kind}-{number}", code=f"E{kind}") for kind in range(100) for number in range(OF_A_KIND)]
    assert len(taken(*rows).failed) == (KINDS + 1) * OF_A_KIND


def test_including_a_digest_keeps_the_slower_of_both() -> None:
    slow, fast = (taken(*(copied(took_s=took) for _ in range(SLOWEST))) for took in (2.0, 1.0))
    both = Digester()
    both.include(slow)
    both.include(fast)
    assert both.digest().slowest == slow.slowest


@pytest.mark.parametrize(
    "changed",
    [
        {"rows": None},
        {"rows": 1.5},
        {"outcomes": []},
        {"sizes": {"x": [1, 1]}},
        {"sizes": {"1": [1, 2, 3]}},
        {"timeline": {"width_s": 1.0}},
        {"failed": [{"key": "k"}]},
        {"failed": [[]]},
        {"slowest": [{**copied()._asdict(), "colour": "red"}]},
        {"slowest": [{**copied()._asdict(), "took_s": float("inf")}]},
        {"slowest": [{**copied()._asdict(), "key": 1}]},
        {"slowest": [{**copied()._asdict(), "size": float("inf")}]},
        {"format": 1},
        {"messages": [["r", "c", "c", 1, 1, "k"]]},
        {"messages": [["r", "c", "c", "m", -1, "k"]]},
        {"messages": [["r", "c", "c", "m", 1, "k"]] * 101},
    ],
)
def test_what_is_no_digest_is_refused(changed: dict[str, Any]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whoever asks only wants to know that it is none
        from_json({**to_json(taken(copied())), **changed})


def test_a_part_of_the_rows_says_so() -> None:
    assert not Digester().digest(whole=False).whole


ONE = to_json(taken(copied(at_s=1.0, took_s=1.0), failed("f")))


@pytest.mark.parametrize(
    "change",
    [
        {"sizes": {"99": [1, 1]}},
        {"sizes": {"x": [1, 1]}},
        {"sizes": {"1": [-1, 1]}},
        {"timeline": {"width_s": 1e-320, "cells": [[1, 1]]}},
        {"timeline": {"width_s": 1.0, "cells": [[1e308, 0]]}},
        {"sizes": {"1": [1, 2**80 + 1]}},
        {"rows": -1},
        {"rows": 1e308},
        {"timeline": {"width_s": 1.0, "cells": [[1, 1]] * (MOST_CELLS + 1)}},
        {"outcomes": {"failed": {str(number): [1, 1] for number in range(MOST_KINDS + 1)}}},
        {"outcomes": {str(number): {} for number in range(MOST_KINDS + 1)}},
        {"failed": ONE["failed"] * (MOST_ROWS + 1)},
        {"slowest": ONE["failed"] * (MOST_ROWS + 1)},
        {"failed": [{**ONE["failed"][0], "size": -1}]},
    ],
    ids=lambda change: repr(change)[:40],
)
def test_what_no_page_could_show_is_no_digest(change: dict[str, Any]) -> None:
    from_json(ONE)
    with pytest.raises(ValueError, match=r"."):
        from_json({**ONE, **change})


def test_of_more_reasons_than_a_copy_knows_the_rest_are_one_sum() -> None:
    rows = [failed("k", reason=f"reason {number}") for number in range(MOST_KINDS + 50)]
    digest = taken(*rows)
    assert digest.rows == len(rows)
    assert digest.outcomes[OTHER] == {OTHER: Sum(51, 51)}
    assert from_json(to_json(digest)) == digest
