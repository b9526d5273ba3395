"""`copy_last` with more markers than are held in memory: they fill the window, and are found by a second listing."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from s3_crosscopy.adapters.checkpoint_file import NoCheckpoint
from s3_crosscopy.api import resolve_spec
from s3_crosscopy.engine import decider as placing
from s3_crosscopy.engine.run import Engine
from s3_crosscopy.engine.run_config import Ports, RunConfig
from s3_crosscopy.engine.wiring import build_engine
from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.events import Event, PhaseStarted, Warned
from s3_crosscopy.model.objects import KeyRange, Listed, Page
from s3_crosscopy.model.operations import Copied, Copy, ListPage
from s3_crosscopy.model.report import Report
from s3_crosscopy.testing import Fault
from tests.engine.delayed_transport import LateLane, Listings
from tests.engine.harness import WHOLE, Rig, keys
from tests.engine.test_copy_last import DATA, DONE, LOG, MARKS, add_up, seeded
from tests.engine.test_manifests import named
from tests.engine.test_parallel_listing import Deaf

MARKED = ["*/_SUCCESS"]
HELD = 50
BEGAN = "2026-01-01T00:00:02.000Z"


@pytest.fixture(autouse=True)
def few_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(placing, "MOST_HELD", HELD)


def with_marks(number: int) -> list[str]:
    return [f"p/t/day={day:05d}/_SUCCESS" for day in range(number)]


class Late:
    """A run in virtual time over listings that were made beforehand; a LIST takes 0.1 s and a copy 0.04 s."""

    def __init__(self, names: list[str]) -> None:
        self.rig = Rig()
        self.rig.clock.advance(10**8)
        self.source, self.dest = Listings(self.rig.source, names), Listings(self.rig.dest, [])
        self.copied: list[str] = []
        self.began_at = 0.0
        self.held = self.apart = -1
        self.dest.copy = self._copy  # type: ignore[method-assign]
        self.lists = self.rows = 0
        self._page = self.source.list_page
        self.source.list_page = self._list  # type: ignore[method-assign]
        self.engine: Engine | None = None

    def _copy(self, op: Copy) -> Copied:
        self.copied.append(op.source_key)
        return Copied(op.if_match)

    def _list(self, op: ListPage) -> Page:
        self.lists += 1
        page = self._page(op)
        self.rows += len(page.objects)
        return page

    def run(self, ranges: Sequence[KeyRange] = WHOLE, **options: Any) -> Report:
        rig = self.rig

        def phase(event: Event) -> None:
            if isinstance(event, PhaseStarted):
                self.began_at = rig.clock.now()
                assert self.engine is not None
                self.held, self.apart = len(self.engine.parts.decider.last), len(self.engine.parts.ledger._detached)

        rig.sink.on_event = phase
        lane = LateLane(self.source, self.dest, rig.clock)
        ports = Ports(lane, self.source, self.dest, rig.clock, rig.sink, NoCheckpoint(), threading.Event())
        spec = resolve_spec("s3://src/p/", "s3://dst/q/", {"max_concurrency": 256, "copy_last": MARKED, **options})
        self.engine = build_engine(RunConfig(spec, tuple(ranges)), ports)
        return self.engine.run()

    @property
    def last_s(self) -> float:
        return self.rig.clock.now() - self.began_at


@pytest.fixture(autouse=True)
def listed_as_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """The listings are made of objects that were written before any run."""

    def old(key: str, size: int, etag: str, modified: str) -> Listed:
        return Listed(key, size, etag, "2025-01-01T00:00:00Z")

    monkeypatch.setattr("tests.engine.delayed_transport.Listed", old)


def test_the_markers_of_a_glob_go_through_the_window_and_not_one_after_the_other() -> None:
    late = Late(with_marks(5000))
    report = late.run()
    assert (report.ok, report.counts["copied"], len(late.copied)) == (True, 5000, 5000)
    # Twenty windows of copies, and a listing of five pages.
    assert late.last_s < 3 * (5000 / 256) * 0.04 + 1


def test_however_many_there_are_only_so_many_are_held() -> None:
    for number in (1000, 4000):
        late = Late(with_marks(number))
        assert late.run().counts["copied"] == number
        assert (late.held, late.apart) == (HELD, HELD)


def test_the_next_glob_begins_when_all_of_the_one_before_arrived() -> None:
    names = with_marks(1500)
    logs = [f"p/log/{number:05d}.json" for number in range(1500)]
    late = Late([*names, *logs, *keys(300)])
    report = late.run(copy_last=[*MARKED, "log/*"])
    assert report.counts["copied"] == 3300
    assert sorted(late.copied[:300]) == keys(300)
    assert sorted(late.copied[300:1800]) == names
    assert sorted(late.copied[1800:]) == logs


def test_only_where_markers_are_is_listed_again() -> None:
    lists = []
    for copy_last in ((), MARKED):
        late = Late([*keys(30_000), *with_marks(500)])
        late.run(copy_last=copy_last)
        lists.append(late.lists)
    assert 0 < lists[1] - lists[0] < 10


def test_a_resumed_run_lists_for_thousands_of_markers_little_else() -> None:
    names = [f"p/day={day:06d}/{name}" for day in range(3000) for name in ("_SUCCESS", *map(str, range(100, 200)))]
    late = Late(names)
    remaining = [KeyRange(names[at][:-2], names[at]) for at in range(0, len(names), 101)]
    assert late.run(remaining, copy_last=["*/_SUCCESS"]).counts["copied"] == 3000
    # A short page for each of them, twice for those that are not held.
    assert late.rows < 2 * 20 * 3000


@pytest.mark.parametrize("side", ["source", "dest"])
def test_a_server_that_does_not_list_from_a_key_on_is_listed_from_the_beginning(side: str) -> None:
    rig = Rig()
    rig.seed_keys(*DATA, *with_marks(HELD + 30))
    deaf = Deaf(rig.source if side == "source" else rig.dest)
    report = rig.copy(copy_last=MARKED)
    assert report.ok
    assert report.counts["copied"] == len(DATA) + HELD + 30
    assert deaf.told == 1
    assert not rig.sink.of(Warned)


def test_of_a_manifest_only_the_markers_are_asked_for_again() -> None:
    rig = Rig()
    rig.seed_keys(*DATA, *with_marks(HELD + 10))
    named(rig, [*DATA, *with_marks(HELD + 10)])
    report = rig.copy(copy_last=MARKED)
    assert (report.ok, report.counts["copied"]) == (True, len(DATA) + HELD + 10)
    # Those that are held may be in the same interval.
    assert rig.source.counts()["HeadObject"] <= len(DATA) + 2 * (HELD + 10)


def test_a_marker_that_is_gone_when_its_turn_comes_is_missing_and_a_new_one_is_held_back() -> None:
    rig = Rig()
    rig.seed_keys(*DATA, *with_marks(HELD + 10))

    def meanwhile(event: Event) -> None:
        if isinstance(event, PhaseStarted):
            rig.clock.advance(5)
            for name in with_marks(HELD + 10)[-2:]:
                rig.store.delete("src", name)
            for number in range(3):
                rig.store.put("src", f"p/t/day={HELD + 5:05d}/{number}/_SUCCESS", b"new")

    rig.sink.on_event = meanwhile
    report = rig.copy(copy_last=MARKED)
    assert report.ok
    assert (report.counts["copied"], report.counts["held_back"]) == (len(DATA) + HELD + 8, 3)
    # As many as were put off, and one more.
    assert (report.counts["missing"], report.counts["listed"]) == (0, len(DATA) + HELD + 11)
    assert add_up(report.counts)


def test_markers_that_are_gone_when_their_turn_comes_are_missing() -> None:
    rig = Rig()
    rig.seed_keys(*DATA, *with_marks(HELD + 10))
    rig.sink.on_event = lambda event: (
        rig.store.delete("src", with_marks(HELD + 10)[-1]) if isinstance(event, PhaseStarted) else None
    )
    report = rig.copy(copy_last=MARKED)
    assert (report.ok, report.counts["missing"]) == (True, 1)
    assert add_up(report.counts)


def test_a_listing_that_is_refused_when_markers_are_looked_for_stops_the_run() -> None:
    rig = Rig([Fault("ListObjectsV2", "AccessDenied", 403, skip=1, times=None)])
    rig.seed_keys(*DATA, *with_marks(HELD + 10))
    report = rig.copy(copy_last=MARKED)
    assert "the listing was refused" in report.stopped
    assert add_up(report.counts)
    assert report.counts["listed"] == len(DATA) + HELD + 10
    assert report.counts["not_attempted"] > 0
    assert len(rig.store.keys("dst")) == report.counts["copied"]


def test_every_held_back_marker_of_many_is_counted_once() -> None:
    rig = Rig([Fault("CopyObject", "AccessDenied", 403, key=DATA[3], times=None)])
    rig.seed_keys(*DATA, *with_marks(HELD + 200))
    report = rig.copy(copy_last=MARKED, max_failures=1)
    assert (report.ok, report.counts["held_back"]) == (True, HELD + 200)
    assert add_up(report.counts)


def test_overwriting_always_copies_each_marker_once() -> None:
    rig = seeded()
    rig.seed_keys(*with_marks(HELD + 200))
    order = rig.copied_in_order()
    report = rig.copy(copy_last=MARKS, overwrite="always")
    assert sorted(order) == sorted([*DATA, *DONE, *LOG, *with_marks(HELD + 200)])
    assert report.counts["copied"] == len(order)


def test_a_resumed_run_does_not_copy_again_the_markers_that_were_settled_between_its_ranges(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(placing, "MOST_HELD", 0)
    monkeypatch.setattr(placing, "MOST_RANGES", 1)
    rig = Rig()
    names = with_marks(9)
    rig.seed_keys(*names)
    order = rig.copied_in_order()
    remaining = (KeyRange("", names[2]), KeyRange(names[5], None))
    state = CheckpointState("", remaining, {"listed": 3, "copied": 3}, {"always": 3}, {"etag": 3}, began=BEGAN)
    report = rig.copy(copy_last=MARKED, overwrite="always", resumed=state)
    assert sorted(order) == [*names[:3], *names[6:]]
    assert (report.counts["listed"], report.counts["copied"]) == (9, 9)
