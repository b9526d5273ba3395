"""No store keeps the loop from its connections: neither a save nor a row is written by the loop's thread."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.open_uploads import OpenUploads
from s3_crosscopy.model.operations import Copied, Copy
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.report_row import ReportRow
from tests.engine.harness import RecordingCheckpoint, Rig, keys

SLOW_S = 30.0


class Slow:
    """A store of which one write takes `SLOW_S` of the run's time; `threads` made its writes."""

    def __init__(self) -> None:
        self.threads: set[threading.Thread] = set()
        self.began = threading.Event()
        self.release = threading.Event()

    def writes(self, *, slow: bool = False) -> None:
        self.threads.add(threading.current_thread())
        if slow and not self.began.is_set():
            self.began.set()
            assert self.release.wait(30)


class SlowCheckpoint(RecordingCheckpoint):
    def __init__(self, store: Slow) -> None:
        super().__init__()
        self._store = store

    def save(self, state: CheckpointState) -> None:
        self._store.writes(slow=len(self.saved) == 1)
        super().save(state)


class SlowReport:
    def __init__(self, store: Slow) -> None:
        self._store = store

    def new_segment(self) -> list[ReportRow]:
        return []

    def write_segment(self, number: int, rows: Sequence[ReportRow]) -> None:
        self._store.writes(slow=True)

    def write_rest(self, rows: Sequence[ReportRow]) -> None:
        self._store.writes()

    def write_uploads(self, unfinished: OpenUploads) -> None:
        self._store.writes()

    def finish(self, segments: int, rest: Sequence[ReportRow], report: Report) -> None:
        self._store.writes()


@pytest.mark.parametrize("which", ["checkpoint", "report"])
def test_a_slow_store_is_no_stay_of_the_loop_and_is_written_by_other_threads(which: str) -> None:
    rig, store = Rig(), Slow()
    rig.seed_keys(*keys(3000))
    if which == "checkpoint":
        rig.checkpoint = SlowCheckpoint(store)
    else:
        rig.report = SlowReport(store)
    copy, slow_until = rig.dest.copy, [0.0]

    def one(op: Copy) -> Copied:
        rig.clock.advance(0.02)
        if store.began.is_set():
            slow_until[0] = slow_until[0] or rig.clock.now() + SLOW_S
            if rig.clock.now() > slow_until[0]:
                store.release.set()
        return copy(op)

    rig.dest.copy = one  # type: ignore[method-assign]

    report = rig.copy(batch_size=10, max_concurrency=4)

    assert report.ok
    assert store.release.is_set(), "the copy went on for so long meanwhile"
    assert threading.current_thread() not in store.threads
    assert report.longest_stay_s < 0.1
