"""The extraneous keys of a run in one line of text, and as the fields of its last log line."""

from __future__ import annotations

from s3_crosscopy.model.extraneous import Deletion, Extraneous
from s3_crosscopy.model.report import Report


def extraneous_note(report: Report) -> str:
    """Return a line about the keys that only the destination has; "" if there are none, or they were not looked for."""
    extraneous = report.extraneous
    if extraneous is None:
        return ""
    notes = (_found(extraneous), "" if extraneous.deletion is None else _deleted(extraneous.deletion))
    return ": ".join(note for note in notes if note)


def extraneous_fields(report: Report) -> dict[str, object]:
    """Return the log fields: the numbers that are not 0."""
    extraneous = report.extraneous
    if extraneous is None:
        return {}
    deletion = extraneous.deletion or Deletion()
    counts = {"extraneous": extraneous.keys, "deleted": deletion.deleted, "not_deleted": deletion.not_deleted}
    return {name: number for name, number in counts.items() if number}


def _found(extraneous: Extraneous) -> str:
    if not extraneous.keys:
        return ""
    least = "at least " if extraneous.at_least else ""
    text = "1 key is" if extraneous.keys == 1 else f"{extraneous.keys:,} keys are"
    first = f" (first {extraneous.first[0]!r})" if extraneous.first else ""
    return f"{least}{text} only at the destination{first}"


def _deleted(deletion: Deletion) -> str:
    counts = {"deleted": deletion.deleted, "kept": deletion.kept, "not deleted": deletion.not_deleted}
    numbers = ", ".join(f"{number:,} {name}" for name, number in counts.items() if number)
    return ", ".join(part for part in (numbers, deletion.why) if part)
