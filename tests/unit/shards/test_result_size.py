"""A result in few bytes: its counts always, a failure that makes it no success always, of the rest what has room."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.shards.plan_values import LEAST, json_bytes
from s3_crosscopy.shards.result import ANYWHERE, from_json
from s3_crosscopy.shards.result_size import OTHERS, bare, coarser


def failure(key: str, message: str = "no") -> dict[str, str]:
    return Failure(key, Reason.DENIED, "CompleteMultipartUpload", "AccessDenied", message, "R" * 16).as_dict()


def result(**more: Any) -> dict[str, Any]:
    counts = dict.fromkeys(Tally.COUNTS, 10**9)
    said: dict[str, Any] = {
        "shard": 1000, "mark": "0123456789abcdef", "ok": True, "seconds": 12345.678, **counts, "throttled": 99_999,
        "began": "2026-11-24T10:00:00.000Z", "decisions": {LEFT_TO_PUBLISH: 10**9}, "verified_by": {"etag": 10**9},
    }  # fmt: skip
    return {**said, **more}


REASONS = {f"a rare reason that has a name of its own, number {number}": number for number in range(1, 40)}


def test_rare_reasons_are_counted_together_and_those_that_others_ask_for_are_not() -> None:
    said = result(decisions={**REASONS, LEFT_TO_PUBLISH: 1, "new": 500})
    small = bare(said, LEAST)
    assert json_bytes(small) <= LEAST
    assert small["decisions"][LEFT_TO_PUBLISH] == 1
    assert small["decisions"]["new"] == 500
    assert sum(small["decisions"].values()) == sum(said["decisions"].values())
    assert OTHERS in small["decisions"]
    assert bare(said, 10_000)["decisions"] == said["decisions"]


def test_where_nothing_can_be_left_out_the_counts_stay() -> None:
    small = bare(result(), 10)
    assert small["decisions"] == {OTHERS: 10**9}
    assert "verified_by" not in small
    assert small["copied"] == 10**9


def test_extraneous_keys_are_left_out_before_their_numbers() -> None:
    said = result(extraneous=[30, 1, True, ["q/" + "k" * 500], None])
    assert bare(said, 10_000)["extraneous"] == said["extraneous"]
    assert bare(said, LEAST)["extraneous"] == [30, 1, True, [], None]


def test_etags_that_were_not_kept_are_counted_together_rather_than_left_out() -> None:
    losses = {"parts of uneven sizes": 1, "another ETag": 2}
    assert bare(result(etags_not_kept=losses), 10)["etags_not_kept"] == {OTHERS: 3}
    assert bare(result(etags_not_kept={}), 10)["etags_not_kept"] == {}
    assert bare(result(etags_not_kept=losses), 10_000)["etags_not_kept"] == losses


def test_without_its_lists_a_result_has_markers_anywhere() -> None:
    small = bare(result(markers=[["a", "b"]], failures=[failure("a")]), LEAST)
    assert small["markers"] == ANYWHERE
    assert from_json(small).markers is None
    assert "failures" not in small


def test_as_many_failures_are_named_as_have_room() -> None:
    said = result(failures=[failure(f"p/{number}") for number in range(20)])
    assert 1 <= len(coarser(said, 1500)["failures"]) < 20
    assert coarser(said, 20_000)["failures"] == said["failures"]


def test_a_long_key_is_shortened_rather_than_not_named() -> None:
    said = result(failures=[failure("p/" + "k" * 1000, "m" * 2000)])
    (one,) = coarser(said, 1500)["failures"]
    assert one["key"].startswith("p/kkk")
    assert one["key"].endswith("...")
    assert (one["code"], one["request_id"]) == ("AccessDenied", "")


def test_a_result_that_is_no_success_does_not_become_one() -> None:
    said = result(failed=0, not_attempted=0, unproven=[failure("é" * 500, "é" * 2000)] * 20, decisions=REASONS)
    small = coarser(said, LEAST)
    assert json_bytes(small) <= LEAST
    assert not from_json(small).whole


def test_markers_lie_in_fewer_intervals_and_then_anywhere() -> None:
    ranges = [[f"p/{number:04}/", f"p/{number:04}/_SUCCESS"] for number in range(100)]
    some = coarser(result(markers=ranges), 2000)["markers"]
    assert 1 < len(some) < 100
    assert (some[0][0], some[-1][1]) == (ranges[0][0], ranges[-1][1])
    long = [["p/" + "x" * 1000, "p/" + "y" * 1000]]
    assert coarser(result(markers=long), LEAST)["markers"] == ANYWHERE


def test_samples_go_along_where_there_is_room() -> None:
    said = result(samples={"filtered by glob": ["a", "b"]})
    assert coarser(said, 2000)["samples"] == said["samples"]
    assert "samples" not in coarser(said, json_bytes(result()) + 10)


TEXTS = st.text(st.sampled_from('a/é😀\\"'), max_size=1024)


@given(
    most=st.integers(LEAST, 5000),
    failures=st.lists(st.builds(failure, TEXTS, TEXTS), max_size=20),
    unproven=st.lists(st.builds(failure, TEXTS, TEXTS), max_size=20),
    markers=st.lists(st.lists(TEXTS, min_size=2, max_size=2, unique=True).map(sorted), max_size=50),
)
def test_the_bound_always_holds(most: int, failures: list[Any], unproven: list[Any], markers: list[Any]) -> None:
    said = result(failures=failures, unproven=unproven, markers=markers, decisions={**REASONS, LEFT_TO_PUBLISH: 5})
    small = coarser(said, most)
    assert json_bytes(small) <= most
    read = from_json(json.loads(json.dumps(small)))
    assert bool(read.unproven) == bool(unproven)
    assert (read.markers == ()) == (not markers)
    assert read.decisions[LEFT_TO_PUBLISH] == 5


@pytest.mark.parametrize("most", [LEAST, 20_000])
def test_what_is_small_loses_nothing(most: int) -> None:
    assert coarser(result(), most) == result()
