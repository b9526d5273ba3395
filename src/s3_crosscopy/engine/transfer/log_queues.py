"""Queues for keys of which those of one log are copied one after the other, and different logs side by side."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable

from s3_crosscopy.core.decide.comparison import NEW
from s3_crosscopy.core.decide.table_markers import before_the_first, log_of
from s3_crosscopy.engine.transfer.job import CopyJob


class LogQueues:
    """The jobs of one rank. `apart`: those that can be copied side by side before all others. `enter` begins a job."""

    def __init__(self, jobs: Iterable[CopyJob], cut: int, most_active: int, enter: Callable[[CopyJob], None]) -> None:
        self.apart: list[CopyJob] = []
        self._enter = enter
        self._most_active = most_active
        self._active: list[tuple[CopyJob, deque[CopyJob]]] = []
        by_log: dict[str, list[CopyJob]] = {}
        for job in jobs:
            by_log.setdefault(log_of(job.source.key[cut:]), []).append(job)
        self._waiting = deque(filter(None, map(self._queue, by_log.values())))
        self.number = sum(map(len, self._waiting))

    def pump(self) -> bool:
        """Begin the next job of each log whose last one has an outcome. Returns False if no job is left."""
        while self._waiting and len(self._active) < self._most_active:
            queue = self._waiting.popleft()
            self._begin(queue)
        active, self._active = self._active, []
        for job, queue in active:
            if not job.batch.ended():
                self._active.append((job, queue))
            elif queue:
                self._begin(queue)
        return bool(self._active or self._waiting)

    @property
    def stuck(self) -> bool:
        """True if every job that was begun waits for its second attempt."""
        return all(job.batch.waiting for job, _ in self._active)

    def _begin(self, queue: deque[CopyJob]) -> None:
        """Begin the next job, and those after it if it has an outcome at once because it is held back."""
        job = queue.popleft()
        self._enter(job)
        while queue and job.batch.ended():
            job = queue.popleft()
            self._enter(job)
        self._active.append((job, queue))

    def _queue(self, jobs: list[CopyJob]) -> deque[CopyJob]:
        named = [(job.source.key.rpartition("/")[2], job) for job in jobs]
        apart = before_the_first([name for name, _ in named], [name for name, job in named if job.decision is NEW])
        self.apart += [job for name, job in named if name in apart]
        return deque(job for name, job in named if name not in apart)
