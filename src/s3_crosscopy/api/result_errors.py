"""Raises the error of a report that is not a success, with one line that says why."""

from __future__ import annotations

from s3_crosscopy.core.empty_source import why_empty
from s3_crosscopy.core.mirror.extraneous_text import extraneous_note
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.errors import EmptySource, PermanentFailure, RetryableFailure
from s3_crosscopy.model.humanize import printable
from s3_crosscopy.model.report import Report

MAY_BE_EMPTY = (
    "check the spelling; only if it may be empty at times set if_empty='skip' or if_empty='succeed',"
    " which accept a misspelt one too"
)
"""Advice for an empty source. An option that would hide a misspelt source for ever comes last."""

MAY_LEAVE_NOTHING = (
    "check the filter or the manifest; only if nothing may match at times set if_empty='skip' or"
    " if_empty='succeed', which accept a wrong one too"
)
"""Advice for a source that has objects of which none is to be copied."""


def judge(spec: CopySpec, report: Report, hint: str = "") -> None:
    """Raise PermanentFailure, RetryableFailure or EmptySource for a report that is not a success.

    `hint` is a line about a source that does not exist and what was probably meant, "" if there is none.
    """
    if not report.ok:
        failure = RetryableFailure if report.retryable else PermanentFailure
        raise failure(summary_line(report), report)
    if report.empty and spec.options.if_empty == "fail":
        raise EmptySource(hint or _nothing(spec, report))


def _nothing(spec: CopySpec, report: Report) -> str:
    """The message for an empty source, or one with nothing to copy, if there is no hint."""
    if spec.single and not report.counts["listed"] and report.source == spec.source_url:  # not one of several pairs
        return f"there is no object {report.source}; check the spelling"
    return f"{why_empty(report, spec.options)}; {MAY_LEAVE_NOTHING if report.counts['listed'] else MAY_BE_EMPTY}"


def count_line(report: Report) -> str:
    """The number of objects that were not copied."""
    failed, listed = report.counts["failed"], report.counts["listed"]
    objects = "object" if listed == 1 else "objects"
    return f"{failed:,} of {listed:,} {objects} {'was' if failed == 1 else 'were'} not copied"


def summary_line(report: Report) -> str:
    """One line that says what failed, followed by the explanation of the denied request, if there was one."""
    line = count_line(report)
    if report.stopped:
        line = f"stopped early, {report.stopped}"
    elif report.unproven and not report.counts["failed"]:
        first = report.unproven[0]
        line = f"the listing at the end does not verify the copies: {first.key!r} {first.message}"
    elif report.extraneous is not None and report.extraneous.deletion is not None and not report.extraneous.deletion.ok:
        line = extraneous_note(report)
    elif report.failures:
        first = report.failures[0]
        error = " ".join(filter(None, (first.code, first.message)))
        line += f"; first {first.key!r}: {first.reason.value} ({first.call}: {error})"
    # The failures in a checkpoint may be untrusted text with line ends in it.
    line = printable(line)
    return f"{line}\n{report.denial}" if report.denial else line
