"""`manifest`: exactly these keys, by a HEAD a side, and never a listing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.testing import Fault, RequestBudget, sparse
from tests.engine.harness import Rig, keys
from tests.engine.test_resume import Death, Killed, dying_rig, revive

MIB = 2**20


class Named:
    """The keys of a manifest in memory; notes which were asked for."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = sorted(names)
        self.given: list[str] = []

    def between(self, after: str, end: str | None) -> Iterator[str]:
        for key in self.names:
            if key > after and (end is None or key <= end):
                self.given.append(key)
                yield key


def named(rig: Rig, names: Iterable[str]) -> Named:
    manifest = Named(names)
    rig.manifest = manifest.between
    return manifest


def add_up(counts: Any) -> bool:
    listed: int = counts["listed"]
    outcomes: list[int] = [counts[name] for name in Tally.OUTCOMES]
    return listed == sum(outcomes)


@pytest.mark.parametrize("seed", [None, 1, 2])
def test_exactly_the_named_keys_are_copied(seed: int | None) -> None:
    rig = Rig(seed=seed)
    rig.seed_keys(*keys(500))
    named(rig, keys(500)[::7])
    report = rig.copy(batch_size=10, max_concurrency=8)
    assert report.ok
    assert report.counts["copied"] == report.counts["listed"] == len(keys(500)[::7])
    assert rig.store.keys("dst") == [key.replace("p/", "q/", 1) for key in keys(500)[::7]]


def test_it_costs_a_head_a_side_and_a_copy_each_and_no_listing() -> None:
    rig = Rig()
    rig.seed_keys(*keys(500))
    named(rig, keys(500)[:100])
    rig.copy()
    assert rig.source.counts() == {"HeadObject": 100}
    RequestBudget({"HeadObject": 200, "CopyObject": 100}).check(rig.source, rig.dest)


def test_what_is_overwritten_in_any_case_is_not_looked_at_at_the_destination() -> None:
    rig = Rig()
    rig.seed_keys(*keys(50))
    named(rig, keys(50))
    rig.copy(overwrite="always")
    RequestBudget({"HeadObject": 50, "CopyObject": 50}).check(rig.source, rig.dest)


def test_equal_keys_are_skipped() -> None:
    rig = Rig()
    rig.seed_keys(*keys(50))
    rig.copy()
    rig.clock.advance(5)
    named(rig, keys(50))
    report = rig.copy()
    assert report.counts["skipped"] == 50
    assert rig.requests("CopyObject") == 0


def test_a_key_that_the_source_does_not_have_is_missing_and_no_failure() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10))
    named(rig, [*keys(12), "p/zzz"])
    report = rig.copy()
    assert report.ok
    assert (report.counts["copied"], report.counts["missing"], report.counts["listed"]) == (10, 3, 13)
    assert add_up(report.counts)


def test_a_key_that_may_not_be_read_fails_and_the_others_arrive() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10))
    rig.store.allow = lambda who, action, bucket, key: key != "p/000003"
    named(rig, keys(10))
    report = rig.copy()
    assert (report.counts["copied"], report.counts["failed"]) == (9, 1)
    assert [(one.key, one.reason, one.call) for one in report.failures] == [("p/000003", Reason.DENIED, "HeadObject")]
    assert rig.requests("CopyObject") == 9
    assert add_up(report.counts)


@pytest.mark.parametrize("options", [{"min_size": 1}, {"modified_after": "2020-01-01T00:00:00Z"}])
def test_a_key_that_may_not_be_read_is_not_left_out_by_a_filter(options: dict[str, Any]) -> None:
    rig = Rig()
    rig.seed_keys(*keys(10))
    rig.store.allow = lambda who, action, bucket, key: key != "p/000003"
    named(rig, keys(10))
    report = rig.copy(**options)
    assert report.counts["failed"] == 1


