"""Keeps the requests that wait because S3 is away, in the order in which they begin again."""

from __future__ import annotations

import heapq
from collections import deque
from itertools import count

from s3_crosscopy.core.error_codes import may_have_been_applied
from s3_crosscopy.engine.pending_request import FailedRequest, PendingRequest
from s3_crosscopy.engine.transfer.job import CopyJob


class WaitingRequests:
    """Two queues: requests that wait for the end of the pause, and requests that begin at a time."""

    def __init__(self) -> None:
        self._paused: deque[FailedRequest] = deque()
        self._timed: list[tuple[float, int, FailedRequest]] = []
        self._serial = count()

    def __len__(self) -> int:
        return len(self._paused) + len(self._timed)

    def put_at(self, due: float, failed: FailedRequest) -> None:
        """Let a request begin again at this time."""
        heapq.heappush(self._timed, (due, next(self._serial), failed))

    def put_paused(self, failed: FailedRequest) -> None:
        """Let a request wait for the end of the pause, as if it had never been sent.

        Its job only remembers that the request may have been applied.
        """
        request, error = failed
        if isinstance(request.subject, CopyJob):
            request.subject.outcome_unknown = request.subject.outcome_unknown or may_have_been_applied(
                error.call, error.reason
            )
        self._paused.append(failed)

    def release(self, now: float) -> None:
        """End the pause: the requests that waited for it begin at once."""
        for failed in self._paused:
            self.put_at(now, failed)
        self._paused.clear()

    def next_due(self) -> float | None:
        """Return when the next request begins, None if none has a time."""
        return self._timed[0][0] if self._timed else None

    def take_due(self, now: float, most: int) -> list[PendingRequest]:
        """Take the requests whose time has come, at most so many."""
        due: list[PendingRequest] = []
        while self._timed and self._timed[0][0] <= now and len(due) < most:
            due.append(heapq.heappop(self._timed)[2][0])
        return due

    def take_probe(self, kind: str) -> PendingRequest:
        """Take the request of this kind that has waited longest: another kind would not show if S3 is back."""
        self._paused.extend(failed for _, _, failed in sorted(self._timed))
        self._timed.clear()
        index = next((i for i, (request, _) in enumerate(self._paused) if request.kind == kind), 0)
        request, _ = self._paused[index]
        del self._paused[index]
        return request

    def take_all(self) -> list[FailedRequest]:
        """Take every request."""
        failed = [*self._paused, *(failed for _, _, failed in sorted(self._timed))]
        self._paused.clear()
        self._timed.clear()
        return failed
