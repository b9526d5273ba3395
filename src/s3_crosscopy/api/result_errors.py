"""What a report means: a success or an error to raise, with one line that says why."""

from __future__ import annotations

from s3_crosscopy.core.empty_source import why_empty
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import EmptySource, PermanentFailure, RetryableFailure
from s3_crosscopy.model.humanize import printable
from s3_crosscopy.model.report import Report

MAY_BE_EMPTY = (
    "check how it is spelt; only where it may be empty at times say if_empty='skip' or if_empty='succeed',"
    " which take a misspelt one for empty too"
)
"""What to do about an empty source: an option that hides a wrong one for ever is not the first advice."""

MAY_LEAVE_NOTHING = (
    "check the filter or the manifest; only where nothing may be left at times say if_empty='skip' or"
    " if_empty='succeed', which take a wrong one for that too"
)
"""What to do where the source has objects and none of them is to be copied."""


def judge(spec: CopySpec, report: Report, meant: str = "") -> None:
    """Raise for a report that is not a success. `meant` says what a source that is not there was probably to be."""
    if not report.ok:
        failure = RetryableFailure if report.retryable else PermanentFailure
        raise failure(summary_line(report), report)
    if report.empty and spec.options.if_empty == "fail":
        raise EmptySource(meant or _nothing(spec, report))


def _nothing(spec: CopySpec, report: Report) -> str:
    """The line for a source with nothing in it, or of which nothing is left, where nobody knows what else was meant."""
    if spec.single and not report.counts["listed"] and report.source == spec.source_url:  # and not one of several pairs
        return f"there is no object {report.source}; check how it is spelt"
    return f"{why_empty(report, spec.options)}; {MAY_LEAVE_NOTHING if report.counts['listed'] else MAY_BE_EMPTY}"


def summary_line(report: Report) -> str:
    """What went wrong, in one line, and behind it the explanation of a denial if there was one."""
    counts = report.counts
    line = f"{counts['failed']:,} of {counts['listed']:,} objects were not copied"
    if report.stopped:
        line = f"stopped early, {report.stopped}"
    elif report.unproven and not counts["failed"]:
        first = report.unproven[0]
        line = f"the listing at the end does not prove the copies: {first.key!r} {first.message}"
    elif report.failures:
        first = report.failures[0]
        line += f"; first {first.key!r}: {first.reason.value} ({first.call}: {first.code} {first.message})"
    # A checkpoint's failures may be anybody's text, with line ends in it.
    line = printable(line)
    return f"{line}\n{report.denial}" if report.denial else line
