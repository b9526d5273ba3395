"""Several runs do one copy: shards leave the markers, and one run publishes them when everything else arrived."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3_crosscopy.core.state.deferred_ranges import coarsened
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH, KeySubset, RunRole
from s3_crosscopy.testing import Fault
from tests.engine.harness import Rig, keys
from tests.engine.test_copy_last import DATA, DONE, LOG, MARKS, add_up, most_held, seeded
from tests.engine.test_resume import Death, Killed, dying_rig, inside, revive

DATA_ONLY = RunRole(KeySubset.DATA)
__all__ = ["most_held"]


def cuts(*at: str) -> list[KeyRange]:
    """The ranges that these keys cut the key space into."""
    ends = ["", *at, None]
    return [KeyRange(after or "", end) for after, end in pairwise(ends)]


def shards(rig: Rig, ranges: Sequence[KeyRange], **options: Any) -> list[Report]:
    return [rig.copy(ranges=[one], role=DATA_ONLY, **options) for one in ranges]


def publish(rig: Rig, reports: Sequence[Report], *, complete: bool = True, **options: Any) -> Report:
    began = min(report.began for report in reports)
    markers = coarsened([one for report in reports for one in report.markers])
    return rig.copy(ranges=markers, role=RunRole(KeySubset.MARKERS, began, complete), **options)


def total(reports: Sequence[Report]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for report in reports:
        counts.update(report.counts)
    return counts


def test_shards_leave_the_markers_and_publishing_copies_them_in_their_order() -> None:
    rig = seeded()
    rig.clock.advance(5)
    order = rig.copied_in_order()
    reports = shards(rig, cuts("p/day=1/part-00009", "p/day=2/"), copy_last=MARKS)
    assert [report.counts["held_back"] for report in reports] == [4, 0, 1]
    assert sum(one.decisions.get(LEFT_TO_PUBLISH, 0) for one in reports) == 5
    assert sorted(order) == sorted(DATA)
    assert all(inside(report.markers, key) for report in reports[:1] for key in LOG)

    published = publish(rig, reports, copy_last=MARKS)
    assert order[-5:] == [*DONE, *LOG]
    assert (published.counts["listed"], published.counts["copied"]) == (5, 5)
    assert rig.same_on_both_sides()


def test_a_shard_lists_nothing_of_the_others_on_either_side() -> None:
    rig = Rig()
    rig.seed_keys(*keys(6000))
    rig.copy()
    rig.clock.advance(5)
    (report,) = shards(rig, [KeyRange("p/002000", "p/002999")])
    assert (report.counts["listed"], report.counts["skipped"]) == (999, 999)
    assert rig.requests("ListObjectsV2") <= 3


def test_markers_that_are_there_already_are_skipped_by_their_shard_and_not_published() -> None:
    rig = seeded()
    rig.copy(copy_last=MARKS)
    rig.clock.advance(5)
    rig.store.put("src", DONE[1], b"new")
    rig.clock.advance(5)
    reports = shards(rig, cuts("p/day=2/"), copy_last=MARKS)
    assert total(reports)["skipped"] == 44
    published = publish(rig, reports, copy_last=MARKS)
    assert (published.counts["listed"], published.counts["copied"]) == (1, 1)
    assert rig.same_on_both_sides()


def test_publishing_passes_over_everything_that_is_no_marker_without_counting_it() -> None:
    rig = seeded()
    rig.clock.advance(5)
    began = "2999-01-01T00:00:00Z"
    report = rig.copy(role=RunRole(KeySubset.MARKERS, began), copy_last=MARKS, batch_size=2)
    assert report.counts["listed"] == report.counts["copied"] == 5
    assert sorted(rig.store.keys("dst")) == sorted(key.replace("p/", "q/", 1) for key in DONE + LOG)


def test_a_marker_written_since_the_first_shard_began_is_held_back() -> None:
    rig = seeded()
    rig.clock.advance(5)
    first, *rest = cuts("p/day=1/", "p/day=2/")
    reports = shards(rig, [first], copy_last=MARKS)
    rig.clock.advance(10)
    rig.store.put("src", DONE[1], b"vouches for data that the first shard did not list")
    rig.clock.advance(10)
    reports += shards(rig, rest, copy_last=MARKS)
    published = publish(rig, reports, copy_last=MARKS)
    assert (published.counts["copied"], published.counts["held_back"]) == (4, 1)
    assert published.decisions["held back: written after the run began"] == 1


def test_without_everything_else_no_marker_is_published() -> None:
    rig = seeded()
    rig.clock.advance(5)
    reports = shards(rig, cuts("p/day=2/"), copy_last=MARKS)
    published = publish(rig, reports, complete=False, copy_last=MARKS, verification="listing")
    assert (published.counts["listed"], published.counts["held_back"]) == (5, 5)
    assert published.decisions == {"held back: not everything else arrived": 5}
    assert published.ok
    assert len(rig.store.keys("dst")) == len(DATA)


def test_a_marker_that_a_dead_publish_task_copied_counts_as_copied_without_a_checkpoint(most_held: int) -> None:
    rig, death = seeded(), Death()
    rig.clock.advance(5)
    reports = shards(rig, cuts("p/day=2/"), copy_last=MARKS)
    rig.clock.advance(5)
    # Where markers are listed again, the first copy comes some LISTs later.
    dying_rig(rig, death, 7 if most_held > 5 else 13)
    with pytest.raises(Killed):
        publish(rig, reports, copy_last=MARKS)
    there = len(rig.store.keys("dst")) - len(DATA)
    assert 0 < there < 5
    published = publish(revive(rig), reports, copy_last=MARKS)
    assert published.counts["listed"] == published.counts["copied"] == 5
    assert published.decisions["copied earlier"] == there


@pytest.mark.parametrize("at", [3, 10, 25, 40])
def test_a_shard_that_was_killed_tells_of_every_marker_of_its_range(at: int) -> None:
    rig, death = seeded(), Death()
    rig.clock.advance(5)
    rig.checkpoint = death
    (one,) = cuts()
    dying_rig(rig, death, at)
    with pytest.raises(Killed):
        rig.copy(ranges=[one], role=DATA_ONLY, copy_last=MARKS, batch_size=4, max_concurrency=4)
    again = revive(rig)
    report = again.copy(
        ranges=[one], role=DATA_ONLY, copy_last=MARKS, batch_size=4, max_concurrency=4, resumed=death.last()
    )
    assert report.counts["held_back"] == 5
    assert report.counts["listed"] == 45
    assert all(inside(report.markers, key) for key in DONE + LOG)
    published = publish(again, [report], copy_last=MARKS)
    assert published.counts["copied"] == 5
    assert again.same_on_both_sides()


@pytest.mark.parametrize("at", [2, 4, 6, 8, 9])
def test_publishing_goes_on_after_a_death_and_keeps_the_order(at: int) -> None:
    rig, death = seeded(), Death()
    rig.clock.advance(5)
    reports = shards(rig, cuts("p/day=2/"), copy_last=MARKS)
    rig.clock.advance(5)
    rig.checkpoint = death
    before = rig.copied_in_order()
    dying_rig(rig, death, at)
    with pytest.raises(Killed):
        publish(rig, reports, copy_last=MARKS)
    arrived = [key for key in before if key.replace("p/", "q/", 1) in rig.store.keys("dst")]
    again = revive(rig)
    after = again.copied_in_order()
    published = publish(again, reports, copy_last=MARKS, resumed=death.last())
    assert published.counts["listed"] == published.counts["copied"] == 5
    order = [key for key in [*arrived, *after] if key in DONE + LOG]
    assert (sorted(order[:2]), sorted(order[2:])) == (DONE, LOG)


def test_a_failure_in_a_shard_is_its_own_and_the_others_go_on() -> None:
    rig = seeded(Fault("CopyObject", "AccessDenied", 403, key=DATA[3], times=None))
    reports = shards(rig, cuts("p/day=2/"), copy_last=MARKS)
    assert [report.ok for report in reports] == [False, True]
    assert all(add_up(report.counts) for report in reports)


def test_the_listing_at_the_end_of_a_shard_is_of_its_range_and_that_of_the_publish_task_of_the_markers() -> None:
    rig = seeded()
    rig.clock.advance(5)
    options: dict[str, Any] = {"copy_last": MARKS, "verification": "listing"}
    first, second = cuts("p/day=2/")
    reports = shards(rig, [first], **options)
    assert (reports[0].checked, reports[0].unproven) == (20, ())
    reports += shards(rig, [second], **options)
    published = publish(rig, reports, **options)
    assert (published.checked, published.unproven) == (5, ())
    rig.clock.advance(5)
    assert shards(rig, [first], **options)[0].checked == 24


def test_a_dry_run_of_shards_leaves_the_markers_too() -> None:
    rig = seeded()
    rig.clock.advance(5)
    reports = shards(rig, cuts("p/day=2/"), copy_last=MARKS, dry_run=True)
    published = publish(rig, reports, copy_last=MARKS, dry_run=True)
    assert (total(reports)["would_copy"], published.counts["would_copy"]) == (40, 5)
    assert rig.store.keys("dst") == []


def test_one_object_that_is_a_marker_is_published() -> None:
    rig = seeded()
    rig.clock.advance(5)
    options: dict[str, Any] = {"source": f"s3://src/{DONE[0]}", "dest": "s3://dst/q/done", "copy_last": "*"}
    reports = shards(rig, cuts(), **options)
    assert (reports[0].counts["held_back"], rig.store.keys("dst")) == (1, [])
    assert publish(rig, reports, **options).counts["copied"] == 1
    assert rig.store.keys("dst") == ["q/done"]


NAMES = st.text(alphabet="ab/_é\U0001f600", min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(
    names=st.sets(NAMES, max_size=40),
    there=st.sets(NAMES, max_size=20),
    at=st.lists(NAMES.map("p/".__add__), max_size=5, unique=True).map(sorted),
    marked=st.sampled_from([(), ("a*",), ("*_*", "*b"), ("*",)]),
)
def test_shards_and_publishing_do_together_what_one_run_does(
    names: set[str], there: set[str], at: list[str], marked: tuple[str, ...]
) -> None:
    def world() -> Rig:
        rig = Rig()
        rig.seed_keys(*(f"p/{name}" for name in names))
        for name in names & there:
            rig.store.put("dst", f"q/{name}", rig.store.get("src", f"p/{name}").content)
        rig.clock.advance(5)
        return rig

    whole, several = world(), world()
    report = whole.copy(copy_last=marked)
    reports = shards(several, cuts(*at), copy_last=marked, batch_size=3)
    published = publish(several, reports, copy_last=marked)

    parts = total(reports)
    assert published.counts["listed"] == sum(one.decisions.get(LEFT_TO_PUBLISH, 0) for one in reports)
    parts.subtract({"held_back": published.counts["listed"], "listed": published.counts["listed"]})
    parts.update(published.counts)
    assert {name: number for name, number in parts.items() if number} == {
        name: number for name, number in report.counts.items() if number
    }
    assert several.same_on_both_sides()
    assert whole.store.keys("dst") == several.store.keys("dst")
