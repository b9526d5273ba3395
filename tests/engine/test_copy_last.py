"""`copy_last`: a commit marker is never seen before the data that it vouches for, and never published without it."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.engine import decider as placing
from s3_crosscopy.model.events import PhaseStarted
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import Rig, keys
from tests.engine.test_resume import Death, Killed, dying_rig, revive

MIB = 2**20
MARKS = ["*/_SUCCESS", "_delta_log/*"]
LOG = [f"p/_delta_log/{number:020}.json" for number in range(3)]
DONE = ["p/day=1/_SUCCESS", "p/day=2/_SUCCESS"]
DATA = [f"p/day={day}/part-{number:05}" for day in (1, 2) for number in range(20)]


@pytest.fixture(autouse=True, params=[1000, 3, 0])
def most_held(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """So many markers are held in memory; the others are found again by another listing. The same holds for both."""
    monkeypatch.setattr(placing, "MOST_HELD", request.param)
    number: int = request.param
    return number


def seeded(*faults: Fault, seed: int | None = None) -> Rig:
    rig = Rig(faults, seed=seed)
    rig.seed_keys(*LOG, *DONE, *DATA)
    return rig


def add_up(counts: Any) -> bool:
    listed: int = counts["listed"]
    outcomes: list[int] = [counts[name] for name in Tally.OUTCOMES]
    return listed == sum(outcomes)


@pytest.mark.parametrize("seed", [None, 1, 2, 3])
def test_marked_keys_are_copied_after_everything_else_arrived(seed: int | None) -> None:
    rig = seeded(seed=seed)
    order = rig.copied_in_order()
    report = rig.copy(copy_last=MARKS, batch_size=7, max_concurrency=8)
    assert report.ok
    assert sorted(order[:-5]) == sorted(DATA)
    # Globs in the given order, although "_delta_log" sorts before "day=1"; the keys of one in any order.
    assert (sorted(order[-5:-3]), sorted(order[-3:])) == (DONE, LOG)
    assert report.counts["copied"] == 45
    assert rig.same_on_both_sides()
    assert [(event.phase, event.keys) for event in rig.sink.of(PhaseStarted)] == [("last", 5)]


def test_the_order_of_the_globs_is_the_order_of_the_keys() -> None:
    rig = seeded()
    order = rig.copied_in_order()
    rig.copy(copy_last=["_delta_log/*", "*/_SUCCESS"])
    assert order[-5:] == LOG + DONE


def test_a_key_of_several_globs_goes_with_the_first() -> None:
    rig = seeded()
    order = rig.copied_in_order()
    rig.copy(copy_last=[*MARKS, "*"])
    assert order == [*DONE, *LOG, *DATA]


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_a_glob_begins_when_every_key_of_the_one_before_is_there(seed: int | None) -> None:
    rig = seeded(seed=seed)
    there: dict[str, int] = {}
    copy = rig.dest.copy

    def counted(op):  # type: ignore[no-untyped-def]
        there[op.source_key] = len(rig.store.keys("dst"))
        return copy(op)

    rig.dest.copy = counted  # type: ignore[method-assign]
    rig.copy(copy_last=MARKS)
    assert min(there[key] for key in DONE) >= 40
    assert min(there[key] for key in LOG) >= 42


def test_a_large_object_arrives_before_the_markers_and_a_large_marker_in_its_turn() -> None:
    rig = seeded()
    rig.store.put("src", "p/big", sparse(100 * MIB, "x"))
    rig.store.put("src", LOG[1], sparse(20 * MIB, "y"))
    rig.clock.advance(2)
    order = rig.copied_in_order()
    report = rig.copy(copy_last=MARKS, multipart_threshold="5MiB", part_size="5MiB", max_concurrency=4)
    assert report.counts["copied"] == 46
    assert sorted(order[-5:]) == sorted([*DONE, LOG[0], LOG[1].replace("p/", "q/", 1), LOG[2]])
    assert order[-5:-3] == DONE
    assert order.index("q/big") < len(order) - 5
    assert rig.same_on_both_sides()


def test_a_second_round_comes_before_the_markers() -> None:
    rig = seeded(Fault("CopyObject", "InternalError", 500, key=DATA[3]))
    order = rig.copied_in_order()
    assert rig.copy(copy_last=MARKS).ok
    assert order[-6:] == [DATA[3], *DONE, *LOG]


def test_a_failure_elsewhere_holds_all_back() -> None:
    rig = seeded(Fault("CopyObject", "AccessDenied", 403, key=DATA[3], times=None))
    report = rig.copy(copy_last=MARKS, max_failures=5)
    assert report.counts["held_back"] == 5
    assert (report.counts["failed"], report.counts["copied"]) == (1, 39)
    assert add_up(report.counts)
    assert report.decisions["held back: not everything else arrived"] == 5
    assert not [key for key in rig.store.keys("dst") if "_SUCCESS" in key or "_delta_log" in key]


def test_a_marker_that_fails_holds_back_the_globs_after_it() -> None:
    rig = seeded(Fault("CopyObject", "AccessDenied", 403, key=DONE[1], times=None))
    order = rig.copied_in_order()
    report = rig.copy(copy_last=MARKS)
    assert (report.counts["failed"], report.counts["held_back"], report.counts["copied"]) == (1, 3, 41)
    assert add_up(report.counts)
    assert not set(LOG) & set(order)


def test_a_marker_that_fails_holds_back_what_was_not_begun_of_its_own_glob() -> None:
    rig = seeded(Fault("CopyObject", "AccessDenied", 403, key=LOG[0], times=None))
    order = rig.copied_in_order()
    report = rig.copy(copy_last=MARKS, max_concurrency=1)
    assert (report.counts["failed"], report.counts["held_back"], report.counts["copied"]) == (1, 2, 42)
    assert add_up(report.counts)
    assert order[-1] == LOG[0]


def test_a_marker_that_fails_in_passing_is_copied_before_the_next_glob() -> None:
    rig = seeded(Fault("CopyObject", "InternalError", 500, key=DONE[0]))
    order = rig.copied_in_order()
    assert rig.copy(copy_last=MARKS).ok
    assert order[-6:] == [*DONE, DONE[0], *LOG]


def test_a_marker_that_fails_in_both_rounds_holds_back_the_globs_after_it() -> None:
    rig = seeded(Fault("CopyObject", "InternalError", 500, key=DONE[0], times=2))
    report = rig.copy(copy_last=MARKS)
    assert (report.counts["failed"], report.counts["held_back"], report.counts["copied"]) == (1, 3, 41)
    assert report.retryable


def test_a_throttled_marker_keeps_the_turn_of_its_glob() -> None:
    rig = seeded(Fault("CopyObject", "SlowDown", 503, key=DONE[0], times=3))
    order = rig.copied_in_order()
    assert rig.copy(copy_last=MARKS).ok
    assert sorted(order[-3:]) == LOG


def test_markers_are_held_back_when_the_run_stops_early() -> None:
    rig = seeded(Fault("CopyObject", "AccessDenied", 403, times=None))
    rig.seed_keys(*keys(300))
    report = rig.copy(copy_last=MARKS)
    assert report.stopped
    assert add_up(report.counts)
    assert rig.store.keys("dst") == []


@pytest.mark.parametrize("later_s", [0, 10])
def test_a_marker_written_after_the_run_began_is_held_back_and_copied_by_the_next(later_s: int) -> None:
    """S3's times have whole seconds: one of the run's first second may vouch for data that was not listed."""
    rig = Rig()
    rig.seed_keys(*DATA, *DONE, *keys(1500, "p/day=0/"))
    rig.clock.advance(5)
    listed, late = rig.source.list_page, LOG[0]
    pages = [0]

    def a_commit_lands_in_mid_listing(op):  # type: ignore[no-untyped-def]
        pages[0] += 1
        if pages[0] == 2:
            rig.clock.advance(later_s)
            rig.store.put("src", "p/day=9/_SUCCESS", b"late")
        return listed(op)

    rig.source.list_page = a_commit_lands_in_mid_listing  # type: ignore[method-assign]
    report = rig.copy(copy_last=MARKS)
    assert report.ok
    assert report.counts["held_back"] == 1
    assert report.decisions["held back: written after the run began"] == 1
    assert add_up(report.counts)
    assert "q/day=9/_SUCCESS" not in rig.store.keys("dst")
    assert late not in rig.store.keys("src")

    rig.clock.advance(10)
    again = rig.copy(copy_last=MARKS)
    assert (again.counts["copied"], again.counts["skipped"]) == (1, 1542)
    assert rig.same_on_both_sides()


def test_a_marker_overwritten_since_it_was_listed_is_held_back() -> None:
    rig = seeded()
    copy = rig.dest.copy

    def then_a_commit_lands(op):  # type: ignore[no-untyped-def]
        if op.source_key == DATA[0]:
            rig.clock.advance(10)
            rig.store.put("src", "p/day=1/part-99999", b"data of the commit")
            rig.store.put("src", DONE[0], b"vouches for part-99999")
        return copy(op)

    rig.dest.copy = then_a_commit_lands  # type: ignore[method-assign]
    report = rig.copy(copy_last=MARKS)
    assert "q/day=1/_SUCCESS" not in rig.store.keys("dst")
    assert report.counts["held_back"] == 1
    assert add_up(report.counts)


def test_held_back_keys_are_copied_by_the_next_run() -> None:
    rig = seeded(Fault("CopyObject", "AccessDenied", 403, key=DATA[3]))
    assert rig.copy(copy_last=MARKS).counts["held_back"] == 5
    report = rig.copy(copy_last=MARKS)
    assert (report.counts["copied"], report.counts["held_back"]) == (6, 0)
    assert rig.same_on_both_sides()


def test_held_back_keys_are_copied_by_a_retry_that_goes_on() -> None:
    rig, death = seeded(Fault("CopyObject", "AccessDenied", 403, key=DATA[3])), Death()
    rig.checkpoint = death
    assert rig.copy(copy_last=MARKS, batch_size=4).counts["held_back"] == 5
    state = death.last()
    assert state is not None
    assert not state.finished
    again = revive(rig)
    order = again.copied_in_order()
    report = again.copy(copy_last=MARKS, batch_size=4, resumed=state)
    assert report.counts["copied"] == report.counts["listed"] == 45
    assert [order[0], *sorted(order[1:3]), *sorted(order[3:])] == [DATA[3], *DONE, *LOG]
    assert again.same_on_both_sides()


@pytest.mark.parametrize("at", [1, 5, 20, 40, 43, 44, 45, 46, 47])
def test_a_resumed_run_keeps_the_order(at: int) -> None:
    rig, death = seeded(), Death()
    rig.checkpoint = death
    before = rig.copied_in_order()
    dying_rig(rig, death, at)
    with pytest.raises(Killed):
        rig.copy(copy_last=MARKS, batch_size=4, max_concurrency=4)
    arrived = [key for key in before if key.replace("p/", "q/", 1) in rig.store.keys("dst")]
    again = revive(rig)
    after = again.copied_in_order()
    report = again.copy(copy_last=MARKS, batch_size=4, max_concurrency=4, resumed=death.last())
    assert report.counts["copied"] == report.counts["listed"] == 45
    assert add_up(report.counts)
    order = arrived + after
    marked = [key for key in order if key in DONE + LOG]
    assert (sorted(marked[:2]), sorted(marked[2:])) == (DONE, LOG)
    assert set(order[: min(map(order.index, DONE))]) == set(DATA)
    assert again.same_on_both_sides()


def test_a_marker_that_is_there_already_is_skipped() -> None:
    rig = seeded()
    rig.copy(copy_last=MARKS)
    rig.clock.advance(5)
    report = rig.copy(copy_last=MARKS)
    assert report.counts["skipped"] == 45
    assert [event.phase for event in rig.sink.of(PhaseStarted)] == ["last"]


def test_a_dry_run_tells_of_markers_and_copies_none() -> None:
    rig = seeded()
    report = rig.copy(copy_last=MARKS, dry_run=True)
    assert report.counts["would_copy"] == 45
    assert add_up(report.counts)
    assert rig.store.keys("dst") == []


def test_a_marker_deleted_since_it_was_listed_is_missing_and_the_next_ones_go_on() -> None:
    rig = seeded()
    rig.deleted_when_listed(DONE[0])
    report = rig.copy(copy_last=MARKS)
    assert report.ok
    assert (report.counts["missing"], report.counts["copied"]) == (1, 44)
    assert add_up(report.counts)


def test_a_glob_that_matches_nothing_changes_nothing() -> None:
    rig = seeded()
    assert rig.copy(copy_last=["no/such/*"]).counts["copied"] == 45
    assert rig.sink.of(PhaseStarted) == []
