"""Keys that only the destination has: which count as extraneous, and in which order they would go."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from s3_crosscopy.api import resolve_spec
from s3_crosscopy.core.approval.key_set import KeySet
from s3_crosscopy.core.mirror.candidate_rows import NOT_APPROVED, NOT_AT_SOURCE, TOO_NEW, CandidateRows
from s3_crosscopy.core.mirror.dest_only import ITSELF, as_source, lists_to_count, make_protected, tail_pages
from s3_crosscopy.core.mirror.extraneous_text import extraneous_fields, extraneous_note
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.look_progress import LookProgress
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.extraneous import (
    Deletion,
    Extraneous,
    added,
    extraneous_of,
    extraneous_to_json,
    first_of,
)
from s3_crosscopy.model.objects import KeyRange, Listed
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.model.run_scope import KeySubset
from s3_crosscopy.model.tally import Tally

BEGAN = "2026-01-01T12:00:00"


def spec_of(**options: Any) -> CopySpec:
    return resolve_spec("s3://src/p/", "s3://dst/q/", options)


def listed(name: str, size: int = 3, modified: str = "2026-01-01T00:00:00") -> Listed:
    return Listed(f"q/{name}", size, "e" * 32, modified)


def test_filters_protect_by_name_and_size_and_not_by_time() -> None:
    spec = spec_of(exclude=["*.tmp"], max_size=5, modified_after="2026-06-01", modified_before="2026-07-01")
    protected = make_protected(spec)

    assert [protected(as_source(spec, listed(name))) for name in ("a", "a.tmp", "")] == ["", "filtered by glob", ITSELF]
    assert protected(as_source(spec, listed("a", size=6))) == "filtered by size"
    assert make_protected(spec_of())(Listed("p/a.tmp", 1, "", "")) == ""


@pytest.mark.parametrize(
    ("options", "pages"),
    [
        ({}, 10),
        ({"extraneous": "keep"}, None),
        ({"extraneous": "count"}, inf),
        ({"extraneous": "delete", "report": "r"}, 0),
        ({"extraneous": "delete", "dry_run": True}, inf),
    ],
)
def test_how_far_a_run_looks(options: dict[str, Any], pages: float | None) -> None:
    assert tail_pages(spec_of(**options), KeySubset.WHOLE) == pages
    assert tail_pages(spec_of(**options), KeySubset.DATA) == pages
    assert tail_pages(spec_of(**options), KeySubset.MARKERS) is None
    assert lists_to_count(spec_of(**options)) is (pages == inf)


def test_candidates_are_grouped_in_the_reverse_order_of_copy_last() -> None:
    rows = CandidateRows(spec_of(copy_last=["*_SUCCESS", "*_LAST"]), BEGAN)
    made = [rows.of(listed(name)) for name in ("a/_LAST", "a/_SUCCESS", "a/data")]

    assert [candidate.group for candidate in made if candidate] == [1, 2, 3]
    assert rows.groups == 4
    first = made[0]
    assert first is not None
    assert first.row == ReportRow("p/a/_LAST", "q/a/_LAST", "extraneous", NOT_AT_SOURCE, 3, "e" * 32)
    assert CandidateRows(spec_of(copy_last=[]), BEGAN).of(listed("a/_LAST")) == first
    assert CandidateRows(spec_of(copy_last=[]), BEGAN).groups == 2


@pytest.mark.parametrize("formats", ["warn", "fail"])
def test_what_points_to_a_table_goes_before_its_log_and_the_log_before_the_data(formats: str) -> None:
    rows = CandidateRows(spec_of(table_formats=formats), BEGAN)
    names = (
        "i/metadata/v1.metadata.json",
        "t/_SUCCESS",
        "t/_delta_log/_last_checkpoint",
        "t/_delta_log/00000000000000000001.json",
        "t/_delta_log/_sidecars/a.parquet",
        "t/data.parquet",
    )
    groups = [candidate.group for name in names if (candidate := rows.of(listed(name)))]

    assert groups == [0 if formats == "fail" else 5, 1, 1, 2, 4, 5]
    assert max(groups) < rows.groups


def test_what_was_written_since_the_run_began_is_kept() -> None:
    made = CandidateRows(spec_of(), BEGAN).of(listed("new", modified=BEGAN))
    assert made is not None
    assert (made.row.outcome, made.row.reason) == ("kept", TOO_NEW)


def test_filtered_keys_are_candidates_only_if_asked_for() -> None:
    wish: dict[str, Any] = {"exclude": ["*.tmp"], "extraneous": "delete", "report": "r"}
    assert CandidateRows(spec_of(**wish), BEGAN).of(listed("a.tmp")) is None
    made = CandidateRows(spec_of(**wish, delete_filtered=True), BEGAN).of(listed("a.tmp"))
    assert made is not None
    assert made.row.reason == "filtered by glob"
    assert CandidateRows(spec_of(**wish, delete_filtered=True), BEGAN).of(listed("")) is None


@pytest.mark.parametrize(
    ("key", "dest_key", "fits"),
    [("p/a", "q/a", True), ("p/a", "q/b", False), ("x/a", "q/a", False), ("p/", "q/", False), ("p/a", "p/a", False)],
)
def test_a_row_of_another_copy_does_not_fit(key: str, dest_key: str, fits: bool) -> None:
    wishes: dict[str, Any] = {"exclude": ["a"], "extraneous": "delete", "report": "r"}
    row = ReportRow(key, dest_key, "extraneous", "", 1, "")
    assert not CandidateRows(spec_of(**wishes), BEGAN).fits(row)
    assert CandidateRows(spec_of(**wishes, delete_filtered=True), BEGAN).fits(row) is fits
    assert CandidateRows(spec_of(), BEGAN).fits(ReportRow(key, dest_key, "extraneous", "", 1, "")) is fits


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"extraneous": "delete"}, "needs report="),
        ({"extraneous": "delete", "report": "r", "manifest": "m"}, "a manifest names single keys"),
        ({"extraneous": "count", "manifest": "m"}, "a manifest names single keys"),
        ({"extraneous": "delete", "report": "r", "modified_after": "2026-01-01"}, "modified_after"),
        ({"extraneous": "delete", "report": "r", "modified_before": "2026-01-01"}, "modified_before"),
        ({"delete_filtered": True}, "only with extraneous='delete'"),
        ({"permanent_delete": True}, "only with extraneous='delete'"),
        ({"extraneous": "count", "kind": "object"}, "copies one object"),
        ({"max_delete": "120%"}, "max_delete"),
    ],
)
def test_unsafe_wishes_are_refused_in_one_line(options: dict[str, Any], text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^[^\n]*$") as raised:
        spec_of(**options)
    assert text in str(raised.value)


def test_the_root_of_a_bucket_is_never_a_mirror() -> None:
    with pytest.raises(InvalidInput, match="the root of a bucket"):
        resolve_spec("s3://src/", "s3://dst/", {"extraneous": "delete", "report": "r", "allow_bucket_root": True})


def test_a_look_remembers_what_it_has_passed() -> None:
    first = LookProgress([KeyRange()])
    assert first.snapshot() is None
    assert first.is_new("p/anything")
    first.passed(0, KeyRange("", "p/c"), 2, 1)
    first.passed(0, KeyRange("", "p/c"), 0, 0)
    first.passed(1, KeyRange("p/m", None), 1, 0)
    first.passed(1, KeyRange("p/m", None), 0, 0)

    looked = first.snapshot()
    assert looked is not None
    assert (looked.left, looked.keys, looked.filtered) == ((KeyRange("p/c", "p/m"),), 3, 1)
    second = LookProgress([KeyRange()], looked)
    assert [second.is_new(key) for key in ("p/a", "p/d", "p/z")] == [False, True, False]
    second.passed(0, KeyRange("p/c", "p/d"), 1, 0)
    assert second.counts == (4, 1)


def test_ranges_that_do_not_fit_a_checkpoint_are_counted_and_not_saved() -> None:
    progress = LookProgress([KeyRange()])
    for number in range(2000):
        name = f"{number:04}".ljust(200, "x")
        progress.passed(number, KeyRange(f"{name}a", f"{name}b"), 1, 0)

    looked = progress.snapshot()
    assert looked is not None
    assert progress.counts == (2000, 0)
    assert 0 < looked.keys < 2000


def test_a_summary_names_the_first_keys_of_all_pages() -> None:
    pages = [[f"q/{page}{number:02}" for number in range(30)] for page in "cab"]
    first: list[str] = []
    for page in pages:
        first = first_of(first, page)
    assert first == pages[1][:20]
    assert first_of(["q/z"], ["q/a"]) == ["q/a", "q/z"]


DELETION = Deletion(2, 1, 0, "", ok=True, retryable=False)


@pytest.mark.parametrize("deletion", [None, DELETION])
def test_the_result_of_a_shard_is_the_same_after_json(deletion: Deletion | None) -> None:
    extraneous = Extraneous(3, 1, True, ("q/a", "q/b"), deletion)

    assert extraneous_of(extraneous_to_json(extraneous)) == extraneous
    assert extraneous_of(None) is None


def test_a_shard_names_two_keys_and_the_run_with_the_deletes_all_twenty() -> None:
    seen = Extraneous(30, 0, False, tuple(f"q/{number:02}" for number in range(20)))

    names = [extraneous_of(extraneous_to_json(seen._replace(deletion=deletion))) for deletion in (None, DELETION)]

    assert [len(made.first) for made in names if made] == [2, 20]


def test_the_runs_of_one_copy_are_added_up_and_deletes_replace_what_others_saw() -> None:
    first, second = Extraneous(3, 1, False, ("b",)), Extraneous(4, 0, True, ("a",))
    assert added([None]) is None
    assert added([first, None, second]) == Extraneous(7, 1, True, ("a", "b"))
    deleted = Extraneous(5, 0, False, (), DELETION)
    refused = Extraneous(1, 0, False, (), Deletion(0, 0, 1, "too many", ok=False, retryable=True))
    assert added([first, deleted]) == deleted
    assert added([deleted, refused]) == Extraneous(6, 0, False, (), Deletion(2, 1, 1, "too many", False, True))


def report_of(extraneous: Extraneous | None) -> Report:
    return Report("s3://src/p/", "s3://dst/q/", Tally().as_dict(), {}, {}, 0, 1.0, extraneous=extraneous)


@pytest.mark.parametrize(
    ("extraneous", "note", "fields"),
    [
        (None, "", {}),
        (Extraneous(), "", {}),
        (Extraneous(1), "1 key is only at the destination", {"extraneous": 1}),
        (
            Extraneous(1200, 0, True, ("q/a",)),
            "at least 1,200 keys are only at the destination (first 'q/a')",
            {"extraneous": 1200},
        ),
        (
            Extraneous(3, 0, False, (), Deletion(1, 1, 1, "stopped")),
            "3 keys are only at the destination: 1 deleted, 1 kept, 1 not deleted, stopped",
            {"extraneous": 3, "deleted": 1, "not_deleted": 1},
        ),
        (Extraneous(0, 0, False, (), Deletion(why="nothing was deleted: x")), "nothing was deleted: x", {}),
    ],
)
def test_one_line_says_it(extraneous: Extraneous | None, note: str, fields: dict[str, int]) -> None:
    assert extraneous_note(report_of(extraneous)) == note
    assert extraneous_fields(report_of(extraneous)) == fields


def test_a_refused_delete_is_no_success_and_stands_in_the_summary() -> None:
    refused = report_of(Extraneous(3, 0, False, ("q/a",), Deletion(0, 0, 3, "too many", ok=False)))

    assert not refused.ok
    assert report_of(Extraneous(3)).ok
    summary = refused.as_dict()["extraneous"]
    assert summary == {
        "keys": 3, "filtered": 0, "at_least": False, "first": ["q/a"],
        "deletion": {"deleted": 0, "kept": 0, "not_deleted": 3, "why": "too many", "ok": False, "retryable": False},
    }  # fmt: skip


def test_what_was_not_approved_is_kept() -> None:
    approved, known, other = KeySet(), listed("a"), listed("b")
    approved.add(known.key, known.etag)
    rows = CandidateRows(spec_of(), BEGAN, approved)

    reasons = [candidate.row.reason for candidate in map(rows.of, (known, other)) if candidate is not None]

    assert reasons == [NOT_AT_SOURCE, NOT_APPROVED]
