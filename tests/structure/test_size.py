"""One subject a file: about 150 lines, a pause at 250, and an end to it."""

from __future__ import annotations

from pathlib import Path

import pytest

import s3_crosscopy

ROOT = Path(s3_crosscopy.__file__).parent
MOST_LINES = 300


@pytest.mark.parametrize("path", [pytest.param(one, id=str(one.relative_to(ROOT))) for one in ROOT.rglob("*.py")])
def test_no_file_is_longer_than_300_lines(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MOST_LINES
