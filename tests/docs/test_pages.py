"""The pages are true to the tree and to the code's own tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from docs.generate import NEED_AIRFLOW, PAGES

from s3_crosscopy.core.decide import comparison as decide
from s3_crosscopy.core.decide import filters
from s3_crosscopy.core.transfer.copy_params import PROPERTIES
from s3_crosscopy.engine.outcome_recorder import TOO_NEW
from s3_crosscopy.engine.transfer.copy_last import INCOMPLETE
from s3_crosscopy.model.option_table import OPTIONS
from s3_crosscopy.model.outcomes import Action, Decision, Reason, Verified
from s3_crosscopy.model.run_scope import LEFT_TO_PUBLISH
from s3_crosscopy.model.tally import Tally
from tests.docs.pages import PAGES as ALL
from tests.docs.pages import ROOT, text

LINK = re.compile(r"\]\(([^)\s]+)\)")
FULL = re.compile(r"https?://[\w.-]+(:\d+)?(/[\w./~%+@=&?;,!*'()-]*)?(#[\w./=-]+)?", re.ASCII)
HEADING = re.compile(r"^#{1,6} +(.+?)(?: +\{[^}]*\})?$", re.MULTILINE)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
NAMED = re.compile(r"(?:\{ *#|<a id=\"|id=\")([\w.-]+)")


# What needs Airflow is compared in a process of its own, by test_in_airflow.
@pytest.mark.parametrize("name", sorted(set(PAGES) - NEED_AIRFLOW))
def test_a_generated_page_is_what_the_generator_makes_now(name: str) -> None:
    assert text(f"docs/{name}") == PAGES[name](), "run .venv/bin/python -m docs.generate"


def test_every_option_and_every_property_is_documented() -> None:
    page = text("docs/options.md")
    assert [option.name for option in OPTIONS if f"| `{option.name}` |" not in page] == []
    assert [row.name for row in PROPERTIES if f"| {row.name} | {row.kept} |" not in page] == []


def test_every_reason_proof_and_count_is_explained() -> None:
    page = text("docs/copy-rules.md")
    decisions = [one for one in vars(decide).values() if isinstance(one, Decision) and one.action is not Action.COMPARE]
    words = [*(one.reason for one in decisions), *(one.value for one in Reason), *(one.value for one in Verified)]
    assert [word for word in (*words, "destination missing", "destination denied") if f"`{word}`" not in page] == []
    identity = "listed = " + " + ".join(Tally.OUTCOMES)
    assert identity in page


def test_every_reason_is_in_the_reference_too() -> None:
    page = text("docs/outcomes.md")
    constants = [one for module in (decide, filters) for one in vars(module).values() if isinstance(one, Decision)]
    words = [*(one.reason for one in constants), *(one.value for one in Reason), *(one.value for one in Verified)]
    words += [TOO_NEW, INCOMPLETE, LEFT_TO_PUBLISH]
    assert [word for word in words if f"`{word}`" not in page] == []


def test_the_site_names_every_page_and_loads_nothing_from_elsewhere() -> None:
    site = yaml.safe_load(text("mkdocs.yml"))
    named = set(_leaves(site["nav"]))
    pages = {str(page.relative_to(ROOT / "docs")) for page in (ROOT / "docs").rglob("*.md")}
    assert named - pages == set()
    # The decisions stand in an index of their own.
    unnamed = sorted(one for one in pages - named if not one.startswith("decisions/0"))
    assert unnamed == [], "add it to nav in mkdocs.yml"
    assert site["theme"]["font"] is False
    # No plugin that asks a server; mkdocstrings would for inventories.
    names = [one if isinstance(one, str) else next(iter(one)) for one in site["plugins"]]
    assert names == ["search", "mkdocstrings"]
    assert "inventories" not in text("mkdocs.yml")


def test_the_registry_file_names_what_is_there() -> None:
    """The modules are looked for in the source: importing them is Airflow's."""
    said = yaml.safe_load(text(".airflow-registry.yaml"))
    assert f'name = "{said["package-name"]}"' in text("provider/pyproject.toml")
    for one in (*said["operators"], *said["other"]):
        module, _, name = one["module"].rpartition(".")
        assert f"class {name}(" in text(f"src/{module.replace('.', '/')}.py")


def test_the_readme_is_short() -> None:
    assert len(text("README.md").splitlines()) <= 110


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_links_lead_to_files(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    missing = [target for target in targets if not (page.parent / target.partition("#")[0]).exists()]
    assert missing == []


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_links_lead_to_headings(page: Path) -> None:
    links = [target.partition("#") for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in target]
    to_headings = [(page.parent / path if path else page, anchor) for path, _, anchor in links if anchor]
    assert [(to.name, anchor) for to, anchor in to_headings if anchor not in anchors(to.resolve())] == []


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_links_to_elsewhere_are_well_formed(page: Path) -> None:
    targets = [target for target in LINK.findall(page.read_text(encoding="utf-8")) if "://" in target]
    assert [target for target in targets if not FULL.fullmatch(target)] == []


@cache
def anchors(page: Path) -> frozenset[str]:
    """The anchors of a page: its headings as Markdown's toc spells them, and what names its id."""
    source = page.read_text(encoding="utf-8")
    if source.startswith("--8<--"):  # The page shows a file of the root.
        source = text(source.split('"')[1])
    headings = [re.sub(r"\[([^]]+)\]\([^)]+\)|`", r"\1", found) for found in HEADING.findall(FENCED.sub("", source))]
    spelt = [re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", heading).strip().lower()) for heading in headings]
    return frozenset([*spelt, *NAMED.findall(source)])


def _leaves(nav: Any) -> Iterator[str]:
    """The pages of a navigation."""
    if isinstance(nav, str):
        yield nav
        return
    for one in nav.values() if isinstance(nav, dict) else nav:
        yield from _leaves(one)


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
