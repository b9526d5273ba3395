"""The sections about the objects: outcomes and their sum, reasons, verification, failed and slowest keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s3_crosscopy.model.outcomes import FILTERED_BY_TIME, Outcome, outcome_label
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report.digest import Digest
from s3_crosscopy.report.digest_messages import cut
from s3_crosscopy.report.page.blocks import (
    Cell,
    Section,
    Table,
    count,
    mapping_of,
    number_of,
    pairs,
    size,
    texts,
    took,
)
from s3_crosscopy.report.report_reader import FinishedReport

VERIFIED_BY = {
    "etag": "the copy has the source's ETag",
    "checksum": "the copy has the source's checksum",
    "size": "only the sizes were compared",
    "none": "not verified",
}
NOTHING_TO_COPY = "Nothing to copy: the source has no object, or none that the filters accept"
ALWAYS = (Outcome.SKIPPED, Outcome.FAILED)
"""The outcomes that are shown even if no object has them, besides that of the copies."""


def verdict(report: FinishedReport) -> tuple[bool, str]:
    """True if the run was successful, and a text that says so."""
    summary = report.summary
    failed, not_attempted = number_of(summary, "failed"), number_of(summary, "not_attempted")
    if summary.get("stopped"):
        return False, f"Stopped early: {summary['stopped']}"
    if summary.get("unproven"):
        return False, "The listing at the end does not verify every copy"
    deletion = mapping_of(mapping_of(summary, "extraneous"), "deletion")
    if deletion and not deletion.get("ok"):
        return False, f"Not everything that only the destination has was deleted: {deletion.get('why')}"
    if not summary.get("ok"):
        not_all = "Dry run: not everything can be copied" if summary.get("dry_run") else "Not everything was copied"
        return False, f"{not_all}: {failed:,.0f} failed, {not_attempted:,.0f} not attempted"
    if not number_of(summary, "listed") - number_of(summary, "filtered") - number_of(summary, "missing"):
        return _may_be_empty(report), NOTHING_TO_COPY
    if summary.get("dry_run"):
        return True, "Dry run: nothing was written"
    return True, f"Copied; {failed:,.0f} failed, which was allowed" if failed else "Copied: everything has arrived"


def _may_be_empty(report: FinishedReport) -> bool:
    """True if a run with nothing to copy was a success: see `Report.empty`, and the option `if_empty`."""
    since, decisions = mapping_of(report.summary, "since"), mapping_of(report.summary, "decisions")
    if number_of(decisions, FILTERED_BY_TIME) or (since.get("short") and since.get("start")):
        return True
    return mapping_of(report.run, "options").get("if_empty") is not None


def outcomes(report: FinishedReport) -> Section:
    """The counts of all outcomes, and their sum."""
    summary = report.summary
    listed = number_of(summary, "listed")
    counts = {outcome: number_of(summary, outcome.value) for outcome in Outcome}
    copies = Outcome.WOULD_COPY if summary.get("dry_run") else Outcome.COPIED
    rows = tuple(
        texts(outcome.label, count(number), _share(number, listed), outcome.meaning)
        for outcome, number in counts.items()
        if number or outcome in (*ALWAYS, copies)
    )
    table = Table("outcomes", "Objects by outcome", ("outcome", "objects", "share", "meaning"), rows)
    terms = " + ".join(f"{number:,.0f} {outcome.label}" for outcome, number in counts.items() if number) or "0"
    gap = listed - sum(counts.values())
    adds = (
        f"{listed:,.0f} listed = {terms}" if not gap else f"{listed:,.0f} listed, but {terms}: {gap:,.0f} are missing"
    )
    return Section("outcomes", "Outcome", (f"Every listed object has exactly one outcome: {adds}.",), tables=(table,))


def reasons(report: FinishedReport) -> Section:
    """The reasons why objects were copied or not."""
    decisions = mapping_of(report.summary, "decisions")
    rows = (
        texts(reason, count(number_of(decisions, reason)), _bytes(report.digest, reason))
        for reason in sorted(decisions, key=lambda name: -number_of(decisions, name))
    )
    table = Table("reasons", "Objects by reason", ("reason", "objects", "bytes"), tuple(rows))
    return Section("reasons", "Reasons", tables=(table,) if table.rows else ())


def verification(report: FinishedReport) -> Section:
    """The numbers of copies by the way in which they were verified."""
    summary = report.summary
    verified_by = mapping_of(summary, "verified_by")
    rows = tuple(
        texts(name, count(number_of(verified_by, name)), VERIFIED_BY.get(name, "")) for name in sorted(verified_by)
    )
    tables: tuple[Table, ...] = ()
    if rows:
        tables = (Table("proofs", "Copies by verification", ("verified by", "objects", "meaning"), rows),)
    tables += _etags(summary)
    notes: tuple[str, ...] = ()
    if summary.get("checked") is not None:
        notes = (f"A listing of both sides at the end compared {number_of(summary, 'checked'):,.0f} objects.",)
    unproven = summary.get("unproven")
    if isinstance(unproven, list):
        tables += pairs(
            "unproven",
            "The first copies that the listing did not find as they should be",
            ("key", "what is wrong"),
            ((str(row.get("key")), cut(str(row.get("message")))) for row in unproven if isinstance(row, dict)),
        )
    return Section("proof", "Verification", notes, tables=tables)


def _etags(summary: Mapping[str, Any]) -> tuple[Table, ...]:
    """The table of copies with and without their source's ETag; none for a run without `preserve_etag`."""
    if summary.get("etags_kept") is None:
        return ()
    losses = mapping_of(summary, "etags_not_kept")
    kept = texts("kept", count(number_of(summary, "etags_kept")), "")
    lost = (texts("not kept", count(number_of(losses, reason)), reason) for reason in sorted(losses))
    return (Table("etags", "Copies by the source's ETag", ("ETag", "objects", "reason"), (kept, *lost)),)


