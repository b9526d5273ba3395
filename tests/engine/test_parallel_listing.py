"""One flat prefix is listed in parallel ranges that are split while they are listed, at a bounded price in LISTs."""

from __future__ import annotations

import datetime
import random
import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.engine.attempt import Attempt
from s3_crosscopy.engine.listing import scheduler as walking
from s3_crosscopy.engine.run_config import Ports, RunConfig
from s3_crosscopy.engine.wiring import build_engine
from s3_crosscopy.errors import Interrupted
from s3_crosscopy.model.events import BatchSettled, Warned
from s3_crosscopy.model.objects import KeyRange, Page
from s3_crosscopy.model.operations import ListPage
from s3_crosscopy.model.report import Report
from s3_crosscopy.testing import Counting
from tests.engine.delayed_transport import LateLane, Listings
from tests.engine.harness import WHOLE, Rig, keys

MANY = 60_000
PAGE = 1000
LIST_S = 0.1


def counter(number: int) -> list[str]:
    return [f"p/part-{i:09d}" for i in range(number)]


def uuids(number: int) -> list[str]:
    numbers = random.Random(1)
    return [f"p/{uuid.UUID(int=numbers.getrandbits(128))}" for _ in range(number)]


def dates(number: int) -> list[str]:
    first = datetime.date(2019, 11, 3)
    return [f"p/{first + datetime.timedelta(days=i // 100)}/{i % 100:05d}.gz" for i in range(number)]


def unpadded(number: int) -> list[str]:
    return [f"p/{i}" for i in range(number)]


def deep(number: int) -> list[str]:
    return ["p/a", *(f"p/b/{'x' * 200}/{i:07d}" for i in range(number)), "p/c/d"]


def scripts(number: int) -> list[str]:
    numbers = random.Random(2)
    return [f"p/{numbers.choice('aäz漢字😀')}-{i:06d}-{numbers.choice('éü')}" for i in range(number)]


def skewed(number: int) -> list[str]:
    numbers = random.Random(3)
    return [f"p/user-{int(numbers.paretovariate(0.5)) % 99_999}/{i:07d}" for i in range(number)]


KINDS = [counter, uuids, dates, unpadded, deep, scripts, skewed]


class LateRig(Rig):
    """A rig with a `LateLane`, where a serial walk takes a tenth of a second a page."""

    def run(self, ranges: Any = WHOLE, resumed: Any = None, **options: Any) -> Report:
        for port in (self.source, self.dest):
            port.reset()
        self.lane = LateLane(self.source, self.dest, self.clock, list_s=LIST_S)
        ports = Ports(self.lane, self.source, self.dest, self.clock, self.sink, self.checkpoint, self.cancel)
        spec = resolve_spec("s3://src/p/", "s3://dst/q/", options)
        self.began = self.clock.now()
        self.engine = build_engine(RunConfig(spec, ranges, Attempt.of(resumed)), ports)
        return self.engine.run()

    def list_both(self, names: list[str], there: Callable[[int], bool] = lambda number: True) -> None:
        """What both sides list; nothing can be copied."""
        numbered = list(enumerate(sorted(names)))
        self.source = Counting(Listings(self.source, names))
        self.dest = Counting(Listings(self.dest, (f"q/{key[2:]}" for number, key in numbered if there(number))))

    def seed_both(self, names: list[str], there: Callable[[int], bool] = lambda number: True) -> None:
        for number, key in enumerate(sorted(names)):
            self.store.put("src", key, b"abc")
            if there(number):
                self.store.put("dst", f"q/{key[2:]}", b"abc")
        self.clock.advance(2)

    def seconds(self) -> float:
        return self.clock.now() - self.began

    def lists(self) -> tuple[int, int]:
        return self.source.counts().get("ListObjectsV2", 0), self.dest.counts().get("ListObjectsV2", 0)


class Patience(threading.Event):
    """Stops a run that goes round and round: forty pages need some hundred turns."""

    turns = 0

    def is_set(self) -> bool:
        self.turns += 1
        return self.turns > 100_000


