"""A throw-away Airflow: its own home and SQLite database, and real DAG runs with `airflow dags test`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from accounts import clean_environment

AIRFLOW = Path(sys.executable).with_name("airflow")
DAGS = Path(__file__).with_name("dags")
STOP_S = 6.0
"""Airflow itself gives a task five seconds after SIGTERM."""

Row = Mapping[str, Any]
"""One structured log line: message under `event`, and its fields."""


class Airflow:
    """An installation in `home`; `connections` are values of AIRFLOW_CONN_ variables by connection id."""

    def __init__(self, home: Path, connections: Mapping[str, str]) -> None:
        self._summary = home / "summary.json"
        self._environment = clean_environment() | {
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            # One JSON object a line: what a log collector would get, and what `show` makes readable.
            "AIRFLOW__LOGGING__JSON_LOGS": "True",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONWARNINGS": "ignore",
            "DEMO_SUMMARY": str(self._summary),
        }
        self._environment |= {f"AIRFLOW_CONN_{name.upper()}": value for name, value in connections.items()}

    @contextmanager
    def migrating(self) -> Iterator[None]:
        """Make the database beside what the body does; it is ready when the body has ended."""
        with self._started("db", "migrate") as process:
            yield
            assert process.stdout is not None
            output = process.stdout.read()
            if process.wait() != 0:
                raise SystemExit(f"airflow db migrate failed:\n{output[-4000:]}")

    def test(self, dag_id: str, on_row: Callable[[Row], None]) -> dict[str, Any] | None:
        """Run the DAG once, telling every log line as it comes; its summary, or None if the run failed."""
        self._summary.unlink(missing_ok=True)
        with self._started("dags", "test", dag_id) as process:
            assert process.stdout is not None
            for line in process.stdout:
                on_row(_row(line))
            code = process.wait()
        if code != 0 or not self._summary.exists():
            return None
        summary: dict[str, Any] = json.loads(self._summary.read_text(encoding="utf-8"))
        return summary

    @contextmanager
    def _started(self, *arguments: str) -> Iterator[subprocess.Popen[str]]:
        # A session of its own: Ctrl-C is for the demo, which then ends this group and nothing else.
        process = subprocess.Popen(
            [str(AIRFLOW), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            env=self._environment,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    """End the process and its children; nothing happens to one that ended by itself."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _row(line: str) -> Row:
    """A line that is no JSON is Python's own last word: shown as an error."""
    try:
        row = json.loads(line)
    except ValueError:
        return {"level": "error", "event": line.rstrip()} if line.strip() else {}
    return row if isinstance(row, dict) else {}
