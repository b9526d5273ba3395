"""What the demo shows: its own steps, and real commands as they would be typed, with their own output below."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

TIMEOUT_S = 120
WIDTH = 110


class Terminal:
    """Runs commands in `folder` with `environment`; prints the seconds since `began` with each step."""

    def __init__(self, folder: Path, environment: Mapping[str, str], began: float) -> None:
        self._folder = folder
        # The commands are those of the environment that this runs in, whatever else is on the PATH.
        here = str(Path(sys.executable).parent)
        self._environment = {**environment, "PATH": os.pathsep.join([here, environment.get("PATH", os.defpath)])}
        self._began = began

    def step(self, text: str) -> None:
        step(text, self._began)

    def say(self, text: str) -> None:
        print(f"  {text}", flush=True)

    def run(self, *command: str) -> int:
        """Show the command and run it, on this very terminal; its exit code."""
        print(f"\n$ {typed(command)}", flush=True)
        code = self._run(command, None)
        print(f"  (exit code {code})", flush=True)
        return code

    def keep(self, name: str, *command: str) -> int:
        """Show the command and run it into a file; its exit code."""
        print(f"\n$ {typed(command)} > {name}", flush=True)
        with (self._folder / name).open("w", encoding="utf-8") as out:
            return self._run(command, out.fileno())

    def write(self, name: str, text: str) -> None:
        (self._folder / name).write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        return (self._folder / name).read_text(encoding="utf-8")

    def _run(self, command: tuple[str, ...], stdout: int | None) -> int:
        done = subprocess.run(
            command,
            cwd=self._folder,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            timeout=TIMEOUT_S,
            check=False,
        )
        return done.returncode


def step(text: str, began: float) -> None:
    """The demo's own next step."""
    print(f"\n[{time.monotonic() - began:4.0f} s] {text}", flush=True)


def typed(command: tuple[str, ...]) -> str:
    """As a shell reads it; a long one with a flag and its value on each line."""
    text = shlex.join(command)
    return text if len(text) <= WIDTH else text.replace(" --", " \\\n      --")
