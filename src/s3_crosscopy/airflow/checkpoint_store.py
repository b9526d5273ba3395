"""Stores the state of a run in Airflow's task state store (3.3), which outlives the task and its worker.

The store is keyed by DAG, run, task and map index, and survives a manual clear too: `core.state.resume` decides whether
a stored state may be used.
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
WHICH = "Airflow's task state store"
RETENTION = timedelta(days=7)
"""A state is resumed for one day; people may look at a failed run for longer. Airflow's default is 30 days."""

_log = logging.getLogger(__name__)


class TaskStateStore(Protocol):
    """The methods used here of `airflow.sdk.execution_time.context.TaskStateStoreAccessor`."""

    def get(self, key: str, default: Any = None) -> Any: ...
    def set(self, key: str, value: Any, *, retention: timedelta | None = None) -> None: ...


@contextmanager
def store_errors(which: str) -> Iterator[None]:
    """Raise StoreAway for an error of a state store of Airflow; as it is if this task is not running any more."""
    try:
        yield
    except Exception as error:
        if not_running_any_more(error):
            raise
        raise StoreAway(f"{which}: {type(error).__name__}: {error}") from error


class TaskStateCheckpoint:
    """A checkpoint that is one value under one key of the store.

    If the store says that this task is not running any more, that error is raised as it is: so an orphaned task stops.
    Every other error of the store is raised as StoreAway. A foreign or damaged value is a warning, and the run starts
    over: nobody could repair it between two tries.

    `about` has what the tab in Airflow's UI shows beside the progress: `source`, `dest` and `report`. `now` returns
    seconds since 1970.
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
        with store_errors(WHICH):
            stored = self._store.get(self._key)
        if stored is None:
            return None
        try:
            return from_json(stored)
        except ValueError as error:
            _log.warning("the value in the task state store under %r %s; this try starts over", self._key, error)
            return None

    def save(self, state: CheckpointState) -> None:
        state = state._replace(progress=self._shown(state.progress) if self._keep_progress else None)
        # Airflow's message accepts the types of JSON only: no tuple, and no Counter.
        value = json.loads(json.dumps(to_json(state, self._now())))
        with store_errors(WHICH):
            self._store.set(self._key, value, retention=RETENTION)

    def _shown(self, progress: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
        """The progress, with the values that the tab shows beside it."""
        return {**self._about, **(progress or {})} or None
