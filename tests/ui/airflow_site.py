"""A real Airflow for all tests that need one: API server with logins, a scheduler while tasks run; SQLite, a prefix."""

from __future__ import annotations

import json
import secrets
import shutil
import sqlite3
import sys
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from os import environ, pathsep
from pathlib import Path
from typing import Any, NamedTuple

from tests.airflow.airflow_home import AirflowHome, environment, foreign
from tests.airflow.versions import NEEDS_TRIGGERER
from tests.servers.process_group import KeptProcess
from tests.servers.processes import free_port
from tests.waiting import wait_until

HERE = Path(__file__).parent
DAGS = [
    *(HERE / "dags").glob("*.py"),
    *(HERE.parent / "kill" / "dags").glob("*.py"),
    HERE.parent / "airflow" / "dags" / "observed.py",
]
"""All that anybody runs here. The tasks read their arguments from the scheduler's environment."""
PREFIX = "/team/airflow"
USERS = {"admin": "admin", "viewer": "viewer", "outsider": "viewer"}
"""By role. Passwords are the names."""

START_TIMEOUT_S = 240.0
ENDED = ("success", "failed")


class Answer(NamedTuple):
    """What the site answered: status and body."""

    status: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Site:
    """An Airflow in `home`, an empty folder. Each who uses it begins without runs: `scheduler`, or `forget_runs`."""

    def __init__(self, home: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}{PREFIX}"
        self._home, self._port, self._dags = home, port, home / "dags"
        self._dags.mkdir()
        for dag in DAGS:
            shutil.copy(dag, self._dags)
        (home / "passwords.json").write_text(json.dumps({name: name for name in USERS}))
        self._env = {
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__WORKERS": "1",
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__CORE__AUTH_MANAGER": "hiding_auth_manager.HidesOneDag",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in USERS.items()),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__EXECUTOR": "LocalExecutor",
            "AIRFLOW__CORE__PARALLELISM": "1",
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
            "PYTHONPATH": pathsep.join(filter(None, (str(HERE / "auth"), environ.get("PYTHONPATH")))),
            "PYTHONWARNINGS": "ignore",
        }
        self.airflow = AirflowHome(home, self._dags)

    def start(self, stack: ExitStack) -> None:
        """Bring up the API server, until the stack ends."""
        self.airflow.create_database()
        stack.callback(self._background("api-server", "--host", "127.0.0.1", "--port", str(self._port)).kill)
        self.reserialize({})
        wait_until(self._answers, START_TIMEOUT_S, lambda: f"the API server did not start\n{self.logs()}")

    def reserialize(self, env: Mapping[str, str]) -> None:
        """Store the DAGs as they are with `env`, and make their assets active."""
        # An active asset keeps others of its name from being so, until a scheduler sees that no DAG has it any more.
        self._execute("delete from asset_active")
        ended = self.airflow.run("dags", "reserialize", env={**self._env, **env})
        assert ended.exit_code == 0, ended.output

    @contextmanager
    def scheduler(self, env: Mapping[str, str]) -> Iterator[None]:
        """Run what is triggered in this block; `env` is what the tasks and their connections need."""
        self.forget_runs()
        process = self._background("scheduler", env=env)
        try:
            yield
        finally:
            process.kill()

    @contextmanager
    def triggerer(self) -> Iterator[None]:
        """Look for people's answers in this block, if that is a process of its own in this Airflow."""
        process = self._background("triggerer", "--skip-serve-logs") if NEEDS_TRIGGERER else None
        try:
            yield
        finally:
            if process is not None:
                process.kill()

    def forget_runs(self) -> None:
        """Take all runs out of the database, with everything that their tasks left."""
        self._execute("delete from dag_run")

    def _execute(self, statement: str) -> None:
        with closing(sqlite3.connect(self.airflow.database, timeout=60)) as database:
            database.execute("pragma foreign_keys = on")
            with database:
                database.execute(statement)

    def wait_for_the_end(self, timeout_s: float) -> str:
        """The last state of the only run."""
        wait_until(lambda: self._state() in ENDED, timeout_s, lambda: f"the run did not end\n{self.logs()}")
        return self._state()

    def get(self, path: str, token: str | None = None, *, cookie: bool = False) -> Answer:
        """Ask for a path below the prefix, as whoever the token is for; nobody without one."""
        request = urllib.request.Request(f"{self.url}{path}")
        if token is not None and cookie:
            request.add_header("Cookie", f"_token={token}")
        elif token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        return _answer(request)

    def post(self, path: str, body: object, token: str | None = None) -> Answer:
        """Send JSON."""
        request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), method="POST")
        request.add_header("Content-Type", "application/json")
        if token is not None:
            request.add_header("Authorization", f"Bearer {token}")
        return _answer(request)

    def patch(self, path: str, body: object, token: str) -> Answer:
        """Send JSON, to change what is there."""
        request = urllib.request.Request(f"{self.url}{path}", json.dumps(body).encode(), method="PATCH")
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", f"Bearer {token}")
        return _answer(request)

    def login(self, name: str) -> str:
        """A token of that user."""
        token: str = self.post("/auth/token", {"username": name, "password": name}).json()["access_token"]
        return token

    def trigger(self, dag_id: str, run_id: str, token: str) -> None:
        """Begin a run of that id."""
        answer = self.post(f"/api/v2/dags/{dag_id}/dagRuns", {"dag_run_id": run_id, "logical_date": None}, token)
        assert answer.status == 200, answer.body

    def sql(self, statement: str, *values: object) -> list[Any]:
        """Read or write Airflow's database."""
        with closing(sqlite3.connect(self.airflow.database, timeout=60)) as database, database:
            return database.execute(statement, values).fetchall()

    def write(self, statements: Iterable[tuple[Any, ...]]) -> None:
        """Write Airflow's database: each statement with its values, all in one transaction."""
        with closing(sqlite3.connect(self.airflow.database, timeout=60)) as database, database:
            for statement, *values in statements:
                database.execute(statement, values)

    def logs(self) -> str:
        """The ends of what the processes and the tasks said."""
        logs = [*self._home.glob("*.log"), *self._home.glob("logs/dag_id=*/**/*.log")]
        return "\n".join(f"{log.name}: {log.read_text(errors='replace')[-4000:]}" for log in logs)

    def _state(self) -> str:
        ((state,),) = self.sql("select state from dag_run")
        return str(state)

    def _answers(self) -> bool:
        try:
            return self.get("/api/v2/version").status == 200
        except OSError:
            return False

    def _background(self, *arguments: str, env: Mapping[str, str] | None = None) -> KeptProcess:
        inherited = {name: value for name, value in environ.items() if not foreign(name)}
        airflow = str(Path(sys.executable).with_name("airflow"))
        whole = {**inherited, **environment(self._home, self._dags), **self._env, **(env or {})}
        return KeptProcess([airflow, *arguments], self._home / f"{arguments[0]}.log", whole)


def _answer(request: urllib.request.Request) -> Answer:
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return Answer(response.status, response.read())
    except urllib.error.HTTPError as error:
        return Answer(error.code, error.read())
