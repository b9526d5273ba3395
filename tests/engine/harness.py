"""An engine over the memory store, without threads of S3 and without time: what the tests of the loop stand on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from s3_crosscopy.adapters.checkpoint_file import NoCheckpoint
from s3_crosscopy.api import resolve_spec
from s3_crosscopy.core.since.look import FULL, Look
from s3_crosscopy.engine.attempt import Attempt
from s3_crosscopy.engine.listing.pair_source import KeysBetween
from s3_crosscopy.engine.run import Engine
from s3_crosscopy.engine.run_config import ONE, Ports, RunConfig, Runs
from s3_crosscopy.engine.wiring import build_engine
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.events import Event
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.mirror_state import Deleting
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.operations import Copied, Copy
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.run_scope import ALONE, RunRole
from s3_crosscopy.ports import Checkpoint, EtagIndex, ReportStore
from s3_crosscopy.report.report_writer import StoredReport
from s3_crosscopy.testing import Counting, Fault, Faulty, MemoryS3, MemoryStore, VirtualClock
from tests.engine.steady_transport import SteadyTransport
from tests.waiting import wait_until

T = TypeVar("T", bound=Event)
WHOLE = (KeyRange(),)
TIMEOUT_S = 30.0
"""A machine that is busy may keep a thread waiting for long; nobody waits longer than that thread takes."""


class RecordingSink:
    """Keeps every event; `on_event` may act in between, as the outside world does."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.on_event: Callable[[Event], None] = lambda event: None

    def emit(self, event: Event) -> None:
        self.events.append(event)
        self.on_event(event)

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]


class RecordingCheckpoint(NoCheckpoint):
    def __init__(self) -> None:
        self.saved: list[CheckpointState] = []

    def save(self, state: CheckpointState) -> None:
        self.saved.append(state)


class Rig:
    """Two buckets of two accounts. `copy` runs a new engine over them and remembers what it asked for."""

    def __init__(self, faults: Sequence[Fault] = (), *, seed: int | None = None) -> None:
        self.clock = VirtualClock()
        self.store = MemoryStore(clock=self.clock)
        self.store.create_bucket("src", owner="111111111111")
        self.store.create_bucket("dst", owner="222222222222")
        self.source = Counting(Faulty(MemoryS3(self.store, "reader"), faults))
        self.dest = Counting(Faulty(MemoryS3(self.store, "copier"), faults))
        self.sink = RecordingSink()
        self.checkpoint: Checkpoint = RecordingCheckpoint()
        self.cancel = threading.Event()
        self.report: ReportStore | None = None
        self.manifest: KeysBetween | None = None
        self.index: EtagIndex | None = None
        self.engine: Engine | None = None
        self.prepare: Callable[[Engine, SteadyTransport], None] = lambda engine, lane: None
        self._seed = seed

    def seed_keys(self, *keys: str, size: int = 3) -> None:
        for key in keys:
            self.store.put("src", key, (key * size).encode()[:size] if size else b"")
        # So that a copy is newer than its source: S3's times have whole seconds.
        self.clock.advance(2)

    def copy(
        self,
        source: str = "s3://src/p/",
        dest: str = "s3://dst/q/",
        *,
        ranges: Sequence[KeyRange] = WHOLE,
        resumed: CheckpointState | None = None,
        keep_uploads: bool = False,
        incomplete_uploads: Sequence[OpenUpload] = (),
        role: RunRole = ALONE,
        runs: Runs = ONE,
        approved: Deleting | None = None,
        look: Look = FULL,
        **options: Any,
    ) -> Report:
        for port in (self.source, self.dest):
            port.reset()
        lane = SteadyTransport(self.source, self.dest, seed=self._seed, clock=self.clock)
        ports = Ports(
            lane,
            self.source,
            self.dest,
            self.clock,
            self.sink,
            self.checkpoint,
            self.cancel,
            self.report,
            self.manifest,
            self.index,
            self.report if isinstance(self.report, StoredReport) else None,
        )
        spec = resolve_spec(source, dest, options)
        config = RunConfig(
            spec,
            ranges,
            Attempt.of(resumed),
            incomplete_uploads=incomplete_uploads,
            keep_uploads=keep_uploads,
            role=role,
            runs=runs,
            approved=approved,
            look=look,
        )
        self.engine = build_engine(config, ports)
        self.prepare(self.engine, lane)
        return self.engine.run()

    def deleted_when_listed(self, *names: str) -> None:
        """Somebody deletes these as soon as the source was listed, or asked for one of them, for the first time."""
        request = self.source._request
        left = list(names)

        def then_deleted(call: str, bucket: str, key: str, send: Callable[[], Any]) -> Any:
            said = request(call, bucket, key, send)
            while left:
                self.store.delete("src", left.pop())
            return said

        self.source._request = then_deleted  # type: ignore[method-assign]

    def copied_in_order(self) -> list[str]:
        """What is copied from here on, in order: the source key of a CopyObject, the destination key of a Complete."""
        order: list[str] = []
        copy, complete = self.dest.copy, self.dest.complete_upload

        def noted(op: Copy) -> Copied:
            order.append(op.source_key)
            return copy(op)

        def completed(bucket: Bucket, key: str, *rest: Any) -> Copied:
            order.append(key)
            return complete(bucket, key, *rest)

        self.dest.copy = noted  # type: ignore[method-assign]
        self.dest.complete_upload = completed  # type: ignore[method-assign,assignment]
        return order

    def requests(self, call: str) -> int:
        return self.source.counts().get(call, 0) + self.dest.counts().get(call, 0)

    def same_on_both_sides(self, source_prefix: str = "p/", dest_prefix: str = "q/") -> bool:
        return self._content("src", source_prefix) == self._content("dst", dest_prefix)

    def _content(self, bucket: str, prefix: str) -> dict[str, tuple[object, ...]]:
        found: dict[str, tuple[object, ...]] = {}
        for key in self.store.keys(bucket):
            if key.startswith(prefix):
                stored = self.store.get(bucket, key)
                found[key[len(prefix) :]] = (stored.content.md5, stored.headers, stored.metadata, stored.tags)
        return found


def keys(number: int, prefix: str = "p/") -> list[str]:
    return [f"{prefix}{i:06d}" for i in range(number)]


def saves_written(rig: Rig) -> None:
    """Saves are written by threads, which have to keep up with a clock that runs as fast as the test.

    On the loop's own thread their ends wait for the loop by then: without them the next save would not begin.
    """
    assert rig.engine is not None
    checkpointer = rig.engine.parts.checkpointer
    for writing in (checkpointer._index._writing, checkpointer._rows._writing, checkpointer._states):
        pool = writing._pool
        wait_until(
            lambda pool=pool: pool._ends.qsize() >= pool.in_flight(),  # type: ignore[misc]
            TIMEOUT_S,
            lambda: "a save was not written",
            poll_s=0.001,
        )
