"""New credentials are had off the loop's thread, once for all requests that met the end of the old ones."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from s3_crosscopy.core.renewal_rules import PATIENCE_S
from s3_crosscopy.engine.loop_delay import LoopDelay
from s3_crosscopy.errors import Interrupted, S3Error
from s3_crosscopy.model.operations import Copied, Copy
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.testing import Fault
from tests.engine.harness import Rig, keys

SLOW_S = 6.0


def no_credentials(reason: Reason) -> S3Error:
    return S3Error(
        call="GetCredentials", bucket="", key="", code="CredentialsExpired", status=0, message="said STS", reason=reason
    )


class Sts:
    """Where a rig's copier gets its credentials. They have ended for every copy until `renew` gave new ones, which
    takes `slow_s`; the first of the `troubles` is raised by the first renewal, and so on."""

    def __init__(self, rig: Rig, troubles: list[Reason] | None = None, slow_s: float = 0.0) -> None:
        self.threads: list[threading.Thread] = []
        self.asked_at: list[float] = []
        self.refused = 0
        self.good = False
        self._rig = rig
        self._troubles = troubles or []
        self._slow_s = slow_s
        self._copy = rig.dest.copy
        rig.dest.renew = self._renew  # type: ignore[method-assign]
        rig.dest.copy = self._copied  # type: ignore[method-assign]

    def _renew(self) -> None:
        self.threads.append(threading.current_thread())
        self.asked_at.append(self._rig.clock.now())
        self._rig.clock.advance(self._slow_s)
        if self._troubles:
            raise no_credentials(self._troubles.pop(0))
        self.good = True

    def _copied(self, op: Copy) -> Copied:
        if self.good:
            return self._copy(op)
        self.refused += 1
        error = Fault("CopyObject", "ExpiredToken", 400).error("dst", op.source_key)
        assert error is not None
        raise error


def a_rig(number: int = 500, faults: tuple[Fault, ...] = ()) -> Rig:
    rig = Rig(faults)
    rig.seed_keys(*keys(number))
    return rig


@pytest.mark.parametrize("window", [8, 64, 512])
def test_a_slow_renewal_is_made_once_and_not_by_the_loop(window: int) -> None:
    rig = a_rig()
    sts = Sts(rig, slow_s=SLOW_S)
    report = rig.copy(max_concurrency=window)
    assert report.ok
    assert len(sts.threads) == 1
    assert sts.threads[0] is not threading.current_thread()
    assert sts.refused <= window, "while there are no credentials nothing is sent"


def test_what_passes_is_asked_for_again_with_longer_and_longer_pauses() -> None:
    rig = a_rig()
    sts = Sts(rig, troubles=[Reason.SERVER, Reason.TIMED_OUT, Reason.THROTTLED, Reason.SERVER])
    assert rig.copy(max_concurrency=16).counts["copied"] == 500
    pauses = [after - before for before, after in zip(sts.asked_at, sts.asked_at[1:], strict=False)]
    assert [round(pause) for pause in pauses] == [1, 2, 4, 8]
    assert sts.refused <= 16


def test_a_renewal_that_is_refused_is_told_by_every_key_and_not_asked_for_again() -> None:
    rig = a_rig(10)
    sts = Sts(rig, troubles=[Reason.CREDENTIALS] * 100)
    rig.source.renew = sts._renew  # type: ignore[method-assign]
    report = rig.copy(max_concurrency=2)
    assert report.counts["failed"] == 10
    assert report.retryable
    assert {failure.message for failure in report.failures} == {"said STS"}
    assert len(sts.threads) == 2, "one a side"
    assert sts.refused == 10, "none is sent twice"


def test_a_trouble_that_does_not_pass_within_some_minutes_ends_as_a_refusal_does() -> None:
    rig = a_rig(10)
    sts = Sts(rig, troubles=[Reason.SERVER] * 1000)
    rig.source.renew = sts._renew  # type: ignore[method-assign]
    began = rig.clock.now()
    report = rig.copy(max_concurrency=2)
    assert report.counts["failed"] == 10
    assert PATIENCE_S <= sts.asked_at[-1] - began < PATIENCE_S + 60


def test_a_run_that_waits_for_credentials_hears_that_it_is_to_stop_and_tells_progress() -> None:
    rig = a_rig()
    sts = Sts(rig, troubles=[Reason.SERVER] * 1000)
    told: list[float] = []

    def stop_at_the_fifth(event: object) -> None:
        if type(event).__name__ == "Progress":
            told.append(rig.clock.now())
            if len(told) == 5:
                rig.cancel.set()

    rig.sink.on_event = stop_at_the_fifth
    with pytest.raises(Interrupted):
        rig.copy(max_concurrency=8)
    assert told[-1] - told[0] < 30, "every five seconds"
    assert sts.refused <= 8


def test_a_bare_400_of_a_head_asks_for_new_credentials_once_and_then_is_what_it_is() -> None:
    number = 300
    faults = tuple(
        Fault("HeadObject", code="400", status=400, times=None, key=f"p/{i:06d}") for i in range(0, number, 3)
    )
    rig = a_rig(number, faults)
    calls: list[int] = []
    rig.dest.renew = lambda: calls.append(1)  # type: ignore[method-assign]
    report = rig.copy(metadata="drop", max_failures="100%", max_concurrency=16)
    assert (report.counts["copied"], report.counts["failed"]) == (200, 100)
    assert {failure.reason for failure in report.failures} == {Reason.UNKNOWN}
    assert len(calls) == 1


def test_credentials_are_refreshed_before_they_end_by_another_thread_while_copies_go_on() -> None:
    rig = a_rig()
    threads: list[threading.Thread] = []
    done = threading.Event()

    def refresh() -> bool:
        threads.append(threading.current_thread())
        assert done.wait(30), "the copies waited for a refresh"
        return True

    def all_copied(event: object) -> None:
        if len(rig.store.keys("dst")) == 500:
            done.set()

    rig.dest.refresh_due = lambda: not threads  # type: ignore[method-assign]
    rig.dest.refresh = refresh  # type: ignore[method-assign]
    rig.sink.on_event = all_copied
    copy = rig.dest.copy

    def slowly(op: Copy) -> Copied:
        rig.clock.advance(0.05)
        return copy(op)

    rig.dest.copy = slowly  # type: ignore[method-assign]
    assert rig.copy(max_concurrency=8, batch_size=100).ok
    done.set()
    assert len(threads) == 1
    assert threads[0] is not threading.current_thread()


@pytest.mark.parametrize("call", ["CopyObject", "ListObjectsV2"])
def test_a_signature_that_was_too_old_when_it_came_is_made_anew(call: str) -> None:
    rig = a_rig(10, (Fault(call, "RequestTimeTooSkewed", 403),))
    assert rig.copy().counts["copied"] == 10
    assert rig.requests(call) >= 2


@pytest.mark.parametrize("call", ["CopyObject", "ListObjectsV2"])
def test_a_clock_that_is_wrong_is_worth_another_try_of_the_task(call: str) -> None:
    rig = a_rig(3, (Fault(call, "RequestTimeTooSkewed", 403, times=None),))
    report = rig.copy()
    assert not report.ok
    assert report.retryable


def test_a_listing_whose_credentials_have_ended_is_worth_another_try_of_the_task() -> None:
    rig = a_rig(3, (Fault("ListObjectsV2", "ExpiredToken", 400, times=None),))
    assert rig.copy().retryable


def blocking(rig: Rig, what: str) -> Callable[[], list[threading.Thread]]:
    """Makes one of the surroundings note by which thread it was called; the run's own thread must not be among them."""
    threads: list[threading.Thread] = []
    port: Any = rig.dest
    before = getattr(port, what)

    def noted(*args: Any) -> Any:
        threads.append(threading.current_thread())
        return before(*args)

    setattr(port, what, noted)
    return lambda: threads


