"""Random histories of writers, failures, kills and clocks: a short look misses nothing that a full one would find."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

from s3_crosscopy.core.since.advance import is_complete
from s3_crosscopy.core.since.look import SKEW_S
from s3_crosscopy.errors import Interrupted
from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.events import Event
from s3_crosscopy.testing.stored_objects import StoredObject
from tests.engine.harness import RecordingCheckpoint, Rig
from tests.engine.since_runs import DAY_S, SinceRuns

HOUR_S = 3600


class Upload(NamedTuple):
    """An upload in parts that has begun: its object gets this time."""

    bucket: str
    key: str
    began: str
    began_s: float


class History:
    """Writers on both sides, and runs that look only at what is new."""

    def __init__(self, seed: int, since: str) -> None:
        self.random = random.Random(seed)
        rig = self.rig = Rig(seed=seed)
        rig.store.checksum = "CRC64NVME"
        self.dest = rig.store.buckets["dst"]
        self.dest.encryption = "aws:kms"
        self.runs = SinceRuns(rig)
        self.options: dict[str, Any] = {"since": since, "batch_size": 4, "max_failures": "100%"}
        self.uploads: list[Upload] = []
        self.late: set[tuple[str, str]] = set()
        self.denied: set[str] = set()
        self.stopped: tuple[CheckpointState, str, dict[str, Any]] | None = None
        self.grown = self.missed = self.short = 0
        rig.store.allow = lambda principal, action, bucket, key: action != "s3:PutObject" or key not in self.denied
        rig.sink.on_event = self._event
        self.events_left = -1

    def step(self) -> None:
        self.random.choices(
            (self.write, self.begin_upload, self.end_upload, self.delete, self.wait, self.run),
            (40, 8, 8, 4, 25, 15),
        )[0]()

    def key(self) -> str:
        return f"{self.random.randrange(20):06d}"

    def place(self) -> tuple[str, str]:
        bucket = self.random.choice(("src", "src", "dst"))
        return bucket, ("p/" if bucket == "src" else "q/") + self.key()

    def content(self) -> bytes:
        return bytes([self.random.randrange(4)]) * self.random.choice((3, 3, 3, 4))

    def write(self) -> None:
        bucket, key = self.place()
        if self.random.random() < 0.2:
            self.grown += 1
            bucket, key = "src", f"p/{100 + self.grown:06d}"
        self.rig.store.put(bucket, key, self.content())
        self.late.discard((bucket, key))

    def begin_upload(self) -> None:
        self.uploads.append(Upload(*self.place(), self.rig.store.now(), self.rig.clock.now()))

    def end_upload(self) -> None:
        if not self.uploads:
            return
        bucket, key, began, began_s = self.uploads.pop(self.random.randrange(len(self.uploads)))
        content = self.content()
        parts = (1, len(content) - 1) if self.random.random() < 0.5 else ()
        stored = self.rig.store.put(bucket, key, content, parts=parts)
        self.rig.store.buckets[bucket].keep(key, replace(stored, modified=began))
        is_late = self.rig.clock.now() - began_s >= DAY_S
        (self.late.add if is_late else self.late.discard)((bucket, key))

    def delete(self) -> None:
        bucket, key = self.place()
        if key in self.rig.store.buckets[bucket].objects:
            self.rig.store.delete(bucket, key)
            self.late.discard((bucket, key))

    def wait(self) -> None:
        self.rig.clock.advance(self.random.choice((1, 60, HOUR_S, 5 * HOUR_S, 30 * HOUR_S)))
        self.runs.skew_s = self.random.uniform(-SKEW_S / 2, SKEW_S / 2)

    def run(self) -> None:
        chance = self.random.random()
        self.denied = {f"q/{self.key()}"} if chance < 0.15 else set()
        self.events_left = self.random.randrange(6) if 0.15 < chance < 0.3 else -1
        if chance > 0.95:
            self.options["exclude"] = self.random.choice(((), ("000003",)))
        resumed = self._resumed()
        is_disturbed = self.denied or self.events_left >= 0 or resumed is not None
        expected = None if is_disturbed else self._copied_by_a_full_look()
        before = dict(self.dest.objects)
        try:
            report = self.runs.run(resumed, **self.options)
        except Interrupted:
            self._stopped()
            return
        finally:
            self.events_left = -1
            self.rig.cancel.clear()
        self.stopped = None
        if not self.runs.look.short and is_complete(report):
            self.late.clear()
        if self.runs.look.short and expected is not None:
            self._check(expected - self._written(before))

    def _check(self, missed: set[str]) -> None:
        excused = {key[2:] for _, key in self.late}
        start = self.runs.look.start
        assert not {key for key in missed - excused if f"p/{key}" >= start}, (missed, self.runs.look)
        self.short += 1
        self.missed += len(missed)

    def _copied_by_a_full_look(self) -> set[str]:
        """Look at everything, and take that back."""
        before = dict(self.dest.objects)
        self.rig.copy(**{**self.options, "since": None})
        copied = self._written(before)
        self.dest.objects.clear()
        self.dest.objects.update(before)
        self.dest.keys[:] = sorted(before)
        return copied

    def _written(self, before: Mapping[str, StoredObject]) -> set[str]:
        return {key[2:] for key, stored in self.dest.objects.items() if before.get(key) is not stored}

    def _resumed(self) -> CheckpointState | None:
        if self.stopped is None or self.random.random() < 0.3:
            return None
        state, name, options = self.stopped
        same = options == self.options and name == self.runs.look_of(**self.options).name
        return state if same else None

    def _stopped(self) -> None:
        checkpoint = self.rig.checkpoint
        assert isinstance(checkpoint, RecordingCheckpoint)
        saved: Sequence[CheckpointState] = checkpoint.saved
        if saved:
            self.stopped = saved[-1], self.runs.look.name, dict(self.options)

    def _event(self, event: Event) -> None:
        if self.events_left == 0:
            self.rig.cancel.set()
        self.events_left -= 1


def random_since(seed: int, since: str, steps: int) -> History:
    """Make so many steps. Raises AssertionError if a short look misses what it must not."""
    history = History(seed, since)
    for _ in range(steps):
        history.step()
    return history
