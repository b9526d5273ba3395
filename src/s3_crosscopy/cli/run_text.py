"""A report and a progress as text for people. Knows no stream."""

from __future__ import annotations

from collections.abc import Mapping

from s3_crosscopy.core.empty_source import nothing_new
from s3_crosscopy.model.events import Progress
from s3_crosscopy.model.humanize import about_bytes, about_seconds, printable
from s3_crosscopy.model.outcomes import Failure, outcome_label
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally, eta_s

SHOWN_FAILURES = 5
_ALWAYS = ("listed", "copied", "skipped", "failed")


def counts_text(counts: Mapping[str, int]) -> str:
    """`12 listed, 10 copied, 2 skipped`; what is zero and may be is left out."""
    shown = [name for name in counts if name != "bytes" and (name in _ALWAYS or counts[name])]
    return ", ".join(f"{counts[name]:,} {outcome_label(name)}" for name in shown)


def progress_text(progress: Progress) -> str:
    """Where the run stands, on one line."""
    rates = f"{progress.objects_per_second:,.0f} objects/s, {about_bytes(progress.bytes_per_second)}/s"
    in_flight = f"{progress.in_flight} of {progress.window} in flight"
    throttled = f"{progress.throttled:,} throttled"
    told = (progress.paused, counts_text(progress.counts), rates, in_flight, throttled, eta_text(progress))
    return ", ".join(filter(None, told))


def eta_text(progress: Progress, before: int = 0) -> str:
    """How much is done of what there is, and how long the rest takes at the rate so far; "" where nobody can know.

    `before` keys got their outcome in earlier attempts, which say nothing of the rate of this one.
    """
    if progress.total_keys is None or not progress.total_keys:
        return ""
    done = Tally.settled_in(progress.counts)
    share = f"{min(100, 100 * done // progress.total_keys)} %"
    rate = (done - before) / progress.seconds if progress.seconds > 0 else 0.0
    time_left_s = eta_s(progress.total_keys - done, rate)
    return share if time_left_s is None else f"{share}, about {about_seconds(time_left_s)} left"


def failure_text(failure: Failure) -> str:
    """One key that did not arrive, on one line."""
    said = " ".join(filter(None, (failure.code, failure.message)))
    return printable(f"{failure.key!r}: {failure.reason.value} ({failure.call}: {said})")


def result_text(report: Report, *, refused: bool = False) -> str:
    """The end of a run, in a few lines. `refused`: it is no success although every object that was tried is there."""
    return "\n".join(
        [
            printable(f"{headline(report, refused=refused)}: {report.source} to {report.dest}"),
            *_count_lines(report),
            *filter(None, [nothing_new(report)]),
            *_failure_lines(report),
            *map(printable, report.denial.splitlines()),
        ]
    )


def headline(report: Report, *, refused: bool = False) -> str:
    """Says in a few words how the run ended. Only a success is called "copied"."""
    counts = report.counts
    if report.stopped:
        return f"stopped early, {report.stopped}"
    if counts["failed"] or counts["not_attempted"]:
        return "dry run, not everything can be copied" if report.dry_run else "not everything was copied"
    if report.unproven:
        return "the listing at the end does not prove the copies"
    if refused or not (report.ok and counts["listed"]):
        return "nothing to copy" if not (counts["copied"] or counts["would_copy"]) else "not a success"
    if report.dry_run:
        return "dry run, nothing was written"
    return "nothing was copied" if report.empty or nothing_new(report) else "copied"


def _count_lines(report: Report) -> list[str]:
    counts = report.counts
    lines = [
        f"  {outcome_label(name):<14}{counts[name]:>12,}{_detail(report, name)}"
        for name in counts
        if name != "bytes" and (name in _ALWAYS or counts[name])
    ]
    if report.verified_by:
        lines.append(f"  verified by   {_named(report.verified_by)}")
    if report.throttled:
        lines.append(f"  throttled     {report.throttled:>12,} attempts")
    return lines


def _detail(report: Report, name: str) -> str:
    if name == "would_copy":
        return f"  {about_bytes(report.counts['bytes'])}"
    if name != "copied":
        return ""
    rate = report.counts["copied"] / report.seconds if report.seconds else 0.0
    return f"  {about_bytes(report.counts['bytes'])} in {report.seconds:,.1f} s, {rate:,.0f} objects/s"


def _failure_lines(report: Report) -> list[str]:
    shown = report.failures[:SHOWN_FAILURES]
    lines = [f"  {failure_text(failure)}" for failure in shown]
    more = report.counts["failed"] - len(shown)
    if shown and more > 0:
        lines.append(f"  and {more:,} more (--json tells the first {len(report.failures)})")
    return ["not copied:", *lines] if lines else []


def _named(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in sorted(counts.items()))
