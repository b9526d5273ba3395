"""What is left of a run, in Airflow's task state store (3.3): it outlives every death of the task and of its worker.

The store is keyed by DAG, run, task and map index, and survives a manual clear too: `plan.resume` says what may be
used of it.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, Protocol

from s3_crosscopy.airflow.compat import not_running_any_more
from s3_crosscopy.errors import StoreAway
from s3_crosscopy.model.checkpoint import MAX_JSON_BYTES, CheckpointState, from_json, to_json

KEY = "s3_crosscopy"
RETENTION = timedelta(days=7)
"""Nothing goes on after a day; the rest is for people who look at a failed run on Monday. Airflow's default is 30."""

_log = logging.getLogger(__name__)


class TaskStateStore(Protocol):
    """What we need of `airflow.sdk.execution_time.context.TaskStateStoreAccessor`."""

    def get(self, key: str, default: Any = None) -> Any: ...
    def set(self, key: str, value: Any, *, retention: timedelta | None = None) -> None: ...


@contextmanager
def _away() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        if not_running_any_more(error):
            raise
        raise StoreAway(f"Airflow's task state store: {type(error).__name__}: {error}") from error


class TaskStateCheckpoint:
    """One value under one key. An answer that this task is not running any more comes through as it is: that is how an
    orphaned task learns that it is one. Everything else that the store raises is StoreAway.

    A value that is not ours, or damaged, is a warning and a fresh start: nobody could repair it between two tries.
    `about` is what the page of Airflow's UI names beside the progress: `source`, `dest` and `report`.
    """

    room = MAX_JSON_BYTES

    def __init__(
        self,
        store: TaskStateStore,
        keep_progress: bool,
        now: Callable[[], float] = time.time,
        key: str = KEY,
        about: Mapping[str, object] | None = None,
    ) -> None:
        self._store = store
        self._key = key
        self._keep_progress = keep_progress
        self._now = now
        self._about = {name: value for name, value in (about or {}).items() if isinstance(value, str) and value}

    def load(self) -> tuple[CheckpointState, float] | None:
        with _away():
            persistence = self._store.get(self._key)
        if persistence is None:
            return None
        try:
            return from_json(persistence)
        except ValueError as error:
            _log.warning("what the task state store holds under %r %s; this try begins afresh", self._key, error)
            return None

    def save(self, state: CheckpointState) -> None:
        state = state._replace(progress=self._shown(state.progress) if self._keep_progress else None)
        # Airflow's message takes JSON's own types alone: no tuple, and no Counter.
        value = json.loads(json.dumps(to_json(state, self._now())))
        with _away():
            self._store.set(self._key, value, retention=RETENTION)

    def _shown(self, progress: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """With what the page needs besides."""
        return {**self._about, **(progress or {})} or None
