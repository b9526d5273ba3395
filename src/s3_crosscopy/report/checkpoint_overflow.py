"""Writes the part of a checkpoint that its store has no room for to a file beside the report.

The store has the name and the digest of that file. Two names are used in turn: a file is written completely before the
state that names it, and the file that the former state names is not changed until then. So nothing has to be deleted,
which needs a permission that the writer of a report may not have.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress

from s3_crosscopy.core.error_codes import retryable
from s3_crosscopy.errors import InvalidInput, RetryableFailure, S3Error
from s3_crosscopy.model.checkpoint import (
    ROOM,
    Beside,
    CheckpointState,
    OpenUpload,
    fits,
    fitted,
    uploads_of,
)
from s3_crosscopy.model.checkpoint_values import ranges_of, ranges_to_json
from s3_crosscopy.model.input_limits import CHECKPOINT
from s3_crosscopy.model.json_text import read_json
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.ports import Checkpoint
from s3_crosscopy.report.files import Files
from s3_crosscopy.report.names import INDEX, LEFT, as_json

FEW_UPLOADS = 32
"""The number of open uploads that are in the store too, for a reader that has nothing else."""


class BesideReport:
    """See `ports.Checkpoint`. `small` stores the states, `files` the parts of them that it has no room for."""

    def __init__(self, small: Checkpoint, files: Files) -> None:
        self.room = ROOM
        self._small = small
        self._files = files
        self._named: Beside | None = None

    def load(self) -> tuple[CheckpointState, float] | None:
        """The complete state. If its file is missing or changed, `beside` names it and has the reason in `why`."""
        loaded = self._small.load()
        if loaded is None or loaded[0].beside is None:
            return loaded
        state, saved_at = loaded
        assert state.beside is not None
        beside = self._named = state.beside
        try:
            remaining, uploads = self._read(beside)
        except FileNotFoundError:
            return state._replace(beside=beside._replace(why="is not there")), saved_at
        except (ValueError, InvalidInput) as error:
            return state._replace(beside=beside._replace(why=f"cannot be used ({error})")), saved_at
        except S3Error as error:
            if retryable(error.reason):
                raise
            return state._replace(beside=beside._replace(why=f"cannot be read ({error})")), saved_at
        return state._replace(remaining=remaining, uploads=uploads, beside=None), saved_at

    def check(self) -> None:
        """Use the store alone if files beside the report cannot be read again. Called when the report was begun."""
        if self._named is not None:
            return
        try:
            self._files.open(INDEX).close()
        except FileNotFoundError:
            pass
        except (InvalidInput, S3Error):
            self.room = self._small.room

    def save(self, state: CheckpointState) -> None:
        """Write the file first, durably: a crash in between leaves the old state, and the file that it names."""
        if fits(state, self._small.room):
            self._small.save(state)
            self._empty_file()
            return
        beside = self._write(state)
        small_state = state._replace(remaining=(), uploads=state.uploads[:FEW_UPLOADS], beside=beside)
        self._small.save(fitted(small_state, self._small.room))
        self._named = beside

    def _write(self, state: CheckpointState) -> Beside:
        uploads = [list(upload) for upload in state.uploads]
        content = as_json({"remaining": ranges_to_json(state.remaining), "uploads": uploads})
        digest, previous = hashlib.sha256(content).hexdigest(), self._named
        if previous is not None and previous.sha256 == digest:
            return previous
        name = LEFT[1] if previous is not None and previous.name == LEFT[0] else LEFT[0]
        self._files.write(name, content)
        return Beside(name, digest, len(content))

    def _read(self, beside: Beside) -> tuple[tuple[KeyRange, ...], tuple[OpenUpload, ...]]:
        if beside.name not in LEFT:
            raise ValueError("no run writes a file of this name")
        with self._files.open(beside.name) as file:
            content = file.read(min(beside.bytes, CHECKPOINT.most) + 1)
        if len(content) != beside.bytes or hashlib.sha256(content).hexdigest() != beside.sha256:
            raise ValueError("its digest differs from the one in the checkpoint")
        value = read_json(content, CHECKPOINT)
        try:
            return ranges_of(value["remaining"]), uploads_of(value["uploads"])  # type: ignore[index]
        except (KeyError, TypeError) as error:
            raise ValueError(f"it is damaged: {error}") from error

    def _empty_file(self) -> None:
        """Empty a file that is not used any more, so that it is not taken for one that is."""
        if self._named is not None:
            with suppress(S3Error, RetryableFailure):
                self._files.write(self._named.name, as_json({}))
            self._named = None
