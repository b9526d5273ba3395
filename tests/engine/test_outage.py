"""While S3 is away the run pauses: no key is given up, and no round of any key is used up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from s3_crosscopy.engine.shutdown import STOP_GRACE_S
from s3_crosscopy.errors import Interrupted
from s3_crosscopy.model.events import Event, KeyFailed, Paused, PhaseStarted, Progress, WentOn
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import RecordingCheckpoint, Rig, keys

MIB = 2**20
CALLS = {
    "copy": "CopyObject",
    "copy_part": "UploadPartCopy",
    "list_page": "ListObjectsV2",
    "head": "HeadObject",
    "create_upload": "CreateMultipartUpload",
    "complete_upload": "CompleteMultipartUpload",
}
EVERYTHING = tuple(CALLS)
DEAD = ("InternalError", 500)
SILENT = ("ReadTimeout", 0)


def away(
    rig: Rig, *methods: str, since: float = 0.0, until: float = 1e9, how: tuple[str, int] = DEAD, after: int = 0
) -> list[float]:
    """From `since` until `until`, by the rig's clock, these calls of both sides fail; the first `after` do not.

    When each of those was made that failed.
    """
    asked: list[float] = []
    passed = [0]

    def failing(call: str, send: Callable[..., Any]) -> Callable[..., Any]:
        def sent(*args: Any, **kwargs: Any) -> Any:
            passed[0] += 1
            if passed[0] > after and since <= rig.clock.now() < until:
                asked.append(rig.clock.now())
                error = Fault(call, *how).error("bucket", "key")
                assert error is not None
                raise error
            return send(*args, **kwargs)

        return sent

    for port in (rig.source, rig.dest):
        for method in methods:
            setattr(port, method, failing(CALLS[method], getattr(port, method)))
    return asked


@pytest.mark.parametrize("how", [DEAD, ("ServiceUnavailable", 503), ("ConnectionError", 0)])
def test_an_outage_that_does_not_end_ends_the_run_for_a_retry_and_no_key_has_failed(how: tuple[str, int]) -> None:
    rig = Rig()
    rig.seed_keys(*keys(1000))
    asked = away(rig, "copy", how=how)
    began = rig.clock.now()
    report = rig.copy()
    assert report.retryable
    assert (report.counts["failed"], report.counts["copied"]) == (0, 0)
    assert "paused for 15 min without success; a retry resumes with the remaining keys" in report.stopped
    assert [round(each.seconds) for each in rig.sink.of(Paused)] == [30, *[60] * 14, 30]
    assert 900 <= rig.clock.now() - began <= 900 + 30
    assert len(asked) <= 64 + 16
    assert rig.sink.of(KeyFailed) == []


@pytest.mark.parametrize("seed", [None, 1, 2])
@pytest.mark.parametrize("how", [DEAD, SILENT])
@pytest.mark.parametrize("methods", [("copy",), EVERYTHING])
def test_after_an_outage_everything_arrives_without_a_second_round(
    methods: tuple[str, ...], how: tuple[str, int], seed: int | None
) -> None:
    rig = Rig(seed=seed)
    rig.seed_keys(*keys(3000))
    asked = away(rig, *methods, until=rig.clock.now() + 80, how=how, after=40)
    report = rig.copy(max_concurrency=16)
    assert report.ok
    assert report.counts["copied"] == 3000
    assert rig.sink.of(PhaseStarted) == []
    assert len(rig.sink.of(WentOn)) == 1
    # What was on its way, and a question for each pause.
    assert len(asked) <= 20 + 2 * 16 + 2
    assert rig.same_on_both_sides()


def test_the_log_and_the_progress_say_why_nothing_moves() -> None:
    rig = Rig()
    rig.seed_keys(*keys(100))
    away(rig, "copy", until=rig.clock.now() + 60)
    rig.copy()
    assert rig.sink.of(Paused)[0] == Paused("S3 answers 500", 30)
    told = [event.paused for event in rig.sink.of(Progress)]
    assert set(told) == {"paused: S3 answers 500"}
    assert {event.fields()["paused"] for event in rig.sink.of(Progress)} == {"paused: S3 answers 500"}
    assert isinstance(rig.checkpoint, RecordingCheckpoint)
    kept = [saved.progress.get("paused") for saved in rig.checkpoint.saved if saved.progress]
    assert "paused: S3 answers 500" in kept


def test_a_pause_begins_with_a_save() -> None:
    rig = Rig()
    rig.seed_keys(*keys(3000))
    away(rig, "copy", since=rig.clock.now(), until=rig.clock.now() + 5, after=2000)
    rig.copy(batch_size=100)
    assert isinstance(rig.checkpoint, RecordingCheckpoint)
    # The first save is made when S3 tells its time, the last at the end; 5 s are no time for another one.
    during = rig.checkpoint.saved[1:-1]
    assert during
    assert 1500 <= during[0].counts["copied"] <= 2000


def test_a_stop_in_a_pause_is_heard_at_once_and_keeps_what_is_left() -> None:
    rig = Rig()
    rig.seed_keys(*keys(3000))
    away(rig, "copy", after=1000)
    at: list[float] = []

    def stop(event: Event) -> None:
        if isinstance(event, Paused):
            at.append(rig.clock.now())
            rig.cancel.set()

    rig.sink.on_event = stop
    with pytest.raises(Interrupted):
        rig.copy(batch_size=100)
    assert rig.clock.now() - at[0] <= STOP_GRACE_S + 0.5
    assert isinstance(rig.checkpoint, RecordingCheckpoint)
    assert 900 <= rig.checkpoint.saved[-1].counts["copied"] <= 1000


def test_keys_that_fail_by_themselves_are_no_outage_however_many() -> None:
    """What every second round meets then is the same as an outage's; both sides are asked, and answer."""
    rig = Rig([Fault("CopyObject", *DEAD, key=f"p/{number:06d}", times=None) for number in range(0, 1000, 10)])
    rig.seed_keys(*keys(1000))
    report = rig.copy(max_failures=100)
    assert report.ok
    assert (report.counts["copied"], report.counts["failed"]) == (900, 100)
    assert rig.sink.of(Paused) == []


