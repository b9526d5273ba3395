"""The pages are true to the tree and to the code's own tables."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs.generate import PAGES

from s3_crosscopy.model.options import OPTIONS
from s3_crosscopy.model.outcomes import Action, Decision, Reason, Verified
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.plan import decide
from s3_crosscopy.plan.properties import PROPERTIES

ROOT = Path(__file__).parents[2]
WRITTEN = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")]
ALL = [*WRITTEN, *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")


def text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_what_the_generator_makes_now(name: str) -> None:
    assert text(f"docs/{name}") == PAGES[name](), "run .venv/bin/python docs/generate.py"


def test_every_option_and_every_property_is_documented() -> None:
    page = text("docs/options.md")
    assert [option.name for option in OPTIONS if f"| `{option.name}` |" not in page] == []
    assert [row.name for row in PROPERTIES if f"| {row.name} | {row.kept} |" not in page] == []


def test_every_reason_proof_and_count_is_explained() -> None:
    page = text("docs/how-it-decides.md")
    decisions = [one for one in vars(decide).values() if isinstance(one, Decision) and one.action is not Action.COMPARE]
    words = [*(one.reason for one in decisions), *(one.value for one in Reason), *(one.value for one in Verified)]
    assert [word for word in (*words, "destination missing", "destination denied") if f"`{word}`" not in page] == []
    identity = "listed = " + " + ".join(Tally.OUTCOMES)
    assert identity in page


def test_the_readme_is_short() -> None:
    assert len(text("README.md").splitlines()) <= 110


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    missing = [target for target in targets if not (page.parent / target.partition("#")[0]).exists()]
    assert missing == []


def test_the_tree_in_contributing_is_the_real_one() -> None:
    listed = set(_tree(text("CONTRIBUTING.md")))
    assert [path for path in sorted(listed) if not (ROOT / path).exists()] == []
    holds_code = {path.parent.relative_to(ROOT) for top in ("src", "tests") for path in (ROOT / top).rglob("*.py")}
    assert sorted(str(path) for path in holds_code if str(path) not in listed | {"tests"}) == []


def _tree(page: str) -> list[str]:
    """The paths in the drawn tree: a line that is not indented begins a folder of its own."""
    paths, top = [], ""
    for line in page.partition("```\n")[2].partition("```")[0].splitlines():
        name = line.split()[0].rstrip("/")
        if line.startswith(" "):
            paths.append(f"{top}/{name}")
        else:
            top = name
            paths.append(name)
    return paths
