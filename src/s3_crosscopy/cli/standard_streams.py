"""Keeps a command running when its standard streams are closed, broken or full, and records lost output.

A shell can close them (`>&-`), a reader can exit (`| head -1`), a disk can be full. A copy continues to its end then:
the data is worth more than the log.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from typing import Any, TextIO, cast

_NAMES = ("stdin", "stdout", "stderr")


class UnfailingStream:
    """A text stream that never raises: what it cannot write is lost, and `lost` is the first error.

    Characters outside the stream's encoding are escaped.
    """

    def __init__(self, stream: TextIO) -> None:
        self.lost: OSError | None = None
        self._stream = stream

    def write(self, text: str) -> int:
        """Write as much as possible."""
        if self.lost is None:
            try:
                self._write(text)
            except OSError as error:
                self._lose(error)
        return len(text)

    def flush(self) -> None:
        """Write the buffered text."""
        if self.lost is None:
            try:
                self._stream.flush()
            except OSError as error:
                self._lose(error)

    def writelines(self, lines: Any) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
        except UnicodeEncodeError as error:
            self._stream.write(text.encode(error.encoding, "backslashreplace").decode(error.encoding))

    def _lose(self, error: OSError) -> None:
        """Redirect the stream to the null device, also for Python, which flushes it at exit and reports errors."""
        self.lost = error
        with suppress(OSError):
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._stream.fileno())
            os.close(null)


@contextmanager
def surviving() -> Iterator[UnfailingStream]:
    """Replace stdout and stderr by streams that never raise; yields that of stdout, the command's result."""
    _fill_gaps()
    out, err = UnfailingStream(sys.stdout), UnfailingStream(sys.stderr)
    with redirect_stdout(cast(TextIO, out)), redirect_stderr(cast(TextIO, err)):
        try:
            yield out
        finally:
            out.flush()
            err.flush()


def _fill_gaps() -> None:
    """Open closed standard descriptors: otherwise the next socket or file gets the number, and the printed text.

    They are opened in the wrong direction, so that the first use fails as on a closed one.
    """
    for number, name in enumerate(_NAMES):
        try:
            os.fstat(number)
        except OSError:
            descriptor = os.open(os.devnull, os.O_WRONLY if number == 0 else os.O_RDONLY)
            if descriptor != number:
                os.dup2(descriptor, number)
                os.close(descriptor)
        if getattr(sys, name) is None:
            raw = io.FileIO(number, "r" if number == 0 else "w", closefd=False)
            buffered = io.BufferedReader(raw) if number == 0 else io.BufferedWriter(raw)
            setattr(sys, name, io.TextIOWrapper(buffered, encoding="utf-8", errors="backslashreplace"))
