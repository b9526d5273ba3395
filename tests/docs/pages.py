"""The pages and their code blocks. A block that cannot be run here says why, in a comment right above it.

`<!-- not run: it needs a Kubernetes cluster -->`
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
WRITTEN = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md")]
PAGES = [*WRITTEN, *sorted((ROOT / "docs").rglob("*.md"))]

_FENCE = re.compile(
    r"(?:^<!-- not run: (?P<why>[^>]+) -->\n+)?^```(?P<language>\w*)\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL
)
_AIRFLOW = re.compile(r"^from (airflow|s3_crosscopy\.airflow)", re.MULTILINE)


class Block(NamedTuple):
    """A fenced block: its page, its number there from 1, and why it is not run ("": it is)."""

    page: str
    number: int
    language: str
    code: str
    why: str

    @property
    def name(self) -> str:
        """For a test's output."""
        return f"{self.page}, block {self.number}"

    @property
    def of_airflow(self) -> bool:
        """Whether it is Python that needs Airflow."""
        return self.language == "python" and _AIRFLOW.search(self.code) is not None


def text(name: str) -> str:
    """A file of the repository."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks_of(page: Path) -> Iterator[Block]:
    """The blocks of a page, in order."""
    name = str(page.relative_to(ROOT))
    for number, found in enumerate(_FENCE.finditer(page.read_text(encoding="utf-8")), 1):
        yield Block(name, number, found["language"], found["code"], found["why"] or "")


BLOCKS = [block for page in PAGES for block in blocks_of(page)]
