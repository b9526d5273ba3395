"""The index of decisions, from the pages themselves."""

from __future__ import annotations

from pathlib import Path

from docs.writers.table import page, table

FOLDER = Path(__file__).parents[1] / "decisions"

HEAD = """\
One page each, dated: what was decided, why, and what was not taken. A page is not rewritten when a later one decides
otherwise; the later one says so.
"""


def decisions_page() -> str:
    """The page docs/decisions/index.md."""
    rows = []
    for path in sorted(FOLDER.glob("[0-9]*.md")):
        title, _, date = path.read_text(encoding="utf-8").split("\n")[:3]
        number, _, text = title.removeprefix("# ").partition(". ")
        rows.append((number, f"[{text}]({path.name})", date))
    return page("Decisions", HEAD, table(("", "decision", "date"), rows))
