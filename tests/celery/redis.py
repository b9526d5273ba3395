"""A redis of its own on a loopback port, which keeps nothing on disk: Celery's broker and its result backend."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.debian import Software
from tests.servers.processes import GuardedProcess, free_port

REDIS = Software("redis", programs=("redis-server",), packages=("redis-server",))
READY_TIMEOUT_S = 30.0
READY_POLL_S = 0.05


@contextmanager
def running(path: Path) -> Iterator[str]:
    """The URL of an empty server; `path` holds its log."""
    port = free_port()
    log = path / "redis.log"
    settings = {"port": str(port), "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": str(path)}
    command = [REDIS.path("redis-server") or "redis-server"]
    process = GuardedProcess(
        [*command, *(word for key, value in settings.items() for word in (f"--{key}", value))], log
    )
    try:
        _wait_until_ready(process, port, log)
        yield f"redis://127.0.0.1:{port}"
    finally:
        process.stop()


def _wait_until_ready(process: GuardedProcess, port: int, log: Path) -> None:
    deadline = time.monotonic() + READY_TIMEOUT_S
    while process.is_running() and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(READY_POLL_S)
    raise RuntimeError(f"redis did not come up: {log.read_text(errors='replace')[-2000:]}")
