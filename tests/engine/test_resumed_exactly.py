"""A retry copies again only what was in flight and what settled since the last save, whatever the objects are."""

from __future__ import annotations

import random
from collections import Counter
from contextlib import suppress
from typing import Any

import pytest

from s3_crosscopy.adapters.checkpoint_file import NoCheckpoint
from s3_crosscopy.api import resolve_spec
from s3_crosscopy.engine.attempt import Attempt
from s3_crosscopy.engine.checkpointer import COARSE, EVERY_S, TOO_MUCH
from s3_crosscopy.engine.run_config import Ports, RunConfig
from s3_crosscopy.engine.wiring import build_engine
from s3_crosscopy.errors import Interrupted, RetryableFailure, S3Error
from s3_crosscopy.model.checkpoint import ROOM, CheckpointState, fits, from_json, to_json
from s3_crosscopy.model.events import Warned
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.operations import Copied, Copy
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.run_scope import ALONE, LEFT_TO_PUBLISH, KeySubset, RunRole
from s3_crosscopy.testing import Fault, sparse
from tests.engine.delayed_transport import LateLane, Listings
from tests.engine.harness import RecordingCheckpoint, Rig, saves_written

MIB = 2**20


class Roomy(RecordingCheckpoint):
    """As a checkpoint in a file, or one beside a report."""

    room = ROOM


class Copies:
    """A copy of many made-up keys, which are not stored: what is copied how often, and what is refused."""

    def __init__(self, keys: list[str], *, refused: frozenset[str] = frozenset(), **options: Any) -> None:
        self.rig = Rig()
        self.copied: Counter[str] = Counter()
        self.asked: list[str] = []
        self.stop_at = -1
        self.refused = refused
        self._options = {"max_concurrency": 64, "overwrite": "always", "max_failures": len(keys), **options}
        self._source, self._dest = Listings(self.rig.source, keys), Listings(self.rig.dest, [])
        self._dest.copy = self._copy  # type: ignore[method-assign]

    def run(
        self, resumed: CheckpointState | None = None, kept: NoCheckpoint | None = None, role: RunRole = ALONE
    ) -> tuple[CheckpointState, Report | None]:
        """The newest state that was saved, and the report of a run that was not stopped."""
        rig = self.rig
        rig.cancel.clear()
        kept = kept or Roomy()
        spec = resolve_spec("s3://src/p/", "s3://dst/q/", self._options)
        lane = LateLane(self._source, self._dest, rig.clock)
        ports = Ports(lane, self._source, self._dest, rig.clock, rig.sink, kept, rig.cancel)
        if resumed is not None:
            resumed, _ = from_json(to_json(resumed, 0.0))
        config = RunConfig(spec, (KeyRange(),), Attempt.of(resumed), keep_uploads=True, role=role)
        engine = build_engine(config, ports)
        report = None
        with suppress(Interrupted):
            report = engine.run()
        assert isinstance(kept, RecordingCheckpoint)
        return kept.saved[-1], report

    def _copy(self, op: Copy) -> Copied:
        self.asked.append(op.source_key)
        if op.source_key in self.refused:
            raise S3Error(
                call="CopyObject", bucket="dst", key=op.source_key, code="InvalidRequest", status=400, message="",
                reason=Reason.INVALID,
            )  # fmt: skip
        self.copied[op.source_key] += 1
        if self.copied.total() == self.stop_at:
            self.rig.cancel.set()
        return Copied(op.if_match)


def partitions(number: int, each: int) -> list[str]:
    """A marker in each partition, before its data."""
    names = ["_SUCCESS", *(f"part-{one:05d}" for one in range(each - 1))]
    return [f"p/day={day:06d}/{name}" for day in range(number) for name in names]


