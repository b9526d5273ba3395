"""An Airflow of its own to look at: API server, scheduler and DAG processor, each a process that ends with the demo."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path

from accounts import clean_environment

AIRFLOW = Path(sys.executable).with_name("airflow")
HERE = Path(__file__).parent
DAGS = (HERE / "dags", HERE.parent / "dags")
USER, PASSWORD = "admin", "admin"
FIRST_PORT = 8080
START_S, STOP_S = 180.0, 15.0
PARTS = ("api-server", "scheduler", "dag-processor")


class Site:
    """Airflow in `home`; `connections` are values of AIRFLOW_CONN_ variables by connection id."""

    def __init__(self, home: Path, connections: Mapping[str, str]) -> None:
        self._home = home
        self._port = _free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        for folder in DAGS:
            shutil.copytree(folder, home / "dags", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        (home / "passwords.json").write_text(json.dumps({USER: PASSWORD}), encoding="utf-8")
        self._environment = clean_environment() | {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__API__BASE_URL": self.url,
            "AIRFLOW__API__SECRET_KEY": secrets.token_hex(32),
            "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_hex(32),
            "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
            "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__PARALLELISM": "4",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
            "AIRFLOW__SCHEDULER__ENABLE_HEALTH_CHECK": "False",
            "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(_free_port(FIRST_PORT + 1000)),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "ignore",
        }
        self._environment |= {f"AIRFLOW_CONN_{name.upper()}": value for name, value in connections.items()}

    def migrate(self) -> None:
        """Make the database."""
        migration = subprocess.run(
            [str(AIRFLOW), "db", "migrate"], env=self._environment, capture_output=True, text=True, check=False
        )
        if migration.returncode != 0:
            raise SystemExit(f"airflow db migrate failed:\n{migration.stderr[-4000:]}")

    def start(self, stack: ExitStack) -> dict[str, subprocess.Popen[bytes]]:
        """Start everything and wait until it answers; all of it ends with the stack."""
        parts = {}
        for name in PARTS:
            arguments = ("--host", "127.0.0.1", "--port", str(self._port)) if name == "api-server" else ()
            log = stack.enter_context((self._home / f"{name}.log").open("wb"))
            # A session of its own: Ctrl-C is for the demo, which then ends this group and nothing else.
            parts[name] = subprocess.Popen(
                [str(AIRFLOW), name, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=self._environment,
                start_new_session=True,
            )
        stack.callback(_end, parts)
        self._wait(parts)
        return parts

    def ended(self, parts: Mapping[str, subprocess.Popen[bytes]]) -> str:
        """The log's end of a part that ended by itself; "" while all run."""
        for name, process in parts.items():
            if process.poll() is not None:
                log = (self._home / f"{name}.log").read_text(encoding="utf-8", errors="replace")
                return f"airflow {name} ended by itself:\n{log[-4000:]}"
        return ""

    def _wait(self, parts: Mapping[str, subprocess.Popen[bytes]]) -> None:
        deadline = time.monotonic() + START_S
        while time.monotonic() < deadline:
            if failure := self.ended(parts):
                raise SystemExit(failure)
            if self._answers() and self._has_dags():
                return
            time.sleep(0.5)
        raise SystemExit(f"Airflow did not answer within {START_S:.0f} s; its logs are in {self._home}")

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/api/v2/version", timeout=5):
                return True
        except OSError:
            return False

    def _has_dags(self) -> bool:
        """Whether the DAG processor has read the DAG files."""
        login = json.dumps({"username": USER, "password": PASSWORD}).encode()
        asked = urllib.request.Request(f"{self.url}/auth/token", login, {"Content-Type": "application/json"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            token = json.load(answer)["access_token"]
        asked = urllib.request.Request(f"{self.url}/api/v2/dags", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return int(json.load(answer)["total_entries"]) >= sum(len(list(folder.glob("*.py"))) for folder in DAGS)


def _free_port(first: int = FIRST_PORT) -> int:
    """The usual port, or the next one that nobody uses."""
    for port in range(first, first + 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise SystemExit(f"no free port from {first} to {first + 99}")


def _end(parts: Mapping[str, subprocess.Popen[bytes]]) -> None:
    """The scheduler first: it ends its tasks, which still tell the API server. Then whatever of a group is left."""
    for name in ("scheduler", "dag-processor", "api-server"):
        process = parts[name]
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            continue
        finally:
            process.wait()
