"""A task state store that holds what it is given, and refuses what Airflow's would."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

LIMIT_BYTES = 65_535


class Answered(Exception):
    """What a task hears of the API server's answer: the form of `airflow.sdk.exceptions.AirflowRuntimeError`."""

    def __init__(self, status: int | None, message: str = "") -> None:
        super().__init__(f"API_SERVER_ERROR: {status} {message}".strip())
        self.error = SimpleNamespace(error="API_SERVER_ERROR", detail={"status_code": status, "message": message})


class Fenced(Answered):
    """What a task hears that is not running any more."""

    def __init__(self) -> None:
        super().__init__(404, "Task instance not found")


class FakeStore:
    """JSON text by key, no larger than what Airflow's public API takes."""

    def __init__(self, **values: object) -> None:
        self.texts = {key: json.dumps(value) for key, value in values.items()}
        self.retention: timedelta | None = None
        self.fenced = False

    def get(self, key: str, default: Any = None) -> Any:
        self._fence()
        return json.loads(self.texts[key]) if key in self.texts else default

    def set(self, key: str, value: Any, *, retention: timedelta | None = None) -> None:
        self._fence()
        text = json.dumps(value)
        assert len(text) <= LIMIT_BYTES
        self.texts[key] = text
        self.retention = retention

    def _fence(self) -> None:
        if self.fenced:
            raise Fenced
