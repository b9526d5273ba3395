"""Shards and results as values: labels for people, JSON between tasks, and one line for what is neither."""

from __future__ import annotations

import json
from typing import Any

import pytest

from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.plan import Plan
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.shards.result import ShardResult, from_json, result_to_json
from s3_crosscopy.shards.shard import Shard, place_of_publish

SHARD = Shard(7, 64, 1, 1, "s3://raw/data/lake/", "s3://copy/lake/", KeyRange("data/lake/2024/03/01", "data/lake/b"), 9)
FAILURE = Failure("p/a", Reason.DENIED, "CopyObject", "AccessDenied", "no", "id")


@pytest.mark.parametrize(
    ("changes", "label"),
    [
        ({}, 'lake/ 07/64 from "2024/03/01"'),
        ({"range": KeyRange("", "x")}, "lake/ 07/64"),
        ({"source": "s3://raw/", "of": 9}, 'raw/ 7/9 from "data/lake/2024/03/01"'),
        ({"source": "s3://raw/data/one.csv", "single": True, "range": KeyRange()}, "one.csv 07/64"),
        ({"range": KeyRange("data/lake/a\n\x00é")}, r'lake/ 07/64 from "a\n\u0000é"'),
        ({"range": KeyRange("data/lake/" + "k" * 1000)}, f'lake/ 07/64 from "{"k" * 40}…"'),
    ],
)
def test_a_label_says_what_is_copied_which_shard_it_is_and_where_it_begins(changes: dict[str, Any], label: str) -> None:
    assert with_changes(changes).label == label


def with_changes(changes: dict[str, Any]) -> Shard:
    return Shard(**{**SHARD.__dict__, **changes})


def test_a_report_of_one_pair_needs_no_folder_for_it() -> None:
    assert SHARD.place == "shard-0007/"
    assert with_changes({"pair": 2, "pairs": 3}).place == "pair-0002/shard-0007/"


def test_a_shard_is_the_same_after_its_way_through_json() -> None:
    for shard in (SHARD, with_changes({"range": KeyRange()}), with_changes({"single": True})):
        assert Shard.from_json(json.loads(json.dumps(shard.to_json()))) == shard


def test_a_mark_tells_a_shard_from_one_of_other_places_or_of_another_range_and_not_from_one_of_another_number() -> None:
    others: list[dict[str, Any]] = [
        {"source": "s3://raw/data/"}, {"dest": "s3://copy/"}, {"range": KeyRange("a", "b")}, {"range": KeyRange("a")},
    ]  # fmt: skip
    assert len({SHARD.mark, *(with_changes(each).mark for each in others)}) == len(others) + 1
    assert with_changes({"number": 8, "of": 9, "keys": 3}).mark == SHARD.mark


@pytest.mark.parametrize(
    "said",
    [
        None,
        "text",
        [],
        {},
        {**SHARD.to_json(), "number": "7"},
        {**SHARD.to_json(), "source": None},
        {**SHARD.to_json(), "range": None},
        {**SHARD.to_json(), "range": ["a"]},
        {**SHARD.to_json(), "range": [1, "b"]},
        {**SHARD.to_json(), "range": ["a", 2]},
    ],
)
def test_what_is_no_shard_is_one_line_that_says_what_to_do(said: object) -> None:
    with pytest.raises(InvalidInput, match=r"^shard: is not a shard of this version[^\n]*clear the plan task"):
        Shard.from_json(said)


def report(**changes: Any) -> Report:
    tally = Tally.of({"listed": 3, "copied": 2, "failed": 1, "bytes": 9}, {"new": 2, "denied": 1}, {"etag": 2})
    given: dict[str, Any] = {
        "source": "s3://a/p/", "dest": "s3://b/q/", "counts": tally.as_dict(), "decisions": dict(tally.reasons),
        "verified_by": dict(tally.verified), "throttled": 4, "seconds": 2.5, "failures": (FAILURE,),
        "began": "2026-11-24T10:00:00", "markers": (KeyRange("p/a", "p/b"), KeyRange("p/c")),
    }  # fmt: skip
    return Report(**{**given, **changes})