@pytest.mark.parametrize("role", [ALONE, RunRole(KeySubset.DATA)])
@pytest.mark.parametrize("kept", [RecordingCheckpoint, Roomy])
def test_scattered_markers_keep_no_copy_out_of_the_checkpoint(role: RunRole, kept: type[RecordingCheckpoint]) -> None:
    copies = Copies(partitions(2000, 10), copy_last=("*/_SUCCESS",))
    copies.stop_at = 17_000
    state, _ = copies.run(kept=kept(), role=role)
    first = copies.copied.total()
    assert state.counts["copied"] == first
    assert fits(state)
    copies.stop_at = -1
    _, report = copies.run(state, kept=kept(), role=role)
    assert report is not None
    assert report.counts["listed"] == 20_000
    assert report.decisions.get(LEFT_TO_PUBLISH, 0) == (2000 if role.part is KeySubset.DATA else 0)
    # The markers are as old as the run, and held back.
    assert len(copies.copied) == copies.copied.total() == 18_000


@pytest.mark.parametrize("overwrite", ["always", "if_changed"])
def test_failures_far_apart_by_the_thousand_are_all_that_a_retry_asks_for(overwrite: str) -> None:
    keys = [f"p/{number:06d}" for number in range(20_000)]
    copies = Copies(keys, refused=frozenset(keys[7::20]), overwrite=overwrite)
    state, report = copies.run()
    assert report is not None
    assert (report.counts["copied"], report.counts["failed"]) == (19_000, 1000)
    assert (state.counts["copied"], len(state.remaining)) == (19_000, 1000)
    copies.refused = frozenset()
    state, report = copies.run(state._replace(finished=False))
    assert report is not None
    assert report.counts["copied"] == 20_000
    assert set(copies.copied.values()) == {1}
    assert state.remaining == ()


def test_what_is_new_does_not_wait_for_what_failed_before() -> None:
    keys = [f"p/{number:06d}" for number in range(40_000)]
    bad = frozenset(keys[7:20_000:20])
    copies = Copies(keys, refused=bad, overwrite="always")
    copies.stop_at = 25_000
    state, _ = copies.run()
    copies.stop_at = 27_000
    copies.asked.clear()
    copies.run(state)
    assert sum(key in bad for key in copies.asked[:500]) < 50, "five hundred that failed would be asked for first"


def test_where_no_more_is_kept_a_retry_does_more_and_that_is_told_once() -> None:
    chance = random.Random(3)
    keys = sorted(f"p/{chance.randbytes(30).hex()}" for _ in range(4000))
    copies = Copies(keys, refused=frozenset(keys[::4]), batch_size=100)
    kept = RecordingCheckpoint()
    state, _ = copies.run(kept=kept)
    assert all(map(fits, kept.saved))
    assert 0 < state.counts["copied"] < 3000
    assert [warned.text for warned in copies.rig.sink.of(Warned)] == [COARSE]
    copies.refused = frozenset()
    _, report = copies.run(state._replace(finished=False))
    assert report is not None
    assert report.counts["copied"] == report.counts["listed"] == len(copies.copied) == 4000


def world(chance: random.Random) -> tuple[Rig, list[str], Counter[str]]:
    """Small and large objects, markers and failures in any order; what was copied to its end, and how often."""
    faults = [Fault("CopyObject", "InternalError", 500, key=f"p/d{chance.randrange(8)}/bad", times=None)]
    rig = Rig(faults, seed=chance.randrange(10**6))
    names = [f"p/d{day}/{number:02d}" for day in range(8) for number in range(20)]
    for name in names:
        rig.store.put("src", name, sparse(chance.choice([1, 1, 1, 12 * MIB]), name))
    for day in range(8):
        for name in ("_SUCCESS", "bad"):
            rig.store.put("src", f"p/d{day}/{name}", b"x")
            names.append(f"p/d{day}/{name}")
    rig.clock.advance(2)
    ended: Counter[str] = Counter()
    copy, complete = rig.dest.copy, rig.dest.complete_upload

    def copied(op: Copy) -> Copied:
        answer = copy(op)
        ended[op.source_key] += 1
        rig.clock.advance(chance.random())
        return answer

    def completed(bucket: Bucket, key: str, *rest: Any) -> Copied:
        answer = complete(bucket, key, *rest)
        ended[f"p{key[1:]}"] += 1
        rig.clock.advance(3 * chance.random())
        return answer

    rig.dest.copy = copied  # type: ignore[method-assign]
    rig.dest.complete_upload = completed  # type: ignore[method-assign,assignment]
    return rig, names, ended