def serial_pages(number: int) -> int:
    return max(1, -(-number // PAGE))


@pytest.mark.parametrize("make", KINDS, ids=lambda make: make.__name__)
def test_any_shape_of_keys_is_listed_many_times_faster_for_less_than_twice_the_lists(
    make: Callable[[int], list[str]],
) -> None:
    rig = LateRig()
    names = make(MANY)
    rig.list_both(names, lambda number: False)
    report = rig.run(dry_run=True)
    assert report.counts["would_copy"] == len(names)
    source, dest = rig.lists()
    assert source <= 2 * serial_pages(len(names))
    assert dest == 1, "an empty destination is listed once, however many ranges there are"
    assert rig.seconds() <= LIST_S * serial_pages(len(names)) / 2.5


@pytest.mark.parametrize("make", [counter, uuids, skewed], ids=lambda make: make.__name__)
@pytest.mark.parametrize(
    "there",
    [
        pytest.param(lambda number: True, id="all there"),
        pytest.param(lambda number: number % 20 == 0, id="every twentieth"),
        pytest.param(lambda number: number < 5_500, id="only the first"),
        pytest.param(lambda number: number > 50_000, id="only the last"),
    ],
)
def test_both_sides_cost_less_than_twice_the_lists_of_a_serial_walk(
    make: Callable[[int], list[str]], there: Callable[[int], bool]
) -> None:
    rig = LateRig()
    names = make(MANY)
    rig.list_both(names, there)
    report = rig.run(dry_run=True)
    counted = sum(there(number) for number in range(len(names)))
    assert (report.counts["skipped"], report.counts["would_copy"]) == (counted, len(names) - counted)
    source, dest = rig.lists()
    assert source <= 2 * serial_pages(len(names))
    assert dest <= 2 * serial_pages(counted)
    assert rig.seconds() <= LIST_S * serial_pages(len(names)) / 1.5


@pytest.mark.parametrize("number", [1, 999, 1000, 1001, 2000, 2001, 3000])
def test_a_prefix_of_a_few_pages_costs_what_it_costs_serially(number: int) -> None:
    rig = LateRig()
    rig.list_both(counter(number))
    assert rig.run().counts["skipped"] == number
    assert rig.lists() == (serial_pages(number), serial_pages(number))


def test_nothing_is_split_while_copying_takes_longer_than_listing() -> None:
    rig = LateRig()
    rig.seed_both(counter(10_000), lambda number: False)
    assert rig.run(max_concurrency=8).counts["copied"] == 10_000
    assert rig.lists() == (10, 1)
    assert rig.lane.most_lists <= 2


def test_a_narrow_window_is_no_place_for_many_walks() -> None:
    rig = LateRig()
    rig.list_both(counter(20_000))
    assert rig.run(max_concurrency=1).counts["skipped"] == 20_000
    assert rig.lists() == (20, 20)


class Deaf:
    """A port whose server ignores StartAfter, or refuses it."""

    def __init__(self, port: Any, code: str = "") -> None:
        self.told = 0
        self._list_page, self._code = port.list_page, code
        port.list_page = self.list_page

    def list_page(self, op: ListPage) -> Page:
        self.told += op.start_after != ""
        page: Page = self._list_page(op._replace(start_after=""))
        return page


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("side", ["source", "dest"])
def test_a_server_that_ignores_start_after_is_listed_serially_to_the_same_end(side: str, seed: int) -> None:
    rig = LateRig()
    names = uuids(12_000) if seed else counter(12_000)
    rig.list_both(names, lambda number: number % 3 > 0)
    deaf = Deaf(rig.source if side == "source" else rig.dest)
    report = rig.run(dry_run=True, batch_size=100 + seed)
    assert (report.counts["skipped"], report.counts["would_copy"]) == (8_000, 4_000)
    assert deaf.told == 1, "it is not tried twice"
    warned = [event.text for event in rig.sink.of(Warned)]
    assert len(warned) == 1
    assert "start-after" in warned[0]
    assert sum(rig.lists()) <= 12 + 8 + 6


def test_hundreds_of_remaining_ranges_are_walked_a_few_at_a_time() -> None:
    rig = LateRig()
    names = counter(6_000)
    rig.list_both(names, lambda number: False)
    ranges = [KeyRange(names[i], names[i + 9]) for i in range(0, 6_000, 20)]
    assert rig.run(ranges, dry_run=True).counts["would_copy"] == 300 * 9
    assert rig.lane.most_lists <= 64
    assert rig.lists()[0] == 300


def test_a_range_with_many_keys_is_split_although_thousands_of_short_ones_wait() -> None:
    rig = LateRig()
    names = counter(70_000)
    rig.list_both(names, lambda number: False)
    singles = [KeyRange(names[i], names[i + 1]) for i in range(0, 10_000, 2)]
    begun = rig.clock.now()
    last_listed_s: dict[str, float] = {}
    list_page = rig.source.list_page

    def seen(op: ListPage) -> Page:
        page = list_page(op)
        last_listed_s.update((row.key, rig.clock.now() - begun) for row in page.objects[-1:])
        return page

    rig.source.list_page = seen  # type: ignore[method-assign]
    assert rig.run([*singles, KeyRange(names[10_000], None)], dry_run=True).counts["would_copy"] == 5_000 + 59_999
    # One after another, its sixty pages take six seconds, and so do the short ranges beside them.
    assert last_listed_s[names[-1]] < 4.5


@pytest.mark.parametrize("make", [counter, skewed], ids=lambda make: make.__name__)
def test_a_listing_goes_on_where_no_page_at_all_may_be_held(
    make: Callable[[int], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A run whose held pages wait for one that may not be asked for would never end.
    monkeypatch.setattr(walking, "LEAST_PAGES", 0)
    monkeypatch.setattr(walking, "MOST_PAGES", 0)
    rig = LateRig()
    rig.cancel = Patience()
    names = make(20_000)
    rig.list_both(names)
    assert rig.run(dry_run=True).counts["skipped"] == len(names)


@settings(max_examples=8, deadline=None, derandomize=True)
@given(st.integers(0, 10_000), st.sampled_from([counter, uuids, skewed]), st.integers(1, 200))
def test_a_run_that_is_stopped_anywhere_is_gone_on_with_and_counts_every_key_once(
    seed: int, make: Callable[[int], list[str]], stop_after: int
) -> None:
    rig = LateRig()
    names = make(2_500)
    rig.seed_both(names, lambda number: random.Random(seed + number).random() < 0.97)
    asked = 0
    advance = rig.clock.advance

    def until_then(seconds: float) -> None:
        nonlocal asked
        asked += 1
        if asked == stop_after:
            rig.cancel.set()
        advance(seconds)

    rig.clock.advance = until_then  # type: ignore[method-assign]
    try:
        report = rig.run(batch_size=50, max_concurrency=32)
    except Interrupted:
        rig.cancel.clear()
        state = rig.checkpoint.saved[-1]  # type: ignore[attr-defined]
        report = rig.run(resumed=state, batch_size=50, max_concurrency=32)
    assert report.ok
    assert report.counts["listed"] == len(names)
    assert report.counts["copied"] + report.counts["skipped"] == len(names)
    assert rig.same_on_both_sides()


def test_keys_of_the_rig_are_all_copied_once_in_parallel_ranges() -> None:
    rig = LateRig()
    rig.seed_both(keys(8_000), lambda number: number % 100 > 0)
    report = rig.run(max_concurrency=64)
    assert (report.counts["copied"], report.counts["skipped"]) == (80, 7_920)
    assert rig.requests("CopyObject") == 80
    assert rig.same_on_both_sides()


@pytest.mark.parametrize("names", [counter, uuids])
def test_the_total_is_estimated_while_the_keys_are_listed_without_a_request(
    names: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = LateRig()
    listed = names(MANY)
    rig.list_both(listed)
    estimates: list[int | None] = []
    emit = rig.sink.emit

    def asking(event: Any) -> None:
        emit(event)
        assert rig.engine is not None
        scheduler = rig.engine.parts.scheduler
        if isinstance(event, BatchSettled) and not scheduler.ended:
            before = rig.lists()
            rest = scheduler.estimated_rest("p/")
            assert rig.lists() == before
            estimates.append(None if rest is None else rest + scheduler.joined)

    monkeypatch.setattr(rig.sink, "emit", asking)
    rig.run()
    known = [estimate for estimate in estimates if estimate is not None]
    assert len(known) > len(estimates) / 2
    half = known[len(known) // 2 :]
    assert all(MANY / 2 < estimate < 2 * MANY for estimate in half), half
