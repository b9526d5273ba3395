"""Pauses the run while S3 is away. Keeps the requests that fail meanwhile, and begins them again when S3 is back.

Requests are of one kind if the same function handles their ends: copies may fail while listings succeed. Makes no
request.
"""

from __future__ import annotations

from collections.abc import Callable

from s3_crosscopy.core.outage_rules import (
    Seen,
    Sign,
    Then,
    after_unanswered,
    ended,
    in_words,
    list_pause_s,
    pause_s,
    sign_of,
)
from s3_crosscopy.engine.pending_request import FailedRequest, PendingRequest
from s3_crosscopy.engine.waiting_requests import WaitingRequests
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.events import Event, Paused, WentOn
from s3_crosscopy.model.outcomes import Reason

PAGES = "ListObjectsV2"
"""The kind of a request for a page of a listing begins with this."""


class GaveUp(Exception):
    """S3 was away for the whole deadline: the run ends, and a retry resumes."""


class _FailureSeries:
    """Requests of one kind without an answer, since the last answered one. `held` are those that have not ended yet."""

    def __init__(self, now: float, error: S3Error) -> None:
        self.since = now
        self.number = 0
        self.error = error
        self.held: list[FailedRequest] = []


class Outage:
    """Examines the end of every request before its `on_end` is called. Used by the loop's thread only.

    `deadline_s`: how many seconds the run waits for S3, 0 for not at all. `emit` gets the events of pauses.
    `known_to_fail` as in `core.outage_rules.Seen`.
    """

    def __init__(self, deadline_s: float, emit: Callable[[Event], None]) -> None:
        self.known_to_fail = False
        self._gave_up = ""
        self._deadline_s = deadline_s
        self._emit = emit
        self._reason = ""
        self._begun = False
        self._series: dict[str, _FailureSeries] = {}
        # The kind without an answer, since when, how often it was probed, and when it is probed next.
        self._kind = ""
        self._since = self._until = 0.0
        self._pauses = 0
        self._probing = False
        self._waiting = WaitingRequests()
        self._question = ""
        self._over = False

    @property
    def paused(self) -> str:
        """The reason of the current pause, "" without one."""
        return f"paused: {self._reason}" if self._reason else ""

    def has_begun(self) -> bool:
        """Return True once after each beginning of a pause."""
        has_begun, self._begun = self._begun, False
        return has_begun

    def waiting(self) -> int:
        """Return the number of requests that will begin again."""
        return len(self._waiting)

    def holds(self, request: PendingRequest) -> bool:
        """Keep a request during a pause. Returns False if there is none, or the request may begin."""
        if not (self._reason and request.moves):
            return False
        self._waiting.put_at(0.0, (request, _not_asked()))
        return True

    def keeps(self, request: PendingRequest, error: S3Error | None, now: float, *, stalled: bool) -> bool:
        """Examine an end. Returns True if the request is kept. `stalled`: nothing has moved for very long."""
        if self._over or not (request.moves and self._deadline_s):
            return False
        sign = sign_of(error.reason, error.code, error.status) if error is not None else Sign.ANSWERED
        if error is None or sign is Sign.ANSWERED:
            self._answered(request, now)
            return False
        if self._reason:
            return self._keeps_paused(request, error, sign, now)
        if sign is Sign.NEITHER or (sign is Sign.THROTTLED and not stalled):
            return False
        return self._unanswered(request, error, now, throttled=sign is Sign.THROTTLED)

    def due(self, now: float, room: int) -> list[PendingRequest]:
        """Return the requests that begin again now, at most `room`; in a pause one that probes if S3 is back."""
        if self._over:
            return []
        if self._reason:
            if now < self._until or self._probing or not self.waiting():
                return []
            self._probing = True
            return [self._waiting.take_probe(self._kind)._replace(probe=True)]
        return self._waiting.take_due(now, room)

    def wait_s(self, now: float) -> float | None:
        """Return the seconds until a request is due; None if none is."""
        if self._reason:
            return None if self._probing else max(0.0, self._until - now)
        next_due = self._waiting.next_due()
        return None if next_due is None else max(0.0, next_due - now)

    def idle(self, now: float) -> list[FailedRequest]:
        """Return the requests that end with their errors now, because nothing else is under way or can begin."""
        failed: list[FailedRequest] = []
        for kind, series in () if self._reason or self._question else list(self._series.items()):
            then = self._after(kind, series, idle=True)
            if then is Then.REPORT:
                failed += series.held
                series.held = []
            elif not self._reason:
                self._follow(then, kind, series, now)
        return failed

    @property
    def question(self) -> str:
        """The kind of request because of which both sides are to be asked for a key; "" if none."""
        return self._question

    def answer(self, kind: str, silent: S3Error | None, now: float) -> list[FailedRequest]:
        """Take the error of a side that does not answer, or None. Returns what failed for a reason of its own."""
        self._question = ""
        series = self._series.get(kind)
        if series is None:
            return []
        if silent is not None:
            series.error = silent
            self._pause(kind, series, now)
            return []
        held, series.held = series.held, []
        if self.known_to_fail:
            del self._series[kind]
        return held

    def check(self) -> None:
        """Raise GaveUp if the run has waited until its deadline."""
        if self._gave_up and not self._over:
            raise GaveUp(self._gave_up)

    def let_go(self) -> None:
        """End the pause, because the run ends. No request is kept any more."""
        self._reason, self._over = "", True

    def give_up(self) -> list[FailedRequest]:
        """Take every request that is kept: none will begin again."""
        return [*self._waiting.take_all(), *self._take_held()]

    def _answered(self, request: PendingRequest, now: float) -> None:
        """Handle an answer: held requests of its kind failed for a reason of their own. It may end a pause."""
        if self._reason:
            if request.probe or request.kind == self._kind:
                self._end_pause(now)
            return
        series = self._series.pop(request.kind, None) if self._series else None
        for held, error in series.held if series is not None else ():
            held.fail(error)

    def _keeps_paused(self, request: PendingRequest, error: S3Error, sign: Sign, now: float) -> bool:
        keeps = sign is not Sign.NEITHER
        if keeps:
            self._waiting.put_paused((request._replace(probe=False), error))
        if request.probe:
            self._probing = False
            self._reason = in_words(error.code, error.status)
            self._pause_again(now)
        return keeps

    def _unanswered(self, request: PendingRequest, error: S3Error, now: float, *, throttled: bool) -> bool:
        series = self._series.setdefault(request.kind, _FailureSeries(now, error))
        series.number += 1
        series.error = error
        if not throttled and request.kind.startswith(PAGES):
            since = now if request.since is None else request.since
            if now - since >= self._deadline_s:
                return False
            self._waiting.put_at(now + list_pause_s(series.number), (request._replace(since=since), error))
        else:
            series.held.append((request, error))
        self._follow(Then.PAUSE if throttled else self._after(request.kind, series), request.kind, series, now)
        return True

    def _after(self, kind: str, series: _FailureSeries, *, idle: bool = False) -> Then:
        pages = kind.startswith(PAGES)
        return after_unanswered(Seen(series.number, pages=pages, idle=idle, known_to_fail=self.known_to_fail))

    def _follow(self, then: Then, kind: str, series: _FailureSeries, now: float) -> None:
        if then is Then.PAUSE:
            self._pause(kind, series, now)
        elif then is Then.ASK:
            self._question = self._question or kind

    def _pause(self, kind: str, series: _FailureSeries, now: float) -> None:
        self._reason = in_words(series.error.code, series.error.status)
        self._kind, self._since, self._pauses = kind, series.since, 0
        self._begun, self._question = True, ""
        for failed in self._take_held():
            self._waiting.put_paused(failed)
        self._pause_again(now)

    def _pause_again(self, now: float) -> None:
        seconds = pause_s(self._pauses, now - self._since, self._deadline_s)
        if seconds is None:
            self._gave_up = ended(self._reason, now - self._since)
            return
        self._pauses += 1
        self._until = now + seconds
        self._emit(Paused(self._reason, seconds))

    def _end_pause(self, now: float) -> None:
        self._emit(WentOn(now - self._since))
        self._reason, self._probing = "", False
        self._waiting.release(now)

    def _take_held(self) -> list[FailedRequest]:
        held = [failed for series in self._series.values() for failed in series.held]
        self._series.clear()
        return held


def _not_asked() -> S3Error:
    """Return the error of a request that did not begin before the run ended."""
    return S3Error(
        call="", bucket="", key="", code="NotAsked", status=0, message="S3 was away until the run ended",
        reason=Reason.TIMED_OUT,
    )  # fmt: skip
