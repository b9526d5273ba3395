"""Files in a local folder, each replaced in one step and flushed to the disk before anybody relies on it."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import BinaryIO

from s3_crosscopy.errors import InvalidInput, RetryableFailure


class FolderFiles:
    """See `files.Files`. `what` names the argument in an error."""

    def __init__(self, path: str, what: str = "report") -> None:
        self._path = path
        self._what = what

    def where(self, name: str = "") -> str:
        return os.path.join(self._path, name) if name else self._path

    def prepare(self) -> None:
        try:
            os.makedirs(self._path, exist_ok=True)
            _replace(self.where(".writable"), b"")
            os.unlink(self.where(".writable"))
        except OSError as error:
            raise InvalidInput(
                f"{self._what}: the folder {self._path!r} cannot be written: {error.strerror}"
            ) from error

    def write(self, name: str, data: bytes) -> None:
        path = self.where(name)
        try:
            os.makedirs(os.path.dirname(path), exist_ok=True)
            _replace(path, data)
        except OSError as error:  # in the middle of a run: a full disk can be helped
            raise RetryableFailure(f"{self._what}: {path!r} cannot be written: {error.strerror}") from error

    def open(self, name: str) -> BinaryIO:
        try:
            return open(self.where(name), "rb")
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(self.where(name)) from None
        except OSError as error:
            raise InvalidInput(f"{self._what}: {self.where(name)!r} cannot be read: {error.strerror}") from error


def _replace(path: str, data: bytes) -> None:
    """Atomic for readers and durable: neither the name nor the content can be lost once this returns."""
    folder, name = os.path.split(path)
    # With the process's id: a twin that should be dead must not write into this one's file. Not by `tempfile`, whose
    # files nobody else may read.
    new = os.path.join(folder, f".{name}.{os.getpid()}.new")
    try:
        with open(new, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError:
        with suppress(OSError):
            os.unlink(new)
        raise
    opened = os.open(folder or ".", os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)
