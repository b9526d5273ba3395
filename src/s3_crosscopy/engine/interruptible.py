"""Runs work on its own thread, so that the caller can be interrupted by a stop signal at any time.

Signal handlers run on a process's main thread, between any two instructions. An exception from one, like that of
Airflow's `execution_timeout`, would be lost in a callback of libcurl or leave a lock held. Here the main thread only
waits.
"""

from __future__ import annotations

import _thread
import contextvars
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from s3_crosscopy.errors import Interrupted

T = TypeVar("T")

POLL_S = 0.1
"""Seconds until a stop signal of another thread is noticed."""
STOP_S = 4.7
"""Seconds that a copy has to shut down and to save. Airflow kills five seconds after SIGTERM."""
NOT_BEGUN_S = 1.0
"""Seconds that the work has before it copies anything: it may clean up, and nothing is lost if it does not."""

NOT_BEGUN = "stopped by request before the copy began; nothing was copied"
UNENDED = (
    "stopped by request; requests under way did not end in time, and the newest state may not be saved:"
    " a retry resumes from the last one that was"
)


class Stop(threading.Event):
    """An event that is also set when the caller's event `cancel` is set. `wait` only reacts to `set`."""

    def __init__(self, cancel: threading.Event | None = None) -> None:
        super().__init__()
        self._cancel = cancel
        self.begun = False

    @classmethod
    def of(cls, cancel: threading.Event | None) -> Stop:
        """Return `cancel` if it is a Stop, otherwise a new Stop for it."""
        return cancel if isinstance(cancel, Stop) else cls(cancel)

    def is_set(self) -> bool:
        return super().is_set() or (self._cancel is not None and self._cancel.is_set())

    def check(self) -> None:
        """Raise Interrupted if the work is to stop. Called before each step that precedes the copy."""
        if self.is_set():
            raise Interrupted(NOT_BEGUN)

    def begin(self) -> None:
        """Note that the copy begins and must be shut down in order. Raises Interrupted if the work is to stop."""
        self.check()
        self.begun = True

    @property
    def grace_s(self) -> float:
        """Seconds that the work has once it is to stop."""
        return STOP_S if self.begun else NOT_BEGUN_S


class _Work(threading.Thread):
    """A daemon thread: work that hangs in it ends with the process.

    A bare lock signals its end. Python's events hold an own lock for some instructions, which an exception of a signal
    handler would never release.
    """

    def __init__(self, work: Callable[[], object]) -> None:
        super().__init__(name="s3-crosscopy", daemon=True)
        self.ends: list[tuple[object, BaseException | None]] = []
        self._work: Callable[[], object] = work
        self._ended = _thread.allocate_lock()
        self._ended.acquire()

    def run(self) -> None:
        try:
            end: tuple[object, BaseException | None] = (self._work(), None)
        except BaseException as error:  # noqa: BLE001 - handed to the caller, who raises it
            end = (None, error)
        self.ends.append(end)
        self._ended.release()

    def wait(self, stop: Stop) -> None:
        """Wait until the work ends, or its grace period after a stop signal is over."""
        stopped_at: float | None = None
        while not self.ends:
            self._ended.acquire(timeout=POLL_S)
            if stop.is_set():
                stopped_at = time.monotonic() if stopped_at is None else stopped_at
                if time.monotonic() - stopped_at >= stop.grace_s:
                    return


def interruptible(work: Callable[[Stop], T], cancel: threading.Event | None = None) -> T:
    """Run the work and return its result. Its `Stop` is set when `cancel` is set or the caller is interrupted.

    Raises what the work raises; Interrupted if it does not stop in time; and what interrupted the caller, once the work
    has ended or its time is over. Work that is left behind begins nothing more: it checks its `Stop` before each step.
    """
    stop = Stop.of(cancel)
    context = contextvars.copy_context()
    thread = _Work(lambda: context.run(work, stop))
    try:
        thread.start()
        thread.wait(stop)
    except BaseException:
        stop.set()
        thread.wait(stop)
        raise
    if not thread.ends:
        raise Interrupted(UNENDED if stop.begun else NOT_BEGUN)
    value, error = thread.ends.pop()
    if error is not None:
        raise error
    return value  # type: ignore[return-value]
