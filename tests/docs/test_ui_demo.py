"""`make ui` as a newcomer runs it: it tells where to look, Ctrl-C ends it in the middle of a copy, nothing is left."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import wait_until

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S, STOP_TIMEOUT_S = 400.0, 180.0
LAST_LINE = "Ctrl-C ends all of it."


@pytest.mark.slow
@pytest.mark.airflow
@pytest.mark.xdist_group("airflow")
def test_the_site_shows_the_tab_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    log = tmp_path / "said"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "examples.ui"],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(tmp_path)},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
        try:
            wait_until(
                lambda: process.poll() is not None or LAST_LINE in log.read_text(), START_TIMEOUT_S, log.read_text
            )
            said = log.read_text()
            assert process.poll() is None, said
            ((address, user, password),) = re.findall(r"(http://\S+)\n  user (\w+), password (\w+)", said)
            token = ask(f"{address}/auth/token", body={"username": user, "password": password})["access_token"]
            assert "S3 copy" in json.dumps(ask(f"{address}/api/v2/plugins", token))
            run = {"dag_run_id": "r", "logical_date": None}
            ask(f"{address}/api/v2/dags/watch_a_copy/dagRuns", token, run)
            progress = f"{address}/s3-crosscopy/dags/watch_a_copy/progress?run_id=r"
            wait_until(lambda: ask(progress, token)["view"]["done"] > 0, START_TIMEOUT_S, log.read_text)
        finally:
            process.send_signal(signal.SIGINT)
            code = process.wait(STOP_TIMEOUT_S)
    assert code == 0, log.read_text()
    assert "nothing is left" in log.read_text()
    assert [path for path in tmp_path.iterdir() if path.name.startswith("s3-crosscopy-ui-")] == []
    wait_until(lambda: not running(tmp_path), STOP_TIMEOUT_S, lambda: f"still there: {running(tmp_path)}")


def running(home: Path) -> list[str]:
    """Processes whose environment names the folder: Airflow's, its tasks', the S3 server."""
    found = []
    for environment in Path("/proc").glob("[0-9]*/environ"):
        try:
            if f"AIRFLOW_HOME={home}".encode() in environment.read_bytes():
                found.append((environment.parent / "cmdline").read_text())
        except OSError:  # Ended in between, or somebody else's.
            continue
    return found


def ask(url: str, token: str | None = None, body: object = None) -> Any:
    request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None)
    request.add_header("Content-Type", "application/json")
    if token is not None:
        request.add_header("Authorization", f"Bearer {token}")
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)
