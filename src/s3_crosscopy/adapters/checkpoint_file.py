"""Checkpoint stores: none, and a file. The one in Airflow's database is in `airflow.checkpoint_store`."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable

from s3_crosscopy.adapters.private_file import PrivateFile
from s3_crosscopy.errors import StoreAway
from s3_crosscopy.model.checkpoint import MAX_JSON_BYTES, ROOM, CheckpointState, from_json, to_json
from s3_crosscopy.model.input_limits import CHECKPOINT
from s3_crosscopy.model.json_text import read_json


class NoCheckpoint:
    """Stores nothing: a retry lists both sides again and skips the objects that were copied."""

    room = MAX_JSON_BYTES

    def load(self) -> tuple[CheckpointState, float] | None:
        return None

    def save(self, state: CheckpointState) -> None:
        pass


class FileCheckpoint:
    """One state in one JSON file that only its owner can read. Two concurrent runs need two files.

    A file that another user may have written is refused: a run would skip the keys in it and abort its uploads.

    `now` returns the time of a save, in seconds since 1970.
    """

    room = ROOM

    def __init__(self, path: str | os.PathLike[str], now: Callable[[], float] = time.time) -> None:
        self._file = PrivateFile(path, "checkpoint")
        self._now = now

    def load(self) -> tuple[CheckpointState, float] | None:
        """The state, None if there is no file. Raises InvalidInput if it is not trusted, or if it cannot be written."""
        text = self._file.read(CHECKPOINT)
        if text is None:
            return None
        try:
            return from_json(read_json(text, CHECKPOINT))
        except ValueError as error:
            raise self._file.invalid(str(error), "remove it to start over, or name another file") from error

    def save(self, state: CheckpointState) -> None:
        """Replace the file. Raises StoreAway if that is not possible now, such as on a full disk."""
        self.amend(state, self._now())

    def amend(self, state: CheckpointState, saved_at: float) -> None:
        """Replace the file without a run's progress: the state keeps its time, `saved_at`."""
        text = json.dumps(to_json(state, saved_at)).encode()
        try:
            self._file.write(text)
        except OSError as error:
            raise StoreAway(
                f"checkpoint: {self._file.path!r} cannot be written ({error.strerror}); free disk space or fix its"
                " permissions: a later run resumes from its present content"
            ) from error