@pytest.mark.parametrize("what", ["renew", "put_tags"])
def test_nothing_that_blocks_is_called_by_the_loop(what: str) -> None:
    rig = a_rig(20, (Fault("CopyObject", "ExpiredToken", 400), Fault("CopyObject", "ReadTimeout", 0, skip=3)))
    threads = blocking(rig, what)
    assert rig.copy(tags={str(number): "x" * 250 for number in range(10)}).ok
    assert threads()
    assert threading.current_thread() not in threads()


def test_the_longest_stay_is_that_between_two_waits_or_a_wait_that_took_too_long() -> None:
    stay = LoopDelay(0.0)
    stay.ends(10.0)
    stay.begins(10.2, wait_s=0.2)
    stay.ends(10.25)
    assert stay.longest_s == pytest.approx(0.05)
    stay.begins(10.75, wait_s=0.2)
    assert stay.longest_s == pytest.approx(0.3)
    stay.ends(11.75)
    assert stay.longest_s == pytest.approx(1.0)


def test_a_slow_renewal_is_no_stay_of_the_loop() -> None:
    rig = a_rig()
    release, began = threading.Event(), threading.Event()

    def hangs() -> None:
        began.set()
        assert release.wait(30)

    sts = Sts(rig)
    rig.dest.renew = lambda: (hangs(), sts._renew())[1]  # type: ignore[func-returns-value,method-assign]
    rig.sink.on_event = lambda event: release.set() if began.is_set() and rig.clock.now() > 10 else None
    report = rig.copy(max_concurrency=16)
    assert report.ok
    assert rig.clock.now() > 10, "the loop went on turning meanwhile"
    assert report.longest_stay_s < 0.1
