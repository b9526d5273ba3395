"""The architecture page is true to the tree: every file and folder that it names exists, and no package is left out."""

from __future__ import annotations

import re

from tests.docs.pages import ROOT, text

PAGE = text("docs/architecture.md")
SOURCE = ROOT / "src" / "s3_crosscopy"
MOST_LINES = 120
FEWEST_CHANGES = 15
NAMED_FILE = re.compile(r"(?<![\w./*])(?:\w+/)+(?:\w+\.(?:py|js))?|(?<![\w./])\w+\.py")


def part(heading: str) -> str:
    """The text below a heading, up to the next one."""
    return PAGE.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def tree() -> list[str]:
    """The paths of the drawn tree. An indented line belongs to the folder above it."""
    paths: list[str] = []
    for line in part("The tree").partition("```text\n")[2].partition("```")[0].splitlines():
        name = line.split()[0]
        paths.append(name if not line.startswith(" ") else next(p for p in reversed(paths) if p.count("/") == 1) + name)
    return paths


def exists(name: str) -> bool:
    return (SOURCE / name).exists() or (ROOT / name).exists()


def test_the_tree_is_the_real_one() -> None:
    drawn = tree()
    assert [path for path in drawn if not (SOURCE / path).exists()] == []
    packages = {f"{path.parent.relative_to(SOURCE)}/" for path in SOURCE.rglob("*/__init__.py")}
    assert packages - set(drawn) == set(), "add it to the tree of docs/architecture.md"


def test_every_file_on_the_way_of_an_object_exists() -> None:
    names = NAMED_FILE.findall(part("From a listed key to a report row"))
    assert len(names) > 15
    assert [name for name in names if not exists(name)] == []


def test_every_file_of_a_typical_change_exists() -> None:
    rows = [line for line in part("Where do I change ...").splitlines() if line.startswith("| ")][1:]
    assert len(rows) >= FEWEST_CHANGES
    for row in rows:
        names = [name for name in re.findall(r"`([^`]+)`", row) if "/" in name or "." in name]
        assert names, row
        assert [name for name in names if not exists(name)] == [], row


def test_the_page_is_short() -> None:
    assert len(PAGE.splitlines()) <= MOST_LINES
