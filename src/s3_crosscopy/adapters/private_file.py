"""One small file that only its owner can read and write, replaced atomically."""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress

from s3_crosscopy.adapters.file_trust import distrusted, distrusted_link
from s3_crosscopy.errors import InvalidInput
from s3_crosscopy.model.input_limits import Limit


class PrivateFile:
    """A file that only its owner can read, because keys may be confidential.

    Each write replaces the file atomically: after a kill there is the old content or the new one. Temporary files of a
    killed run are removed by the first write of the next one. A file that another user may have written is refused.

    `argument` is the name of the argument that names the file, for messages.
    """

    def __init__(self, path: str | os.PathLike[str], argument: str) -> None:
        self._argument = argument
        try:
            self._path_given = os.path.abspath(path)
            # The target of a link is replaced, not the link.
            self.path = os.path.realpath(path)
        except ValueError as error:
            raise InvalidInput(f"{argument}: {os.fspath(path)!r} is no file name ({error}); name another") from error
        self._folder, name = os.path.split(self.path)
        self._temporary_prefix = f".{name}.s3-crosscopy-"
        self._cleaned = False

    def read(self, limit: Limit) -> bytes | None:
        """The content, at most one byte more than the limit; None if there is no file.

        Raises InvalidInput if it is not trusted, or if it cannot be written.
        """
        try:
            text = self._read(limit.most)
            handle, probe = self._temporary()
            os.close(handle)
            os.unlink(probe)
        except OSError as error:
            problem = f"cannot be used ({error.strerror})"
            raise self.invalid(problem, "name a file in an existing folder that you can write to") from error
        return text

    def write(self, text: bytes) -> None:
        """Replace the file. Raises OSError if that is not possible now, such as on a full disk."""
        if not self._cleaned:
            self._clean()
        self._replace(text)

    def invalid(self, problem: str, solution: str) -> InvalidInput:
        """The error for a file that cannot be used."""
        return InvalidInput(f"{self._argument}: {self.path!r} {problem}; {solution}")

    def _read(self, most: int) -> bytes | None:
        try:
            # Without O_NONBLOCK, opening a pipe would block for ever.
            handle = os.open(self.path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            self._check(os.fstat(handle))
            with open(handle, "rb", closefd=False) as file:
                return file.read(most + 1)
        finally:
            os.close(handle)

    def _check(self, status: os.stat_result) -> None:
        # /dev/null must not be replaced by a file.
        if not stat.S_ISREG(status.st_mode):
            raise self.invalid("is no regular file", "name another")
        if problem := distrusted_link(self._path_given) or distrusted(status):
            raise self.invalid(f"{problem}, and is not trusted", "remove it, or name a file of your own")

    def _replace(self, text: bytes) -> None:
        handle, temporary = self._temporary()
        try:
            with open(handle, "wb") as file:
                file.write(text)
                file.flush()
                os.fsync(handle)
            os.replace(temporary, self.path)
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
