"""Keys that only the destination has are counted as far as the listings pass them, and each one once."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.errors import Interrupted
from s3_crosscopy.model.checkpoint import from_json, to_json
from s3_crosscopy.model.events import BatchSettled, Event
from s3_crosscopy.model.extraneous import Extraneous
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.model.run_scope import KeySubset, RunRole
from tests.engine.harness import RecordingCheckpoint, Rig


class Rows:
    """A report that keeps its rows."""

    def __init__(self) -> None:
        self.segments: dict[int, list[ReportRow]] = {}
        self.rest: list[ReportRow] = []

    def new_segment(self) -> list[ReportRow]:
        return []

    def write_segment(self, number: int, rows: object) -> None:
        self.segments[number] = list(rows)  # type: ignore[call-overload]

    def write_rest(self, rows: object) -> None:
        self.rest += rows  # type: ignore[arg-type]

    def write_uploads(self, unfinished: object) -> None:
        pass

    def finish(self, segments: int, rest: object, report: object) -> None:
        self.write_rest(rest)

    def of(self, outcome: str) -> list[str]:
        rows = [row for number in sorted(self.segments) for row in self.segments[number]] + self.rest
        return sorted(row.dest_key for row in rows if row.outcome == outcome)


def stale(rig: Rig, *names: str) -> None:
    """Objects that only the destination has."""
    for name in names:
        rig.store.put("dst", f"q/{name}", b"stale")


def extraneous(report: Report) -> Extraneous:
    assert report.extraneous is not None
    return report.extraneous


@pytest.fixture
def rig() -> Rig:
    rig = Rig()
    rig.seed_keys(*(f"p/{name}" for name in "bdf"))
    return rig


def test_keys_between_before_and_behind_the_source_keys_are_counted_and_named(rig: Rig) -> None:
    stale(rig, "a", "c", "x", "y")
    rig.report = rows = Rows()

    report = rig.copy()

    assert extraneous(report) == Extraneous(4, 0, False, ("q/a", "q/c", "q/x", "q/y"))
    assert rows.of("extraneous") == ["q/a", "q/c", "q/x", "q/y"]
    assert (report.ok, report.counts["listed"], report.counts["copied"]) == (True, 3, 3)


def test_the_default_makes_no_request_that_the_join_does_not_make(rig: Rig) -> None:
    stale(rig, "a", "x")

    rig.copy()
    seen = (rig.source.counts()["ListObjectsV2"], rig.dest.counts()["ListObjectsV2"])
    rig.copy(extraneous="keep")

    assert seen == (rig.source.counts()["ListObjectsV2"], rig.dest.counts()["ListObjectsV2"]) == (1, 1)


def test_keys_kept_unseen_are_in_no_report(rig: Rig) -> None:
    stale(rig, "a")

    assert rig.copy(extraneous="keep").extraneous is None


def test_at_most_ten_pages_are_listed_behind_the_last_source_key(rig: Rig) -> None:
    stale(rig, *(f"x/{number:05}" for number in range(12_500)))

    report = rig.copy()

    assert rig.dest.counts()["ListObjectsV2"] == 11
    assert extraneous(report)[:3] == (11_000, 0, True)


def test_all_ranges_together_list_ten_pages_behind_their_source_keys() -> None:
    rig = Rig()
    rig.seed_keys("p/a", "p/f", "p/k")
    stale(rig, *(f"{letter}/{number:05}" for letter in "bgm" for number in range(8_000)))
    ranges = [KeyRange("", "p/e"), KeyRange("p/e", "p/j"), KeyRange("p/j", None)]

    report = rig.copy(ranges=ranges)

    # The join itself needs three to nine, as the answers arrive.
    assert rig.dest.counts()["ListObjectsV2"] <= 9 + 10
    assert 10_000 <= extraneous(report).keys < 24_000
    assert extraneous(report).at_least


def test_where_nothing_is_extraneous_the_default_costs_no_page_more() -> None:
    listed = []
    for wish in ("keep", "report"):
        rig = Rig(seed=1)
        rig.seed_keys(*(f"p/k{number:05}" for number in range(6_000)))
        rig.copy(extraneous="keep")
        report = rig.copy(extraneous=wish)
        listed.append(rig.dest.counts()["ListObjectsV2"])

    assert listed[0] == listed[1]
    assert extraneous(report) == Extraneous()


def test_counting_lists_the_destination_to_its_end(rig: Rig) -> None:
    stale(rig, *(f"x/{number:05}" for number in range(12_500)))

    report = rig.copy(extraneous="count")

    assert extraneous(report)[:3] == (12_500, 0, False)
    assert rig.dest.counts()["ListObjectsV2"] == 13


def test_counting_lists_a_destination_that_no_decision_needs(rig: Rig) -> None:
    stale(rig, "a")

    assert extraneous(rig.copy(extraneous="count", overwrite="always")).keys == 1
    assert rig.copy(overwrite="always").extraneous is None


def test_what_a_filter_leaves_out_is_counted_apart(rig: Rig) -> None:
    stale(rig, "a.tmp", "c", "long.csv")
    rig.store.put("dst", "q/", b"")

    report = rig.copy(exclude=["*.tmp"], modified_after="2025-01-01T00:00:00Z", min_size=1)

    assert extraneous(report)[:2] == (2, 2)


def test_an_empty_source_makes_every_key_extraneous_and_copies_nothing() -> None:
    rig = Rig()
    stale(rig, "a", "b")

    assert extraneous(rig.copy()).keys == 2


@pytest.mark.parametrize("seed", range(4))
def test_ranges_of_one_prefix_count_each_key_once(seed: int) -> None:
    rig = Rig(seed=seed)
    rig.seed_keys(*(f"p/{number:05}" for number in range(0, 6000, 3)))
    stale(rig, *(f"{number:05}" for number in range(1, 6000, 30)), "zz")

    ranges = [KeyRange("", "p/02000"), KeyRange("p/02000", "p/02999"), KeyRange("p/02999", None)]
    report = rig.copy(ranges=ranges)

    assert extraneous(report)[:3] == (201, 0, False)


@pytest.mark.parametrize("options", [{}, {"extraneous": "delete", "dry_run": True}])
def test_the_first_twenty_are_named_whatever_range_is_listed_first(options: dict[str, Any]) -> None:
    rig = Rig(seed=3)
    rig.seed_keys("p/a", "p/f", "p/k")
    names = [f"{letter}/{number:02}" for letter in "bgm" for number in range(15)]
    stale(rig, *names)
    ranges = [KeyRange("p/j", None), KeyRange("p/e", "p/j"), KeyRange("", "p/e")]

    assert extraneous(rig.copy(ranges=ranges, **options)).first == tuple(f"q/{name}" for name in names[:20])


def test_shards_count_their_own_ranges_and_the_publish_run_none(rig: Rig) -> None:
    stale(rig, "a", "c", "x")
    data = RunRole(KeySubset.DATA)

    first = extraneous(rig.copy(ranges=[KeyRange("", "p/c")], role=data))
    second = extraneous(rig.copy(ranges=[KeyRange("p/c", None)], role=data))
    published = rig.copy(ranges=[KeyRange("p/c", None)], role=RunRole(KeySubset.MARKERS))

    assert (first.first, second.first) == (("q/a", "q/c"), ("q/x",))
    assert published.extraneous is None


@pytest.mark.parametrize("killed_at", range(1, 12))
def test_a_resumed_run_counts_no_key_twice_and_forgets_none(killed_at: int) -> None:
    rig = Rig()
    rig.seed_keys(*(f"p/{number:04}" for number in range(0, 3000, 2)))
    stale(rig, *(f"{number:04}" for number in range(1, 3000, 7) if number % 2), "zz")
    wanted = len(rig.store.keys("dst"))
    rig.report = rows = Rows()
    settled = 0

    def stop(event: Event) -> None:
        nonlocal settled
        settled += isinstance(event, BatchSettled)
        if settled == killed_at:
            rig.cancel.set()

    rig.sink.on_event = stop
    with pytest.raises(Interrupted):
        rig.copy(batch_size=100)
    assert isinstance(rig.checkpoint, RecordingCheckpoint)
    state, _ = from_json(to_json(rig.checkpoint.saved[-1], 0.0))
    rig.cancel.clear()
    rig.sink.on_event = lambda event: None
    rows.rest.clear()

    report = rig.copy(batch_size=100, resumed=state)

    assert extraneous(report).keys == wanted
    assert len(rows.of("extraneous")) == len(set(rows.of("extraneous"))) == wanted
