"""`make demo` as a newcomer runs it: it holds, and leaves nothing behind."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 600


@pytest.mark.slow
@pytest.mark.airflow
@pytest.mark.xdist_group("airflow")
def test_the_demo_holds_and_cleans_up(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "examples/demo/run_demo.py"],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path), "CI": "true"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = [line.split() for line in done.stdout.splitlines()]
    assert ["copied", "skipped", "failed", "seconds"] in rows
    assert ["run", "1", "1,200", "0", "0"] in [row[:5] for row in rows]
    assert ["run", "2", "0", "1,200", "0"] in [row[:5] for row in rows]
    assert "Everything holds" in done.stdout
    assert [path for path in tmp_path.iterdir() if path.name.startswith("s3-crosscopy-demo-")] == []
