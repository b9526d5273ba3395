"""A run stops early for what would hit every object, and not while the failures are within the budget."""

from __future__ import annotations

import pytest

from s3_crosscopy.testing import Fault
from tests.engine.harness import Rig, keys

DENIED = ("AccessDenied", 403)


@pytest.mark.parametrize("batch_size", [10, 50, 1000])
def test_archived_objects_do_not_stop_the_run_however_many_come_first(batch_size: int) -> None:
    rig = Rig()
    for key in keys(150):
        rig.store.put("src", key, b"cold", storage_class="GLACIER")
    rig.seed_keys(*keys(50, "p/z"))
    report = rig.copy(batch_size=batch_size)
    assert report.stopped == ""
    assert (report.counts["failed"], report.counts["copied"]) == (150, 50)


def test_archived_objects_are_not_counted_among_the_copies_that_failed() -> None:
    rig = Rig([Fault("CopyObject", *DENIED, times=None)])
    for key in keys(500):
        rig.store.put("src", key, b"cold", storage_class="GLACIER")
    rig.seed_keys(*keys(2000, "p/z"))
    report = rig.copy(max_concurrency=16)
    assert report.stopped == "the first 100 copies all failed: denied"
    assert rig.requests("CopyObject") < 100 + 2 * 16


def test_failures_within_the_budget_do_not_stop_the_run() -> None:
    rig = Rig([Fault("CopyObject", *DENIED, times=150)])
    rig.seed_keys(*keys(1000))
    report = rig.copy(max_concurrency=4, batch_size=50, max_failures=150)
    assert report.ok
    assert (report.counts["failed"], report.counts["copied"]) == (150, 850)


def test_one_failure_more_than_the_budget_stops_the_run() -> None:
    rig = Rig([Fault("CopyObject", *DENIED, times=None)])
    rig.seed_keys(*keys(1000))
    report = rig.copy(max_concurrency=4, batch_size=50, max_failures=300)
    assert "failed: denied" in report.stopped
    assert 300 < rig.requests("CopyObject") < 300 + 2 * 50


def test_a_share_is_one_of_what_is_listed_so_far() -> None:
    rig = Rig([Fault("CopyObject", *DENIED, times=None)])
    rig.seed_keys(*keys(3000))
    report = rig.copy(max_concurrency=16, max_failures="50%")
    assert report.stopped == "the first 100 copies all failed: denied"
    assert rig.requests("CopyObject") < 3000


@pytest.mark.parametrize("batch_size", [10, 1000])
def test_one_forbidden_directory_leaves_the_others_to_be_copied(batch_size: int) -> None:
    rig = Rig()
    rig.store.allow = lambda who, action, bucket, key: not (action == "s3:GetObject" and "-hr/" in key)
    there = [*keys(1200, "p/c/"), *keys(300, "p/d/")]
    rig.seed_keys(*keys(1500, "p/a-hr/"), *there, *keys(1100, "p/d/z-hr/"), *keys(10, "p/e/"))
    report = rig.copy(batch_size=batch_size, max_concurrency=16)
    assert report.stopped == ""
    assert (report.counts["copied"], report.counts["failed"]) == (1510, 2600)
