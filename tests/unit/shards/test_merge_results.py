"""One summary of many results: whole only if every part is there, and its counts add up because theirs do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from s3_crosscopy.errors import AccountingError
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import FIRST_FAILURES, Report
from s3_crosscopy.model.run_record import RunInfo
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.shards.merge_results import (
    first_began,
    held_for_publish,
    match_results,
    not_done,
    run_of_parts,
    whole_report,
)
from s3_crosscopy.shards.result import PUBLISHED, ShardResult
from s3_crosscopy.shards.shard import Shard

RANGES = [KeyRange("", "b"), KeyRange("b", "c"), KeyRange("c")]
SHARDS = [Shard(n, 3, 1, 1, "s3://a/p/", "s3://b/q/", one, 10) for n, one in enumerate(RANGES, start=1)]
FAILURE = Failure("p/a", Reason.DENIED, "CopyObject", "AccessDenied", "no")


def result(number: int, *, held: int = 0, reasons: dict[str, int] | None = None, **counts: Any) -> ShardResult:
    more = {name: counts.pop(name) for name in tuple(counts) if name in ShardResult.__dataclass_fields__}
    listed = counts.pop("listed", held + sum(counts.get(name, 0) for name in Tally.OUTCOMES))
    every = Tally.of({**counts, "listed": listed, "held_back": held + counts.get("held_back", 0)}, {}, {}).as_dict()
    decisions = {**(reasons or {}), **({LEFT_TO_PUBLISH: held} if held else {})}
    return ShardResult(number, SHARDS[number - 1].mark if number else "", every, decisions, {}, **more)


def whole(results: list[ShardResult], published: list[ShardResult], **given: Any) -> Report:
    options: dict[str, Any] = {"max_failures": 0, "dry_run": False, **given}
    return whole_report(SHARDS, results, published, **options)


def counts(report: Report) -> dict[str, int]:
    return {name: number for name, number in report.counts.items() if number}


def test_results_are_matched_with_the_shards_whatever_their_order() -> None:
    one, two, three = (result(number) for number in (1, 2, 3))
    assert match_results(SHARDS, [three, one, two]).results == (one, two, three)


def test_the_etags_of_all_shards_are_counted_together() -> None:
    results = [
        result(1, copied=3, etags_not_kept={"another ETag": 1}),
        result(2, copied=2, etags_not_kept={}),
        result(3, copied=2, etags_not_kept={"another ETag": 1, "parts of uneven sizes": 1}),
    ]
    report = whole(results, [])
    assert (report.etags_kept, report.etags_not_kept) == (4, {"another ETag": 2, "parts of uneven sizes": 1})
    assert whole([result(number) for number in (1, 2, 3)], []).etags_not_kept is None


def test_a_shard_without_a_result_is_not_done() -> None:
    matched = match_results(SHARDS, [result(1), result(3)])
    assert matched.undone == (SHARDS[1],)


def test_a_result_of_an_older_plan_proves_nothing() -> None:
    old = ShardResult(2, replace(SHARDS[1], range=KeyRange("a", "z")).mark, result(2).counts, {}, {})
    assert match_results(SHARDS, [result(1), old, result(3)]).undone == (SHARDS[1],)
    assert match_results(SHARDS[:1], [result(1), result(2)]).undone == ()


def test_two_results_of_one_shard_are_a_bug() -> None:
    with pytest.raises(AccountingError, match="shard 1 has two results"):
        match_results(SHARDS, [result(1), result(1)])


def test_counts_are_added_up() -> None:
    report = whole([result(1, copied=2, bytes=5), result(2, copied=1, skipped=4, reasons={"new": 1}), result(3)], [])
    assert counts(report) == {"listed": 7, "copied": 3, "skipped": 4, "bytes": 5}
    assert report.decisions == {"new": 1}
    assert (report.source, report.dest, report.ok) == ("s3://a/p/", "s3://b/q/", True)


def test_the_longest_stay_of_a_loop_is_that_of_the_worst_part() -> None:
    assert whole([result(1, longest_stay_s=0.5), result(2), result(3)], []).longest_stay_s == 0.5
    assert whole([result(1), result(2), result(3)], [result(PUBLISHED, longest_stay_s=2.0)]).longest_stay_s == 2.0


def test_what_was_left_to_the_publish_task_counts_as_what_that_made_of_it() -> None:
    report = whole([result(1, copied=2, held=2), result(2, held=1)], [result(PUBLISHED, copied=2, skipped=1)])
    assert counts(report) == {"listed": 5, "copied": 4, "skipped": 1}
    assert report.decisions == {}


def test_a_marker_that_was_deleted_in_between_is_missing_and_one_that_came_is_listed() -> None:
    deleted = whole([result(1, held=3)], [result(PUBLISHED, copied=2)])
    assert counts(deleted) == {"listed": 3, "copied": 2, "missing": 1}
    came = whole([result(1, held=1)], [result(PUBLISHED, copied=1, held_back=1)])
    assert counts(came) == {"listed": 2, "copied": 1, "held_back": 1}


@pytest.mark.parametrize(("number", "name"), [(2, "shard 2"), (PUBLISHED, "the markers")])
def test_a_part_whose_counts_do_not_add_up_is_no_success(number: int, name: str) -> None:
    wrong = result(number, listed=3, copied=2)
    results, published = ([wrong], []) if number else ([], [wrong])
    with pytest.raises(AccountingError, match=f"the counts of {name} do not add up, 1 keys"):
        whole(results, published)


def test_failures_are_judged_over_all_shards_and_the_first_are_named() -> None:
    many = [result(n, failed=1, copied=9, failures=(FAILURE,) * 15, unproven=(FAILURE,) * 15) for n in (1, 2)]
    report = whole(many, [], max_failures="10%")
    assert (len(report.failures), len(report.unproven)) == (FIRST_FAILURES, FIRST_FAILURES)
    assert report.may_fail == 2
    assert not whole([result(1, failed=1, copied=9), result(2, failed=2, copied=8)], [], max_failures=2).ok


def test_it_took_from_the_first_beginning_to_the_last_end_by_s3s_clock() -> None:
    parts = [
        result(1, began="2026-11-24T10:00:00.000Z", seconds=60.0, throttled=1, checked=4),
        result(2, began="2026-11-24T10:10:00", seconds=30.5, throttled=2),
        result(3, seconds=999.0),
    ]
    report = whole(parts, [])
    assert (report.seconds, report.throttled, report.checked) == (630.5, 3, 4)
    assert whole([result(1, seconds=2.0), result(2, seconds=3.0)], []).seconds == 5.0
    assert whole([result(1)], []).checked is None


def test_the_copy_began_when_its_first_shard_did() -> None:
    early, late = result(1, copied=1, began="2026-11-24T10:00:00"), result(2, began="2026-11-24T10:00:01")
    assert first_began([late, early]) == "2026-11-24T10:00:00"
    assert first_began([early, result(3)]) == "2026-11-24T10:00:00", "there was nothing to list, and so no answer"
    assert first_began([early, result(3, copied=1)]) == "", "a server that tells no time"
    assert first_began([]) == ""


def test_several_places_have_one_name() -> None:
    more = [*SHARDS, Shard(4, 4, 2, 2, "s3://c/p/", "s3://b/q/", KeyRange(), 1)]
    report = whole_report(more, [], [], max_failures=0, dry_run=True)
    assert (report.source, report.dest, report.dry_run) == ("s3://a/p/ and 1 more", "s3://b/q/", True)


def test_what_is_not_done_is_named_in_one_line_that_says_what_to_do() -> None:
    assert not_done(SHARDS[1:2], 3) == (
        '1 of 3 shards is not done: p/ 2/3 from "b"; their logs say why.'
        " Clear the failed copy tasks with their downstream: each copies only what remains"
    )
    assert not_done(SHARDS, 3, shown=1).startswith("3 of 3 shards are not done: p/ 1/3 and 2 more; ")


@given(
    parts=st.lists(
        st.tuples(*[st.integers(0, 9)] * 4).map(
            lambda four: result(1, held=four[0], copied=four[1], failed=four[2], skipped=four[3])
        ),
        max_size=6,
    ),
    published=st.tuples(st.integers(0, 60), st.integers(0, 60)),
)
def test_the_counts_always_add_up(parts: list[ShardResult], published: tuple[int, int]) -> None:
    last = result(PUBLISHED, copied=published[0], held_back=published[1])
    report = whole(parts, [last])
    tally = Tally.of(report.counts, {}, {})
    assert tally.gap() == 0
    assert tally.listed == max(held_for_publish(parts), sum(published)) + sum(
        one.counts["listed"] - one.decisions.get(LEFT_TO_PUBLISH, 0) for one in parts
    )


def test_a_copy_is_empty_only_if_every_shard_left_nothing_and_it_names_the_first_keys_of_all() -> None:
    def filtered(number: int, *names: str) -> ShardResult:
        return result(
            number, reasons={"filtered by glob": 2}, filtered=2, samples={"filtered by glob": names, "missing": ()}
        )

    nothing = whole([filtered(1, "a", "b"), result(2), filtered(3, "x", "y")], [])
    assert nothing.empty
    assert nothing.samples == {"filtered by glob": ("a", "b", "x"), "missing": ()}
    assert not whole([filtered(1, "a"), result(2, copied=1), filtered(3)], []).empty


def test_the_whole_run_is_from_the_first_start_to_the_last_end_and_names_the_principals() -> None:
    first = replace(
        result(1), began="2026-01-01T00:00:00.000Z", ended=1_767_225_700, principals={"copier": "c", "reader": "r"}
    )
    last = replace(result(2), began="2026-01-01T00:05:00.000Z", ended=1_767_229_200)
    run = run_of_parts(RunInfo("Airflow", report="s3://r/"), [last, first])
    values = run.as_dict()
    assert (values["started"], values["ended"]) == ("2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z")
    assert (run.copier, run.reader, run.by, run.report) == ("c", "r", "Airflow", "s3://r/")


def test_without_a_start_the_whole_run_is_at_its_end() -> None:
    run = run_of_parts(RunInfo(copier="c"), [replace(result(2), ended=5)])
    assert (run.started, run.ended, run.copier) == (5.0, 5.0, "c")
