"""A run that died goes on where it was: nothing is listed again that was settled, nothing is lost, counts are whole."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any

import pytest

from s3_crosscopy.engine.checkpointer import COARSE
from s3_crosscopy.model.checkpoint import CheckpointState, fits, from_json, to_json
from s3_crosscopy.model.events import BatchSettled, Event, Warned
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import RecordingCheckpoint, Rig, keys, saves_written

MIB = 2**20


def inside(ranges: tuple[KeyRange, ...], key: str) -> bool:
    return any(one.after < key and (one.end is None or key <= one.end) for one in ranges)


class Killed(BaseException):
    """kill -9: nothing that the engine does on its way out counts."""


class Death(RecordingCheckpoint):
    """Keeps states until the process is dead; what a dead process would still do is not kept."""

    def __init__(self) -> None:
        super().__init__()
        self.dead = False

    def save(self, state: CheckpointState) -> None:
        if not self.dead:
            kept, _ = from_json(to_json(state, 0.0))
            super().save(kept)

    def last(self) -> CheckpointState | None:
        return self.saved[-1] if self.saved else None


def dying_rig(rig: Rig, death: Death, after_requests: int) -> None:
    """The process dies at the n-th request of any kind; nothing reaches S3 after that."""
    left = [after_requests]
    for port in (rig.source, rig.dest):
        inner = port._request

        def counted(call: str, bucket: str, key: str, send: Any, inner: Any = inner) -> Any:
            saves_written(rig)
            left[0] -= 1
            if left[0] <= 0:
                death.dead = True
                raise Killed
            rig.clock.advance(0.5)
            return inner(call, bucket, key, send)

        port._request = counted  # type: ignore[method-assign]


def revive(rig: Rig, *faults: Fault) -> Rig:
    """Another process over the same store, clock and manifest."""
    again = Rig()
    again.manifest = rig.manifest
    again.clock, again.store = rig.clock, rig.store
    from s3_crosscopy.testing import Counting, Faulty, MemoryS3

    again.source = Counting(Faulty(MemoryS3(rig.store, "reader"), faults))
    again.dest = Counting(Faulty(MemoryS3(rig.store, "copier"), faults))
    return again


@pytest.mark.parametrize("at", random.Random(7).sample(range(1, 430), 25))
def test_a_killed_run_goes_on_and_its_summary_covers_both(at: int) -> None:
    rig, death = Rig(seed=at), Death()
    rig.seed_keys(*keys(400))
    for number in range(4):
        rig.store.put("src", f"p/{number * 100:06d}-big", sparse(40 * MIB, str(number)))
    rig.checkpoint = death
    options: dict[str, Any] = {
        "batch_size": 25, "max_concurrency": 8, "multipart_threshold": "5MiB", "part_size": "5MiB",
    }  # fmt: skip
    dying_rig(rig, death, at)
    with pytest.raises(Killed):
        rig.copy(**options, keep_uploads=True)

    again = revive(rig)
    again.checkpoint = final = Death()
    state = death.last()
    report = again.copy(**options, resumed=state)

    assert report.ok
    assert report.counts["listed"] == report.counts["copied"] + report.counts["skipped"] == 404
    assert again.same_on_both_sides()
    assert again.store.open_uploads("dst") == {}
    left = final.last()
    assert left is not None
    assert left.finished
    assert left.remaining == ()
    if state is not None:
        # What settled before is neither listed nor copied again; of that up to four were large ones.
        assert again.dest.counts().get("CopyObject", 0) <= 404 - state.counts["copied"]


def test_nothing_that_was_settled_is_listed_again() -> None:
    rig, death = Rig(), Death()
    rig.seed_keys(*keys(10_000))
    rig.checkpoint = death

    def die(event: Event) -> None:
        if isinstance(event, BatchSettled) and event.number == 80:
            death.dead = True
            raise Killed
        if isinstance(event, BatchSettled):
            rig.clock.advance(1)

    rig.sink.on_event = die
    with pytest.raises(Killed):
        rig.copy(batch_size=100)
    state = death.last()
    assert state is not None
    assert state.counts["copied"] >= 6_000

    again = revive(rig)
    report = again.copy(batch_size=100, resumed=state)
    assert report.counts["listed"] == 10_000
    assert again.source.counts()["ListObjectsV2"] <= 5
    assert again.same_on_both_sides()


@pytest.mark.parametrize(
    "options",
    [{}, {"compare": "etag"}, {"compare": "size"}, {"compare": "mtime"}, {"overwrite": "never"}],
    ids=str,
)
def test_an_equal_copy_of_the_dead_attempt_counts_as_copied(options: dict[str, Any]) -> None:
    rig, death = Rig(), Death()
    rig.seed_keys(*keys(300))
    rig.clock.advance(5)
    rig.store.put("dst", "q/000000", b"p/0")
    rig.clock.advance(5)
    rig.checkpoint = death
    dying_rig(rig, death, 200)
    with pytest.raises(Killed):
        rig.copy(batch_size=50, **options)
    there = len(rig.store.keys("dst"))
    state = death.last()
    assert state is not None
    report = revive(rig).copy(batch_size=50, resumed=state, **options)
    assert report.counts["copied"] == 299
    assert report.counts["skipped"] == 1
    assert report.decisions["copied earlier"] > 0
    assert there < 300


def test_a_large_object_goes_on_part_by_part() -> None:
    rig, death = Rig(), Death()
    rig.store.put("src", "p/big", sparse(1000 * MIB, "x"))
    rig.checkpoint = death
    copy_part = rig.dest.copy_part
    copied = [0]

    def dies_at_120(op):  # type: ignore[no-untyped-def]
        copied[0] += 1
        if copied[0] == 120:
            death.dead = True
            raise Killed
        rig.clock.advance(1)
        saves_written(rig)
        return copy_part(op)

    rig.dest.copy_part = dies_at_120  # type: ignore[method-assign]
    options: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB", "max_concurrency": 8}
    with pytest.raises(Killed):
        rig.copy(**options, keep_uploads=True)
    again = revive(rig)
    report = again.copy(**options, resumed=death.last())
    assert report.counts["copied"] == 1
    assert again.dest.counts()["UploadPartCopy"] == 200 - 119
    assert again.requests("CreateMultipartUpload") == 0
    assert again.same_on_both_sides()


def test_an_upload_of_another_source_is_aborted_and_begun_anew() -> None:
    rig, death = Rig(), Death()
    rig.store.put("src", "p/big", sparse(100 * MIB, "old"))
    rig.checkpoint = death
    copy_part = rig.dest.copy_part
    copied = [0]

    def dies(op):  # type: ignore[no-untyped-def]
        copied[0] += 1
        if copied[0] == 15:
            death.dead = True
            raise Killed
        rig.clock.advance(1)
        saves_written(rig)
        return copy_part(op)

    rig.dest.copy_part = dies  # type: ignore[method-assign]
    options: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB", "max_concurrency": 2}
    with pytest.raises(Killed):
        rig.copy(**options, keep_uploads=True)
    state = death.last()
    assert state is not None
    assert len(state.uploads) == 1
    rig.store.put("src", "p/big", sparse(90 * MIB, "new"))
    again = revive(rig)
    again.copy(**options, resumed=state)
    assert again.same_on_both_sides()
    assert again.store.open_uploads("dst") == {}


def test_an_upload_whose_source_is_gone_is_aborted() -> None:
    rig, death = Rig(), Death()
    rig.store.put("src", "p/big", sparse(100 * MIB, "old"))
    rig.seed_keys("p/small")
    rig.checkpoint = death
    rig.copy_part_then_stop = rig.dest.copy_part  # type: ignore[attr-defined]

    def stops(op):  # type: ignore[no-untyped-def]
        rig.cancel.set()
        return rig.copy_part_then_stop(op)  # type: ignore[attr-defined]

    rig.dest.copy_part = stops  # type: ignore[method-assign]
    options: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB", "max_concurrency": 2}
    with pytest.raises(BaseException, match="stopped by request"):
        rig.copy(**options, keep_uploads=True)
    assert len(rig.store.open_uploads("dst")) == 1
    rig.store.delete("src", "p/big")
    again = revive(rig)
    again.copy(**options, resumed=death.last())
    assert again.store.open_uploads("dst") == {}


def test_a_key_that_failed_is_tried_again_and_its_neighbours_are_not_copied_twice() -> None:
    rig, death = Rig([Fault("CopyObject", "InvalidRequest", 400, key="p/000111", times=None)]), Death()
    rig.seed_keys(*keys(300))
    rig.checkpoint = death
    first = rig.copy(batch_size=10)
    assert first.counts["failed"] == 1
    state = death.last()
    assert state is not None
    assert not state.finished
    assert [(one.after, one.end) for one in state.remaining] == [("p/000110", "p/000111")]
    again = revive(rig)
    report = again.copy(batch_size=10, resumed=state)
    assert report.counts["listed"] == 300
    assert report.counts["copied"] == 300
    assert again.dest.counts()["CopyObject"] == 1


def test_writes_to_the_store_are_ten_seconds_apart() -> None:
    rig = Rig()
    times: list[float] = []

    class Timed(RecordingCheckpoint):
        def save(self, state: CheckpointState) -> None:
            times.append(rig.clock.now())

    rig.checkpoint = Timed()
    rig.seed_keys(*keys(3000))
    rig.copy(max_requests_per_second=50)
    gaps = [late - early for early, late in pairwise(times)]
    assert len(times) >= 5
    # The clock goes on while a save is on its way to the store.
    assert min(gaps[:-1]) >= 9.5


def test_failures_that_are_too_many_for_a_checkpoint_are_kept_as_one_interval_and_saves_go_on() -> None:
    # What two of them have in common takes no room.
    chance = random.Random(1)
    names = [f"p/{number:04d}{chance.randbytes(450).hex()}" for number in range(400)]
    faults = [Fault("CopyObject", "InvalidRequest", 400, key=name, times=None) for name in names[::4]]
    rig, death = Rig(faults), Death()
    rig.seed_keys(*names)
    rig.checkpoint = death
    copy = rig.dest.copy

    def slow(op):  # type: ignore[no-untyped-def]
        rig.clock.advance(0.5)
        saves_written(rig)
        return copy(op)

    rig.dest.copy = slow  # type: ignore[method-assign]
    rig.copy(batch_size=2, max_concurrency=2)
    assert [warned.text for warned in rig.sink.of(Warned)] == [COARSE], "told once"
    assert all(fits(state) for state in death.saved)
    assert len(death.saved) > 4
    state = death.last()
    assert state is not None
    assert [one.end for one in state.remaining][:3] == names[0:12:4]
    # One of them holds nearly all that came after the first few; what it holds is not counted.
    assert len(state.remaining) < 30
    assert state.counts["listed"] == sum(not inside(state.remaining, name) for name in names)
    report = revive(rig).copy(resumed=state)
    assert report.counts["listed"] == 400
    assert rig.same_on_both_sides()