def failed(report: FinishedReport) -> Section:
    """The failed keys, or some of every reason and code."""
    rows = tuple(_failed(row) for row in report.digest.failed)
    total = number_of(report.summary, "failed")
    notes = []
    if not rows and not total:
        notes.append("No object failed.")
    elif len(rows) < total:
        shown = f"{len(rows):,} of {total:,.0f} failed keys are shown, of every reason and code"
        notes.append(f"{shown}; failed.jsonl.gz beside this page has them all, and is a manifest for the next run.")
    notes += str(report.summary.get("denial") or "").splitlines()
    head = ("key", "size", "reason", "call", "code", "message", "request id", "at")
    table = Table("failed", "What failed, and the response of S3", head, rows, kinds="reason")
    return Section("failed", "Failed keys", tuple(notes), tables=(*_messages(report.digest), table) if rows else ())


def slowest(report: FinishedReport) -> Section:
    """The keys that took longest."""
    rows = tuple(
        texts(row.key, took(row.took_s), size(row.size), outcome_label(row.outcome), row.reason, took(row.at_s))
        for row in report.digest.slowest
    )
    if not rows:
        tried = (report.digest.of_outcome(outcome.value).objects for outcome in (Outcome.COPIED, Outcome.FAILED))
        if report.summary.get("dry_run") or (report.digest.whole and not any(tried)):
            return Section("slowest", "Slowest keys")
        return Section("slowest", "Slowest keys", ("How long each object took was not recorded.",))
    head = ("key", "time", "size", "outcome", "reason", "at")
    note = "From an object's first request to its end, waiting for the retry phase included."
    return Section(
        "slowest", "Slowest keys", (note,), tables=(Table("slowest", "What took longest", head, rows, "outcome"),)
    )


def _messages(digest: Digest) -> tuple[Table, ...]:
    """The failed keys by message; none if there is only one failed key, or if the digest has no messages."""
    if sum(alike.rows for alike in digest.messages) < 2:
        return ()
    rows = tuple(
        texts(
            alike.message or alike.code or alike.reason,
            count(alike.rows),
            alike.reason,
            alike.call,
            alike.code,
            alike.key,
        )
        for alike in digest.messages
    )
    head = ("message", "keys", "reason", "call", "code", "first key")
    return (Table("messages", "Failed keys by message", head, rows),)


def _failed(row: ReportRow) -> tuple[Cell, ...]:
    error = (row.reason, row.call, row.code, cut(row.message), row.request_id)
    return texts(row.key, size(row.size), *error, took(row.at_s))


def _bytes(digest: Digest, reason: str) -> Cell:
    """The bytes of a reason; empty without rows: skipped objects have rows only if the user asked for them."""
    amount = digest.of_reason(reason)
    return size(amount.bytes) if amount.objects else Cell("")


def _share(number: float, listed: float) -> Cell:
    return Cell(f"{100 * number / listed:.1f} %", number) if listed else Cell("", 0)
