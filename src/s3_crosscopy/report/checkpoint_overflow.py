"""Keeps the part of a checkpoint that does not fit its store in a file beside the report, known by its digest.

Two names take turns: a file is written whole before the state that names it, and the one that the state before names
is not touched until then. So nothing has to be deleted, which who writes a report need not be allowed to.
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
    ranges_of,
    ranges_to_json,
    uploads_of,
)
from s3_crosscopy.model.input_limits import CHECKPOINT
from s3_crosscopy.model.json_text import read_json
from s3_crosscopy.model.objects import KeyRange
from s3_crosscopy.ports import Checkpoint
from s3_crosscopy.report.files import Files
from s3_crosscopy.report.names import INDEX, LEFT, as_json

FEW_UPLOADS = 32
"""So many stand in the store too, for whoever has nothing but its value."""


class BesideReport:
    """See `ports.Checkpoint`: `small` keeps the states, `files` what of them it has no room for."""

    def __init__(self, small: Checkpoint, files: Files) -> None:
        self.room = ROOM
        self._small = small
        self._files = files
        self._named: Beside | None = None

    def load(self) -> tuple[CheckpointState, float] | None:
        """The whole state; one whose file is not what it was still names it, and says `why`."""
        kept = self._small.load()
        if kept is None or kept[0].beside is None:
            return kept
        state, saved_at = kept
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
        """Once the report has begun: what nobody could read again must not be kept there."""
        if self._named is not None:
            return
        try:
            self._files.open(INDEX).close()
        except FileNotFoundError:
            pass
        except (InvalidInput, S3Error):
            self.room = self._small.room

    def save(self, state: CheckpointState) -> None:
        """The file first, durably: a crash in between leaves the old state, and the file that it names."""
        if fits(state, self._small.room):
            self._small.save(state)
            self._let_go()
            return
        named = self._write(state)
        few = state._replace(remaining=(), uploads=state.uploads[:FEW_UPLOADS], beside=named)
        self._small.save(fitted(few, self._small.room))
        self._named = named

    def _write(self, state: CheckpointState) -> Beside:
        uploads = [list(one) for one in state.uploads]
        content = as_json({"remaining": ranges_to_json(state.remaining), "uploads": uploads})
        digest, before = hashlib.sha256(content).hexdigest(), self._named
        if before is not None and before.sha256 == digest:
            return before
        name = LEFT[1] if before is not None and before.name == LEFT[0] else LEFT[0]
        self._files.write(name, content)
        return Beside(name, digest, len(content))

    def _read(self, beside: Beside) -> tuple[tuple[KeyRange, ...], tuple[OpenUpload, ...]]:
        if beside.name not in LEFT:
            raise ValueError("no run keeps anything in a file of this name")
        with self._files.open(beside.name) as file:
            content = file.read(min(beside.bytes, CHECKPOINT.most) + 1)
        if len(content) != beside.bytes or hashlib.sha256(content).hexdigest() != beside.sha256:
            raise ValueError("its digest is another one than the checkpoint names")
        kept = read_json(content, CHECKPOINT)
        try:
            return ranges_of(kept["remaining"]), uploads_of(kept["uploads"])  # type: ignore[index]
        except (KeyError, TypeError) as error:
            raise ValueError(f"it is damaged: {error}") from error

    def _let_go(self) -> None:
        """Nothing is kept there any more: nobody who finds the file should wonder."""
        if self._named is not None:
            with suppress(S3Error, RetryableFailure):
                self._files.write(self._named.name, as_json({}))
            self._named = None
