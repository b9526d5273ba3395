"""Where what is left of a run is kept: nowhere, or in a file. Airflow's own store is in `airflow.state`."""

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
    """Keeps nothing: a retry lists both sides and skips what arrived."""

    room = MAX_JSON_BYTES

    def load(self) -> tuple[CheckpointState, float] | None:
        return None

    def save(self, state: CheckpointState) -> None:
        pass


class FileCheckpoint:
    """One state in one JSON file, readable by its owner alone: keys may tell more than others should know.

    Each save is a new file that takes the old one's place, so that a kill at any moment leaves one of both. What a
    killed run left beside it is removed by the first save of the next. Two runs at a time need two files. A file that
    another user may have written is refused: a run would believe what it says is done, and abort the uploads in it.
    """

    room = ROOM

    def __init__(self, path: str | os.PathLike[str], now: Callable[[], float] = time.time) -> None:
        try:
            self._named = os.path.abspath(path)
            # Of a link what it leads to is replaced, not the link.
            self._path = os.path.realpath(path)
        except ValueError as error:
            raise InvalidInput(f"checkpoint: {os.fspath(path)!r} is no file name ({error}); name another") from error
        self._folder, name = os.path.split(self._path)
        self._beside = f".{name}.s3-crosscopy-"
        self._now = now
        self._cleared = False

    def load(self) -> tuple[CheckpointState, float] | None:
        """What is kept, None if there is no file. Raises InvalidInput if it is another's, or if no save could work."""
        try:
            text = self._read()
            handle, probe = self._temporary()
            os.close(handle)
            os.unlink(probe)
        except OSError as error:
            why = f"cannot be used ({error.strerror})"
            raise self._invalid(why, "name a file in a folder that is there and that you may write") from error
        if text is None:
            return None
        try:
            return from_json(read_json(text, CHECKPOINT))
        except ValueError as error:
            raise self._invalid(str(error), "remove it to begin afresh, or name another file") from error

    def save(self, state: CheckpointState) -> None:
        """Replace the file. Raises StoreAway if that is not possible now: a full disk can be helped meanwhile."""
        self.amend(state, self._now())

    def amend(self, state: CheckpointState, saved_at: float) -> None:
        """`save` what is no progress of a run: the state stays as old as it was."""
        text = json.dumps(to_json(state, saved_at)).encode()
        try:
            if not self._cleared:
                self._clear()
            self._replace(text)
        except OSError as error:
            raise StoreAway(
                f"checkpoint: {self._path!r} cannot be written ({error.strerror}); see to it: a later run goes on from"
                " what it holds"
            ) from error

    def _read(self) -> bytes | None:
        try:
            # To open a pipe would wait for ever.
            handle = os.open(self._path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            self._check(os.fstat(handle))
            with open(handle, "rb", closefd=False) as file:
                return file.read(CHECKPOINT.most + 1)
        finally:
            os.close(handle)

    def _check(self, found: os.stat_result) -> None:
        # /dev/null must not be replaced by a file.
        if not stat.S_ISREG(found.st_mode):
            raise self._invalid("is no regular file", "name another")
        if why := distrusted_link(self._named) or distrusted(found):
            raise self._invalid(f"{why}, so that it may hold anything", "remove it, or name a file of your own")

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
        # Some network file systems cannot; all that could be lost is the newest state, in a power cut.
        with suppress(OSError):
            self._sync_folder()

    def _sync_folder(self) -> None:
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _temporary(self) -> tuple[int, str]:
        """A new file that its owner alone may read (mkstemp sees to that), in the folder that `os.replace` needs."""
        return tempfile.mkstemp(prefix=self._beside, suffix=".tmp", dir=self._folder)

    def _clear(self) -> None:
        for name in os.listdir(self._folder):
            if name.startswith(self._beside) and name.endswith(".tmp"):
                with suppress(FileNotFoundError):
                    os.unlink(os.path.join(self._folder, name))
        self._cleared = True

    def _invalid(self, why: str, what_to_do: str) -> InvalidInput:
        return InvalidInput(f"checkpoint: {self._path!r} {why}; {what_to_do}")