@pytest.mark.parametrize("seed", range(12))
def test_killed_at_any_moment_a_run_copies_again_what_was_not_saved_and_nothing_else(seed: int) -> None:
    chance = random.Random(seed)
    rig, names, ended = world(chance)
    options: dict[str, Any] = {
        "multipart_threshold": "5MiB", "part_size": "5MiB", "copy_last": "*/_SUCCESS", "overwrite": "always",
        "batch_size": chance.choice([3, 20, 1000]), "max_concurrency": chance.choice([2, 8]),
    }  # fmt: skip
    kept = Roomy()
    rig.checkpoint = kept
    stop_at = chance.randrange(5, 150)
    advance = rig.clock.advance

    def stops(seconds: float) -> None:
        advance(seconds)
        if ended.total() >= stop_at:
            rig.cancel.set()

    rig.clock.advance = stops  # type: ignore[method-assign]
    with suppress(Interrupted, RetryableFailure):
        rig.copy(**options, keep_uploads=True)
    saves_written(rig)
    # As after kill -9: any state that was saved may be the newest.
    state = chance.choice(kept.saved)
    settled, before = state.counts["copied"], Counter(ended)
    rig.clock.advance = advance  # type: ignore[method-assign]
    rig.cancel.clear()
    ended.clear()
    rig.copy(**options, keep_uploads=True, resumed=state)
    assert ended.total() <= len(names) - settled
    assert rig.engine is not None
    assert rig.engine.parts.ledger.total().listed == len(names)
    assert set(before) | set(ended) >= {name for name in names if not name.endswith(("bad", "_SUCCESS"))}


def test_large_objects_count_before_their_batch_is_sealed() -> None:
    rig = Rig()
    for number in range(200):
        rig.store.put("src", f"p/{number:03d}", sparse(12 * MIB, str(number)))
    rig.clock.advance(2)
    done: list[str] = []
    complete = rig.dest.complete_upload

    def completed(bucket: Bucket, key: str, *rest: Any) -> Copied:
        answer = complete(bucket, key, *rest)
        done.append(key)
        rig.clock.advance(EVERY_S + 1)
        if len(done) == 40:
            rig.cancel.set()
        return answer

    rig.dest.complete_upload = completed  # type: ignore[method-assign,assignment]
    options: dict[str, Any] = {"multipart_threshold": "5MiB", "overwrite": "always", "max_concurrency": 16}
    with pytest.raises(Interrupted):
        rig.copy(**options, keep_uploads=True)
    assert isinstance(rig.checkpoint, RecordingCheckpoint)
    state = rig.checkpoint.saved[-1]
    assert state.counts["copied"] == len(done)
    rig.cancel.clear()
    assert rig.copy(**options, resumed=state).counts["copied"] == 200
    assert sorted(done) == [f"q/{number:03d}" for number in range(200)]


def test_more_uploads_than_fit_are_left_out_and_everything_else_is_saved() -> None:
    rig = Rig()
    begin = rig.store.next_id
    rig.store.next_id = lambda: begin() + "x" * 1000  # type: ignore[method-assign]
    for number in range(300):
        rig.store.put("src", f"p/{number:03d}", sparse(12 * MIB, str(number)))
    rig.clock.advance(2)
    complete, done = rig.dest.complete_upload, []

    def completed(bucket: Bucket, key: str, *rest: Any) -> Copied:
        answer = complete(bucket, key, *rest)
        done.append(key)
        rig.clock.advance(1.0)
        if len(done) == 100:
            rig.cancel.set()
        return answer

    rig.dest.complete_upload = completed  # type: ignore[method-assign,assignment]
    with pytest.raises(Interrupted):
        rig.copy(multipart_threshold="5MiB", max_concurrency=1000, keep_uploads=True)
    assert isinstance(rig.checkpoint, RecordingCheckpoint)
    saved = rig.checkpoint.saved
    assert all(map(fits, saved))
    assert saved[-1].counts["copied"] == len(done)
    if len(rig.store.open_uploads("dst")) > len(saved[-1].uploads):
        assert TOO_MUCH in [warned.text for warned in rig.sink.of(Warned)]
