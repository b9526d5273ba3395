"""How many requests may be in flight: a fixed window, or an adaptive one that finds its limit by itself.

An adaptive window looks at throttled attempts and at the rate of completions. Not at latency: the client inflates what
it measures of that itself, as soon as it is busy. Everything is counted in windows' worths: as many completions as the
window is wide, after which every request that it judges began under it.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

START = 16
"""S3 takes so many at once from anybody, and the first doublings take a few round trips only."""
GREW = 1.2
"""A doubling that gives less than a fifth more only made requests wait: on this machine, or at the server."""
THREADS = 128
"""The most threads of an adaptive window: more of them only wait for each other (boto3 does 430 copies/s a core)."""
PATIENCE = 16
"""After a doubling that gave nothing, so many windows' worths pass until the next try: a server may have grown."""


class Window:
    """At most `limit` requests in flight. `throttled` counts the attempts that were."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.throttled = 0

    def room(self, in_flight: int) -> int:
        """How many more requests may begin."""
        return max(0, self.limit - in_flight)

    def on_throttled(self, attempts: int) -> None:
        """So many attempts were throttled."""
        self.throttled += attempts

    def on_ended(self, ended: int, in_flight: int, now: float) -> None:
        """So many requests ended by `now`, out of so many that were in flight."""


class Mode(Enum):
    """What an adaptive window is doing."""

    DOUBLING = "doubling"
    HOLDING = "holding"
    RECOVERING = "recovering"


class Seen(NamedTuple):
    """What a window's worth of completions told.

    `full`: the window was, most of the time, so that another size could matter. `rate_before` is the rate before the
    last doubling, 0.0 if that is not in question. `good` is the last limit that stood before the throttle or the
    doubling, `held` for how many windows' worths the mode is the same.
    """

    mode: Mode
    limit: int
    full: bool
    rate: float
    rate_before: float = 0.0
    good: int = 1
    held: int = 0


class Step(NamedTuple):
    """What follows. `judged`: whether the new limit has to prove that it gives a higher rate."""

    mode: Mode
    limit: int
    judged: bool = False


def after_throttle(limit: int) -> Step:
    """Half of it."""
    return Step(Mode.RECOVERING, max(1, limit // 2))


def after_worth(seen: Seen, ceiling: int) -> Step:
    """What follows a window's worth without a throttle. The first line that fits is the one that counts."""
    mode, limit, good = seen.mode, seen.limit, seen.good
    grew = seen.rate >= GREW * seen.rate_before
    due = mode is Mode.DOUBLING or (mode is Mode.HOLDING and seen.held >= PATIENCE)
    # Past the last good value slowly at first, because the server's limit is near, and faster if it is not.
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
    """A window between 1 and `ceiling` that finds its limit by itself."""

    def __init__(self, ceiling: int, start: int = START) -> None:
        super().__init__(min(start, ceiling))
        self._ceiling = ceiling
        self._mode = Mode.DOUBLING
        self._good = self._clean = 1
        self._held = 0
        self._rate_before = 0.0
        # Answers to what began under another limit tell nothing of this one: so many are still to come.
        self._old = self.limit
        self._deaf = False
        self._ended = self._ended_full = 0
        self._since: float | None = None

    def on_throttled(self, attempts: int) -> None:
        """So many attempts were throttled: a reaction, unless this is still the answer to what it reacted to."""
        super().on_throttled(attempts)
        if self._deaf:
            self._count_old(attempts)
        elif attempts > 0:
            self._deaf = True
            self._rate_before = 0.0
            self._old = self.limit
            self._since = None
            self._good = max(1, min(self._clean, self.limit - 1))
            self._take(after_throttle(self.limit))

    def on_ended(self, ended: int, in_flight: int, now: float) -> None:
        """See `Window`."""
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

    def _count_old(self, answers: int) -> None:
        self._old -= answers
        if self._old <= 0:
            self._deaf = False

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
    """How many threads the option `max_concurrency` allows where each request needs one."""
    return THREADS if isinstance(max_concurrency, str) else max_concurrency


def window_for(max_concurrency: int | str, ceiling: int) -> Window:
    """The window that the option `max_concurrency` means, in a lane that carries at most so many requests."""
    if isinstance(max_concurrency, str):
        return AdaptiveWindow(ceiling)
    return Window(min(max_concurrency, ceiling))
