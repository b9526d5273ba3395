"""The end of a run in one line, for the last line of a log."""

from __future__ import annotations

from s3_crosscopy.model.humanize import about_bytes, about_seconds, printable
from s3_crosscopy.model.outcomes import outcome_label
from s3_crosscopy.model.report import Report

IF_ANY = ("filtered", "missing", "held_back", "not_attempted")
"""The outcomes that are named only if there are any."""


def done_text(report: Report) -> str:
    """Return `Done in 12 s: 1,200 copied (3.4 GiB), 40 skipped, 0 failed, verified by etag; report at s3://...`."""
    parts = [_copies(report), f"{report.counts['skipped']:,} skipped", _failed(report)]
    parts += [f"{report.counts[name]:,} {outcome_label(name)}" for name in IF_ANY if report.counts[name]]
    if report.verified_by:
        parts.append(f"verified by {' and '.join(sorted(report.verified_by))}")
    place = report.run.report if report.run is not None else ""
    end = f"; report at {place}" if place else ""
    return printable(f"{_begin(report)} {about_seconds(report.seconds)}: {', '.join(parts)}{end}")


def _begin(report: Report) -> str:
    if report.stopped:
        return "Stopped early after"
    if not report.ok:
        return "Failed after"
    return "Dry run done in" if report.dry_run else "Done in"


def _copies(report: Report) -> str:
    name = "would_copy" if report.dry_run else "copied"
    size = f" ({about_bytes(report.counts['bytes'])})" if report.counts[name] else ""
    return f"{report.counts[name]:,} {outcome_label(name)}{size}"


def _failed(report: Report) -> str:
    failed = report.counts["failed"]
    return f"{failed:,} failed{', which max_failures allows' if failed and report.ok else ''}"
