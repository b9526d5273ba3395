"""The tutorial as a newcomer types it: all of its commands in one shell, and what it says that they print."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import BLOCKS
from tests.servers.processes import free_port

PAGE = [block for block in BLOCKS if block.page == "docs/tutorial.md"]
PORT = "5005"
TIMEOUT_S = 600
STRICT = "set -euo pipefail\ntrap 'kill %1 2>/dev/null || true' EXIT\n"
_PACE = re.compile(r"in [\d.,]+ s, [\d.,]+ objects/s")


def of(language: str) -> str:
    return "".join(block.code for block in PAGE if block.language == language and not block.why)


def told(text: str) -> list[str]:
    """Lines as they are on every machine."""
    return _PACE.sub("in a while", text).splitlines()


@pytest.mark.slow
def test_every_command_does_what_the_tutorial_says(tmp_path: Path) -> None:
    # The server ends with the shell, however that ends.
    script = STRICT + of("shell").replace(PORT, str(free_port()))
    # A reader takes longer: `_SUCCESS` is held back if it was written in the second in which its copy begins.
    script = script.replace("s3-crosscopy copy", "sleep 1 && s3-crosscopy copy", 1)
    foreign = ("AWS_", "MOTO_", "AIRFLOW")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    environment |= {
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "NO_PROXY": "127.0.0.1",
        "no_proxy": "127.0.0.1",
    }
    done = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = iter(told(done.stdout))
    for line in told(of("text")):
        # In this order: each is looked for behind the one before.
        assert any(one.startswith(line) for one in said), f"{line!r} is not told, or not there:\n{done.stdout}"
    assert list(tmp_path.iterdir()) == []
