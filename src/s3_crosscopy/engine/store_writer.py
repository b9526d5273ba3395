"""Writes one store on its own thread, beside the loop: the store may be slow, hang, or be away for a while."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import partial

from s3_crosscopy.engine.threads import ThreadPool
from s3_crosscopy.errors import RetryableFailure, S3Error, StoreAway
from s3_crosscopy.model.events import Warned
from s3_crosscopy.ports import EventSink

SLOW_S = 60.0
"""Seconds after which a write counts as failed. Airflow's client gives up a request after 5 s and tries it five
times."""
LAST_S = 120.0
"""Seconds that the last writes of a run are retried: a database that fails over is back by then."""
AGAIN_S = 5.0
STOP_S = 4.4
"""Seconds after a stop signal until the run ends, saved or not: Airflow kills five seconds after SIGTERM."""
LOOK_S = 0.1

Then = Callable[["Exception | None", float], None]
"""`(error, now)`: called on the loop's thread at the end of a write. An error is a transient one."""


class StopDeadline:
    """Limits how long the end of a run waits: much less after a stop signal."""

    def __init__(self, cancel: threading.Event) -> None:
        self._cancel = cancel
        self._stopped_at: float | None = None

    def stopped(self) -> bool:
        """Return True if the run is to stop; its remaining time begins when this is first True."""
        if self._stopped_at is None and self._cancel.is_set():
            self._stopped_at = time.monotonic()
        return self._stopped_at is not None

    def left_s(self, until: float) -> float:
        """Return the seconds until this monotonic time, or until a stopped run must have ended."""
        if self.stopped() and self._stopped_at is not None:
            until = min(until, self._stopped_at + STOP_S)
        return max(0.0, until - time.monotonic())


class StoreWriter:
    """Writes one store, one job at a time, and warns once when it is away and once when it is back.

    `label` names the store in warnings. Used by the loop's thread, which `wake` wakes at the end of a write. Transient
    errors are RetryableFailure, StoreAway among them, and those of S3 that are not `final`; all others are raised, and
    then the store has `refused`.
    """

    def __init__(
        self,
        name: str,
        label: str,
        sink: EventSink,
        wake: Callable[[], None],
        final: Callable[[S3Error], bool] = lambda error: False,
    ) -> None:
        self.refused = False
        self._final = final
        self._pool = ThreadPool(1, name, wake=wake)
        self._label = label
        self._sink = sink
        self._began = 0.0
        self._away: float | None = None

    @property
    def busy(self) -> bool:
        """True while a write is under way."""
        return self._pool.in_flight() > 0

    def begin(self, job: Callable[[], None], then: Then, now: float) -> None:
        """Begin a write; none may be under way."""
        self._began = now
        self._pool.submit(partial(_tried, job), then)

    def handle_ended(self, now: float, wait_s: float = 0.0) -> None:
        """Handle the end of a write, and warn of one that takes too long. Waits at most `wait_s` seconds."""
        try:
            ended = self._pool.reap(wait_s)
        except BaseException:
            self.refused = True
            raise
        for finished in ended:
            error = finished.error or finished.value
            assert error is None or isinstance(error, Exception)
            if isinstance(error, S3Error) and self._final(error):
                self.refused = True
                raise error
            self._note(error, now)
            then: Then = finished.token  # type: ignore[assignment]
            then(error, now)
        if self.busy and now - self._began >= SLOW_S:
            self._gone(now, "it does not answer")

    def away_s(self, now: float) -> float:
        """Return for how many seconds the store has been away."""
        return 0.0 if self._away is None else now - self._away

    def finish(self, job: Callable[[], None], deadline: StopDeadline, now: float, *, within_s: float) -> None:
        """Write at the end of a run and wait for it; retry after a transient error. Raises the last error.

        `within_s`: seconds after which a write is given up; StoreAway is raised for it.
        """
        until, again_until = time.monotonic() + within_s, time.monotonic() + LAST_S
        self._wait(deadline, until, now)
        while True:
            ended: list[Exception | None] = []
            self.begin(job, lambda error, _, ended=ended: ended.append(error), now)  # type: ignore[misc]
            self._wait(deadline, until, now)
            error = ended[0]
            if error is None:
                return
            if deadline.left_s(min(until, again_until)) <= AGAIN_S:
                raise error
            self._pause(deadline)

    def close(self) -> None:
        """Begin no more writes; a write that hangs ends with the process."""
        self._pool.close(0)

    def _wait(self, deadline: StopDeadline, until: float, now: float) -> None:
        """Wait until no write is under way. Checks once even if no time remains."""
        late = False
        while self.busy:
            if late:
                raise StoreAway(f"{self._label} does not answer")
            left_s = deadline.left_s(until)
            self.handle_ended(now, min(LOOK_S, left_s))
            late = left_s <= 0

    def _pause(self, deadline: StopDeadline) -> None:
        until = time.monotonic() + AGAIN_S
        while (left_s := deadline.left_s(until)) > 0:
            self._pool.reap(min(LOOK_S, left_s))

    def _note(self, error: Exception | None, now: float) -> None:
        if error is not None:
            self._gone(now, str(error))
        elif self._away is not None:
            self._sink.emit(Warned(f"{self._label} is written again, after {now - self._away:.0f} s"))
            self._away = None

    def _gone(self, now: float, why: str) -> None:
        if self._away is None:
            self._away = now
            self._sink.emit(Warned(f"{self._label} cannot be written now, which is tried again: {why}"))


def _tried(job: Callable[[], None]) -> Exception | None:
    """Run the job and return its transient error, or None; the pool itself hands over errors of S3."""
    try:
        job()
    except RetryableFailure as error:
        return error
    return None
