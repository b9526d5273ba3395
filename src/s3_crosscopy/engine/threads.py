"""Runs jobs on daemon threads, for one owner, and builds a transport of them over a blocking S3 client.

All threads of the package begin here or in `engine.interruptible`. The owner closes a pool within a grace period;
threads that hang in a request then end with the process, which is why they are daemons.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts
from s3_crosscopy.model.operations import Copy, Done, Head, ListPage, Side, Throttled, TransportOp, TransportValue
from s3_crosscopy.ports import S3, BlockingS3

Job = Callable[[], object]


class Finished(NamedTuple):
    """The end of a job: its value, or the S3Error it raised."""

    token: object
    value: object
    error: S3Error | None


class ThreadPool:
    """At most `limit` threads, started when needed. One thread owns the pool; `wake` may be called from any thread."""

    def __init__(self, limit: int, name: str, wake: Callable[[], None] | None = None) -> None:
        self._limit = limit
        self._name = name
        self._on_finished = wake
        self._jobs: queue.SimpleQueue[tuple[int, Job] | None] = queue.SimpleQueue()
        self._ends: queue.SimpleQueue[tuple[int, object, BaseException | None] | None] = queue.SimpleQueue()
        self._open: dict[int, object] = {}
        self._threads: list[threading.Thread] = []
        self._serial = 0
        self._closed = False

    def submit(self, job: Job, token: object) -> None:
        """Run `job` on a thread; `reap` returns its end."""
        if self._closed:
            raise RuntimeError(f"{self._name}: submit after close")
        self._serial += 1
        self._open[self._serial] = token
        if len(self._open) > len(self._threads) < self._limit:
            self._start_thread()
        self._jobs.put((self._serial, job))

    def in_flight(self) -> int:
        """Return the number of jobs that were submitted and not yet reaped."""
        return len(self._open)

    def wake(self) -> None:
        """Make a waiting `reap` return."""
        self._ends.put(None)

    def reap(self, timeout_s: float) -> list[Finished]:
        """Return the jobs that ended. Raises what a job raised, except S3Error: a bug must not pass for an outcome."""
        ended: list[Finished] = []
        if timeout_s <= 0 and self._ends.empty():
            return ended
        try:
            end = self._ends.get(timeout=timeout_s) if timeout_s > 0 else self._ends.get_nowait()
            while True:
                if end is not None:
                    ended.append(self._finish(*end))
                end = self._ends.get_nowait()
        except queue.Empty:
            return ended

    def close(self, grace_s: float) -> list[object]:
        """Begin no more jobs, wait for the running ones. Returns the tokens of jobs that did not end or never began."""
        if not self._closed:
            self._closed = True
            for _ in self._threads:
                self._jobs.put(None)
        deadline = time.monotonic() + grace_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        while not self._ends.empty():
            end = self._ends.get_nowait()
            if end is not None and not isinstance(end[2], _NotBegun):
                self._open.pop(end[0], None)
        not_ended = list(self._open.values())
        self._open.clear()
        return not_ended

    def _finish(self, serial: int, value: object, error: BaseException | None) -> Finished:
        token = self._open.pop(serial)
        if error is not None and not isinstance(error, S3Error):
            raise error
        return Finished(token, value, error)

    def _start_thread(self) -> None:
        thread = threading.Thread(target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _work(self) -> None:
        while (item := self._jobs.get()) is not None:
            # No variable of a waiting thread keeps a value: dozens of pages of a listing are 0.5 MB each.
            self._ends.put(self._end_of(*item))
            del item
            if self._on_finished is not None:
                self._on_finished()

    def _end_of(self, serial: int, job: Job) -> tuple[int, object, BaseException | None]:
        try:
            if self._closed:
                raise _NotBegun
            return serial, job(), None
        except BaseException as error:  # noqa: BLE001 - handed to the owner, who raises it
            return serial, None, error


class _NotBegun(Exception):
    """The pool was closed before the job began."""


class ThreadTransport:
    """A transport over two blocking S3 ports: `source` reads the source, `dest` copies and reads the destination.

    `on_end` is called, from any thread, when a request ended.
    """

    def __init__(
        self, source: BlockingS3, dest: BlockingS3, threads: int, on_end: Callable[[], None] | None = None
    ) -> None:
        self.capacity = threads
        self._source = source
        self._dest = dest
        self._pool = ThreadPool(threads, "s3-transport", wake=on_end)
        self._throttled = 0

    def submit(self, op: TransportOp, token: object) -> None:
        self._pool.submit(lambda: self._call(op), token)

    def reap(self, timeout_s: float) -> Sequence[Done | Throttled]:
        ended = self._pool.reap(timeout_s)
        results: list[Done | Throttled] = [Done(end.token, end.value, end.error) for end in ended]  # type: ignore[arg-type]
        throttled = self._source.throttled() + (self._dest.throttled() if self._dest is not self._source else 0)
        if throttled > self._throttled:
            results.append(Throttled(throttled - self._throttled))
            self._throttled = throttled
        return results

    def in_flight(self) -> int:
        return self._pool.in_flight()

    def wake(self) -> None:
        self._pool.wake()

    def close(self, grace_s: float) -> Sequence[object]:
        return self._pool.close(grace_s)

    def _call(self, op: TransportOp) -> TransportValue:
        if isinstance(op, (ListPage, Head)):
            side = self._source if op.side is Side.SOURCE else self._dest
            return side.list_page(op) if isinstance(op, ListPage) else head(side, op)
        return self._dest.copy(op) if isinstance(op, Copy) else self._dest.copy_part(op)


def head(s3: S3, op: Head) -> Facts:
    """Send a HEAD of a transport with a blocking client."""
    return s3.head(op.bucket, op.key, if_match=op.if_match or None, version=op.version)
