"""The look of a run in one line of text, and as the fields of its last log line."""

from __future__ import annotations

from s3_crosscopy.model.report import Report
from s3_crosscopy.model.since_result import SinceResult


def since_note(report: Report) -> str:
    """Return a line about how far a run with the option `since` looked; "" for a run without it."""
    since = report.since
    if since is None:
        return ""
    return _short(since) if since.short else _full(since)


def since_fields(report: Report) -> dict[str, object]:
    """Return the log fields: the kind of look, and the number of missed keys if it is known."""
    since = report.since
    if since is None:
        return {}
    missed = {} if since.missed is None else {"missed_since": since.missed}
    return {"look": "short" if since.short else "full", **missed}


def _short(since: SinceResult) -> str:
    parts = (
        f"pairs older than {since.before} were not compared again" if since.before else "",
        f"keys before {since.start!r} were not listed" if since.start else "",
    )
    return f"a short look: {' and '.join(filter(None, parts)) or 'everything is new'}"


def _full(since: SinceResult) -> str:
    text = f"a full look, because {since.why}"
    if since.missed is None:
        return text
    if not since.missed:
        return f"{text}: the short way had missed nothing"
    least = "at least " if since.at_least else ""
    keys = "1 key" if since.missed == 1 else f"{since.missed:,} keys"
    return f"{text}: the short way had missed {least}{keys} (first {since.first[0]!r})"
