"""A thread pool without threads: jobs run when they are reaped, in an order that a seed decides."""

from __future__ import annotations

import random
from collections.abc import Callable

from s3_crosscopy.engine.parts import Parts
from s3_crosscopy.engine.threads import Finished, Job
from s3_crosscopy.errors import S3Error


class InlinePool:
    """See `engine.threads.ThreadPool`."""

    def __init__(self, dice: random.Random, wake: Callable[[], None]) -> None:
        self._dice = dice
        self._wake = wake
        self._waiting: list[tuple[Job, object]] = []

    def submit(self, job: Job, token: object) -> None:
        self._waiting.append((job, token))
        self._wake()

    def in_flight(self) -> int:
        return len(self._waiting)

    def wake(self) -> None:
        self._wake()

    def reap(self, timeout_s: float) -> list[Finished]:
        self._dice.shuffle(self._waiting)
        number = self._dice.randint(0, len(self._waiting))
        due, self._waiting = self._waiting[:number], self._waiting[number:]
        if self._waiting:
            self._wake()
        return [self._run(job, token) for job, token in due]

    def close(self, grace_s: float) -> list[object]:
        unknown = [token for _, token in self._waiting]
        self._waiting.clear()
        return unknown

    @staticmethod
    def _run(job: Job, token: object) -> Finished:
        try:
            return Finished(token, job(), None)
        except S3Error as error:
            return Finished(token, None, error)


def without_threads(parts: Parts, dice: random.Random, wake: Callable[[], None]) -> None:
    """Replace the threads of a run that has not begun."""
    checkpointer = parts.checkpointer
    for owner in (parts.dispatcher, checkpointer._states, checkpointer._rows._writing):
        owner._pool = InlinePool(dice, wake)  # type: ignore[assignment]
