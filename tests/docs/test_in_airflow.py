"""Every task, DAG file and connection of the pages and examples in a real Airflow, against moto."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.airflow.airflow_home import environment
from tests.airflow.connection_env import role_connection
from tests.docs.conftest import World
from tests.docs.pages import BLOCKS, ROOT, text
from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID

TIMEOUT_S = 600
RUN = [block for block in BLOCKS if block.of_airflow and not block.why]
CONNECTIONS = [json.loads(block.code) for block in BLOCKS if block.language == "json" and "conn_type" in block.code]
EXAMPLES = sorted((ROOT / "examples" / "dags").glob("*.py"))

pytestmark = [pytest.mark.airflow, pytest.mark.xdist_group("airflow")]


@pytest.fixture
def ended(world: World, tmp_path: Path) -> dict[str, Any]:
    """What `run_in_airflow` found."""
    url = world.moto.endpoint_url
    home = tmp_path / "home"
    home.mkdir()
    here = {"endpoint_url": url, "service_config": {"sts": {"endpoint_url": url}}}
    asked = {
        "codes": [block.code for block in RUN],
        "files": [str(path) for path in EXAMPLES],
        "connections": [json.dumps({**one, "extra": {**one["extra"], **here}}) for one in CONNECTIONS],
    }
    (tmp_path / "asked.json").write_text(json.dumps(asked), encoding="utf-8")
    profiles = {name: os.environ[name] for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")}
    done = subprocess.run(
        [sys.executable, "-m", "tests.docs.run_in_airflow", str(tmp_path / "asked.json"), str(tmp_path / "ended.json")],
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "AWS_"))},
            **environment(home, home / "dags"),
            **profiles,
            "AIRFLOW_CONN_AWS_RAW": role_connection(url, SRC_ACCOUNT_ID),
            "AIRFLOW_CONN_AWS_ANALYTICS": role_connection(url, DST_ACCOUNT_ID),
        },
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-4000:]
    found: dict[str, Any] = json.loads((tmp_path / "ended.json").read_text(encoding="utf-8"))
    return found


def test_every_task_of_the_pages_and_examples_runs_and_every_connection_is_understood(ended: dict[str, Any]) -> None:
    for (file, tasks), name in zip(
        ended["tasks"].items(), [*(block.name for block in RUN), *(path.name for path in EXAMPLES)], strict=True
    ):
        assert tasks, f"{name} ({file}) has no task of ours"
        for task, summary in tasks.items():
            assert summary == "made" or (summary["ok"] and summary["copied"] > 0), f"{name}, {task}: {summary}"
    assert ended["connections"] == [one["extra"].get("role_arn") for one in CONNECTIONS]
    assert text("docs/metrics.md") == ended["metrics"], "run .venv/bin/python -m docs.generate metrics.md"
