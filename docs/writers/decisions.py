"""The index of decisions, from the pages themselves."""

from __future__ import annotations

from pathlib import Path

from docs.writers.table import page, table

FOLDER = Path(__file__).parents[1] / "decisions"

HEAD = """\
One page for each decision, with its date: what was decided, why, and which alternatives were not taken. If a later
decision changes an earlier one, it says so; the earlier page is not rewritten.
"""


def decisions_page() -> str:
    """The page docs/decisions/index.md."""
    rows = []
    for path in sorted(FOLDER.glob("[0-9]*.md")):
        title, _, date = path.read_text(encoding="utf-8").split("\n")[:3]
        number, _, text = title.removeprefix("# ").partition(". ")
        rows.append((number, f"[{text}]({path.name})", date))
    return page("Decisions", HEAD, table(("", "decision", "date"), rows))
