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
from tests.airflow.versions import AIRFLOW
from tests.docs.conftest import World
from tests.docs.pages import BLOCKS, ROOT, text
from tests.servers.moto import DST_ACCOUNT_ID, SRC_ACCOUNT_ID

TIMEOUT_S = 600
RUN = [block for block in BLOCKS if block.of_airflow and not block.why]
SETTINGS = [block for block in BLOCKS if block.language == "json" and "conn_type" in block.code]
CONNECTIONS = [json.loads(block.code) for block in SETTINGS if not block.why]
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
            # Of the connection, which a session of a hook does not have.
            "AWS_ENDPOINT_URL": url,
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
    assert ended["left"] == {} or AIRFLOW < (3, 3)
    names = {f"block_{number:03}.py": block.name for number, block in enumerate(RUN)}
    names |= {path.name: path.name for path in EXAMPLES}
    assert {*names} == {*ended["left"], *ended["tasks"]}
    for file, tasks in ended["tasks"].items():
        name = names[file]
        assert tasks, f"{name} ({file}) has no task that runs"
        for task, outcome in tasks.items():
            summary = outcome.get("returned")
            if outcome["kind"] == "ours":
                assert (summary["ok"], summary["copied"] > 0) == (True, True), f"{name}, {task}: {summary}"
            if outcome["kind"] == "refused":
                assert name == "docs/only-new.md, block 2"
                assert summary.startswith("since: this Airflow has no asset state store")
    of = {names[file]: tasks for file, tasks in ended["tasks"].items()}
    if "docs/migration.md, block 1" in of:
        check_migration(*(of[f"docs/migration.md, block {number}"]["copy_events"] for number in (1, 2)))
    check_taskflow(*(of[f"docs/taskflow.md, block {number}"] for number in (1, 2, 3)))
    assert ended["connections"] == [one["extra"].get("role_arn") for one in CONNECTIONS]
    assert text("docs/metrics.md") == ended["metrics"], "run .venv/bin/python -m docs.generate metrics.md"


def check_migration(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert before["dest"] == after["dest"] != {}


def check_taskflow(summary_used: dict[str, Any], copied_in_a_task: dict[str, Any], on_an_asset: dict[str, Any]) -> None:
    summary = summary_used["copy_events"]["returned"]
    assert summary_used["tell"]["returned"] == f"{summary['copied']} copied, 0 skipped, {summary['bytes']} bytes"
    assert copied_in_a_task["copy_events"]["returned"] == {"copied": summary["copied"], "verified_by": {"etag": 5}}
    assert on_an_asset["load"]["returned"] == [[summary["copied"], summary["bytes"]]]
