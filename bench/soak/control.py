"""The server's process, as the runner rules it."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench.soak.run_shape import Shape
from bench.timing import SERVER_CPU

DRAINED_S = 30.0
ARRIVALS = ("copied", "needless", "again, small", "again, large", "again, marker")


class Control:
    """What the server did, and what it is to do."""

    def __init__(self, endpoint: str, port: int) -> None:
        self.endpoint = endpoint
        self._port = port

    def status(self) -> dict[str, Any]:
        return self._ask("status")

    def wait(self, seconds: float) -> dict[str, Any]:
        """The status as soon as the gate is reached, or after a while."""
        return self._ask(f"wait?seconds={seconds}")

    def gate(self, copies: int) -> None:
        """Answer nothing more from so many copies on, 0 for never; opens one that is shut."""
        self._ask(f"gate?copies={copies}")

    def switch(self, name: str, *, on: bool) -> None:
        """Break something, or mend it."""
        self._ask(f"set?{name}={int(on)}")

    def drained(self) -> dict[str, Any]:
        """The status once the server has done all that a dead client had sent."""
        until = time.monotonic() + DRAINED_S
        while (status := self.status())["connections"]:
            if time.monotonic() > until:
                raise TimeoutError(f"connections of a dead process stay open: {status}")
            time.sleep(0.01)
        return status

    def _ask(self, what: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/{what}", timeout=120) as said:
            status: dict[str, Any] = json.load(said)
        return status


def arrivals(status: dict[str, Any]) -> int:
    """How many copies the server has made in all, of any key."""
    return sum(status["counts"].get(name, 0) for name in ARRIVALS)


@contextmanager
def serving(shape: Shape) -> Iterator[Control]:
    """A server in a process of its own, on a core of its own, which ends with the context."""
    given = map(str, (shape.keys, shape.fresh, shape.sts_lifetime_s, SERVER_CPU))
    command = [sys.executable, "-m", "bench.soak.server", *given]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            wire, control = json.loads(process.stdout.readline())
            yield Control(f"http://127.0.0.1:{wire}", control)
        finally:
            process.stdin.close()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
