"""Counts the requests of a run and compares them with a budget: each costs money and time with a million objects."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from typing import TypeVar

from s3_crosscopy.ports import BlockingS3
from s3_crosscopy.testing.port_wrapper import Wrapped

T = TypeVar("T")


class Counting(Wrapped):
    """A client that counts its requests by API operation, including refused ones. Thread-safe."""

    def __init__(self, inner: BlockingS3) -> None:
        super().__init__(inner)
        self._counts: Counter[str] = Counter()
        self._keys: Counter[tuple[str, str]] = Counter()
        self._lock = threading.Lock()

    def counts(self) -> dict[str, int]:
        """Return the numbers of requests by operation so far."""
        with self._lock:
            return dict(self._counts)

    def of_key(self, call: str, key: str) -> int:
        """Return the requests of one operation for one key (the source key of a copy, the prefix of a listing)."""
        with self._lock:
            return self._keys[call, key]

    def reset(self) -> None:
        """Reset the counts, for example for a second run."""
        with self._lock:
            self._counts.clear()
            self._keys.clear()

    def _request(self, call: str, bucket: str, key: str, send: Callable[[], T]) -> T:
        with self._lock:
            self._counts[call] += 1
            self._keys[call, key] += 1
        return send()


class RequestBudget:
    """The requests that a run may make, by API operation; an operation that is not named may not be called at all.

    >>> RequestBudget({"ListObjectsV2": 2, "CopyObject": 1000}).check(source, dest)  # doctest: +SKIP
    """

    def __init__(self, most: Mapping[str, int]) -> None:
        self._most = dict(most)

    def check(self, *ports: Counting) -> None:
        """Raise AssertionError, with each operation over its budget; the counts of `ports` are added up."""
        spent: Counter[str] = Counter()
        for port in ports:
            spent.update(port.counts())
        over = [
            f"{call}: {number} of {self._most.get(call, 0)}"
            for call, number in sorted(spent.items())
            if number > self._most.get(call, 0)
        ]
        if over:
            raise AssertionError(f"over the request budget: {', '.join(over)}")