@pytest.mark.parametrize("methods", [EVERYTHING, ("copy", "head")])
def test_an_outage_in_the_second_round_uses_up_no_round(methods: tuple[str, ...]) -> None:
    rig = Rig([Fault("CopyObject", *DEAD, key=f"p/{number:06d}") for number in range(0, 1000, 10)])
    rig.seed_keys(*keys(1000))

    def gone(event: Event) -> None:
        if isinstance(event, PhaseStarted):
            away(rig, *methods, until=rig.clock.now() + 50)

    rig.sink.on_event = gone
    assert rig.copy().counts["copied"] == 1000
    assert rig.sink.of(Paused)
    assert rig.sink.of(KeyFailed) == []


@pytest.mark.parametrize("number", [5, 8])
def test_also_a_few_keys_wait_for_an_outage_to_end(number: int) -> None:
    rig = Rig()
    rig.seed_keys(*keys(number))
    away(rig, *EVERYTHING, until=rig.clock.now() + 50, after=1)
    assert rig.copy().counts["copied"] == number
    assert len(rig.sink.of(Paused)) == 2
    assert rig.sink.of(PhaseStarted) == []


def test_a_few_keys_that_fail_while_both_sides_answer_are_no_outage() -> None:
    rig = Rig([Fault("CopyObject", *DEAD, times=None)])
    rig.seed_keys(*keys(8))
    report = rig.copy()
    assert report.counts["failed"] == 8
    assert rig.sink.of(Paused) == []


def test_without_a_deadline_to_wait_for_nothing_is_paused() -> None:
    rig = Rig()
    rig.seed_keys(*keys(200))
    away(rig, "copy")
    report = rig.copy(outage_deadline=0)
    assert report.counts["failed"] == 200
    assert rig.sink.of(Paused) == []


