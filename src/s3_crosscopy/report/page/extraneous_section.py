"""The section about the keys that only the destination has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from s3_crosscopy.model.extraneous import DestOutcome
from s3_crosscopy.report.page.blocks import Section, Table, count, mapping_of, number_of, pairs, texts
from s3_crosscopy.report.report_reader import FinishedReport

UNDO = "s3-crosscopy undelete takes back what was deleted: the rows have the ids of the delete markers."


def extraneous(report: FinishedReport) -> Section:
    """Their number, the first of them, and what became of them. Nothing in a report of a run that did not look."""
    values = mapping_of(report.summary, "extraneous")
    keys = number_of(values, "keys")
    deletion = mapping_of(values, "deletion")
    notes = _notes(values, deletion, keys)
    first = values.get("first")
    named = [str(key) for key in first] if isinstance(first, list) else []
    tables = _outcomes(deletion) if keys else ()
    tables += pairs(
        "extraneous", "The first keys that only the destination has", ("key", "#"),
        ((key, count(number)) for number, key in enumerate(named, start=1)),
    )  # fmt: skip
    return Section("extraneous", "Only at the destination", tuple(notes), tables=tables)


def _notes(values: Mapping[str, Any], deletion: Mapping[str, Any], keys: float) -> list[str]:
    filtered = number_of(values, "filtered")
    notes = []
    if keys:
        least = "At least " if values.get("at_least") else ""
        notes.append(f"{least}{keys:,.0f} keys at the destination are not at the source.")
    if filtered:
        notes.append(f"{filtered:,.0f} more are left out by a filter, or are the prefix itself.")
    if deletion.get("why"):
        notes.append(f"Not deleted: {deletion['why']}.")
    return [*notes, UNDO] if number_of(deletion, "deleted") else notes


def _outcomes(deletion: Mapping[str, Any]) -> tuple[Table, ...]:
    if not deletion:
        return ()
    rows = tuple(
        texts(outcome.label, count(number_of(deletion, outcome.value)), outcome.meaning)
        for outcome in (DestOutcome.DELETED, DestOutcome.KEPT, DestOutcome.NOT_DELETED)
    )
    return (Table("deletes", "Keys that only the destination has, by outcome", ("outcome", "keys", "meaning"), rows),)
