"""What a report says to people, in sections: the page and the command show the same ones. Knows neither HTML nor text.

Everything comes from files that a user may have edited or an older version wrote: what is missing is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from s3_crosscopy.model.humanize import about_bytes, about_seconds

MOST_NUMBER = 1e21
"""More than all bytes that S3 holds: a larger number counts nothing."""


class Cell(NamedTuple):
    """One cell of a table; `value` is what a number is sorted by."""

    text: str
    value: float | None = None


class Table(NamedTuple):
    """Rows under a caption. `kinds` names, of tables worth a filter, the column that says of what kind a row is."""

    name: str
    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    kinds: str = ""


class Bar(NamedTuple):
    """One bar of a chart: what it is about, how high it is, and that in words."""

    label: str
    value: float
    said: str


class Chart(NamedTuple):
    """Bars side by side. `says` is the one sentence that a reader who sees no chart needs."""

    name: str
    title: str
    says: str
    heads: tuple[str, str]
    bars: tuple[Bar, ...]
    top: str
    kind: str = "plain"


class Section(NamedTuple):
    """A heading and what is below it. `note` is a paragraph of its own."""

    name: str
    title: str
    notes: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing to say."""
        return not (self.notes or self.charts or self.tables)


def count(number: float) -> Cell:
    """A number of things."""
    return Cell(f"{number:,.0f}", number)


def size(number: float) -> Cell:
    """A number of bytes."""
    return Cell(about_bytes(number), number)


def took(seconds: float) -> Cell:
    """A time; nothing where it is not known."""
    return Cell(about_seconds(seconds), seconds) if seconds > 0 else Cell("")


def number_of(said: Mapping[str, Any], name: str) -> float:
    """A number of a summary; 0 where there is none."""
    value = said.get(name)
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        return 0
    return value if abs(value) <= MOST_NUMBER else 0


def mapping_of(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A mapping of a summary; empty where there is none."""
    value = said.get(name)
    return value if isinstance(value, dict) else {}


def texts(*cells: str | Cell) -> tuple[Cell, ...]:
    """A row of cells."""
    return tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells)


def pairs(name: str, caption: str, head: tuple[str, str], rows: Iterable[tuple[str, str | Cell]]) -> tuple[Table, ...]:
    """A table of names and values; none if there is no row."""
    found = tuple(texts(*row) for row in rows)
    return (Table(name, caption, head, found),) if found else ()
