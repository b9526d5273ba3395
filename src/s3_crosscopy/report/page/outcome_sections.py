"""The sections about what was done: outcomes and their sum, reasons, proofs, failed and slowest keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s3_crosscopy.model.outcomes import Outcome, outcome_label
from s3_crosscopy.model.report_row import ReportRow
from s3_crosscopy.report.digest import Digest
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

PROOFS = {
    "etag": "the copy has the source's ETag",
    "checksum": "the copy has the source's checksum",
    "size": "only the sizes were compared",
    "none": "nothing proves it",
}
MOST_TEXT = 300
"""Of a server's message: an error page must not fill the report."""


def verdict(said: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether the run was a success, and the same in words."""
    failed, left = number_of(said, "failed"), number_of(said, "not_attempted")
    if said.get("stopped"):
        return False, f"Stopped early: {said['stopped']}"
    if said.get("unproven"):
        return False, "The listing at the end does not prove every copy"
    if not said.get("ok"):
        return False, f"Not everything was copied: {failed:,.0f} failed, {left:,.0f} not attempted"
    if said.get("dry_run"):
        return True, "Dry run: nothing was written"
    return True, f"Copied; {failed:,.0f} failed, which was allowed" if failed else "Copied: everything has arrived"


def outcomes(report: FinishedReport) -> Section:
    """The counts, and that they add up."""
    said = report.summary
    listed = number_of(said, "listed")
    counts = {outcome: number_of(said, outcome.value) for outcome in Outcome}
    rows = tuple(
        texts(outcome.label, count(number), _share(number, listed), outcome.meaning)
        for outcome, number in counts.items()
    )
    table = Table("outcomes", "Objects by outcome", ("outcome", "objects", "share", "meaning"), rows)
    terms = " + ".join(f"{number:,.0f} {outcome.label}" for outcome, number in counts.items() if number) or "0"
    gap = listed - sum(counts.values())
    adds = (
        f"{listed:,.0f} listed = {terms}" if not gap else f"{listed:,.0f} listed, but {terms}: {gap:,.0f} are missing"
    )
    return Section("outcomes", "Outcome", (f"Every listed object has exactly one outcome: {adds}.",), tables=(table,))


def reasons(report: FinishedReport) -> Section:
    """Why objects were copied or not."""
    found = mapping_of(report.summary, "decisions")
    rows = (
        texts(reason, count(number_of(found, reason)), _bytes(report.digest, reason))
        for reason in sorted(found, key=lambda name: -number_of(found, name))
    )
    table = Table("reasons", "Objects by reason", ("reason", "objects", "bytes"), tuple(rows))
    return Section("reasons", "Reasons", tables=(table,) if table.rows else ())


def proof(report: FinishedReport) -> Section:
    """What proves the copies."""
    said = report.summary
    by = mapping_of(said, "verified_by")
    rows = tuple(texts(name, count(number_of(by, name)), PROOFS.get(name, "")) for name in sorted(by))
    tables: tuple[Table, ...] = ()
    if rows:
        tables = (Table("proofs", "Copies by what proves them", ("proof", "objects", "meaning"), rows),)
    notes: tuple[str, ...] = ()
    if said.get("checked") is not None:
        notes = (f"A listing of both sides at the end compared {number_of(said, 'checked'):,.0f} objects.",)
    unproven = said.get("unproven")
    if isinstance(unproven, list):
        tables += pairs(
            "unproven",
            "The first copies that the listing did not find as they should be",
            ("key", "what is wrong"),
            ((str(one.get("key")), _cut(str(one.get("message")))) for one in unproven if isinstance(one, dict)),
        )
    return Section("proof", "Verification", notes, tables=tables)


def failed(report: FinishedReport) -> Section:
    """The failed keys, or some of each kind."""
    rows = tuple(_failed(row) for row in report.digest.failed)
    every = number_of(report.summary, "failed")
    notes = []
    if not rows and not every:
        notes.append("No object failed.")
    elif len(rows) < every:
        shown = f"{len(rows):,} of {every:,.0f} failed keys are shown, of every reason and code"
        notes.append(f"{shown}; failed.jsonl.gz beside this page has them all, and is a manifest for the next run.")
    notes += str(report.summary.get("denial") or "").splitlines()
    head = ("key", "size", "reason", "call", "code", "message", "request id", "at")
    table = Table("failed", "What failed, and what S3 said", head, rows, kinds="reason")
    return Section("failed", "Failed keys", tuple(notes), tables=(table,) if rows else ())


def slowest(report: FinishedReport) -> Section:
    """The keys that took longest."""
    rows = tuple(
        texts(row.key, took(row.took_s), size(row.size), outcome_label(row.outcome), row.reason, took(row.at_s))
        for row in report.digest.slowest
    )
    if not rows:
        return Section("slowest", "Slowest keys", ("How long each object took was not recorded.",))
    head = ("key", "time", "size", "outcome", "reason", "at")
    note = "From an object's first request to its end, waiting for a second round included."
    return Section(
        "slowest", "Slowest keys", (note,), tables=(Table("slowest", "What took longest", head, rows, "outcome"),)
    )


def _failed(row: ReportRow) -> tuple[Cell, ...]:
    said = (row.reason, row.call, row.code, _cut(row.message), row.request_id)
    return texts(row.key, size(row.size), *said, took(row.at_s))


def _bytes(digest: Digest, reason: str) -> Cell:
    """Of skipped objects there are rows only if they were asked for."""
    found = digest.of_reason(reason)
    return size(found.bytes) if found.objects else Cell("")


def _share(number: float, listed: float) -> Cell:
    return Cell(f"{100 * number / listed:.1f} %", number) if listed else Cell("", 0)


def _cut(text: str) -> str:
    return text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}..."
