"""Commands of an Airflow home as forks of one process that has imported Airflow, see `warm_commands`."""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.servers.processes import GuardedProcess

PROGRAM = Path(__file__).with_name("warm_commands.py")
READ_AT_ONCE = ("AIRFLOW_CONN_", "AIRFLOW__CORE__DAGS_FOLDER")
"""What of Airflow's settings a command may have of its own: others are read while Airflow is imported."""


class ForkedCommands:
    """The process that forks. `env` is its environment, `log` has what it says itself."""

    def __init__(self, env: Mapping[str, str], log: Path, timeout_s: float) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(timeout_s)
            port = listener.getsockname()[1]
            self._process = GuardedProcess([sys.executable, str(PROGRAM), str(port)], log, env)
            self._connection = listener.accept()[0]
        self._connection.settimeout(timeout_s)
        self._lines = self._connection.makefile("rw")

    @staticmethod
    def can_run(env: Mapping[str, str]) -> bool:
        """Whether a command with these variables is the same as in a process of its own."""
        return all(name.startswith(READ_AT_ONCE) for name in env if name.startswith("AIRFLOW"))

    def run(self, arguments: Sequence[str], env: Mapping[str, str], log: Path) -> int:
        """The exit code of `airflow ARGUMENTS`, whose whole environment is `env`."""
        asked = {"arguments": list(arguments), "environment": dict(env), "log": str(log)}
        self._lines.write(json.dumps(asked) + "\n")
        self._lines.flush()
        return int(self._lines.readline())

    def stop(self) -> None:
        """The end of the process, and of a command that still runs."""
        self._process.stop()
        self._lines.close()
        self._connection.close()
