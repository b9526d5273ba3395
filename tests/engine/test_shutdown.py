"""How runs end before their time: a stop signal, a broken listing, a bug, a store that throws."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.errors import Interrupted, ListingBroken
from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.events import BatchSettled, Event, Progress
from s3_crosscopy.model.objects import KeyRange, Listed, Page
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import RecordingCheckpoint, Rig, keys

MIB = 2**20


def test_a_stop_signal_ends_the_run_keeps_what_arrived_and_says_what_is_left() -> None:
    rig = Rig()
    checkpoint = RecordingCheckpoint()
    rig.checkpoint = checkpoint
    rig.seed_keys(*keys(3000))

    def stop_after_three(event: Event) -> None:
        if isinstance(event, BatchSettled) and event.number == 3:
            rig.cancel.set()

    rig.sink.on_event = stop_after_three
    with pytest.raises(Interrupted):
        rig.copy(batch_size=100)
    state = checkpoint.saved[-1]
    arrived = {key.replace("q/", "p/", 1) for key in rig.store.keys("dst")}
    assert 300 <= len(arrived) < 3000
    for key in keys(3000):
        left = any(one.after < key and (one.end is None or key <= one.end) for one in state.remaining)
        assert left or key in arrived
    assert state.counts["copied"] <= len(arrived)


def test_a_run_after_a_stopped_one_copies_only_what_is_missing() -> None:
    rig = Rig()
    rig.seed_keys(*keys(1000))
    rig.sink.on_event = lambda event: rig.cancel.set() if isinstance(event, BatchSettled) else None
    with pytest.raises(Interrupted):
        rig.copy(batch_size=100)
    there = len(rig.store.keys("dst"))
    rig.cancel.clear()
    rig.sink.on_event = lambda event: None
    report = rig.copy()
    assert 0 < there < 1000
    assert (report.counts["copied"], report.counts["skipped"]) == (1000 - there, there)
    assert rig.same_on_both_sides()


@pytest.mark.parametrize("after_parts", [0, 1, 5])
def test_a_stop_signal_aborts_open_uploads(after_parts: int) -> None:
    rig = Rig(seed=after_parts)
    for number in range(5):
        rig.store.put("src", f"p/{number}", sparse(50 * MIB, str(number)))
    copy_part = rig.dest.copy_part
    left = [after_parts]

    def then_stop(op):  # type: ignore[no-untyped-def]
        left[0] -= 1
        if left[0] < 0:
            rig.cancel.set()
        return copy_part(op)

    rig.dest.copy_part = then_stop  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        rig.copy(multipart_threshold="5MiB", part_size="5MiB", max_concurrency=4)
    assert rig.store.open_uploads("dst") == {}


class Pages:
    """A source that answers with these pages, whatever was asked."""

    def __init__(self, rig: Rig, *pages: Page) -> None:
        self._pages = iter(pages)
        rig.source.list_page = lambda op: next(self._pages)  # type: ignore[method-assign]


def listed(*names: str) -> list[Listed]:
    return [Listed(name, 1, "e", "2026-01-01T00:00:00Z") for name in names]


@pytest.mark.parametrize(
    "pages",
    [
        [Page(listed("p/b", "p/a"), None)],
        [Page(listed("p/a", "p/a"), None)],
        [Page(listed("p/a", "p/b"), "t"), Page(listed("p/b", "p/c"), None)],
        [Page(listed("p/a"), "t"), Page(listed("p/a"), None)],
        [Page(listed("elsewhere"), None)],
        [Page(listed("p/a"), "t"), Page([], "t")],
    ],
    ids=["out of order", "twice on a page", "overlapping pages", "a page again", "another prefix", "a token again"],
)
def test_a_listing_that_is_none_is_never_taken_for_a_short_one(pages: list[Page]) -> None:
    rig = Rig()
    Pages(rig, *pages)
    with pytest.raises(ListingBroken):
        rig.copy()


def test_a_server_that_ignores_start_after_is_noticed() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10))
    Pages(rig, Page(listed(*keys(10)), None))
    with pytest.raises(ListingBroken):
        rig.copy(ranges=[KeyRange("p/000004", None)])


def test_a_listing_that_fails_in_the_middle_is_no_success() -> None:
    rig = Rig([Fault("ListObjectsV2", "InternalError", 500, key="p/", skip=1, times=None)])
    rig.seed_keys(*keys(1500))
    report = rig.copy()
    assert not report.ok
    assert report.retryable
    why = "S3 answers 500: paused for 15 min without success; a retry resumes with the remaining keys"
    assert report.stopped == why


def test_a_bug_is_raised_and_does_not_pass_for_an_outcome() -> None:
    rig = Rig([Fault("CopyObject", raises=ZeroDivisionError("a bug"))])
    rig.seed_keys(*keys(3))
    with pytest.raises(ZeroDivisionError):
        rig.copy()


def test_a_checkpoint_store_that_throws_stops_the_run() -> None:
    class Fenced(RecordingCheckpoint):
        def save(self, state: CheckpointState) -> None:
            raise PermissionError("another run of this task took over")

    rig = Rig()
    rig.checkpoint = Fenced()
    rig.seed_keys(*keys(3000))
    copy = rig.dest.copy

    def slow(op):  # type: ignore[no-untyped-def]
        rig.clock.advance(1)
        return copy(op)

    rig.dest.copy = slow  # type: ignore[method-assign]
    with pytest.raises(PermissionError):
        rig.copy()
    assert len(rig.store.keys("dst")) < 1000


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_ranges_are_copied_as_if_they_were_one(seed: int | None) -> None:
    rig = Rig(seed=seed)
    rig.seed_keys(*keys(3000))
    rig.store.put("dst", "q/001500", b"p/0")
    ranges = [KeyRange("", "p/000999"), KeyRange("p/000999", "p/001500"), KeyRange("p/001500", None)]
    report = rig.copy(ranges=ranges, batch_size=64)
    assert report.counts["listed"] == 3000
    assert rig.same_on_both_sides()


def test_a_range_copies_its_keys_and_no_others() -> None:
    rig = Rig()
    rig.seed_keys(*keys(100))
    rig.copy(ranges=[KeyRange("p/000010", "p/000019")])
    assert rig.store.keys("dst") == [f"q/{number:06d}" for number in range(11, 20)]


def test_a_limit_of_requests_a_second_is_kept() -> None:
    rig = Rig()
    rig.seed_keys(*keys(500))
    rig.copy(max_requests_per_second=100)
    # 500 copies and two lists, less the burst of a tenth of a second.
    assert rig.clock.now() >= (500 + 2 - 10) / 100


def test_progress_is_told_every_few_seconds() -> None:
    rig = Rig()
    rig.seed_keys(*keys(500))
    rig.copy(max_requests_per_second=20)
    told = rig.sink.of(Progress)
    assert 5 <= len(told) <= 9
    assert told[0].seconds < 1.5
    assert [event.counts["copied"] for event in told] == sorted(event.counts["copied"] for event in told)
    assert all(15 < event.objects_per_second < 25 for event in told)


def last_kept(rig: Rig) -> dict[str, Any]:
    assert isinstance(rig.checkpoint, RecordingCheckpoint)
    return dict(rig.checkpoint.saved[-1].progress or {})


def test_what_is_kept_at_the_end_names_the_last_failures_and_all_rates() -> None:
    rig = Rig([Fault("CopyObject", "AccessDenied", 403, key=f"p/{at:06d}", times=None) for at in range(50, 100)])
    rig.seed_keys(*keys(100))
    report = rig.copy(max_requests_per_second=20, max_failures=50)
    kept = last_kept(rig)

    assert [one.key for one in report.failures] == [f"p/{at:06d}" for at in range(50, 70)]
    assert [one["key"] for one in kept["failures"]] == [f"p/{at:06d}" for at in range(95, 100)]
    ends = [0.0, *(end for end, _ in kept["history"])]
    copied = sum((end - began) * rate for began, (end, rate) in zip(ends, kept["history"], strict=False))
    assert copied == pytest.approx(50, abs=1)


def test_what_is_kept_of_an_interrupted_run_has_its_rates_too() -> None:
    rig = Rig()
    rig.seed_keys(*keys(500))
    rig.sink.on_event = lambda event: rig.cancel.set() if isinstance(event, Progress) else None
    with pytest.raises(Interrupted):
        rig.copy(max_requests_per_second=20)
    assert set(last_kept(rig)) == {"history"}
