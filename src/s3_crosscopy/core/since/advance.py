"""Decides what is kept of a run for the next one: only a complete run counts."""

from __future__ import annotations

from s3_crosscopy.core.since.look import Look
from s3_crosscopy.model.report import Report
from s3_crosscopy.model.since_state import LastSuccess

INCOMPLETE = ("failed", "held_back", "not_attempted")
"""The outcomes of which a complete run has none."""


def is_complete(report: Report) -> bool:
    """Return True if everything in scope was copied or proven."""
    if report.dry_run or not report.ok or not report.began:
        return False
    return not any(report.counts.get(name) for name in INCOMPLETE)


def advanced(report: Report, look: Look, mark: str) -> LastSuccess | None:
    """Return what to keep of a run; None: what is kept stays. `mark`: the fingerprint of its arguments."""
    if not is_complete(report) or report.since is None:
        return None
    return LastSuccess(mark, report.began, look.full_began or report.began, report.since.next_start)
