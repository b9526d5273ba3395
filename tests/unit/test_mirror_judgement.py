"""The table that says if keys may be deleted."""

from __future__ import annotations

from typing import Any

import pytest

from s3_crosscopy.core.mirror.judgement import (
    GO,
    Candidates,
    Completeness,
    judge_candidates,
    judge_run,
    judge_versioning,
    postponed,
)
from s3_crosscopy.model.tally import Tally

NOTHING = Tally().as_dict()


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        ({"stopped": "too slow"}, "the run stopped early (too slow)"),
        ({"others_complete": False}, "not every shard is complete"),
        ({"counts": {**NOTHING, "failed": 2}}, "2 objects failed"),
        ({"counts": {**NOTHING, "held_back": 1}}, "1 objects were held back"),
        ({"counts": {**NOTHING, "not_attempted": 3}}, "3 objects were not attempted"),
        ({"unproven": True}, "the listing at the end did not verify every copy"),
    ],
)
def test_a_run_that_is_not_complete_leaves_the_deletes_to_a_later_one(facts: dict[str, Any], why: str) -> None:
    complete: dict[str, Any] = {"stopped": "", "counts": {**NOTHING, "copied": 5, "skipped": 9}, "unproven": False}
    assert judge_run(Completeness(**complete)) == GO
    assert judge_run(Completeness(**{**complete, **facts})) == postponed(why)


@pytest.mark.parametrize(
    ("status", "permanent", "may"),
    [
        ("Enabled", False, True),
        ("Suspended", False, False),
        ("", False, False),
        ("Suspended", True, True),
        ("", True, True),
    ],
)
def test_without_versioning_nothing_is_deleted_unless_for_good(status: str, permanent: bool, may: bool) -> None:
    verdict = judge_versioning(status, permanent=permanent)

    assert (verdict.may, verdict.ok) == (may, may)
    assert may or "permanent_delete" in verdict.why


@pytest.mark.parametrize(
    ("most", "candidates", "may"),
    [("10%", 1, True), ("10%", 2, False), (2, 2, True), (2, 3, False), (0, 0, True), (0, 1, False), ("100%", 15, True)],
)
def test_too_many_candidates_are_refused(most: int | str, candidates: int, may: bool) -> None:
    verdict = judge_candidates(Candidates(source=5, listed=15, candidates=candidates), most)

    assert (verdict.may, verdict.ok) == (may, may)
    assert may or f"{candidates:,} of 15 keys at the destination" in verdict.why


def test_an_empty_source_deletes_nothing_and_is_no_failure() -> None:
    assert judge_candidates(Candidates(0, 5, 5), "100%") == postponed("the source is empty")
