"""What a report means: a success or an error to raise, with one line that says why."""

from __future__ import annotations

from s3_crosscopy.errors import EmptySource, PermanentFailure, RetryableFailure
from s3_crosscopy.model.report import Report
from s3_crosscopy.plan.emptiness import why_empty
from s3_crosscopy.plan.resolve import Spec


def judge(spec: Spec, report: Report) -> None:
    """Raise for a report that is not a success."""
    if not report.ok:
        failure = RetryableFailure if report.retryable else PermanentFailure
        raise failure(summary_line(report), report)
    if report.empty and spec.options.if_empty == "fail":
        why = why_empty(report, spec.options)
        raise EmptySource(f"{why}; if that is fine, say if_empty='skip' or if_empty='succeed'")


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
    return f"{line}\n{report.denial}" if report.denial else line
