"""Airflow's REST API as the tests use it: trigger a run, wait for its end, see where each try ran."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any, NamedTuple
from urllib.parse import quote

ANSWER_TIMEOUT_S = 60.0
ENDED = ("success", "failed")
COUNTS = "counts by worker"
"""The property of a test that the terminal summary shows."""
# Nobody else on this machine is asked: a developer's proxy must not be.
_OPEN = urllib.request.build_opener(urllib.request.ProxyHandler({})).open


class Try(NamedTuple):
    """One try of a task instance; `worker` is where it ran, empty if it never began."""

    task_id: str
    map_index: int
    number: int
    state: str
    worker: str


class Api:
    """A client of the API server at `url`, which lets everybody in as an administrator."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._token = ""

    def is_up(self) -> bool:
        """Whether the server answers, the database behind it included."""
        try:
            self._token = self._call("GET", "/auth/token")["access_token"]
        except OSError:
            return False
        return True

    def has_dag(self, dag_id: str) -> bool:
        """Whether the DAG processor has stored it by now."""
        try:
            self._call("GET", f"/api/v2/dags/{dag_id}")
        except urllib.error.HTTPError as error:
            if error.code != 404:
                raise
            return False
        return True

    def trigger(self, dag_id: str, conf: dict[str, object]) -> str:
        """The id of a new run of a DAG that is there and not paused."""
        run_id: str = self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf})[
            "dag_run_id"
        ]
        return run_id

    def state(self, dag_id: str, run_id: str) -> str:
        state: str = self._call("GET", _run(dag_id, run_id))["state"]
        return state

    def clear(self, dag_id: str, run_id: str, task_id: str, map_index: int) -> None:
        """Have one mapped task instance run again, and what comes after it, as the UI's button does."""
        body = {
            "dry_run": False,
            "dag_run_id": run_id,
            "task_ids": [[task_id, map_index]],
            "include_downstream": True,
            "only_failed": False,
            "reset_dag_runs": True,
        }
        self._call("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", body)

    def tries(self, dag_id: str, run_id: str) -> list[Try]:
        """Every try of every task instance, earlier ones included."""
        found = self._call("GET", f"{_run(dag_id, run_id)}/taskInstances?limit=1000")["task_instances"]
        tries = [_try(one) for one in found]
        for one in found:
            if (one["try_number"] or 0) > 1:
                mapped = f"/{one['map_index']}" if one["map_index"] >= 0 else ""
                path = f"{_run(dag_id, run_id)}/taskInstances/{one['task_id']}{mapped}/tries"
                tries += [_try(earlier) for earlier in self._call("GET", path)["task_instances"]]
        return sorted(set(tries))

    def result(self, dag_id: str, run_id: str, task_id: str, map_index: int = -1, key: str = "return_value") -> Any:
        """What a task instance returned, or left under another key."""
        path = f"{_run(dag_id, run_id)}/taskInstances/{task_id}/xcomEntries/{key}?map_index={map_index}"
        return self._call("GET", path)["value"]

    def _call(self, method: str, path: str, body: object = None) -> Any:
        request = urllib.request.Request(
            self._url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Authorization": f"Bearer {self._token}"},
        )
        with _OPEN(request, timeout=ANSWER_TIMEOUT_S) as answer:
            return json.load(answer)


def _run(dag_id: str, run_id: str) -> str:
    return f"/api/v2/dags/{dag_id}/dagRuns/{quote(run_id)}"


def _try(said: dict[str, Any]) -> Try:
    return Try(
        said["task_id"], said["map_index"], said["try_number"] or 0, said["state"] or "none", said["hostname"] or ""
    )
