"""Checkpoint stores: none, and a file. The one in Airflow's database is in `airflow.checkpoint_store`."""

from __future__ import annotations

import json
import os
import stat
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress

from s3_crosscopy.adapters.file_trust import distrusted, distrusted_link
from s3_crosscopy.errors import InvalidInput, StoreAway
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
    """One state in one JSON file that only its owner can read, because keys may be confidential.

    Each save replaces the file atomically: after a kill there is the old state or the new one. Temporary files of a
    killed run are removed by the first save of the next one. Two concurrent runs need two files. A file that another
    user may have written is refused: a run would skip the keys in it and abort its uploads.

    `now` returns the time of a save, in seconds since 1970.
    """

    room = ROOM

    def __init__(self, path: str | os.PathLike[str], now: Callable[[], float] = time.time) -> None:
        try:
            self._path_given = os.path.abspath(path)
            # The target of a link is replaced, not the link.
            self._path = os.path.realpath(path)
        except ValueError as error:
            raise InvalidInput(f"checkpoint: {os.fspath(path)!r} is no file name ({error}); name another") from error
        self._folder, name = os.path.split(self._path)
        self._temporary_prefix = f".{name}.s3-crosscopy-"
        self._now = now
        self._cleaned = False

    def load(self) -> tuple[CheckpointState, float] | None:
        """The state, None if there is no file. Raises InvalidInput if it is not trusted, or if it cannot be written."""
        try:
            text = self._read()
            handle, probe = self._temporary()
            os.close(handle)
            os.unlink(probe)
        except OSError as error:
            problem = f"cannot be used ({error.strerror})"
            raise self._invalid(problem, "name a file in an existing folder that you can write to") from error
        if text is None:
            return None
        try:
            return from_json(read_json(text, CHECKPOINT))
        except ValueError as error:
            raise self._invalid(str(error), "remove it to start over, or name another file") from error

    def save(self, state: CheckpointState) -> None:
        """Replace the file. Raises StoreAway if that is not possible now, such as on a full disk."""
        self.amend(state, self._now())

    def amend(self, state: CheckpointState, saved_at: float) -> None:
        """Replace the file without a run's progress: the state keeps its time, `saved_at`."""
        text = json.dumps(to_json(state, saved_at)).encode()
        try:
            if not self._cleaned:
                self._clean()
            self._replace(text)
        except OSError as error:
            raise StoreAway(
                f"checkpoint: {self._path!r} cannot be written ({error.strerror}); free disk space or fix its"
                " permissions: a later run resumes from its present content"
            ) from error

    def _read(self) -> bytes | None:
        try:
            # Without O_NONBLOCK, opening a pipe would block for ever.
            handle = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            self._check(os.fstat(handle))
            with open(handle, "rb", closefd=False) as file:
                return file.read(CHECKPOINT.most + 1)
        finally:
            os.close(handle)

    def _check(self, status: os.stat_result) -> None:
        # /dev/null must not be replaced by a file.
        if not stat.S_ISREG(status.st_mode):
            raise self._invalid("is no regular file", "name another")
        if problem := distrusted_link(self._path_given) or distrusted(status):
            raise self._invalid(f"{problem}, and is not trusted", "remove it, or name a file of your own")

    def _replace(self, text: bytes) -> None:
        handle, temporary = self._temporary()
        try:
            with open(handle, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(handle)
            os.replace(temporary, self._path)
        except BaseException:
            with suppress(OSError):
                os.unlink(temporary)
            raise
        # Some network file systems cannot. Only a power cut could lose the newest state then.
        with suppress(OSError):
            self._sync_folder()

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _temporary(self) -> tuple[int, str]:
        """A new file in the same folder, as `os.replace` needs. mkstemp makes it readable by its owner alone."""
        return tempfile.mkstemp(prefix=self._temporary_prefix, suffix=".tmp", dir=self._folder)

    def _clean(self) -> None:
        for name in os.listdir(self._folder):
            if name.startswith(self._temporary_prefix) and name.endswith(".tmp"):
                with suppress(FileNotFoundError):
                    os.unlink(os.path.join(self._folder, name))
        self._cleaned = True

    def _invalid(self, problem: str, solution: str) -> InvalidInput:
        return InvalidInput(f"checkpoint: {self._path!r} {problem}; {solution}")
