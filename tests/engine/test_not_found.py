"""A 404 means that a key is gone only when the source, asked again in the way that found the key, does not have it."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.engine import outcome_recorder as recorder
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.run_scope import KeySubset, RunRole
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import Rig, keys
from tests.engine.test_manifests import named

MIB = 2**20
PARTS: dict[str, Any] = {"multipart_threshold": "5MiB", "part_size": "5MiB"}
CODES = ["NoSuchKey", "404", "NoSuchWidget", "NoSuchAccessPoint"]
CALLS = ["CopyObject", "UploadPartCopy", "HeadObject", "GetObjectTagging"]
FEW, LARGE = "p/000003", "p/large"


def counts(report: Any, *names: str) -> dict[str, int]:
    return {name: report.counts[name] for name in names}


def with_large(*faults: Fault) -> Rig:
    rig = Rig(faults)
    rig.seed_keys(*keys(5))
    rig.store.put("src", LARGE, sparse(12 * MIB, "x"))
    rig.clock.advance(2)
    return rig


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("call", CALLS)
def test_a_404_for_a_key_that_the_source_still_has_is_a_failure_of_its_own(call: str, code: str) -> None:
    key = FEW if call == "CopyObject" else LARGE
    rig = with_large(Fault(call, code, 404, key=key, times=None, proxy=True))
    report = rig.copy(**PARTS)
    assert not report.ok
    assert not report.retryable
    assert counts(report, "copied", "missing", "failed") == {"copied": 5, "missing": 0, "failed": 1}
    (failure,) = report.failures
    assert (failure.key, failure.reason, failure.call, failure.code) == (key, Reason.UNCONFIRMED, call, code)
    assert "most often a proxy's" in failure.message
    assert rig.store.open_uploads("dst") == {}


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("call", CALLS)
def test_a_404_for_a_key_that_the_source_does_not_have_any_more_is_missing(call: str, code: str) -> None:
    key = FEW if call == "CopyObject" else LARGE
    rig = with_large(Fault(call, code, 404, key=key, times=None, proxy=True))
    rig.deleted_when_listed(key)
    report = rig.copy(**PARTS)
    assert report.ok
    assert counts(report, "copied", "missing", "failed") == {"copied": 5, "missing": 1, "failed": 0}
    assert rig.store.open_uploads("dst") == {}


@pytest.mark.parametrize("call", CALLS)
def test_a_404_that_passes_costs_a_head_and_another_copy(call: str) -> None:
    key = FEW if call == "CopyObject" else LARGE
    rig = with_large(Fault(call, "404", 404, key=key, proxy=True))
    assert rig.copy(**PARTS).counts["copied"] == 6
    assert rig.requests("ListObjectsV2") == 2
    assert rig.same_on_both_sides()


def test_a_prefix_whose_every_copy_is_a_404_ends_early_and_publishes_no_marker() -> None:
    rig = Rig([Fault("CopyObject", "404", 404, times=None, proxy=True)])
    rig.seed_keys(*keys(300), "p/_SUCCESS")
    report = rig.copy(copy_last=["_SUCCESS"], max_concurrency=8)
    assert not report.ok
    assert report.stopped.startswith(
        "the first 100 copies all failed: unconfirmed 404; such a 404 is most often a proxy's"
    )
    assert (report.counts["missing"], rig.store.keys("dst")) == (0, [])


def test_markers_are_held_back_from_a_404_that_nobody_confirms_and_not_from_a_key_that_is_gone() -> None:
    rig = Rig([Fault("CopyObject", "NoSuchKey", 404, key=FEW, times=None)])
    rig.seed_keys(*keys(10), "p/_SUCCESS")
    report = rig.copy(copy_last=["_SUCCESS"])
    assert counts(report, "copied", "failed", "held_back") == {"copied": 9, "failed": 1, "held_back": 1}
    assert "q/_SUCCESS" not in rig.store.keys("dst")
    rig = Rig()
    rig.seed_keys(*keys(10), "p/_SUCCESS")
    rig.deleted_when_listed(FEW)
    report = rig.copy(copy_last=["_SUCCESS"])
    assert report.ok
    assert counts(report, "copied", "missing", "held_back") == {"copied": 10, "missing": 1, "held_back": 0}


@pytest.mark.parametrize("role", [RunRole(), RunRole(KeySubset.MARKERS, "2026-01-01T00:00:09.000Z")])
def test_a_markers_own_404_is_asked_about_too_and_holds_back_the_next_glob(role: RunRole) -> None:
    rig = Rig([Fault("CopyObject", "404", 404, key="p/a_DONE", times=None, proxy=True)])
    rig.seed_keys(*keys(3), "p/a_DONE", "p/b_DONE")
    report = rig.copy(copy_last=["a_DONE", "b_DONE"], role=role)
    assert counts(report, "missing", "failed", "held_back") == {"missing": 0, "failed": 1, "held_back": 1}
    assert report.failures[0].reason is Reason.UNCONFIRMED
    assert [key for key in rig.store.keys("dst") if key.endswith("_DONE")] == []


@pytest.mark.parametrize("call", ["HeadObject", "ListObjectsV2"])
@pytest.mark.parametrize(
    ("code", "status", "reason"),
    [
        ("AccessDenied", 403, Reason.DENIED),
        ("404", 404, Reason.UNCONFIRMED),
        ("InternalError", 500, Reason.SERVER),
        ("UnreadableAnswer", 200, Reason.SERVER),
    ],
)
def test_a_source_that_cannot_be_asked_confirms_nothing(call: str, code: str, status: int, reason: Reason) -> None:
    """Of a key that is gone: whoever cannot say so leaves it a failure."""
    faults = [
        Fault("ListObjectsV2", code, status, key=FEW, times=None, proxy=True),
        Fault(call, code, status, key=FEW, times=None, proxy=True),
    ]
    rig = Rig(faults)
    rig.seed_keys(*keys(10))
    rig.deleted_when_listed(FEW)
    report = rig.copy()
    assert not report.ok
    assert counts(report, "copied", "missing", "failed") == {"copied": 9, "missing": 0, "failed": 1}
    assert report.failures[0].reason is reason


def test_a_key_that_begins_like_the_deleted_one_confirms_nothing_of_it() -> None:
    rig = Rig()
    rig.seed_keys("p/a", "p/a/b", "p/ab")
    rig.deleted_when_listed("p/a")
    assert counts(rig.copy(), "copied", "missing", "failed") == {"copied": 2, "missing": 1, "failed": 0}


def test_a_key_that_is_deleted_between_its_second_look_and_its_second_copy_is_missing() -> None:
    rig = Rig([Fault("CopyObject", "InternalError", 500, key=FEW)])
    rig.seed_keys(*keys(10))
    head = rig.source.head

    def then_deleted(*args: Any, **which: Any) -> Any:
        facts = head(*args, **which)
        rig.store.delete("src", FEW)
        return facts

    rig.source.head = then_deleted  # type: ignore[method-assign]
    report = rig.copy()
    assert report.ok
    assert counts(report, "copied", "missing") == {"copied": 9, "missing": 1}


def test_a_404_that_cannot_wait_any_more_fails_and_may_be_retried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder, "MAX_POSTPONED", 3)
    rig = Rig()
    rig.seed_keys(*keys(10))
    rig.deleted_when_listed(*keys(5))
    report = rig.copy()
    assert not report.ok
    assert report.retryable
    assert counts(report, "copied", "missing", "failed") == {"copied": 5, "missing": 3, "failed": 2}
    assert {failure.reason for failure in report.failures} == {Reason.UNCONFIRMED}
    rig.clock.advance(5)
    assert rig.copy().ok


def test_one_object_that_is_deleted_before_it_was_copied_is_a_failure() -> None:
    rig = Rig()
    rig.seed_keys("p/a")
    rig.deleted_when_listed("p/a")
    report = rig.copy("s3://src/p/a", "s3://dst/q/")
    assert not report.ok
    assert not report.retryable
    assert counts(report, "listed", "copied", "missing", "failed") == {
        "listed": 1,
        "copied": 0,
        "missing": 0,
        "failed": 1,
    }
    assert report.failures[0].reason is Reason.MISSING


@pytest.mark.parametrize("code", CODES)
def test_one_object_that_the_source_still_has_is_a_failure_of_its_own(code: str) -> None:
    rig = Rig([Fault("CopyObject", code, 404, times=None, proxy=True)])
    rig.seed_keys("p/a")
    report = rig.copy("s3://src/p/a", "s3://dst/q/")
    assert not report.ok
    assert [failure.reason for failure in report.failures] == [Reason.UNCONFIRMED]


def test_one_object_is_not_taken_for_an_empty_source_because_a_proxy_says_so() -> None:
    rig = Rig([Fault("HeadObject", "404", 404, key="p/a", times=None, proxy=True)])
    rig.seed_keys("p/a")
    report = rig.copy("s3://src/p/a", "s3://dst/q/")
    assert not report.ok
    assert [failure.reason for failure in report.failures] == [Reason.UNCONFIRMED]
    assert "most often a proxy's" in report.stopped


def test_a_server_whose_404_has_no_request_id_is_asked_for_a_listing_of_that_key() -> None:
    """Not every server gives one to a HEAD; a listing has a body to be read."""
    rig = Rig([Fault("HeadObject", "404", 404, key="p/none", times=None, proxy=True)])
    assert rig.copy("s3://src/p/none", "s3://dst/q/").empty
    assert rig.source.counts() == {"HeadObject": 1, "ListObjectsV2": 1}


@pytest.mark.parametrize(("proxy", "lists"), [(False, 0), (True, 1)])
def test_a_key_of_a_manifest_is_missing_by_s3s_own_404_or_by_a_listing(proxy: bool, lists: int) -> None:
    rig = Rig([Fault("HeadObject", "404", 404, key="p/none", times=None, proxy=proxy)])
    rig.seed_keys(*keys(3))
    named(rig, [*keys(3), "p/none"])
    report = rig.copy()
    assert report.ok
    assert counts(report, "copied", "missing") == {"copied": 3, "missing": 1}
    assert rig.source.counts().get("ListObjectsV2", 0) == lists


@pytest.mark.parametrize("marker", [False, True])
def test_a_key_of_a_manifest_that_the_source_has_is_not_missing_because_a_proxy_says_so(marker: bool) -> None:
    rig = Rig([Fault("HeadObject", "404", 404, key=FEW, times=None, proxy=True)])
    rig.seed_keys(*keys(5))
    named(rig, keys(5))
    options: dict[str, Any] = {"copy_last": [FEW.rpartition("/")[2]]} if marker else {}
    report = rig.copy(**options)
    assert not report.ok
    assert counts(report, "copied", "missing", "failed") == {"copied": 4, "missing": 0, "failed": 1}
    assert report.failures[0].reason is Reason.UNCONFIRMED


def test_a_dry_run_does_not_take_a_proxys_404_for_a_missing_key() -> None:
    rig = Rig([Fault("HeadObject", "404", 404, key=FEW, times=None, proxy=True)])
    rig.seed_keys(*keys(5))
    named(rig, keys(5))
    report = rig.copy(dry_run=True)
    assert counts(report, "would_copy", "missing", "failed") == {"would_copy": 4, "missing": 0, "failed": 1}


@pytest.mark.parametrize("code", ["404", "NoSuchKey"])
def test_a_destination_that_answers_a_head_with_any_404_is_copied_to(code: str) -> None:
    rig = Rig([Fault("HeadObject", code, 404, key="q/a", times=None, proxy=True)])
    rig.seed_keys("p/a")
    assert rig.copy("s3://src/p/a", "s3://dst/q/").counts["copied"] == 1


@pytest.mark.parametrize("call", ["CreateMultipartUpload", "CompleteMultipartUpload"])
@pytest.mark.parametrize(("times", "copied", "failed"), [(1, 1, 0), (None, 0, 1)])
def test_a_proxys_404_at_the_destination_gets_one_more_try_and_is_never_missing(
    call: str, times: int | None, copied: int, failed: int
) -> None:
    rig = Rig([Fault(call, "404", 404, times=times, proxy=True)])
    rig.store.put("src", LARGE, sparse(12 * MIB, "x"))
    rig.clock.advance(2)
    report = rig.copy(**PARTS)
    assert counts(report, "copied", "missing", "failed") == {"copied": copied, "missing": 0, "failed": failed}
    assert [failure.reason for failure in report.failures] == [Reason.UNCONFIRMED] * failed
    assert rig.store.open_uploads("dst") == {}


def test_an_ordinary_run_asks_for_nothing_more() -> None:
    rig = with_large()
    assert rig.copy(**PARTS).ok
    assert rig.source.counts() == {"ListObjectsV2": 1, "HeadObject": 1, "GetObjectTagging": 1}
