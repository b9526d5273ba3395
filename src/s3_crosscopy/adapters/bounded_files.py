"""Reads untrusted files in bounded memory: a whole small file, or the lines of a gzip file."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from s3_crosscopy.model.input_limits import RATIO, ROW, ROWS, UNPACKED, Limit
from s3_crosscopy.model.json_text import read_json

DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error)


def json_of(file: BinaryIO, limit: Limit) -> object:
    """The JSON value in a file. Raises ValueError with a text that follows the file's name."""
    return read_json(file.read(limit.most + 1), limit)


def lines_of(file: BinaryIO) -> Iterator[bytes]:
    """The lines of a gzip file. Raises ValueError for one that is damaged or over a limit.

    A megabyte of gzip can contain a gigabyte, even in one line: the size of a line, of all lines, and their ratio to
    the packed file are limited.
    """
    number, unpacked = 0, 0
    most = max(UNPACKED.most, RATIO.most * file.seek(0, os.SEEK_END))
    file.seek(0)
    try:
        with gzip.GzipFile(fileobj=file, mode="rb") as lines:
            while line := lines.readline(ROW.most + 1):
                number += 1
                unpacked += len(line)
                _check(number, len(line), unpacked, most)
                yield line
    except DAMAGED as error:
        raise ValueError(f"is a damaged gzip file after line {number}") from error


def _check(number: int, length: int, unpacked: int, most: int) -> None:
    if length > ROW.most:
        raise ValueError(f"line {number} {ROW.exceeded}")
    if number > ROWS.most:
        raise ValueError(ROWS.exceeded)
    if unpacked > most:
        raise ValueError(RATIO.exceeded)
