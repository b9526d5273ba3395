"""Throttled requests are queued again, expired tokens renewed once for all, and lost answers not acted upon twice."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.engine.dispatcher import STALL_S
from s3_crosscopy.model.events import KeyFailed, Paused, PhaseStarted
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.testing import Counting, Fault, sparse
from tests.engine.harness import Rig, keys

MIB = 2**20
PARTS: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB"}
SLOW_DOWN = ("SlowDown", 503)


def renewals_of(port: Counting) -> list[str]:
    """Notes every `renew` of a port."""
    calls: list[str] = []
    renew = port.renew

    def noted() -> None:
        calls.append("renew")
        renew()

    port.renew = noted  # type: ignore[method-assign]
    return calls


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_throttled_copies_are_queued_again_and_arrive_without_a_second_round(seed: int | None) -> None:
    rig = Rig([Fault("CopyObject", *SLOW_DOWN, times=30)], seed=seed)
    rig.seed_keys(*keys(50))
    report = rig.copy(max_concurrency=8)
    assert report.ok
    assert report.counts["copied"] == 50
    assert rig.requests("CopyObject") == 50 + 30
    assert rig.requests("HeadObject") == 0
    assert rig.sink.of(PhaseStarted) == []
    assert rig.same_on_both_sides()


def test_every_throttled_attempt_is_counted_also_those_that_the_client_library_retried() -> None:
    rig = Rig([Fault("CopyObject", *SLOW_DOWN, times=4, throttled=2), Fault("ListObjectsV2", throttled=3)])
    rig.seed_keys(*keys(10))
    # Each refusal is itself an attempt. Both ports share the script, but each meets it on its own: two listings.
    assert rig.copy().throttled == 4 * (2 + 1) + 2 * 3


def test_a_throttled_listing_is_asked_again() -> None:
    rig = Rig([Fault("ListObjectsV2", *SLOW_DOWN, times=3)])
    rig.seed_keys(*keys(10))
    report = rig.copy()
    assert report.counts["copied"] == 10
    assert rig.source.counts()["ListObjectsV2"] == 4


@pytest.mark.parametrize(
    "call", ["HeadObject", "GetObjectTagging", "CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"]
)
def test_a_throttled_request_of_a_large_object_is_queued_again(call: str) -> None:
    rig = Rig([Fault(call, *SLOW_DOWN, times=3)])
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    report = rig.copy(**PARTS)
    assert report.counts["copied"] == 1
    assert report.throttled == 3
    assert rig.sink.of(PhaseStarted) == []
    assert rig.same_on_both_sides()
    assert rig.store.open_uploads("dst") == {}


def test_throttling_pauses_the_run_only_when_nothing_has_moved_for_long() -> None:
    rig = Rig([Fault("CopyObject", *SLOW_DOWN, times=None)])
    rig.seed_keys(*keys(10))
    told: list[float] = []
    rig.sink.on_event = lambda event: told.append(rig.clock.now()) if isinstance(event, Paused) else None
    began = rig.clock.now()
    report = rig.copy()
    why = "S3 answers 503: paused for 15 min without success; a retry resumes with the remaining keys"
    assert report.stopped == why
    assert (report.counts["failed"], report.counts["not_attempted"]) == (0, 10)
    assert report.retryable
    assert began + STALL_S <= told[0] <= began + STALL_S + 11


def test_without_pauses_throttling_is_a_failure_when_nothing_has_moved_for_long() -> None:
    rig = Rig([Fault("CopyObject", *SLOW_DOWN, times=None)])
    rig.seed_keys(*keys(10))
    told: list[float] = []
    rig.sink.on_event = lambda event: told.append(rig.clock.now()) if isinstance(event, KeyFailed) else None
    began = rig.clock.now()
    report = rig.copy(outage_deadline=0)
    assert report.counts["failed"] == 10
    assert {failure.reason for failure in report.failures} == {Reason.THROTTLED}
    assert report.retryable
    # The HEADs of the second round are answered: that is movement, once.
    assert began + STALL_S <= min(told) <= began + 2 * STALL_S + 30


def test_as_long_as_anything_moves_a_throttled_request_waits() -> None:
    """One copy arrives each minute, for ten minutes: five deadlines long."""
    rig = Rig()
    rig.seed_keys(*keys(10))
    copy, first = rig.dest.copy, rig.clock.now()
    refused = Rig([Fault("CopyObject", *SLOW_DOWN, times=None)]).dest.copy

    def one_a_minute(op):  # type: ignore[no-untyped-def]
        there = len(rig.store.keys("dst"))
        return copy(op) if rig.clock.now() - first >= 60 * (there + 1) else refused(op)

    rig.dest.copy = one_a_minute  # type: ignore[method-assign]
    report = rig.copy()
    assert report.counts["copied"] == 10
    assert rig.clock.now() - first >= 600
    assert rig.sink.of(KeyFailed) == []


def test_a_throttled_request_is_not_asked_again_at_once() -> None:
    rig = Rig([Fault("CopyObject", *SLOW_DOWN, times=10)])
    rig.seed_keys("p/a")
    began = rig.clock.now()
    assert rig.copy().ok
    assert rig.clock.now() - began >= 10 * 0.5


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_an_expired_token_is_renewed_once_for_all_requests_that_met_it(seed: int | None) -> None:
    rig = Rig(seed=seed)
    rig.seed_keys(*keys(50))
    source, dest = renewals_of(rig.source), renewals_of(rig.dest)
    copy, refused = rig.dest.copy, Rig([Fault("CopyObject", "ExpiredToken", 400, times=None)]).dest.copy
    tokens: list[str] = []

    def by_the_token(op):  # type: ignore[no-untyped-def]
        tokens.append("new" if dest else "old")
        return copy(op) if dest else refused(op)

    rig.dest.copy = by_the_token  # type: ignore[method-assign]
    report = rig.copy(max_concurrency=16)
    assert report.ok
    assert report.counts["copied"] == 50
    assert (len(source), len(dest)) == (1, 1)
    assert tokens.count("new") == 50
    assert rig.sink.of(PhaseStarted) == []


def test_an_hour_later_a_token_is_renewed_again() -> None:
    rig = Rig([Fault("CopyObject", "ExpiredToken", 400), Fault("CopyObject", "ExpiredToken", 400, skip=6)])
    rig.seed_keys(*keys(10))
    copy = rig.dest.copy

    def takes_an_hour(op):  # type: ignore[no-untyped-def]
        rig.clock.advance(3600)
        return copy(op)

    rig.dest.copy = takes_an_hour  # type: ignore[method-assign]
    calls = renewals_of(rig.dest)
    assert rig.copy(max_concurrency=1).counts["copied"] == 10
    assert len(calls) == 2


@pytest.mark.parametrize(
    "call", ["HeadObject", "GetObjectTagging", "CreateMultipartUpload", "UploadPartCopy", "CompleteMultipartUpload"]
)
def test_a_large_object_outlives_its_token(call: str) -> None:
    rig = Rig([Fault(call, "ExpiredToken", 400)])
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    calls = renewals_of(rig.dest)
    report = rig.copy(**PARTS)
    assert report.counts["copied"] == 1
    assert len(calls) == 1
    assert rig.store.open_uploads("dst") == {}


def test_a_token_that_stays_expired_fails_as_credentials_and_another_process_may_try() -> None:
    rig = Rig([Fault("CopyObject", "ExpiredToken", 400, times=None)])
    rig.seed_keys(*keys(10))
    calls = renewals_of(rig.dest)
    report = rig.copy()
    assert report.counts["failed"] == 10
    assert {failure.reason for failure in report.failures} == {Reason.CREDENTIALS}
    assert report.retryable
    assert rig.requests("CopyObject") == 20
    assert len(calls) == 1


def test_a_token_that_expires_while_listing_is_renewed() -> None:
    rig = Rig([Fault("ListObjectsV2", "ExpiredToken", 400)])
    rig.seed_keys(*keys(10))
    assert rig.copy().counts["copied"] == 10


def test_a_wrong_secret_is_not_renewed() -> None:
    rig = Rig([Fault("CopyObject", "SignatureDoesNotMatch", 403, times=None)])
    rig.seed_keys("p/a")
    calls = renewals_of(rig.dest)
    report = rig.copy()
    assert report.failures[0].reason is Reason.CREDENTIALS
    assert calls == []
    assert rig.requests("CopyObject") == 1


@pytest.mark.parametrize(("code", "status"), [("ReadTimeout", 0), ("ConnectionClosed", 0), ("InternalError", 500)])
def test_a_copy_whose_answer_was_lost_is_not_copied_twice(code: str, status: int) -> None:
    rig = Rig([Fault("CopyObject", code, status, key="p/000003", applied=True)])
    rig.seed_keys(*keys(10))
    report = rig.copy()
    assert report.ok
    assert report.counts["copied"] == 10
    assert report.counts["bytes"] == 30
    assert rig.requests("CopyObject") == 10
    assert rig.requests("HeadObject") == 2
    assert rig.same_on_both_sides()


def test_a_copy_whose_answer_was_lost_before_it_was_applied_is_copied() -> None:
    rig = Rig([Fault("CopyObject", "ReadTimeout", 0, key="p/000003")])
    rig.store.put("dst", "q/000003", b"what was there before")
    rig.seed_keys(*keys(10))
    assert rig.copy().counts["copied"] == 10
    assert rig.requests("CopyObject") == 11
    assert rig.same_on_both_sides()


def test_a_copy_that_was_heard_of_as_throttled_is_made_again() -> None:
    """A 503 was refused, says S3: nobody spends HEADs on it."""
    rig = Rig([Fault("CopyObject", *SLOW_DOWN, key="p/000003")])
    rig.seed_keys(*keys(10))
    rig.copy()
    assert rig.requests("HeadObject") == 0
    assert rig.dest.of_key("CopyObject", "p/000003") == 2


@pytest.mark.parametrize(("code", "status"), [("ReadTimeout", 0), ("InternalError", 500)])
def test_a_complete_whose_answer_was_lost_counts_as_copied(code: str, status: int) -> None:
    rig = Rig([Fault("CompleteMultipartUpload", code, status, applied=True)])
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"), tags={"t": "1"})
    report = rig.copy(**PARTS)
    assert report.counts["copied"] == 1
    assert rig.requests("CompleteMultipartUpload") == 1
    assert rig.requests("CreateMultipartUpload") == 1
    assert rig.sink.of(PhaseStarted) == []
    assert rig.same_on_both_sides()
    assert rig.store.open_uploads("dst") == {}


def test_a_complete_that_was_lost_and_not_applied_is_no_copy_of_what_was_there_before() -> None:
    rig = Rig([Fault("CompleteMultipartUpload", "ReadTimeout", 0)])
    rig.store.put("dst", "q/big", sparse(20 * MIB, "another content"))
    rig.clock.advance(5)
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    report = rig.copy(**PARTS)
    assert report.counts["copied"] == 1
    assert rig.requests("CompleteMultipartUpload") == 2
    assert rig.same_on_both_sides()
    assert rig.store.open_uploads("dst") == {}


def test_a_part_whose_answer_was_lost_leaves_no_upload_behind() -> None:
    rig = Rig([Fault("UploadPartCopy", "ReadTimeout", 0, skip=2, applied=True)])
    rig.store.put("src", "p/big", sparse(50 * MIB, "x"))
    assert rig.copy(**PARTS).counts["copied"] == 1
    assert rig.same_on_both_sides()
    assert rig.store.open_uploads("dst") == {}


def test_a_stopped_run_does_not_wait_for_throttled_requests() -> None:
    rig = Rig([Fault("CopyObject", *SLOW_DOWN, times=None)])
    rig.seed_keys(*keys(10))
    copy = rig.dest.copy
    began = rig.clock.now()

    def then_stop(op):  # type: ignore[no-untyped-def]
        rig.cancel.set()
        return copy(op)

    rig.dest.copy = then_stop  # type: ignore[method-assign]
    with pytest.raises(BaseException, match="stopped by request"):
        rig.copy()
    assert rig.clock.now() - began < 5
