"""The standard streams of a command: closed, broken or full, they stop nothing, and what could not be told is told.

A shell can close them (`>&-`), a reader can leave (`| head -1`), a disk can be full. A copy goes on to its end then:
its log is worth less than the data.
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
    """A text stream that takes everything: what it cannot write is lost, and `lost` is why, for the first time."""

    def __init__(self, stream: TextIO) -> None:
        self.lost: OSError | None = None
        self._stream = stream

    def write(self, text: str) -> int:
        """Write as much as the stream takes."""
        if self.lost is None:
            try:
                self._stream.write(text)
            except OSError as error:
                self._lose(error)
        return len(text)

    def flush(self) -> None:
        """Write what is buffered."""
        if self.lost is None:
            try:
                self._stream.flush()
            except OSError as error:
                self._lose(error)

    def writelines(self, lines: Any) -> None:
        """As of any stream."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def _lose(self, error: OSError) -> None:
        """Let nobody try again: neither we nor Python, which flushes at its end and complains of what is left."""
        self.lost = error
        with suppress(OSError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self._stream.fileno())
            os.close(nothing)


@contextmanager
def surviving() -> Iterator[UnfailingStream]:
    """Let stdout and stderr survive whatever happens to them; what is told on stdout is the command's result."""
    _fill_gaps()
    out, err = UnfailingStream(sys.stdout), UnfailingStream(sys.stderr)
    with redirect_stdout(cast(TextIO, out)), redirect_stderr(cast(TextIO, err)):
        try:
            yield out
        finally:
            out.flush()
            err.flush()


def _fill_gaps() -> None:
    """Give a closed descriptor back to its stream: else the next socket or file gets its number, and what is printed.

    It is opened the wrong way round, so that the first use fails as that of a closed one does.
    """
    for number, name in enumerate(_NAMES):
        try:
            os.fstat(number)
        except OSError:
            there = os.open(os.devnull, os.O_WRONLY if number == 0 else os.O_RDONLY)
            if there != number:
                os.dup2(there, number)
                os.close(there)
        if getattr(sys, name) is None:
            raw = io.FileIO(number, "r" if number == 0 else "w", closefd=False)
            buffered = io.BufferedReader(raw) if number == 0 else io.BufferedWriter(raw)
            setattr(sys, name, io.TextIOWrapper(buffered, encoding="utf-8", errors="backslashreplace"))