@pytest.mark.parametrize(("code", "status"), [("SlowDown", 503), ("ExpiredToken", 400)])
def test_a_head_that_is_refused_in_passing_is_made_again(code: str, status: int) -> None:
    # The first run lists: its HEADs are none.
    rig = Rig([Fault("HeadObject", code, status, key="p/000003")])
    rig.seed_keys(*keys(10))
    rig.copy()
    rig.clock.advance(5)
    named(rig, keys(10))
    assert rig.copy().counts["skipped"] == 10


@pytest.mark.parametrize(
    ("side", "code", "status"),
    [
        ("p/000003", "SlowDown", 503),
        ("p/000003", "InternalError", 500),
        ("p/000003", "ReadTimeout", 0),
        ("q/000003", "SlowDown", 503),
        ("q/000003", "InternalError", 500),
        ("q/000003", "ReadTimeout", 0),
    ],
)
def test_a_head_that_fails_in_passing_costs_no_key(side: str, code: str, status: int) -> None:
    rig = Rig([Fault("HeadObject", code, status, key=side)])
    rig.seed_keys(*keys(10))
    named(rig, keys(10))
    report = rig.copy()
    assert report.ok
    assert report.counts["copied"] == 10
    assert rig.same_on_both_sides()


PASSING = Fault("HeadObject", "InternalError", 500, key="p/000003")
"""Of the first round only."""


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"min_size": 100}, "filtered by size"),
        ({"modified_after": "2100-01-01"}, "filtered by time"),
    ],
)
def test_a_key_that_was_seen_in_the_second_round_only_is_filtered_then(options: dict[str, Any], reason: str) -> None:
    rig = Rig([PASSING])
    rig.seed_keys(*keys(10))
    named(rig, keys(10))
    report = rig.copy(**options)
    assert report.decisions == {reason: 10}
    assert rig.store.keys("dst") == []


def test_a_key_that_was_never_seen_is_left_out_by_its_name_all_the_same() -> None:
    rig = Rig([Fault("HeadObject", "AccessDenied", 403, key="p/000003", times=None)])
    rig.seed_keys(*keys(10))
    named(rig, keys(10))
    report = rig.copy(exclude=["*3"])
    assert (report.ok, report.counts["filtered"], report.counts["copied"]) == (True, 1, 9)


def test_a_key_that_was_seen_in_the_second_round_only_is_skipped_compared_refused_or_copied_in_parts_then() -> None:
    rig = Rig([PASSING])
    rig.seed_keys(*keys(10))
    named(rig, keys(10))
    rig.copy()
    rig.clock.advance(5)
    again = revive(rig, PASSING)
    assert again.copy().counts["skipped"] == 10

    rig.store.put("src", "p/000003", sparse(50 * MIB, "x"), tags={"t": "1"})
    in_parts = revive(rig, PASSING)
    assert in_parts.copy(multipart_threshold="5MiB", part_size="5MiB").counts["copied"] == 1
    assert in_parts.requests("UploadPartCopy") == 10

    rig.store.put("src", "p/000003", b"x", storage_class="GLACIER")
    refused = revive(rig, PASSING).copy()
    assert [(one.key, one.reason) for one in refused.failures] == [("p/000003", Reason.ARCHIVED)]


def test_a_marker_that_was_not_seen_holds_back_all_of_them_and_does_not_come_before_the_data() -> None:
    rig = Rig([Fault("HeadObject", "InternalError", 500, key="p/a/_SUCCESS")])
    rig.seed_keys(*keys(10), "p/a/_SUCCESS", "p/b/_SUCCESS")
    rig.clock.advance(5)
    named(rig, [*keys(10), "p/a/_SUCCESS", "p/b/_SUCCESS"])
    report = rig.copy(copy_last=["*/_SUCCESS"])
    assert (report.counts["copied"], report.counts["failed"], report.counts["held_back"]) == (10, 1, 1)
    assert report.retryable


