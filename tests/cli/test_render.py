"""A report reads well, whatever is in it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from s3_crosscopy.cli.run_text import error_line, headline, result_text
from s3_crosscopy.errors import EmptySource, PermanentFailure
from s3_crosscopy.model.extraneous import Deletion, Extraneous
from s3_crosscopy.model.humanize import about_bytes, printable
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally

REPORT = Report(
    source="s3://a/in/",
    dest="s3://b/out/",
    counts={**Tally().as_dict(), "listed": 1200, "copied": 1000, "skipped": 200, "bytes": 5 * 2**30},
    decisions={},
    verified_by={"size": 1, "etag": 999},
    throttled=0,
    seconds=4.0,
)


def test_a_success_is_a_few_lines() -> None:
    assert result_text(REPORT) == (
        "copied: s3://a/in/ to s3://b/out/\n"
        "  listed               1,200\n"
        "  copied               1,000  5.0 GiB in 4.0 s, 250 objects/s\n"
        "  skipped                200\n"
        "  failed                   0\n"
        "  verified by   etag 999, size 1"
    )


def test_a_dry_run_has_no_line_of_copies() -> None:
    counts = {**REPORT.counts, "copied": 0, "would_copy": 1000}
    lines = result_text(dataclasses.replace(REPORT, dry_run=True, counts=counts, verified_by={})).splitlines()
    assert lines[1:] == [
        "  listed               1,200",
        "  would copy           1,000  5.0 GiB",
        "  skipped                200",
        "  failed                   0",
    ]


def test_the_etags_that_were_kept_are_a_line_with_the_reasons_of_the_others() -> None:
    kept = dataclasses.replace(REPORT, etags_not_kept={})
    assert result_text(kept).splitlines()[-1] == "  ETags kept           1,000"
    lost = dataclasses.replace(REPORT, etags_not_kept={"parts of uneven sizes": 2, "another ETag": 1})
    assert result_text(lost).splitlines()[-1] == (
        "  ETags kept             997  not kept 3 (another ETag 1, parts of uneven sizes 2)"
    )


def test_failures_are_the_first_few_with_their_reasons_and_the_denial_explained() -> None:
    failures = tuple(Failure(f"in/{number}", Reason.DENIED, "CopyObject", "AccessDenied", "no") for number in range(20))
    counts = {**REPORT.counts, "failed": 30, "missing": 2}
    report = dataclasses.replace(REPORT, counts=counts, failures=failures, denial="who:\n  somebody", throttled=3)

    lines = result_text(report).splitlines()

    assert lines[0] == "not everything was copied: s3://a/in/ to s3://b/out/"
    assert "  missing                  2" in lines
    assert "  throttled                3 attempts" in lines
    assert lines[-9:-7] == ["not copied:", "  'in/0': denied (CopyObject: AccessDenied no)"]
    assert lines[-3:] == ["  and 25 more (--json has the first 20)", "who:", "  somebody"]


def test_a_failure_that_was_named_meanwhile_is_not_named_again() -> None:
    failures = tuple(Failure(f"in/{number}", Reason.DENIED, "CopyObject", "AccessDenied", "no") for number in range(20))
    report = dataclasses.replace(REPORT, counts={**REPORT.counts, "failed": 30}, failures=failures)
    keys = [failure.key for failure in failures]

    def after_counts(*named: str) -> list[str]:
        return result_text(report, named=named).partition("verified by")[2].splitlines()[1:]

    assert after_counts(*keys[1:]) == [
        "not copied:",
        "  'in/0': denied (CopyObject: AccessDenied no)",
        "  and 10 more (--json has the first 20)",
    ]
    assert after_counts(*keys) == ["not copied:", "  and 10 more (--json has the first 20)"]
    fewer = dataclasses.replace(report, counts={**REPORT.counts, "failed": 20})
    assert "not copied:" not in result_text(fewer, named=keys)


def test_the_error_at_the_end_repeats_nothing() -> None:
    failures = (Failure("in/0", Reason.DENIED, "CopyObject", "AccessDenied", "no"),)
    report = dataclasses.replace(REPORT, counts={**REPORT.counts, "failed": 1}, failures=failures)
    error = PermanentFailure("1 of 1,200 objects was not copied; first 'in/0': denied\nwho", report)

    assert error_line(report, error) == "1 of 1,200 objects was not copied"
    assert error_line(REPORT, EmptySource("nothing there")) == "nothing there"
    stopped = dataclasses.replace(report, stopped="all failed")
    assert (
        error_line(stopped, PermanentFailure("stopped early, all failed\nwho", stopped)) == "stopped early, all failed"
    )


def test_a_delete_that_was_refused_is_the_error_and_not_in_the_result_too() -> None:
    refused = Extraneous(5, deletion=Deletion(kept=5, why="5 are more than max_delete=1 allows", ok=False))
    report = dataclasses.replace(REPORT, extraneous=refused)

    assert "max_delete" not in result_text(report, refused=True)
    assert "max_delete" in result_text(report)


def test_a_run_that_stopped_says_so() -> None:
    assert result_text(dataclasses.replace(REPORT, stopped="all failed")).startswith("stopped early: ")


@pytest.mark.parametrize(
    ("changes", "counts", "refused", "says"),
    [
        ({}, {}, False, "copied"),
        ({}, {"copied": 0, "skipped": 1200}, False, "copied"),
        ({"dry_run": True}, {"copied": 0, "would_copy": 1000}, False, "dry run, nothing was written"),
        ({}, {"listed": 0, "copied": 0, "skipped": 0}, False, "nothing to copy"),
        ({"dry_run": True}, {"listed": 0, "copied": 0, "skipped": 0}, False, "nothing to copy"),
        ({}, {"listed": 0, "copied": 0, "skipped": 0}, True, "nothing to copy"),
        ({}, {"copied": 0, "skipped": 0, "filtered": 1200}, True, "nothing to copy"),
        ({}, {}, True, "not a success"),
        ({}, {"failed": 1}, False, "not everything was copied"),
        ({"max_failures": 1}, {"failed": 1}, False, "not everything was copied"),
        ({}, {"not_attempted": 1}, True, "not everything was copied"),
        ({"dry_run": True}, {"failed": 1}, True, "dry run, not everything can be copied"),
        ({"unproven": (Failure("k", Reason.CHANGED, "", "", ""),)}, {}, True,
         "the listing check does not verify every copy"),
        ({"stopped": "all failed", "dry_run": True}, {}, True, "stopped early"),
    ],
)  # fmt: skip
def test_only_a_success_is_called_copied(
    changes: dict[str, Any], counts: dict[str, int], refused: bool, says: str
) -> None:
    report = dataclasses.replace(REPORT, counts={**REPORT.counts, **counts}, **changes)

    assert headline(report, refused=refused) == says


def test_bytes_are_rounded_for_people() -> None:
    assert [about_bytes(number) for number in (0, 1023, 1536, 2**20, 5000 * 2**40)] == [
        "0 B",
        "1023 B",
        "1.5 KiB",
        "1.0 MiB",
        "5,000.0 TiB",
    ]


def test_what_would_break_the_line_or_drive_the_terminal_is_escaped() -> None:
    assert printable("a\nb\x1b[2J ünï \udcff") == r"a\nb\x1b[2J ünï \udcff"


def test_a_run_with_nothing_to_copy_does_not_say_copied() -> None:
    nothing = {**Tally().as_dict(), "listed": 3, "filtered": 3}
    typo = dataclasses.replace(REPORT, counts=nothing, decisions={"filtered by glob": 3}, verified_by={})
    late = dataclasses.replace(typo, decisions={"filtered by time": 3})

    assert result_text(typo).startswith("nothing was copied: ")
    assert result_text(late).startswith("nothing was copied: ")
    assert result_text(late).endswith("\nnothing was to be copied: 3 left out by their time of modification")
    assert result_text(dataclasses.replace(late, dry_run=True)).startswith("dry run, nothing was written: ")
