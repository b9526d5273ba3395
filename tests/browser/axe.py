"""axe-core in a page: what it finds against WCAG, each as one line.

Its script comes from the package axe-playwright-python, the newest on PyPI that carries it (4.12; axe-selenium-python,
for this Python, and axe-core-python carry 3 and 4.4). Only that file is used.
"""

from __future__ import annotations

from functools import cache
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from selenium.webdriver import Chrome

PACKAGE = "axe-playwright-python"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """
const [within, rules, done] = arguments;
const told = (error) => done([{id: "axe", impact: "critical", help: String(error), nodes: []}]);
axe.run(within ?? document, {runOnly: {type: "tag", values: rules}, resultTypes: ["violations"]})
  .then((found) => done(found.violations), told);
"""


def axe(driver: Chrome, within: str | None = None) -> list[str]:
    """The violations of the page as it is now, or of one element: `impact rule: what to do (where, where, ...)`."""
    driver.execute_script(_script())
    found: list[dict[str, Any]] = driver.execute_async_script(_RUN, within, RULES)
    return [f"{one['impact']} {one['id']}: {one['help']} ({_where(one['nodes'])})" for one in found]


def serious(violations: list[str]) -> list[str]:
    """Those that keep somebody from reading the page."""
    return [one for one in violations if one.startswith(("serious", "critical"))]


def _where(nodes: list[dict[str, Any]]) -> str:
    return ", ".join(str(node["target"]) for node in nodes[:5]) + (", ..." if len(nodes) > 5 else "")


@cache
def _script() -> str:
    files = [file for file in distribution(PACKAGE).files or () if file.name == "axe.min.js"]
    assert files, f"{PACKAGE} carries no axe.min.js any more"
    return Path(str(files[0].locate())).read_text(encoding="utf-8")