def test_large_objects_are_copied_in_parts() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10))
    rig.store.put("src", "p/big", sparse(50 * MIB, "x"), tags={"t": "1"})
    named(rig, ["p/000001", "p/big"])
    report = rig.copy(multipart_threshold="5MiB", part_size="5MiB")
    assert report.counts["copied"] == 2
    assert rig.requests("UploadPartCopy") == 10
    assert rig.store.get("dst", "q/big").tags == {"t": "1"}
    assert rig.requests("ListObjectsV2") == 0


def test_filters_and_markers_hold_for_named_keys_too() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10), "p/x.tmp", "p/a/_SUCCESS")
    order = rig.copied_in_order()
    named(rig, [*keys(10), "p/x.tmp", "p/a/_SUCCESS"])
    report = rig.copy(exclude=["*.tmp"], copy_last=["*/_SUCCESS"])
    assert (report.counts["copied"], report.counts["filtered"]) == (11, 1)
    assert order[-1] == "p/a/_SUCCESS"


def test_a_marker_written_after_the_run_began_is_held_back_by_the_clock_of_the_heads() -> None:
    rig = Rig()
    rig.seed_keys(*keys(100))
    named(rig, [*keys(100), "p/z/_SUCCESS"])
    copy = rig.dest.copy

    def then_a_commit_lands(op):  # type: ignore[no-untyped-def]
        if op.source_key == "p/000000":
            rig.clock.advance(10)
            rig.store.put("src", "p/z/_SUCCESS", b"late")
        return copy(op)

    rig.dest.copy = then_a_commit_lands  # type: ignore[method-assign]
    report = rig.copy(copy_last=["*/_SUCCESS"], max_concurrency=2)
    assert report.counts["held_back"] == 1
    assert "q/z/_SUCCESS" not in rig.store.keys("dst")


@pytest.mark.parametrize("at", [3, 50, 200, 350, 590])
def test_a_killed_run_goes_on_by_range(at: int) -> None:
    rig, death = Rig(), Death()
    rig.seed_keys(*keys(400))
    rig.checkpoint = death
    names = keys(400)[::2]
    named(rig, names)
    dying_rig(rig, death, at)
    with pytest.raises(Killed):
        rig.copy(batch_size=10, max_concurrency=4)
    state = death.last()
    again = revive(rig)
    manifest = named(again, names)
    report = again.copy(batch_size=10, max_concurrency=4, resumed=state)
    assert report.counts["copied"] == report.counts["listed"] == 200
    assert len(again.store.keys("dst")) == 200
    if state is not None:
        assert len(manifest.given) <= 200 - state.counts["copied"]
    assert again.requests("ListObjectsV2") == 0


def test_a_retry_asks_only_for_what_is_left() -> None:
    rig, death = Rig([Fault("CopyObject", "AccessDenied", 403, key="p/000111", times=None)]), Death()
    rig.seed_keys(*keys(300))
    rig.checkpoint = death
    named(rig, keys(300))
    assert rig.copy(batch_size=10).counts["failed"] == 1
    again = revive(rig)
    manifest = named(again, keys(300))
    report = again.copy(batch_size=10, resumed=death.last())
    assert report.counts["copied"] == 300
    assert manifest.given == ["p/000111"]


def test_only_so_many_keys_are_asked_for_ahead() -> None:
    rig = Rig()
    rig.seed_keys(*keys(2000))
    manifest = named(rig, keys(2000))
    most = 0
    copy = rig.dest.copy

    def counted(op):  # type: ignore[no-untyped-def]
        nonlocal most
        most = max(most, len(manifest.given) - len(rig.store.keys("dst")))
        return copy(op)

    rig.dest.copy = counted  # type: ignore[method-assign]
    assert rig.copy(max_concurrency=8).counts["copied"] == 2000
    assert most <= 64


def test_a_dry_run_of_a_manifest_writes_nothing() -> None:
    rig = Rig()
    rig.seed_keys(*keys(10))
    named(rig, keys(10))
    assert rig.copy(dry_run=True).counts["would_copy"] == 10
    assert rig.store.keys("dst") == []