def test_the_deadline_is_as_long_as_one_says() -> None:
    rig = Rig()
    rig.seed_keys(*keys(200))
    away(rig, "copy")
    began = rig.clock.now()
    assert "paused for 45.0 s without success" in rig.copy(outage_deadline=45).stopped
    assert 45 <= rig.clock.now() - began <= 50
    assert [each.seconds for each in rig.sink.of(Paused)] == [30, 15]


@pytest.mark.parametrize("methods", [EVERYTHING, ("copy_part",), ("create_upload",), ("complete_upload",)])
def test_uploads_outlive_an_outage(methods: tuple[str, ...]) -> None:
    rig = Rig()
    for number in range(30):
        rig.store.put("src", f"p/{number:02}", sparse(20 * MIB, str(number)))
    rig.clock.advance(2)
    away(rig, *methods, until=rig.clock.now() + 50, how=("ConnectionError", 0), after=10)
    report = rig.copy(multipart_threshold="5MiB", part_size="5MiB")
    assert report.counts["copied"] == 30
    assert rig.sink.of(Paused)
    assert rig.same_on_both_sides()
    assert rig.store.open_uploads("dst") == {}


@pytest.mark.parametrize("overwrite", ["never", "if_changed", "always"])
def test_copies_that_were_made_unheard_in_an_outage_count_as_copied(overwrite: str) -> None:
    rig = Rig([Fault("CopyObject", *SILENT, times=25, skip=40, applied=True)])
    rig.seed_keys(*keys(200))
    report = rig.copy(overwrite=overwrite, max_concurrency=8)
    assert rig.sink.of(Paused)
    assert report.counts["copied"] == 200
    assert rig.same_on_both_sides()


def test_a_copy_that_may_have_been_made_in_an_outage_is_looked_for_before_its_second_round_copies_it() -> None:
    third = Fault("CopyObject", *DEAD, key="p/000003", times=2, applied=True)
    rig = Rig([Fault("CopyObject", *SILENT, times=25), third])
    rig.seed_keys(*keys(200))
    report = rig.copy(max_concurrency=1)
    assert rig.sink.of(Paused)
    assert report.counts["copied"] == 200


def test_a_page_that_fails_once_is_asked_for_again() -> None:
    rig = Rig([Fault("ListObjectsV2", *DEAD, skip=5)])
    rig.seed_keys(*keys(10_000))
    report = rig.copy()
    assert report.ok
    assert report.counts["copied"] == 10_000
    assert rig.sink.of(Paused) == []


@pytest.mark.parametrize("verification", ["responses", "listing"])
def test_a_listing_waits_for_an_outage_to_end(verification: str) -> None:
    rig = Rig()
    rig.seed_keys(*keys(3000))
    asked = away(rig, "list_page", until=rig.clock.now() + 50, after=2)
    report = rig.copy(verification=verification)
    assert report.ok
    assert report.counts["copied"] == 3000
    assert len(asked) < 20
    assert rig.sink.of(Paused)


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("NoSuchBucket", 404)])
def test_a_listing_that_is_refused_ends_the_run_at_once(code: str, status: int) -> None:
    rig = Rig([Fault("ListObjectsV2", code, status, times=None)])
    rig.seed_keys(*keys(10))
    began = rig.clock.now()
    report = rig.copy()
    assert "the listing was refused" in report.stopped
    assert not report.retryable
    assert rig.clock.now() - began < 1
    assert rig.source.counts()["ListObjectsV2"] == 1


def test_the_listing_at_the_end_gives_up_after_the_deadline_too() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10))

    def gone(event: Event) -> None:
        if isinstance(event, PhaseStarted) and event.phase == "check":
            away(rig, "list_page")

    rig.sink.on_event = gone
    report = rig.copy(verification="listing", outage_deadline=60)
    assert report.retryable
    assert "without success" in report.stopped


def test_the_window_is_not_wider_than_what_the_lane_carries() -> None:
    rig = Rig()
    rig.seed_keys("p/a")
    rig.copy(max_concurrency=5000)
    assert rig.engine is not None
    assert rig.engine.parts.dispatcher.window.limit == 1024
