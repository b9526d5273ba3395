"""Keys sorted and unique, any number of them, in little memory: sorted runs in temporary files, merged.

Order is that of Python's `str`, which is S3's (UTF-8 bytes). The files have no names: nothing stays behind a kill -9.
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
"""Sorted at once: 6 MB at 60 characters a key."""

BLOCK_KEYS = 500
"""Read at once. A merge holds a block of each of its runs."""

FAN_IN = 64
"""Runs that are merged at once: well below the 256 open files that some systems allow."""

SEPARATOR = b"\xff"
"""Occurs in no UTF-8, so that different lists of keys never make the same bytes."""


class SortedKeys:
    """Sorted unique keys in a temporary file. May be read many times, from several threads; close it in the end.

    `count` is how many they are, `digest` the SHA-256 of all of them.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        """Of keys that are sorted; equal neighbours become one."""
        self._file: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - `close` closes it
        self._firsts: list[str] = []
        self._places: list[tuple[int, int]] = []
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
        """Give the disk space back. Idempotent."""
        self._file.close()

    def __iter__(self) -> Iterator[str]:
        return self._from(0)

    def between(self, after: str, end: str | None) -> Iterator[str]:
        """The keys of the range `(after, end]`; `end=None` is without an end."""
        for key in self._from(max(0, bisect_right(self._firsts, after) - 1)):
            if end is not None and key > end:
                return
            if key > after:
                yield key

    def _from(self, block: int) -> Iterator[str]:
        for offset, length in islice(self._places, block, None):
            # No shared position: several threads may read.
            yield from json.loads(os.pread(self._file.fileno(), length, offset))

    def _append(self, block: list[str]) -> None:
        data = json.dumps(block).encode()
        offset = sum(self._places[-1]) if self._places else 0
        self._file.write(data)
        self._firsts.append(block[0])
        self._places.append((offset, len(data)))
        self.count += len(block)


def sort_keys(keys: Iterable[str], chunk_keys: int = CHUNK_KEYS, fan_in: int = FAN_IN) -> SortedKeys:
    """Sort any number of keys. Each is written once a level, and a level holds `fan_in` times as many."""
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


def _add(levels: list[list[SortedKeys]], at: int, run: SortedKeys, fan_in: int) -> None:
    if len(levels) == at:
        levels.append([])
    levels[at].append(run)
    if len(levels[at]) == fan_in:
        merged = SortedKeys(heapq.merge(*levels[at]))
        _close(levels[at])
        levels[at] = []
        _add(levels, at + 1, merged, fan_in)


def _close(runs: list[SortedKeys]) -> None:
    for run in runs:
        run.close()


def _unique(keys: Iterable[str]) -> Iterator[str]:
    last: str | None = None
    for key in keys:
        if key != last:
            yield key
        last = key
