"""Formats reports and progress events as text for people."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from s3_crosscopy.core.empty_source import nothing_new
from s3_crosscopy.core.mirror.extraneous_text import extraneous_note
from s3_crosscopy.core.since.since_text import since_note
from s3_crosscopy.errors import CopyFailed, CrossCopyError
from s3_crosscopy.model.events import Progress
from s3_crosscopy.model.humanize import about_bytes, about_seconds, printable
from s3_crosscopy.model.outcomes import Failure, outcome_label
from s3_crosscopy.model.plan import about
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.tally import Tally, eta_s

SHOWN_FAILURES = 5
_ALWAYS = ("listed", "copied", "skipped", "failed")
_OF_A_DRY_RUN = {"copied": "would_copy"}


def counts_text(counts: Mapping[str, int]) -> str:
    """Counts as `12 listed, 10 copied, 2 skipped`. Zeros are left out, except the counts that are always shown."""
    shown = [name for name in counts if name != "bytes" and (name in _ALWAYS or counts[name])]
    return ", ".join(f"{counts[name]:,} {outcome_label(name)}" for name in shown)


def progress_text(progress: Progress) -> str:
    """The progress of a run on one line."""
    rates = f"{progress.objects_per_second:,.0f} objects/s, {about_bytes(progress.bytes_per_second)}/s"
    in_flight = f"{progress.in_flight} of {progress.window} in flight"
    throttled = f"{progress.throttled:,} throttled"
    texts = (progress.paused, counts_text(progress.counts), rates, in_flight, throttled, eta_text(progress))
    return ", ".join(filter(None, texts))


def eta_text(progress: Progress, before: int = 0) -> str:
    """The percentage done, and the remaining time at the rate so far; "" while the total is unknown.

    `before`: the number of keys from earlier attempts, which do not count for the rate of this one.
    """
    if progress.total_keys is None:
        return _estimate_text(progress)
    if not progress.total_keys:
        return ""
    done = Tally.ended_in(progress.counts)
    share = f"{min(100, 100 * done // progress.total_keys)} %"
    rate = (done - before) / progress.seconds if progress.seconds > 0 else 0.0
    remaining_s = eta_s(progress.total_keys - done, rate)
    return share if remaining_s is None else f"{share}, about {about_seconds(remaining_s)} remaining"


def _estimate_text(progress: Progress) -> str:
    """The share of an estimated total, and the remaining time, while the keys are still listed; "" without one."""
    if not progress.estimated_keys:
        return ""
    share = min(99, 100 * Tally.ended_in(progress.counts) // progress.estimated_keys)
    text = f"about {share} % of an estimated {about(progress.estimated_keys, 2):,.0f} keys"
    return text if progress.eta_s is None else f"{text}, about {about_seconds(progress.eta_s)} remaining"


def failure_text(failure: Failure) -> str:
    """One failed key on one line."""
    details = " ".join(filter(None, (failure.code, failure.message)))
    return printable(f"{failure.key!r}: {failure.reason.value} ({failure.call}: {details})")


def result_text(report: Report, *, refused: bool = False, named: Collection[str] = ()) -> str:
    """The result of a run in a few lines, without the failures of the keys that are `named` already.

    `refused`: `copy()` raised although every object that was tried is there.
    """
    return "\n".join(
        [
            printable(f"{headline(report, refused=refused)}: {report.source} to {report.dest}"),
            *_count_lines(report),
            *filter(None, [nothing_new(report), _extraneous_note(report, refused), printable(since_note(report))]),
            *_failure_lines(report, named),
            *map(printable, report.denial.splitlines()),
        ]
    )


def headline(report: Report, *, refused: bool = False) -> str:
    """The end of a run in a few words. Only a success is called "copied"."""
    counts = report.counts
    if report.stopped:
        return "stopped early"
    if counts["failed"] or counts["not_attempted"]:
        return "dry run, not everything can be copied" if report.dry_run else "not everything was copied"
    if report.unproven:
        return "the listing check does not verify every copy"
    if report.extraneous is not None and report.extraneous.deletion is not None and not report.extraneous.deletion.ok:
        return "not everything extraneous was deleted"
    if refused or not (report.ok and counts["listed"]):
        return "nothing to copy" if not (counts["copied"] or counts["would_copy"]) else "not a success"
    if report.dry_run:
        return "dry run, nothing was written"
    return "nothing was copied" if report.empty or nothing_new(report) else "copied"


def _count_lines(report: Report) -> list[str]:
    counts = report.counts
    always = [_OF_A_DRY_RUN.get(name, name) for name in _ALWAYS] if report.dry_run else _ALWAYS
    lines = [
        f"  {outcome_label(name):<14}{counts[name]:>12,}{_detail(report, name)}"
        for name in counts
        if name != "bytes" and (name in always or counts[name])
    ]
    if report.compared_by:
        lines.append(f"  compared by   {_named(report.compared_by)}")
    if report.verified_by:
        lines.append(f"  verified by   {_named(report.verified_by)}")
    if report.etags_kept is not None:
        lines.append(f"  ETags kept    {report.etags_kept:>12,}{_not_kept(report.etags_not_kept or {})}")
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


def _not_kept(losses: Mapping[str, int]) -> str:
    return f"  not kept {sum(losses.values()):,} ({_named(losses)})" if losses else ""


def error_line(report: Report, error: CrossCopyError) -> str:
    """The first line of the error of a run whose failed keys and result are shown already."""
    from s3_crosscopy.api.result_errors import count_line

    if isinstance(error, CopyFailed) and report.counts["failed"] and not report.stopped:
        return count_line(report)
    return str(error).partition("\n")[0]


def _extraneous_note(report: Report, refused: bool) -> str:
    """The note about extraneous keys, except where it is the error."""
    deletion = None if report.extraneous is None else report.extraneous.deletion
    is_error = refused and deletion is not None and not deletion.ok and not report.counts["failed"]
    return "" if is_error else printable(extraneous_note(report))


def _failure_lines(report: Report, named: Collection[str]) -> list[str]:
    unnamed = [failure for failure in report.failures if failure.key not in named]
    shown = unnamed[:SHOWN_FAILURES]
    lines = [f"  {failure_text(failure)}" for failure in shown]
    more = report.counts["failed"] - (len(report.failures) - len(unnamed)) - len(shown)
    if report.failures and more > 0:
        lines.append(f"  and {more:,} more (--json has the first {len(report.failures)})")
    return ["not copied:", *lines] if lines else []


def _named(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number:,}" for name, number in sorted(counts.items()))
