"""Limits concurrent requests: a fixed window, or an adaptive one that finds the best limit itself.

An adaptive window is controlled by throttled attempts and by the rate of completions. Latency is not used, because a
busy client measures its own delays. Decisions are made once per window: after as many completions as the limit, so
that all requests judged were started under that limit.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

START = 16
"""First limit of an adaptive window: S3 accepts it from any client, and the first doublings take few round trips."""
GREW = 1.2
"""Smallest increase of the rate that justifies a doubling: otherwise requests only wait, here or at the server."""
THREADS = 128
"""Most threads of an adaptive window: more of them only wait for each other (boto3 does 430 copies/s per core)."""
PATIENCE = 16
"""Windows between a doubling without effect and the next one, because a server may have scaled up."""


class Window:
    """A fixed limit of concurrent requests. throttled: number of throttled attempts."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.throttled = 0

    def room(self, in_flight: int) -> int:
        """Return the number of further requests that may start."""
        return max(0, self.limit - in_flight)

    def on_throttled(self, attempts: int) -> None:
        """Record throttled attempts."""
        self.throttled += attempts

    def on_ended(self, ended: int, in_flight: int, now: float) -> None:
        """Record requests ended by `now`, in seconds; `in_flight` is the number of requests in flight before."""


class Mode(Enum):
    """State of an adaptive window."""

    DOUBLING = "doubling"
    HOLDING = "holding"
    RECOVERING = "recovering"


class Seen(NamedTuple):
    """Measurements of one window: as many completions as its limit.

    full: as many requests as allowed were in flight most of the time, so that another limit could matter.
    rate: completions per second. rate_before: the rate before the doubling that is being judged, 0.0 if none is.
    good: last limit known to be good before the throttling or the doubling. held: windows since the mode changed.
    """

    mode: Mode
    limit: int
    full: bool
    rate: float
    rate_before: float = 0.0
    good: int = 1
    held: int = 0


class Step(NamedTuple):
    """The next mode and limit. judged: True if the new limit is kept only if the rate increases."""

    mode: Mode
    limit: int
    judged: bool = False


def after_throttle(limit: int) -> Step:
    """Return the step after throttling: half the limit."""
    return Step(Mode.RECOVERING, max(1, limit // 2))


def after_worth(seen: Seen, ceiling: int) -> Step:
    """Return the step after a window without throttling. The first row that applies decides."""
    mode, limit, good = seen.mode, seen.limit, seen.good
    grew = seen.rate >= GREW * seen.rate_before
    due = mode is Mode.DOUBLING or (mode is Mode.HOLDING and seen.held >= PATIENCE)
    # Above the last good limit it grows slowly at first, because the server's limit is near, and then faster.
    to_good, past_good = limit + max(1, good // 8), limit + max(1, good // 32, (limit - good) // 4)
    table: tuple[tuple[bool, Step], ...] = (
        (not seen.full, Step(mode, limit, judged=seen.rate_before > 0)),
        (mode is Mode.DOUBLING and not grew, Step(Mode.HOLDING, good)),
        (due and limit < ceiling, Step(Mode.DOUBLING, min(ceiling, 2 * limit), judged=True)),
        (mode is not Mode.RECOVERING, Step(Mode.HOLDING, limit)),
        (limit < good, Step(mode, min(good, to_good))),
    )
    return next((step for fits, step in table if fits), Step(mode, min(ceiling, past_good)))


class AdaptiveWindow(Window):
    """A window that adapts its limit. ceiling: largest limit, at least 1. start: first limit."""

    def __init__(self, ceiling: int, start: int = START) -> None:
        super().__init__(min(start, ceiling))
        self._ceiling = ceiling
        self._mode = Mode.DOUBLING
        self._good = self._clean = 1
        self._held = 0
        self._rate_before = 0.0
        # Responses still to come to requests that started under another limit, which say nothing about this one.
        self._old = self.limit
        self._ignores_throttling = False
        self._ended = self._ended_full = 0
        self._since: float | None = None

    def on_throttled(self, attempts: int) -> None:
        """Record throttled attempts, and halve the limit unless their requests started before the last halving."""
        super().on_throttled(attempts)
        if self._ignores_throttling:
            self._count_old(attempts)
        elif attempts > 0:
            self._ignores_throttling = True
            self._rate_before = 0.0
            self._old = self.limit
            self._since = None
            self._good = max(1, min(self._clean, self.limit - 1))
            self._take(after_throttle(self.limit))

    def on_ended(self, ended: int, in_flight: int, now: float) -> None:
        """Record ended requests as in `Window`, and adapt the limit after each full window."""
        if self._old > 0:
            self._count_old(ended)
            return
        if self._since is None:
            self._since, self._ended, self._ended_full = now, 0, 0
            return
        self._ended += ended
        self._ended_full += ended if in_flight >= self.limit else 0
        if self._ended >= self.limit:
            self._judge(self._since, now)

    def _count_old(self, responses: int) -> None:
        self._old -= responses
        if self._old <= 0:
            self._ignores_throttling = False

    def _judge(self, since: float, now: float) -> None:
        rate = self._ended / max(now - since, 1e-9)
        full = 2 * self._ended_full >= self._ended
        seen = Seen(self._mode, self.limit, full, rate, self._rate_before, self._good, self._held)
        step = after_worth(seen, self._ceiling)
        if full:
            self._held += 1
            self._clean = min(self.limit, step.limit)
            self._good = self._good if self._mode is Mode.RECOVERING else self._clean
            self._rate_before = rate if step.judged else 0.0
        self._old = self.limit if step.limit != self.limit else 0
        self._since, self._ended, self._ended_full = now, 0, 0
        if self._old:
            self._since = None
        self._take(step)

    def _take(self, step: Step) -> None:
        if step.mode is not self._mode:
            self._held = 0
        self._mode, self.limit = step.mode, step.limit


def threads_for(max_concurrency: int | str) -> int:
    """Return the number of threads for the option `max_concurrency` if each request needs one."""
    return THREADS if isinstance(max_concurrency, str) else max_concurrency


def window_for(max_concurrency: int | str, ceiling: int) -> Window:
    """Return the window for the option `max_concurrency`; `ceiling` is the capacity of the transport."""
    if isinstance(max_concurrency, str):
        return AdaptiveWindow(ceiling)
    return Window(min(max_concurrency, ceiling))
