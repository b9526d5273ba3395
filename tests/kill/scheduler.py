"""A real Airflow for one DAG run: API server, scheduler with LocalExecutor, SQLite; tasks in processes of their own."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import sys
import time
from collections.abc import Mapping
from contextlib import ExitStack, closing
from pathlib import Path

from s3_crosscopy.model.checkpoint import CheckpointState, from_json
from tests.airflow.airflow_home import AirflowHome, environment, foreign
from tests.servers.process_group import KeptProcess
from tests.servers.processes import free_port

DAGS = Path(__file__).with_name("dags")
LOCK_TIMEOUT_S = 60.0


class Scheduler:
    """Brings Airflow up for the DAGs of this folder; `env` is what they and the connections need."""

    def __init__(self, home: Path, env: Mapping[str, str]) -> None:
        port = free_port()
        self._home = home
        self._database = home / "airflow.db"
        self._env = {
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "1",
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            **env,
        }
        self.airflow = AirflowHome(home, DAGS)
        self._port = port

    def run_dag(self, stack: ExitStack, dag_id: str) -> None:
        """Bring everything up, until the stack ends, and begin a run."""
        self.airflow.create_database()
        self._background(stack, "api-server", "--apps", "execution", "--host", "127.0.0.1", "--port", str(self._port))
        self._command("dags", "reserialize")
        self._background(stack, "scheduler")
        self._command("dags", "trigger", dag_id)

    def wait_for_the_end(self, timeout_s: float) -> str:
        """The DAG run's last state; the logs' ends if it does not come to one."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            state = self._one("select state from dag_run")
            if state in ("success", "failed"):
                return state
            time.sleep(0.2)
        ends = [f"{log.name}: {log.read_text(errors='replace')[-3000:]}" for log in sorted(self._home.glob("*.log"))]
        raise AssertionError("\n".join(["the DAG run did not end", *ends]))

    def kept(self) -> CheckpointState | None:
        """What the task state store holds for the task."""
        value = self._one("select value from task_state_store where key = 's3_crosscopy'")
        return from_json(json.loads(value))[0] if value is not None else None

    def _one(self, query: str) -> str | None:
        with closing(sqlite3.connect(self._database, timeout=LOCK_TIMEOUT_S)) as database:
            row = database.execute(query).fetchone()
        return row[0] if row is not None else None

    def _command(self, *arguments: str) -> None:
        ended = self.airflow.run(*arguments, env=self._env)
        assert ended.exit_code == 0, ended.output

    def _background(self, stack: ExitStack, *arguments: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not foreign(name)}
        airflow = str(Path(sys.executable).with_name("airflow"))
        env = {**inherited, **environment(self._home, DAGS), **self._env}
        stack.callback(KeptProcess([airflow, *arguments], self._home / f"{arguments[0]}.log", env).stop)
