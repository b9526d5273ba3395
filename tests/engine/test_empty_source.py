"""What filters leave out: one object by its name, the first keys of each reason, and a run that has nothing left."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.api.result_errors import judge
from s3_crosscopy.core.spec import resolve_spec
from s3_crosscopy.errors import EmptySource
from s3_crosscopy.model.checkpoint import CheckpointState
from s3_crosscopy.model.events import PhaseStarted
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.run_scope import KeySubset, RunRole
from s3_crosscopy.model.tally import Tally
from tests.engine.harness import Rig, keys
from tests.engine.test_manifests import named

ONE = ("s3://src/p/day/orders.csv", "s3://dst/q/")


def one_object(**options: Any) -> tuple[Rig, Report]:
    rig = Rig()
    rig.seed_keys("p/day/orders.csv", "p/day/orders.csv.bak")
    return rig, rig.copy(*ONE, **options)


def judged(report: Report, source: str = "s3://src/p/", **options: Any) -> str:
    """What the user is told, if it is no success."""
    try:
        judge(resolve_spec(source, "s3://dst/q/", options), report)
    except EmptySource as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("wish", "copied"),
    [
        ({"include": "*.csv"}, 1),
        ({"include": "orders.csv"}, 1),
        ({"include": "day/*"}, 0),
        ({"exclude": "*.csv"}, 0),
        ({"exclude": "day/*"}, 1),
        ({"exclude": "p/*"}, 1),
    ],
)
def test_one_object_is_chosen_by_its_name_and_the_audit_and_a_dry_run_agree(wish: dict[str, str], copied: int) -> None:
    rig, report = one_object(**wish, verification="listing")
    assert (report.counts["copied"], report.counts["filtered"]) == (copied, 1 - copied)
    assert (report.ok, report.checked) == (True, copied)
    assert rig.store.keys("dst") == ["q/orders.csv"] * copied
    assert report.empty is not bool(copied)
    _, planned = one_object(**wish, dry_run=True)
    assert (planned.counts["would_copy"], planned.empty) == (copied, copied == 0)
    assert ("orders.csv" in judged(report, **wish)) == (copied == 0)


def test_one_object_goes_last_by_its_name() -> None:
    rig, report = one_object(copy_last="orders.*")
    assert [phase.phase for phase in rig.sink.of(PhaseStarted)] == ["last"]
    assert report.counts["copied"] == 1


@pytest.mark.parametrize("dry_run", [False, True])
@pytest.mark.parametrize(
    "more",
    [{}, {"report_skipped": True, "report": "r"}, {"batch_size": 2}, {"copy_last": "x"}, {"overwrite": "always"}],
)
def test_globs_that_leave_nothing_are_told_with_the_first_keys_as_they_see_them(
    dry_run: bool, more: dict[str, Any]
) -> None:
    rig = Rig()
    rig.seed_keys("p/a.csv", "p/b.csv", "p/d/c.csv", "p/e.csv")
    report = rig.copy(include="*.cvs", dry_run=dry_run, **more)
    assert report.samples == {"filtered by glob": ("a.csv", "b.csv", "d/c.csv")}
    assert judged(report, include="*.cvs") == (
        "nothing of s3://src/p/ is left to copy: include='*.cvs' left out 4 of 4 (globs are relative to the source"
        " prefix, or see one object's name; here: 'a.csv', 'b.csv', 'd/c.csv'); check the filter or the"
        " manifest; only if nothing may match at times set if_empty='skip' or if_empty='succeed', which accept a"
        " wrong one too"
    )
    for wish in ("skip", "succeed"):
        assert judged(report, include="*.cvs", if_empty=wish) == ""


def test_sizes_that_leave_nothing_are_judged_too_and_a_time_is_not() -> None:
    rig = Rig()
    rig.seed_keys("p/a", "p/b")
    assert "min_size='1 KiB' left out 2 of 2 (the first are 'a', 'b')" in judged(rig.copy(min_size=1024), min_size=1024)
    for also in ({}, {"exclude": "a"}, {"exclude": "a", "max_size": 10}):
        report = rig.copy(modified_after="2999-01-01", **also)
        assert report.counts["filtered"] == 2
        assert judged(report, modified_after="2999-01-01", **also) == ""


def test_keys_of_a_manifest_of_which_none_exists_are_judged_too() -> None:
    rig = Rig()
    rig.seed_keys("p/a")
    named(rig, ["p/a ", "p/b "])
    report = rig.copy()
    assert report.ok
    assert "2 of 2 keys of the manifest are not at the source" in judged(report, manifest="typo")
    assert "the first are 'p/a ', 'p/b '" in judged(report, manifest="typo")
    named(rig, ["p/a", "p/b "])
    assert judged(rig.copy(), manifest="typo") == ""


def test_objects_that_were_all_deleted_since_they_were_listed_are_judged_too() -> None:
    rig = Rig()
    rig.seed_keys("p/a", "p/b")
    rig.deleted_when_listed("p/a", "p/b")
    report = rig.copy()
    assert (report.counts["listed"], report.counts["missing"]) == (2, 2)
    assert "2 of 2 were deleted since they were listed ('p/a', 'p/b')" in judged(report)


def test_archives_that_are_left_out_by_wish_are_no_empty_source() -> None:
    rig = Rig()
    rig.store.put("src", "p/cold", b"x", storage_class="GLACIER")
    report = rig.copy(archived="skip")
    assert report.counts["skipped"] == 1
    assert judged(report, archived="skip") == ""


def test_a_run_that_went_on_judges_what_all_attempts_left_out() -> None:
    rig = Rig()
    rig.seed_keys(*keys(300))
    before = {**Tally().as_dict(), "listed": 150, "filtered": 150}
    for reasons, empty in (({"filtered by glob": 150}, True), ({"filtered by time": 150}, False)):
        state = CheckpointState("", (KeyRange("p/000149"),), before, reasons, {})
        report = rig.copy(exclude="0*", resumed=state)
        assert report.counts["filtered"] == 300
        assert ("exclude='0*' left out 300 of 300" in judged(report, exclude="0*")) is empty
    # Its own keys may be none: then the line does without.
    done = CheckpointState("", (), {**before, "filtered": 150}, {"filtered by glob": 150}, {})
    assert "exclude='0*' left out 150 of 150; check" in judged(rig.copy(exclude="0*", resumed=done), exclude="0*")


def test_shards_of_which_some_are_filtered_whole_are_a_copy() -> None:
    rig = Rig()
    rig.seed_keys("p/a/1", "p/b/1")
    role = RunRole(KeySubset.DATA)
    left, right = (
        rig.copy(ranges=[one], role=role, include="b/*") for one in (KeyRange("", "p/a/9"), KeyRange("p/a/9"))
    )
    assert (left.empty, right.empty) == (True, False)
    assert left.samples == {"filtered by glob": ("a/1",)}
