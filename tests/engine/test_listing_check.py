"""`verification="listing"`: a last listing of both sides finds what is not as it should be, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from s3_crosscopy.model.events import Event, PhaseStarted
from s3_crosscopy.testing import Fault, sparse
from tests.engine.harness import Rig, keys
from tests.engine.test_resume import Death, Killed, dying_rig, revive

MIB = 2**20


def meanwhile(rig: Rig, act: Callable[[], object]) -> None:
    """Somebody acts between the last copy and the last listing."""

    def on_event(event: Event) -> None:
        if isinstance(event, PhaseStarted) and event.phase == "check":
            rig.clock.advance(5)
            act()

    rig.sink.on_event = on_event


def audited(rig: Rig, **options: Any) -> Any:
    return rig.copy(verification="listing", **options)


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_a_run_that_is_as_it_should_be_is_proven_by_one_more_listing_of_both_sides(seed: int | None) -> None:
    rig = Rig(seed=seed)
    rig.seed_keys(*keys(2500))
    plain = rig.copy()
    lists = rig.requests("ListObjectsV2")
    rig = Rig(seed=seed)
    rig.seed_keys(*keys(2500))
    report = audited(rig)
    assert report.ok
    assert (plain.checked, report.checked) == (None, 2500)
    assert rig.source.counts()["ListObjectsV2"] == 2 * 3
    # Before, the destination was empty: one page.
    assert (lists, rig.requests("ListObjectsV2")) == (3 + 1, 4 + 3 + 3)
    assert rig.requests("CopyObject") == 2500
    assert rig.requests("HeadObject") == 0


def test_a_copy_that_was_deleted_behind_the_runs_back_is_found() -> None:
    rig = Rig()
    rig.seed_keys(*keys(50))
    meanwhile(rig, lambda: rig.store.delete("dst", "q/000007"))
    report = audited(rig)
    assert not report.ok
    assert report.retryable
    assert [(one.key, one.code) for one in report.unproven] == [("p/000007", "NotVerified")]
    assert "is not at the destination" in report.unproven[0].message


def test_a_copy_that_was_truncated_is_found() -> None:
    rig = Rig()
    rig.seed_keys(*keys(50), size=1200)
    meanwhile(rig, lambda: rig.store.put("dst", "q/000007", b"cut"))
    report = audited(rig)
    assert [one.key for one in report.unproven] == ["p/000007"]
    assert "has 3 bytes at the destination, 1,200 at the source" in report.unproven[0].message


def test_a_run_that_skipped_everything_is_audited_too() -> None:
    rig = Rig()
    rig.seed_keys(*keys(50))
    rig.copy()
    rig.clock.advance(5)
    meanwhile(rig, lambda: rig.store.delete("dst", "q/000007"))
    assert [one.key for one in audited(rig).unproven] == ["p/000007"]


def test_only_the_first_are_named() -> None:
    rig = Rig()
    rig.seed_keys(*keys(50))

    def act() -> None:
        for key in rig.store.keys("dst"):
            rig.store.delete("dst", key)

    meanwhile(rig, act)
    assert [one.key for one in audited(rig).unproven] == keys(20)


def test_a_source_that_changed_since_the_run_began_is_not_held_against_it() -> None:
    rig = Rig()
    rig.seed_keys(*keys(50))

    def act() -> None:
        rig.store.put("src", "p/000007", b"longer than it was")
        rig.store.put("src", "p/new", b"new")
        rig.store.delete("src", "p/000008")

    meanwhile(rig, act)
    report = audited(rig)
    assert report.ok
    assert report.unproven == ()


def test_what_is_filtered_or_archived_is_left_out() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10), "p/x.tmp", "p/empty", size=3)
    rig.store.put("src", "p/empty", b"")
    rig.store.put("src", "p/cold", b"ice", storage_class="GLACIER")
    rig.clock.advance(2)
    report = audited(rig, exclude=["*.tmp"], min_size=1, archived="skip")
    assert report.ok
    assert report.checked == 10


def test_keys_that_were_held_back_are_left_out() -> None:
    rig = Rig()
    rig.seed_keys(*keys(1500))
    listed, pages = rig.source.list_page, [0]

    def a_commit_lands(op):  # type: ignore[no-untyped-def]
        pages[0] += 1
        if pages[0] == 2:
            rig.clock.advance(10)
            rig.store.put("src", "p/z/_SUCCESS", b"late")
        return listed(op)

    rig.source.list_page = a_commit_lands  # type: ignore[method-assign]
    report = audited(rig, copy_last=["*/_SUCCESS"])
    assert report.counts["held_back"] == 1
    assert report.ok
    assert report.checked == 1500


def test_markers_that_were_copied_are_audited() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10), "p/z/_SUCCESS", size=100)
    meanwhile(rig, lambda: rig.store.put("dst", "q/z/_SUCCESS", b"cut"))
    assert [one.key for one in audited(rig, copy_last=["*/_SUCCESS"]).unproven] == ["p/z/_SUCCESS"]


def test_the_prefixs_own_marker_has_no_name_at_a_buckets_root() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10), "p/")
    report = audited(rig, dest="s3://dst/", allow_bucket_root=True)
    assert report.counts["filtered"] == 1
    assert report.ok


def test_what_was_there_and_is_never_overwritten_is_as_it_should_be() -> None:
    rig = Rig()
    rig.store.put("dst", "q/000003", b"mine, and longer")
    rig.seed_keys(*keys(10))
    report = audited(rig, overwrite="never")
    assert report.counts["skipped"] == 1
    assert report.ok


def test_failures_within_the_budget_stay_a_success() -> None:
    rig = Rig([Fault("CopyObject", "AccessDenied", 403, key="p/000003", times=None)])
    rig.seed_keys(*keys(10))
    report = audited(rig, max_failures=1)
    assert report.counts["failed"] == 1
    assert report.ok


def test_large_objects_are_audited() -> None:
    rig = Rig()
    rig.seed_keys(*keys(3))
    rig.store.put("src", "p/big", sparse(20 * MIB, "x"))
    meanwhile(rig, lambda: rig.store.put("dst", "q/big", sparse(5 * MIB, "x")))
    report = audited(rig, multipart_threshold="5MiB", part_size="5MiB")
    assert [one.key for one in report.unproven] == ["p/big"]


def test_a_listing_that_is_refused_at_the_end_stops_the_run() -> None:
    rig = Rig([Fault("ListObjectsV2", "AccessDenied", 403, skip=1, times=None)])
    rig.seed_keys(*keys(10))
    report = audited(rig)
    assert report.counts["copied"] == 10
    assert "the listing was refused" in report.stopped
    assert not report.ok


def test_a_dry_run_proves_nothing() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10))
    report = audited(rig, dry_run=True)
    assert report.checked is None
    assert rig.requests("ListObjectsV2") == 2


def test_one_object_is_audited_by_its_heads() -> None:
    rig = Rig()
    rig.seed_keys("p/a")
    meanwhile(rig, lambda: rig.store.delete("dst", "q/a"))
    report = rig.copy("s3://src/p/a", "s3://dst/q/", verification="listing")
    assert [one.key for one in report.unproven] == ["p/a"]
    assert rig.requests("ListObjectsV2") == 0


@pytest.mark.parametrize("at", [5, 60, 103, 104])
def test_a_resumed_run_audits_what_the_dead_attempt_copied_too(at: int) -> None:
    rig, death = Rig(), Death()
    rig.seed_keys(*keys(100))
    rig.checkpoint = death
    dying_rig(rig, death, at)
    with pytest.raises(Killed):
        audited(rig, batch_size=10, max_concurrency=4)
    again = revive(rig)
    meanwhile(again, lambda: rig.store.delete("dst", "q/000000"))
    report = audited(again, batch_size=10, max_concurrency=4, resumed=death.last())
    assert report.counts["copied"] == 100
    assert report.checked == 100
    assert [one.key for one in report.unproven] == ["p/000000"]
