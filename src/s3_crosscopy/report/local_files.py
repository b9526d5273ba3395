"""Files in a local folder, each replaced atomically and flushed to the disk.

No file is read or written through a symbolic link below the folder, and none is written where others can write.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import BinaryIO

from s3_crosscopy.adapters.file_trust import distrusted, distrusted_link
from s3_crosscopy.errors import InvalidInput, RetryableFailure

FOLDER_MODE, FILE_MODE = 0o755, 0o644
"""Without the bits of the umask: others may read a report if the umask allows it, and never write it."""

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC  # without O_NONBLOCK, opening a pipe would block for ever
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class FolderFiles:
    """See `files.Files`.

    path: the folder.
    argument: the name of the argument, for messages.
    named: True if the user named a file and not the folder. Then the folder may belong to any user, and its files may
        be links or pipes.
    """

    def __init__(self, path: str, argument: str = "report", *, named: bool = False) -> None:
        self._path = path
        self._argument = argument
        self._named = named

    def where(self, name: str = "") -> str:
        return os.path.join(self._path, name) if name else self._path

    def check(self) -> None:
        try:
            with self._folder_of("", make=False):
                pass
        except OSError as error:
            raise InvalidInput(f"{self._argument}: {self._path!r} cannot be read: {error.strerror}") from error

    def prepare(self) -> None:
        try:
            os.makedirs(self._path, FOLDER_MODE, exist_ok=True)
            with self._folder_of(".writable", make=True) as (folder, name):
                _replace(folder, name, b"")
                os.unlink(name, dir_fd=folder)
        except OSError as error:
            raise InvalidInput(
                f"{self._argument}: the folder {self._path!r} cannot be written: {error.strerror}"
            ) from error

    def write(self, name: str, data: bytes) -> None:
        try:
            os.makedirs(self._path, FOLDER_MODE, exist_ok=True)
            with self._folder_of(name, make=True) as (folder, last):
                _replace(folder, last, data)
        except OSError as error:  # during a run: a full disk is transient
            raise RetryableFailure(
                f"{self._argument}: {self.where(name)!r} cannot be written: {error.strerror}"
            ) from error

    def remove(self, names: Sequence[str]) -> None:
        for name in names:
            try:
                with suppress(FileNotFoundError), self._folder_of(name, make=False) as (folder, last):
                    os.unlink(last, dir_fd=folder)
            except OSError as error:
                problem = f"{self._argument}: {self.where(name)!r} cannot be removed: {error.strerror}"
                raise RetryableFailure(problem) from error

    def open(self, name: str) -> BinaryIO:
        try:
            return open(self.where(name), "rb") if self._named else self._open(name)
        except (FileNotFoundError, NotADirectoryError):
            raise FileNotFoundError(self.where(name)) from None
        except OSError as error:
            problem = "it is a symbolic link" if error.errno == errno.ELOOP else error.strerror
            raise InvalidInput(f"{self._argument}: {self.where(name)!r} cannot be read: {problem}") from error

    def _open(self, name: str) -> BinaryIO:
        with self._folder_of(name, make=None) as (folder, last):
            file = os.open(last, _READ | os.O_NOFOLLOW, dir_fd=folder)
        try:
            mode = os.fstat(file).st_mode
            if stat.S_ISDIR(mode):
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            if not stat.S_ISREG(mode):
                raise InvalidInput(f"{self._argument}: {self.where(name)!r} cannot be read: it is no regular file")
        except BaseException:
            os.close(file)
            raise
        return os.fdopen(file, "rb")

    @contextmanager
    def _folder_of(self, name: str, *, make: bool | None) -> Iterator[tuple[int, str]]:
        """The descriptor of the folder that a file is in, and the file's name there.

        `make`: True makes missing folders; True and False refuse folders that others can write; None reads only, which
        is allowed in every folder.
        """
        *folders, last = name.split("/")
        opened = [os.open(self._path, _FOLDER)]
        try:
            self._check(opened[0], make)
            for folder in folders:
                if make:
                    with suppress(FileExistsError):
                        os.mkdir(folder, FOLDER_MODE, dir_fd=opened[-1])
                opened.append(os.open(folder, _FOLDER | os.O_NOFOLLOW, dir_fd=opened[-1]))
                self._check(opened[-1], make)
            yield opened[-1], last
        finally:
            for handle in opened:
                os.close(handle)

    def _check(self, folder: int, make: bool | None) -> None:
        if self._named or make is None:
            return
        if problem := distrusted_link(self._path.rstrip("/")) or distrusted(os.fstat(folder)):
            raise InvalidInput(f"{self._argument}: the folder {self._path!r} {problem}; name a folder of your own")


def _replace(folder: int, name: str, data: bytes) -> None:
    """Replace a file atomically and durably: neither its name nor its content can be lost after this returns."""
    # A name that cannot be guessed, and never an existing file or link: the content must not go elsewhere. Not by
    # `tempfile`, whose files others cannot read.
    temporary = f".{name}.{secrets.token_hex(8)}.new"
    handle = os.open(temporary, _NEW, FILE_MODE, dir_fd=folder)
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with suppress(OSError):
            os.unlink(temporary, dir_fd=folder)
        raise
    os.fsync(folder)
