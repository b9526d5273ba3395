"""Background processes of a test server: started under `child_guard.py`, stopped by closing its pipe."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

GUARD = Path(__file__).with_name("child_guard.py")
STOP_TIMEOUT_S = 60.0
# Below Linux's ephemeral range (32768 up): no outgoing connection may take a port before its server does.
PORTS = range(20_000, 32_000)


class GuardedProcess:
    """A command that dies when `stop` is called or when this process ends, whichever comes first."""

    def __init__(self, command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
        with log.open("ab") as output:
            # A session of its own: Ctrl-C is for pytest, whose fixtures then stop the server.
            self._guard = subprocess.Popen(
                [sys.executable, "-I", str(GUARD), *command],
                env=env,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    def is_running(self) -> bool:
        return self._guard.poll() is None

    def stop(self) -> None:
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait(STOP_TIMEOUT_S)


def free_port() -> int:
    """A port that nobody listens on now; random, so that two workers hardly ever choose the same one."""
    for port in random.sample(PORTS, 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError(f"no free port found in {PORTS}")
