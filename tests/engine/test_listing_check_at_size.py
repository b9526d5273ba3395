"""The closing check of a large run: in parallel, going on after a death, and excusing whatever the run itself told."""

from __future__ import annotations

import threading
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from s3_crosscopy.adapters.checkpoint_file import NoCheckpoint
from s3_crosscopy.api import resolve_spec
from s3_crosscopy.core.excused_keys import Excused
from s3_crosscopy.engine import listing_check as audit
from s3_crosscopy.engine import outcome_recorder as recorder
from s3_crosscopy.engine.run_config import Ports, RunConfig
from s3_crosscopy.engine.wiring import build_engine
from s3_crosscopy.errors import Interrupted
from s3_crosscopy.model.checkpoint import Checking
from s3_crosscopy.model.events import Event, PhaseStarted
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.report import Report
from s3_crosscopy.testing import Fault
from tests.engine.delayed_transport import LateLane, Listings
from tests.engine.harness import WHOLE, Rig, keys, saves_written
from tests.engine.test_listing_check import audited, meanwhile
from tests.engine.test_parallel_listing import Deaf
from tests.engine.test_resume import Death, Killed, dying_rig, revive

NO_DEATH = 10**9


def rounds(rig: Rig, number: int, **options: Any) -> tuple[Report, list[float]]:
    """A run over so many equal keys on both sides, and how many LISTs one after the other each phase took."""
    names = keys(number)
    source, dest = Listings(rig.source, names), Listings(rig.dest, [one.replace("p/", "q/", 1) for one in names])
    lane = LateLane(source, dest, rig.clock)
    at = [rig.clock.now()]
    rig.sink.on_event = lambda event: at.append(rig.clock.now()) if isinstance(event, PhaseStarted) else None
    spec = resolve_spec("s3://src/p/", "s3://dst/q/", {"max_concurrency": 256, "compare": "size", **options})
    ports = Ports(lane, source, dest, rig.clock, rig.sink, NoCheckpoint(), threading.Event())
    report = build_engine(RunConfig(spec, WHOLE), ports).run()
    at.append(rig.clock.now())
    return report, [(after - before) / 0.1 for before, after in pairwise(at)]


def test_the_check_lists_as_many_pages_at_once_as_the_main_phase_does() -> None:
    report, (main, check) = rounds(Rig(), 40_000, verification="listing")
    assert (report.ok, report.checked, report.counts["skipped"]) == (True, 40_000, 40_000)
    # Serial, each would take 40 pages a side.
    assert max(main, check / 1.5) < 40 / 2


def test_failures_within_what_is_allowed_are_excused_however_many_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "Excused", partial(Excused, 10))
    rig = Rig([Fault("CopyObject", code="InvalidTag", status=400, times=300)])
    rig.seed_keys(*keys(400))
    report = audited(rig, max_failures="100%")
    assert (report.ok, report.unproven, report.counts["failed"]) == (True, (), 300)


def test_one_more_than_the_run_told_of_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "Excused", partial(Excused, 10))
    rig = Rig([Fault("CopyObject", code="InvalidTag", status=400, times=300)])
    rig.seed_keys(*keys(400))
    meanwhile(rig, lambda: rig.store.delete("dst", "q/000399"))
    report = audited(rig, max_failures="100%")
    assert not report.ok
    assert len(report.unproven) == 20


def test_held_back_markers_are_excused_however_many_they_are() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10))
    for number in range(1200):
        rig.store.put("src", f"p/m{number:06d}/_SUCCESS", b"x")  # in the second in which the run begins
    report = audited(rig, copy_last=["*/_SUCCESS"])
    assert (report.ok, report.counts["held_back"], report.unproven) == (True, 1200, ())


