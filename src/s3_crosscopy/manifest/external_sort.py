"""Sorts any number of keys in little memory, and drops duplicates: sorted runs in temporary files are merged.

The order is that of Python's `str`, which is S3's (UTF-8 bytes). The files have no names: none remains after kill -9.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import os
import tempfile
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import IO

CHUNK_KEYS = 50_000
"""The keys that are sorted in memory at once: 6 MB at 60 characters a key."""

BLOCK_KEYS = 500
"""The keys that are read at once. A merge has one block of each of its runs in memory."""

FAN_IN = 64
"""The runs that are merged at once: well below the 256 open files that some systems allow."""

SEPARATOR = b"\xff"
"""Not valid in UTF-8, so that different lists of keys never give the same bytes."""


class SortedKeys:
    """Sorted unique keys in a temporary file. May be read many times, from several threads; close it at the end.

    `count` is the number of keys, `digest` the SHA-256 of all of them.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        """Write `keys`, which have to be sorted; equal neighbours become one."""
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._first_keys: list[str] = []
        self._blocks: list[tuple[int, int]] = []
        self.count = 0
        digest = hashlib.sha256()
        try:
            unique = _unique(keys)
            while block := list(islice(unique, BLOCK_KEYS)):
                self._append(block)
                digest.update(SEPARATOR.join([key.encode() for key in block]) + SEPARATOR)
            self._file.flush()
        except BaseException:
            self._file.close()
            raise
        self.digest = digest.hexdigest()

    def __enter__(self) -> SortedKeys:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the disk space. Idempotent."""
        self._file.close()

    def __iter__(self) -> Iterator[str]:
        return self._from(0)

    def between(self, after: str, end: str | None) -> Iterator[str]:
        """The keys in the range `(after, end]`; None: the range has no end."""
        for key in self._from(max(0, bisect_right(self._first_keys, after) - 1)):
            if end is not None and key > end:
                return
            if key > after:
                yield key

    def _from(self, block: int) -> Iterator[str]:
        for offset, length in islice(self._blocks, block, None):
            # pread has no shared position: several threads may read.
            yield from json.loads(os.pread(self._file.fileno(), length, offset))

    def _append(self, block: list[str]) -> None:
        data = json.dumps(block).encode()
        offset = sum(self._blocks[-1]) if self._blocks else 0
        self._file.write(data)
        self._first_keys.append(block[0])
        self._blocks.append((offset, len(data)))
        self.count += len(block)


def sort_keys(keys: Iterable[str], chunk_keys: int = CHUNK_KEYS, fan_in: int = FAN_IN) -> SortedKeys:
    """Sort any number of keys. Each key is written once a level; runs get `fan_in` times as long with each level."""
    levels: list[list[SortedKeys]] = []
    source = iter(keys)
    try:
        while chunk := sorted(islice(source, chunk_keys)):
            _add(levels, 0, SortedKeys(chunk), fan_in)
        runs = [run for level in levels for run in level]
        return SortedKeys(heapq.merge(*runs))
    finally:
        for level in levels:
            _close(level)


def _add(levels: list[list[SortedKeys]], level: int, run: SortedKeys, fan_in: int) -> None:
    if len(levels) == level:
        levels.append([])
    levels[level].append(run)
    if len(levels[level]) == fan_in:
        merged = SortedKeys(heapq.merge(*levels[level]))
        _close(levels[level])
        levels[level] = []
        _add(levels, level + 1, merged, fan_in)


def _close(runs: list[SortedKeys]) -> None:
    for run in runs:
        run.close()


def _unique(keys: Iterable[str]) -> Iterator[str]:
    last: str | None = None
    for key in keys:
        if key != last:
            yield key
        last = key
