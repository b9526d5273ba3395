"""Markdown tables, and the line that says where a page comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from s3_crosscopy.model.option_table import NAMES

WRITTEN = "<!-- Written by docs/generate.py from the code's own tables. Do not edit. -->"

_OPTION = re.compile(rf'\b({"|".join(NAMES)})(="[a-z_]+")?')


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; a bar in a cell is a bar there too."""
    lines = [head, ["---"] * len(head), *([cell.replace("|", r"\|") for cell in row] for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def page(title: str, *parts: str) -> str:
    """A generated page: its parts apart by a blank line."""
    return "\n".join((f"# {title}\n\n{WRITTEN}\n", *parts))


def code(text: str) -> str:
    """As code, if there is anything."""
    return f"`{text}`" if text else ""


def options_as_code(text: str) -> str:
    """The names of options in a text as code, with their values."""
    return _OPTION.sub(lambda found: code(found[0]), text)


def summary_of(kind: object) -> str:
    """The first paragraph of a docstring, on one line."""
    return " ".join((kind.__doc__ or "").strip().partition("\n\n")[0].split())
