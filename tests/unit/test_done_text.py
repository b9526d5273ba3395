"""The end of a run in one line."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s3_crosscopy.core.done_text import done_text
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.run_record import RunInfo
from s3_crosscopy.model.tally import Tally

COUNTS = {**Tally().as_dict(), "listed": 1_240, "copied": 1_200, "skipped": 40, "bytes": 3 * 2**30}
DONE = Report("s3://a/", "s3://b/", COUNTS, {}, {"etag": 1_200}, 0, 12.0)
SUCCESS = "Done in 12.0 s: 1,200 copied (3.0 GiB), 40 skipped, 0 failed, verified by etag"
FAILED = replace(DONE, counts={**COUNTS, "listed": 1_243, "failed": 3})


@pytest.mark.parametrize(
    ("report", "text"),
    [
        (DONE, SUCCESS),
        (
            replace(DONE, run=RunInfo(report="s3://r/1/"), verified_by={"size": 1, "etag": 1}),
            f"{SUCCESS} and size; report at s3://r/1/",
        ),
        (FAILED, "Failed after 12.0 s: 1,200 copied (3.0 GiB), 40 skipped, 3 failed, verified by etag"),
        (
            replace(FAILED, max_failures=3),
            "Done in 12.0 s: 1,200 copied (3.0 GiB), 40 skipped, 3 failed, which max_failures allows, verified by etag",
        ),
        (
            replace(FAILED, stopped="all failed", counts={**FAILED.counts, "not_attempted": 7}, verified_by={}),
            "Stopped early after 12.0 s: 1,200 copied (3.0 GiB), 40 skipped, 3 failed, 7 not attempted",
        ),
        (
            replace(DONE, dry_run=True, counts={**COUNTS, "copied": 0, "would_copy": 5}, verified_by={}, seconds=0.25),
            "Dry run done in 250 ms: 5 would copy (3.0 GiB), 40 skipped, 0 failed",
        ),
        (
            replace(DONE, counts=Tally().as_dict(), verified_by={}, run=RunInfo()),
            "Done in 12.0 s: 0 copied, 0 skipped, 0 failed",
        ),
    ],
)
def test_says_how_the_run_ended(report: Report, text: str) -> None:
    assert done_text(report) == text
