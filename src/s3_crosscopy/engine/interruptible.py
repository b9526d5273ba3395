"""Runs a piece of work on a thread of its own, so that its caller hears a stop signal whatever the work is doing.

Signal handlers run on a process's main thread, between two instructions of whatever runs there. An exception from one,
as that of Airflow's `execution_timeout`, would be lost in a callback of libcurl or leave a lock held. Here it meets a
thread that only waits.
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
"""How long a stop signal of another thread may wait to be heard."""
STOP_S = 4.7
"""How long a copy has to wind down and to save. Airflow kills five seconds after SIGTERM."""
NOT_BEGUN_S = 1.0
"""How long the work has before it copies anything: it may clean up, and nothing is lost where it does not."""

NOT_BEGUN = "stopped by request before the copy began; nothing was copied"
UNENDED = (
    "stopped by request; what was under way did not end in time, and the newest state may not be saved:"
    " a retry goes on from the last one that was"
)


class Stop(threading.Event):
    """Set by `set`, and also when the caller's own event is set. `wait` hears of `set` alone."""

    def __init__(self, cancel: threading.Event | None = None) -> None:
        super().__init__()
        self._cancel = cancel
        self.begun = False

    @classmethod
    def of(cls, cancel: threading.Event | None) -> Stop:
        """The caller's own, if it is one."""
        return cancel if isinstance(cancel, Stop) else cls(cancel)

    def is_set(self) -> bool:
        return super().is_set() or (self._cancel is not None and self._cancel.is_set())

    def check(self) -> None:
        """Raise Interrupted if the work is to stop. Called before each step of what comes before the copy."""
        if self.is_set():
            raise Interrupted(NOT_BEGUN)

    def begin(self) -> None:
        """From now on there is something to end in order. Raises Interrupted instead if the work is to stop."""
        self.check()
        self.begun = True

    @property
    def grace_s(self) -> float:
        """How long the work has, once it is told to stop."""
        return STOP_S if self.begun else NOT_BEGUN_S


class _Work(threading.Thread):
    """A daemon: what hangs in it for ever ends with the process.

    Its end is told by a bare lock. Python's own events hold a lock of theirs for some instructions, which an exception
    of a signal handler would never give back.
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
        """Until the work ends, or has had its grace since it was told to stop."""
        told: float | None = None
        while not self.ends:
            self._ended.acquire(timeout=POLL_S)
            if stop.is_set():
                told = time.monotonic() if told is None else told
                if time.monotonic() - told >= stop.grace_s:
                    return


def interruptible(work: Callable[[Stop], T], cancel: threading.Event | None = None) -> T:
    """What the work returns or raises. It is told to stop when `cancel` is set or the caller is interrupted.

    Raises Interrupted where it does not stop in time, and what interrupted the caller, once the work has ended or has
    had its time. Work that is left behind begins nothing more: it looks at its `Stop` before each step.
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
