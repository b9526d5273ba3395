"""A transport in virtual time that stands still while a thread of the engine works, so that its speed is no matter."""

from __future__ import annotations

import time
from weakref import WeakKeyDictionary, WeakSet

from s3_crosscopy.engine.threads import ThreadPool
from s3_crosscopy.ports import BlockingS3
from s3_crosscopy.testing import InlineTransport, VirtualClock

HANGS_S = 0.3
"""What takes longer than this, of the real time, is meant to hang, and virtual time goes on."""
LOOK_S = 0.0005

_HANGING: WeakKeyDictionary[ThreadPool, set[int]] = WeakKeyDictionary()
"""Every pool with a thread, and those of its jobs that hang."""
_start_thread = ThreadPool._start_thread


def _noted(pool: ThreadPool) -> None:
    _HANGING.setdefault(pool, set())
    _start_thread(pool)


ThreadPool._start_thread = _noted  # type: ignore[method-assign,assignment]


def _working() -> dict[ThreadPool, set[int]]:
    """The jobs that have not ended and do not hang; none of a pool of which one has ended."""
    pools = [(pool, set(pool._open) - hanging) for pool, hanging in list(_HANGING.items())]
    return {pool: jobs for pool, jobs in pools if jobs and not pool._closed and pool._ends.empty()}


class SteadyTransport(InlineTransport):
    """Waits for jobs before it lets time pass, a while for each; with no job under way nothing needs real time."""

    def __init__(
        self, source: BlockingS3, dest: BlockingS3, *, seed: int | None = None, clock: VirtualClock | None = None
    ) -> None:
        super().__init__(source, dest, seed=seed, clock=clock)
        # What still hangs of another run is no job of this one.
        self._others = WeakSet(_HANGING)

    def _busy(self) -> bool:
        """Whether a thread of the engine has a job, be it one that hangs."""
        return any(pool._open for pool in list(_HANGING) if pool not in self._others)

    def _idle(self, timeout_s: float) -> None:
        before = _working() if timeout_s > 0 else {}
        until = time.monotonic() + HANGS_S
        while before and not self._woken.is_set():
            if time.monotonic() > until:
                for pool, jobs in before.items():
                    _HANGING[pool] |= jobs
                break
            time.sleep(LOOK_S)
            if _working() != before:
                # The engine looks again, at the same time.
                self._woken.set()
        if self._clock is not None and timeout_s > 0 and not self._woken.is_set() and not self._busy():
            self._clock.advance(timeout_s)
            return
        super()._idle(timeout_s)
