"""Saves while stores are slow, hang, or are away: the copy goes on, and its end does not wait for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise

import pytest

from s3_crosscopy.engine import report_segments as segments
from s3_crosscopy.engine import store_writer as writing
from s3_crosscopy.engine.checkpointer import EVERY_S
from s3_crosscopy.engine.run_config import Runs
from s3_crosscopy.errors import Interrupted, RetryableFailure, S3Error, StoreAway
from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.events import Progress, Warned
from s3_crosscopy.model.objects import Page, Part
from s3_crosscopy.model.open_uploads import OpenUploads
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, ListPage
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.report_row import ReportRow
from tests.engine.harness import RecordingCheckpoint, Rig, keys, saves_written

AIRFLOWS_GRACE_S = 5.0
LONG_HELD = 5
"""So many times progress is told while nothing is taken: half a minute in which 2,500 would be copied."""
AWAY = "the checkpoint cannot be written now, which is tried again: HTTP 503"
BACK = "the checkpoint is written again, after "


@pytest.fixture
def hang() -> Iterator[threading.Event]:
    """What a store waits for that hangs."""
    event = threading.Event()
    yield event
    event.set()


class Flaky(RecordingCheckpoint):
    """Refuses the saves of these numbers, from 1, in passing; `hangs` is the one that waits for an event."""

    def __init__(self, *away: int, hangs: int = 0, until: threading.Event | None = None) -> None:
        super().__init__()
        self.tries = 0
        self._away = away
        self._hangs = hangs
        self._until = until

    def save(self, state: CheckpointState) -> None:
        self.tries += 1
        if self.tries == self._hangs and self._until is not None:
            self._until.wait()
        if self.tries in self._away:
            raise StoreAway("HTTP 503")
        super().save(state)


def slowed(rig: Rig, seconds: float, *, waits: bool = True) -> list[str]:
    """Each copy takes so long, and waits until what is due was saved; the keys that were copied."""
    copy, copied = rig.dest.copy, []

    def one(op: Copy) -> Copied:
        copied.append(op.source_key)
        rig.clock.advance(seconds)
        if waits:
            saves_written(rig)
        return copy(op)

    rig.dest.copy = one  # type: ignore[method-assign]
    return copied


def told(rig: Rig) -> list[str]:
    return [event.text for event in rig.sink.of(Warned)]


def test_a_store_that_is_away_for_a_while_ends_nothing_and_is_told_once_each_way() -> None:
    rig = Rig()
    rig.checkpoint = store = Flaky(2, 3, 4)
    rig.seed_keys(*keys(600))
    slowed(rig, 0.1)

    report = rig.copy(batch_size=10, max_concurrency=4)

    assert report.ok
    assert store.saved[-1].finished
    first, second = told(rig)
    assert first == AWAY
    assert second.startswith(BACK)


def test_a_copy_that_is_done_is_no_failure_because_its_store_is_away() -> None:
    rig = Rig()
    rig.checkpoint = Flaky(*range(1, 100))
    rig.seed_keys(*keys(300))
    slowed(rig, 0.1)

    report = rig.copy(batch_size=10, max_concurrency=4)

    assert report.ok
    assert report.counts["copied"] == 300
    away, last = told(rig)
    assert away == AWAY
    assert last.startswith("the checkpoint could not record that everything is done (HTTP 503): a later run")


def test_the_last_save_is_tried_again_until_the_store_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "LAST_S", 30.0)
    monkeypatch.setattr(writing, "AGAIN_S", 0.01)
    rig = Rig()
    rig.checkpoint = store = Flaky(2, 3, 4)
    rig.seed_keys(*keys(3))

    assert rig.copy().ok
    assert store.tries == 5
    assert store.saved[-1].finished


def test_a_refusal_of_the_store_ends_the_run_and_nothing_is_saved_after_it() -> None:
    class Fenced(RecordingCheckpoint):
        def save(self, state: CheckpointState) -> None:
            if len(self.saved) == 1:
                tries.append(state)
                raise PermissionError("this task is not running any more")
            super().save(state)

    tries: list[CheckpointState] = []
    rig = Rig()
    rig.checkpoint = store = Fenced()
    rig.seed_keys(*keys(1000))
    slowed(rig, 0.1)

    with pytest.raises(PermissionError):
        rig.copy(batch_size=10, max_concurrency=4)

    assert (len(tries), len(store.saved)) == (1, 1)
    assert len(rig.store.keys("dst")) < 1000


def test_the_first_save_is_written_before_anything_is_copied() -> None:
    rig = Rig()
    rig.checkpoint = store = RecordingCheckpoint()
    rig.seed_keys(*keys(3))
    copy = rig.dest.copy
    before: list[int] = []

    def one(op: Copy) -> Copied:
        before.append(len(store.saved))
        return copy(op)

    rig.dest.copy = one  # type: ignore[method-assign]
    rig.copy()

    assert before == [1, 1, 1]
    assert store.saved[0].began


def test_a_save_that_was_under_way_when_s3_told_the_time_is_not_taken_for_the_first() -> None:
    rig = Rig()
    list_page = rig.source.list_page
    first: list[CheckpointState] = []
    listing, saving = threading.Event(), threading.Event()

    class Slow(RecordingCheckpoint):
        """The first save, which has no time yet, ends after the first page is there."""

        def save(self, state: CheckpointState) -> None:
            if not state.began and not saving.is_set():
                saving.set()
                listing.wait(30)
            super().save(state)

    def slow_page(op: ListPage) -> Page:
        rig.clock.advance(2 * EVERY_S)
        saving.wait(2)
        page = list_page(op)
        listing.set()
        return page

    def copy_one(op: Copy) -> Copied:
        first.extend(store.saved[-1:])
        return copied(op)

    copied = rig.dest.copy
    rig.checkpoint = store = Slow()
    rig.source.list_page, rig.dest.copy = slow_page, copy_one  # type: ignore[method-assign]
    rig.seed_keys(*keys(3))

    assert rig.copy().ok
    assert saving.is_set()
    assert all(state.began for state in first)
    assert len(first) == 3


def test_a_slow_store_takes_no_place_in_the_window(hang: threading.Event) -> None:
    rig = Rig()
    rig.checkpoint = Flaky(hangs=2, until=hang)
    rig.seed_keys(*keys(300))
    copied = slowed(rig, 0.5, waits=False)
    rig.sink.on_event = lambda event: hang.set() if len(copied) == 300 else None

    assert rig.copy(max_concurrency=1).counts["copied"] == 300
    assert not any(event.in_flight > 1 for event in rig.sink.of(Progress))


def test_a_save_that_hangs_does_not_keep_a_run_from_being_stopped(hang: threading.Event) -> None:
    rig = Rig()
    rig.checkpoint = Flaky(hangs=2, until=hang)
    rig.seed_keys(*keys(2000))
    copied = slowed(rig, 0.1, waits=False)
    stopped_at: list[float] = []

    def stop(event: object) -> None:
        if len(copied) > 1000 and not stopped_at:
            stopped_at.append(time.monotonic())
            rig.cancel.set()

    rig.sink.on_event = stop
    with pytest.raises(Interrupted):
        rig.copy(batch_size=10, max_concurrency=4)

    assert time.monotonic() - stopped_at[0] < AIRFLOWS_GRACE_S
    away, last = told(rig)
    assert away == "the checkpoint cannot be written now, which is tried again: it does not answer"
    assert last.startswith(
        "the remaining keys could not be saved (the checkpoint does not answer): a retry resumes from"
    )


def test_uploads_that_no_save_knows_are_told() -> None:
    rig = Rig()
    rig.checkpoint = Flaky(*range(2, 100))
    rig.seed_keys("p/big", size=20 * 2**20)
    copy_part = rig.dest.copy_part

    def stopped(op: CopyPart) -> Part:
        rig.cancel.set()
        return copy_part(op)

    rig.dest.copy_part = stopped  # type: ignore[method-assign]
    with pytest.raises(Interrupted):
        rig.copy(keep_uploads=True, multipart_threshold="5MiB", part_size="5MiB", max_concurrency=1)

    (upload,) = rig.store.open_uploads("dst")
    assert told(rig)[-1].startswith(f"the upload {upload} of 'q/big' is in no checkpoint: abort it")


def is_transient() -> S3Error:
    where = {"call": "PutObject", "bucket": "b", "key": "k"}
    return S3Error(**where, code="InternalError", status=500, message="", reason=Reason.SERVER)


class Rows:
    """A report that counts rows; the segments of these numbers fail in passing, or wait for an event."""

    def __init__(self, *away: int, until: threading.Event | None = None) -> None:
        self.rows = self.tries = 0
        self._away = away
        self._until = until

    def new_segment(self) -> list[ReportRow]:
        return []

    def write_segment(self, number: int, rows: Sequence[ReportRow]) -> None:
        self.tries += 1
        if self._until is not None:
            self._until.wait()
        if self.tries in self._away:
            raise is_transient()
        self.rows += len(rows)

    def write_rest(self, rows: Sequence[ReportRow]) -> None: ...

    def write_uploads(self, unfinished: OpenUploads) -> None: ...

    def finish(self, segments: int, rest: Sequence[ReportRow], report: Report) -> None:
        self.rows += len(rest)


def test_a_report_that_fails_in_passing_is_written_again_and_loses_no_row() -> None:
    rig = Rig()
    rig.report = report = Rows(1, 2)
    rig.seed_keys(*keys(600))
    slowed(rig, 0.1)

    assert rig.copy(batch_size=10, max_concurrency=4).ok
    assert report.rows == 600
    first, second = told(rig)
    assert first.startswith(
        "the report cannot be written now, which is tried again: PutObject on s3://b/k: InternalError"
    )
    assert second.startswith("the report is written again, after ")


def test_a_report_that_is_away_for_too_long_ends_the_run_for_a_retry() -> None:
    rig = Rig()
    rig.report = Rows(*range(1, 1000))
    rig.seed_keys(*keys(2000))
    slowed(rig, 1.0)

    with pytest.raises(RetryableFailure, match="the report could not be written for 10 minutes"):
        rig.copy(batch_size=10, max_concurrency=4)
    assert len(rig.store.keys("dst")) < 2000


def test_rows_that_wait_for_a_slow_report_are_bounded(monkeypatch: pytest.MonkeyPatch, hang: threading.Event) -> None:
    monkeypatch.setattr(segments, "MOST_ROWS", 2000)
    monkeypatch.setattr(segments, "SEGMENT_ROWS", 500)
    rig = Rig()
    rig.report = report = Rows(until=hang)
    rig.seed_keys(*keys(20_000))
    most, held = [0], [0]

    def look(event: object) -> None:
        assert rig.engine is not None
        most[0] = max(most[0], rig.engine.parts.checkpointer._rows.waiting())
        if isinstance(event, Progress) and told(rig):
            held[0] += 1
        if held[0] == LONG_HELD:
            hang.set()

    rig.sink.on_event = look
    slowed(rig, 0.01, waits=False)

    assert rig.copy(batch_size=100, max_concurrency=16).counts["copied"] == 20_000
    assert report.rows == 20_000
    assert 2000 <= most[0] < 5000
    (said,) = [text for text in told(rig) if "rows wait for the report" in text]
    assert said.endswith("no more keys are taken until some are written")


def test_a_report_that_hangs_for_too_long_ends_the_run_for_a_retry(
    monkeypatch: pytest.MonkeyPatch, hang: threading.Event
) -> None:
    monkeypatch.setattr(segments, "MOST_ROWS", 2000)
    rig = Rig()
    rig.report = Rows(until=hang)
    rig.seed_keys(*keys(5000))
    slowed(rig, 0.1, waits=False)

    with pytest.raises(RetryableFailure, match="the report could not be written for 10 minutes"):
        rig.copy(batch_size=10, max_concurrency=4)
    assert 2000 <= len(rig.store.keys("dst")) < 5000


def saves_of(runs: Runs) -> list[float]:
    """The times between the periodic saves of one run of several."""

    class Timed(RecordingCheckpoint):
        def save(self, state: CheckpointState) -> None:
            super().save(state)
            at.append(rig.clock.now())

    at: list[float] = []
    rig = Rig()
    rig.checkpoint = Timed()
    rig.seed_keys(*keys(3000))
    slowed(rig, 0.1)
    rig.copy(batch_size=10, max_concurrency=1, runs=runs)
    return [after - before for before, after in pairwise(at[1:-1])]


@pytest.mark.parametrize(("runs", "drawn", "expected"), [(1, 0.5, EVERY_S), (1000, 0.0, 50.0), (1000, 1.0, 60.0)])
def test_the_more_runs_there_are_the_less_often_each_saves(runs: int, drawn: float, expected: float) -> None:
    between = saves_of(Runs(runs, lambda: drawn))

    assert len(between) >= 3
    assert all(expected - 0.2 < one < expected + 1 for one in between)
