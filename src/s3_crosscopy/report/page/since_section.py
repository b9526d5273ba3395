"""The section about how far a run with the option `since` looked back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from s3_crosscopy.report.page.blocks import Section, count, list_of, mapping_of, number_of, pairs
from s3_crosscopy.report.report_reader import FinishedReport


def since(report: FinishedReport) -> Section:
    """The look of the run with `since`, and what shorter looks had missed. No content without the option."""
    values = mapping_of(report.summary, "since")
    if not values:
        return Section("since", "New since the last run")
    missed = pairs(
        "missed", "The first keys that a short look had missed", ("key", "#"),
        ((str(key), count(number)) for number, key in enumerate(list_of(values, "first"), start=1)),
    )  # fmt: skip
    return Section("since", "New since the last run", tuple(_notes(values)), tables=missed)


def _notes(values: Mapping[str, Any]) -> Iterator[str]:
    if values.get("short"):
        yield "A short look: only what is new since the last complete run."
        yield from _bounds(values)
    else:
        yield f"A full look at everything, because {values.get('why') or 'this run had to'}."
        yield from _missed(values)
    if values.get("next_start"):
        yield f"The next run may start at the key {values['next_start']}."


def _bounds(values: Mapping[str, Any]) -> Iterator[str]:
    if values.get("before"):
        yield f"Objects that are older than {values['before']} on both sides were not compared again."
    if values.get("start"):
        yield f"Keys before {values['start']} were not listed."


def _missed(values: Mapping[str, Any]) -> Iterator[str]:
    if values.get("missed") is None:
        return
    missed = number_of(values, "missed")
    least = "at least " if values.get("at_least") else ""
    yield f"Short looks since the last full one had missed {least}{missed:,.0f} keys."