def test_what_failed_or_was_held_back_in_an_earlier_attempt_too_is_excused() -> None:
    faults = [Fault("CopyObject", "AccessDenied", 403, key=key, times=None) for key in ("p/000003", "p/000055")]
    rig, death = Rig(faults), Death()
    rig.seed_keys(*keys(100), "p/z/_SUCCESS")
    rig.checkpoint = death
    options: dict[str, Any] = {"max_failures": 5, "copy_last": ["*/_SUCCESS"], "batch_size": 10, "max_concurrency": 4}
    dying_rig(rig, death, 104)
    with pytest.raises(Killed):
        audited(rig, **options)
    report = audited(revive(rig, *faults), **options, resumed=death.last())
    assert (report.counts["failed"], report.counts["held_back"], report.counts["listed"]) == (2, 1, 101)
    assert (report.ok, report.unproven, report.checked) == (True, (), 98)


@pytest.mark.parametrize("lists", [1, 7, 12, 17])
def test_a_check_that_was_killed_goes_on_where_it_was(lists: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PAIRS_A_TURN", 500)
    rig, death = Rig(), Death()
    rig.seed_keys(*keys(10_000))
    rig.copy()
    rig.clock.advance(5)
    rig.checkpoint = death
    left = [NO_DEATH]

    def then_dies(event: Event) -> None:
        if isinstance(event, PhaseStarted):
            left[0] = lists

    rig.sink.on_event = then_dies
    for port in (rig.source, rig.dest):
        inner = port._request

        def counted(call: str, bucket: str, key: str, send: Any, inner: Any = inner) -> Any:
            saves_written(rig)
            left[0] -= 1
            if left[0] <= 0:
                death.dead = True
                raise Killed
            rig.clock.advance(11)
            return inner(call, bucket, key, send)

        port._request = counted  # type: ignore[method-assign]
    with pytest.raises(Killed):
        audited(rig, max_concurrency=1)
    state = death.last()
    assert state is not None
    again = revive(rig)
    report = audited(again, max_concurrency=1, resumed=state)
    assert (report.ok, report.checked, report.counts["skipped"]) == (True, 10_000, 10_000)
    if lists > 5:
        assert state.checking is not None
        assert state.checking.compared >= 1000
        # Of twenty, and a few for each range that was split.
        assert again.requests("ListObjectsV2") <= 24 - lists // 2


def test_a_key_that_only_the_later_attempt_copied_is_compared_too() -> None:
    fault = Fault("CopyObject", "AccessDenied", 403, key="p/000003", times=None)
    rig, death = Rig([fault]), Death()
    rig.seed_keys(*keys(100))
    rig.checkpoint = death
    meanwhile(rig, rig.cancel.set)
    with pytest.raises(Interrupted):
        audited(rig, max_failures=1)
    state = death.last()
    assert state is not None
    assert state.checking is not None
    again = revive(rig)
    meanwhile(again, lambda: again.store.delete("dst", "q/000003"))
    all_checked = state._replace(checking=Checking((), 99))
    report = audited(again, max_failures=1, resumed=all_checked)
    assert (report.counts["copied"], report.checked) == (100, 100)
    assert [one.key for one in report.unproven] == ["p/000003"]


def test_a_retry_after_a_check_that_found_something_begins_afresh_and_mends_it() -> None:
    rig, death = Rig(), Death()
    rig.seed_keys(*keys(50))
    rig.checkpoint = death
    meanwhile(rig, lambda: rig.store.delete("dst", "q/000007"))
    assert audited(rig).retryable
    state = death.last()
    assert state is not None
    assert state.finished
    again = revive(rig)
    report = audited(again)
    assert (report.ok, report.counts["copied"], report.counts["skipped"]) == (True, 1, 49)


def test_on_a_server_that_does_not_list_from_a_key_on_the_check_begins_again() -> None:
    rig, death = Rig(), Death()
    rig.seed_keys(*keys(3000))
    rig.copy()
    rig.clock.advance(5)
    rig.checkpoint = death
    meanwhile(rig, rig.cancel.set)
    with pytest.raises(Interrupted):
        audited(rig)
    state = death.last()
    assert state is not None
    again = revive(rig)
    deaf = Deaf(again.source)
    half = state._replace(checking=Checking((KeyRange("p/001499", None),), 1500))
    report = audited(again, resumed=half)
    assert (report.ok, report.checked, deaf.told) == (True, 3000, 1)
