"""An Airflow of its own for the tests: its environment, its commands, and what they left in its database."""

from __future__ import annotations

import atexit
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from tests.airflow.forked_commands import ForkedCommands
from tests.servers.processes import GUARD

EXAMPLES = Path(__file__).parents[2] / "examples" / "dags"
COMMAND_TIMEOUT_S = 600.0


def environment(home: Path, dags: Path) -> dict[str, str]:
    """What keeps Airflow and boto from a developer's own settings."""
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(dags),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": str(home / "no-aws-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-aws-credentials"),
    }


def foreign(name: str) -> bool:
    """Whether a variable is a developer's own setting of Airflow or boto."""
    return name.startswith(("AIRFLOW", "AWS_")) or name.lower() in ("http_proxy", "https_proxy", "all_proxy")


class Ended(NamedTuple):
    """A command that ended: both its outputs as one text."""

    exit_code: int
    output: str


class AirflowHome:
    """A home in a directory. Commands run one at a time, under a guard: none outlives the tests."""

    def __init__(self, home: Path, dags: Path = EXAMPLES) -> None:
        self._home = home
        self._dags = dags
        self._forked: ForkedCommands | None = None

    @property
    def database(self) -> Path:
        """The file of Airflow's database."""
        return self._home / "airflow.db"

    def create_database(self) -> None:
        """What `airflow db migrate` leaves in an empty home, for SQLite."""
        template = _migrated()
        shutil.copyfile(template / "airflow.db", self._home / "airflow.db")
        settings = (template / "airflow.cfg").read_text()
        (self._home / "airflow.cfg").write_text(settings.replace(str(template), str(self._home)))

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> Ended:
        """`airflow ARGUMENTS`, in a process of its own."""
        log = self._home / "command.log"
        airflow = str(Path(sys.executable).with_name("airflow"))
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-I", str(GUARD), airflow, *arguments],
                env={**self._environment(), **(env or {})},
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
            try:
                exit_code = process.wait(COMMAND_TIMEOUT_S)
            finally:
                assert process.stdin is not None
                process.stdin.close()  # What makes the guard kill the command, if it still runs.
                process.wait()
        return Ended(exit_code, log.read_text(errors="replace"))

    def test_dag(self, dag_id: str, env: Mapping[str, str], conf: Mapping[str, object] | None = None) -> Ended:
        """One run of a DAG by Airflow, with its tries; in a process that is forked where that makes no difference."""
        arguments = ("dags", "test", dag_id, "--conf", json.dumps(conf or {}))
        if not ForkedCommands.can_run(env):
            return self.run(*arguments, env=env)
        if self._forked is None:
            self._forked = ForkedCommands(self._environment(), self._home / "forked.log", COMMAND_TIMEOUT_S)
        log = self._home / "command.log"
        exit_code = self._forked.run(arguments, {**self._environment(), **env}, log)
        return Ended(exit_code, log.read_text(errors="replace"))

    def close(self) -> None:
        """End what was started for the tests' DAG runs."""
        if self._forked is not None:
            self._forked.stop()

    def last_task(self) -> tuple[str, int]:
        """State and try number of the task instance that began last."""
        with self._database() as database:
            row = database.execute("select state, try_number from task_instance order by start_date desc").fetchone()
        return row[0], row[1]

    def last_result(self) -> Any:
        """What the last task returned, out of XCom; None if it left nothing."""
        with self._database() as database:
            row = database.execute(
                "select x.value from task_instance t left join xcom x on x.run_id = t.run_id"
                " and x.task_id = t.task_id and x.key = 'return_value' order by t.start_date desc"
            ).fetchone()
        return json.loads(row[0]) if row[0] is not None else None

    def sql(self, statement: str) -> list[Any]:
        """Read Airflow's database."""
        with self._database() as database:
            return database.execute(statement).fetchall()

    def logs(self) -> list[str]:
        """What the tasks' log files hold."""
        return [path.read_text(errors="replace") for path in (self._home / "logs").rglob("*.log")]

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not foreign(name)}
        return {**inherited, **environment(self._home, self._dags)}

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self.database, timeout=60)
        try:
            yield database
        finally:
            database.close()


@cache
def _migrated() -> Path:
    """A home with an empty database, once per process: migrating one takes 8 s of CPU, a copy of it nothing."""
    home = Path(tempfile.mkdtemp(prefix="crosscopy-migrated-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    ended = AirflowHome(home).run("db", "migrate")
    assert ended.exit_code == 0, ended.output
    return home
