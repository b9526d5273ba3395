"""A transport without threads, so that a test of the engine runs the same way each time."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.operations import Copy, Done, Head, ListPage, Side, Throttled, TransportOp, TransportValue
from s3_crosscopy.ports import BlockingS3
from s3_crosscopy.testing.virtual_clock import VirtualClock

CAPACITY = 1024
"""As of a transport that needs no thread for a request."""
IDLE_S = 0.001
"""With a virtual clock nothing takes time, but a blocking call in a thread needs a moment to end."""


class InlineTransport:
    """See `ports.Transport`. Requests are made inside `reap`, on the caller's thread.

    Without a `seed` each reap ends everything that was submitted, in that order. With one it ends a random number of
    requests in a random order, at least one: another seed is another interleaving, the same seed the same one.

    With nothing in flight `reap` waits for `wake`, for `timeout_s` of real time; with a `clock` it advances that
    instead. Both ports may be the same one.
    """

    def __init__(
        self, source: BlockingS3, dest: BlockingS3, *, seed: int | None = None, clock: VirtualClock | None = None
    ) -> None:
        self.capacity = CAPACITY
        self._source = source
        self._dest = dest
        self._random = None if seed is None else random.Random(seed)
        self._clock = clock
        self._waiting: list[tuple[TransportOp, object]] = []
        self._woken = threading.Event()
        self._throttled = 0
        self._closed = False

    def submit(self, op: TransportOp, token: object) -> None:
        if self._closed:
            raise RuntimeError("submit after close")
        self._waiting.append((op, token))

    def reap(self, timeout_s: float) -> Sequence[Done | Throttled]:
        if not self._waiting:
            self._idle(timeout_s)
        results: list[Done | Throttled] = [self._end(op, token) for op, token in self._due()]
        throttled = self._source.throttled() + (self._dest.throttled() if self._dest is not self._source else 0)
        if throttled > self._throttled:
            results.append(Throttled(throttled - self._throttled))
            self._throttled = throttled
        return results

    def in_flight(self) -> int:
        return len(self._waiting)

    def wake(self) -> None:
        self._woken.set()

    def close(self, grace_s: float) -> Sequence[object]:
        """Requests submitted and not reaped have never started, which only this transport knows."""
        self._closed = True
        unknown = [token for _, token in self._waiting]
        self._waiting.clear()
        return unknown

    def _due(self) -> list[tuple[TransportOp, object]]:
        if self._random is None or len(self._waiting) < 2:
            due, self._waiting = self._waiting, []
            return due
        self._random.shuffle(self._waiting)
        number = self._random.randint(1, len(self._waiting))
        due, self._waiting = self._waiting[:number], self._waiting[number:]
        return due

    def _idle(self, timeout_s: float) -> None:
        if timeout_s > 0 and not self._woken.is_set():
            if self._clock is None:
                self._woken.wait(timeout_s)
            elif not self._woken.wait(IDLE_S):
                self._clock.advance(timeout_s)
        self._woken.clear()

    def _end(self, op: TransportOp, token: object) -> Done:
        try:
            return Done(token, self._call(op), None)
        except S3Error as error:
            return Done(token, None, error)

    def _call(self, op: TransportOp) -> TransportValue:
        if isinstance(op, (ListPage, Head)):
            side = self._source if op.side is Side.SOURCE else self._dest
            if isinstance(op, ListPage):
                return side.list_page(op)
            return side.head(op.bucket, op.key, if_match=op.if_match or None, version=op.version)
        return self._dest.copy(op) if isinstance(op, Copy) else self._dest.copy_part(op)