def test_a_result_holds_the_summary_and_what_the_other_tasks_need_of_it() -> None:
    made = report(checked=3, unproven=(FAILURE,))
    said = json.loads(json.dumps(result_to_json(7, SHARD.mark, made)))

    assert {name: said[name] for name in ("shard", "listed", "copied", "ok")} == {
        "shard": 7, "listed": 3, "copied": 2, "ok": False,
    }  # fmt: skip
    assert from_json(said) == ShardResult(
        7, SHARD.mark, made.counts, made.decisions, made.verified_by, 4, 2.5, (FAILURE,), (FAILURE,), 3,
        "2026-11-24T10:00:00", made.markers,
    )  # fmt: skip
    assert not from_json(said).whole


def test_a_result_leaves_out_what_is_nothing_and_what_the_other_tasks_know() -> None:
    counts = Tally.of({"listed": 2, "skipped": 2}, {}, {}).as_dict()
    made = report(counts=counts, decisions={}, verified_by={}, throttled=0, failures=(), markers=(), began="")
    assert result_to_json(7, "m", made) == {
        "shard": 7, "mark": "m", "ok": True, "seconds": 2.5, "listed": 2, "copied": 0, "bytes": 0, "skipped": 2,
    }  # fmt: skip
    assert from_json(result_to_json(7, "m", made)).counts == counts
    assert result_to_json(7, "m", report(checked=0))["checked"] == 0


def test_a_result_is_whole_when_nothing_failed_nothing_was_left_and_nothing_is_unproven() -> None:
    counts = Tally.of({"listed": 2, "copied": 1, "held_back": 1}, {}, {}).as_dict()
    assert from_json(result_to_json(1, "", report(counts=counts))).whole
    assert not from_json(result_to_json(1, "", report(counts={**counts, "not_attempted": 1}))).whole
    assert not from_json(result_to_json(1, "", report(counts=counts, unproven=(FAILURE,)))).whole


def test_only_a_result_with_nothing_to_copy_names_the_keys_that_were_left_out() -> None:
    samples = {"filtered by glob": ("a", "b")}
    counts = Tally.of({"listed": 2, "filtered": 2}, {}, {}).as_dict()
    said = json.loads(json.dumps(result_to_json(1, "", report(counts=counts, samples=samples))))
    assert from_json(said).samples == samples
    assert "samples" not in result_to_json(1, "", report(samples=samples))


@pytest.mark.parametrize("losses", [None, {}, {"another ETag": 1}])
def test_a_result_tells_the_etags_that_were_not_kept_also_if_there_are_none(losses: dict[str, int] | None) -> None:
    said = json.loads(json.dumps(result_to_json(1, "", report(etags_not_kept=losses))))
    assert from_json(said).etags_not_kept == losses


def test_a_result_tells_the_longest_stay_of_its_loop() -> None:
    said = json.loads(json.dumps(result_to_json(1, "", report(longest_stay_s=1.25))))
    assert from_json(said).longest_stay_s == 1.25
    del said["longest_stay_s"]
    assert from_json(said).longest_stay_s == 0.0


def test_a_dry_runs_plan_does_not_go_along() -> None:
    class Long(Plan):
        def as_dict(self) -> dict[str, Any]:
            return {"long": "text"}

    made = report(plan=object.__new__(Long))
    assert "plan" in made.as_dict()
    assert "plan" not in result_to_json(1, "", made)


@pytest.mark.parametrize(
    "change",
    [
        {"listed": None},
        {"failures": [{"key": "a"}]},
        {"mark": None, "markers": [3]},
        {"failures": [{**FAILURE._asdict(), "reason": "?"}]},
    ],
    ids=str,
)
def test_what_is_no_result_is_one_line_that_says_what_to_do(change: dict[str, Any]) -> None:
    said = {**result_to_json(1, "", report()), **change}
    for one in (None, {}, said):
        with pytest.raises(InvalidInput, match=r"^results: one is of another version[^\n]*clear the copy tasks"):
            from_json(one)


@pytest.mark.parametrize(("pair", "pairs", "place"), [(1, 1, "publish/"), (2, 3, "pair-0002/publish/")])
def test_the_markers_of_a_pair_have_a_report_of_their_own(pair: int, pairs: int, place: str) -> None:
    assert place_of_publish(pair, pairs) == place
