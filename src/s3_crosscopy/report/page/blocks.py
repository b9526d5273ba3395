"""The building blocks of a report for people, which the HTML page and the command both show.

All values come from files that a user may have edited or an older version wrote: missing ones are omitted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from s3_crosscopy.model.humanize import about_bytes, about_seconds

MOST_NUMBER = 1e21
"""More than all bytes in S3: a larger number is no count."""


class Cell(NamedTuple):
    """One cell of a table. `value` is the number by which rows are sorted; None for texts."""

    text: str
    value: float | None = None


class Table(NamedTuple):
    """A table with a caption. `kinds` is the column to filter by, for tables that need a filter."""

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kinds: str = ""


class Bar(NamedTuple):
    """One bar of a chart. `text` is its value as text."""

    label: str
    value: float
    text: str


class Chart(NamedTuple):
    """A bar chart. `says` is one sentence for a reader who cannot see it."""

    name: str
    title: str
    says: str
    heads: tuple[str, str]
    bars: tuple[Bar, ...]
    top: str
    kind: str = "plain"


class Section(NamedTuple):
    """A heading with paragraphs (`notes`), charts and tables below it."""

    name: str
    title: str
    notes: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def empty(self) -> bool:
        """True if there is no content."""
        return not (self.notes or self.charts or self.tables)


def count(number: float) -> Cell:
    """A cell with a number of things."""
    return Cell(f"{number:,.0f}", number)


def size(number: float) -> Cell:
    """A cell with a number of bytes."""
    return Cell(about_bytes(number), number)


def took(seconds: float) -> Cell:
    """A cell with a duration; empty if it is not known."""
    return Cell(about_seconds(seconds), seconds) if seconds > 0 else Cell("")


def number_of(summary: Mapping[str, Any], name: str) -> float:
    """A number in a summary; 0 if there is none."""
    value = summary.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return 0
    return value if abs(value) <= MOST_NUMBER else 0


def mapping_of(summary: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A mapping in a summary; empty if there is none."""
    value = summary.get(name)
    return value if isinstance(value, dict) else {}


def list_of(summary: Mapping[str, Any], name: str) -> list[Any]:
    """A list in a summary; empty if there is none."""
    value = summary.get(name)
    return value if isinstance(value, list) else []


def mappings_of(summary: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """The mappings in a list of a summary."""
    return [value for value in list_of(summary, name) if isinstance(value, dict)]


def texts(*cells: str | Cell) -> tuple[Cell, ...]:
    """A row of cells."""
    return tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells)


def pairs(name: str, caption: str, head: tuple[str, str], rows: Iterable[tuple[str, str | Cell]]) -> tuple[Table, ...]:
    """A table of names and values; none if there is no row."""
    cells = tuple(texts(*row) for row in rows)
    return (Table(name, caption, head, cells),) if cells else ()
