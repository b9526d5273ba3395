"""Pauses the run while S3 is away. Keeps what failed meanwhile, and gives it back when one request is answered again.

Requests are of one kind when the same function hears of their ends: copies may fail while listings go on. Nothing here
makes a request.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from itertools import count
from typing import TYPE_CHECKING

from s3_crosscopy.core.error_codes import may_have_been_applied
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
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.events import Event, Paused, WentOn
from s3_crosscopy.model.outcomes import Reason

if TYPE_CHECKING:
    from s3_crosscopy.engine.dispatcher import PendingRequest

    Kept = tuple["PendingRequest", S3Error]

PAGES = "ListObjectsV2"
"""What the kind of a request for a page of a listing begins with."""


class GaveUp(Exception):
    """S3 was away for the whole deadline: the run ends here, and a retry goes on."""


class _Row:
    """Requests of one kind that were not answered since the last one that was. `held` are those nobody was told of."""

    def __init__(self, now: float, error: S3Error) -> None:
        self.since = now
        self.number = 0
        self.error = error
        self.held: list[Kept] = []


class Outage:
    """Hears of every end before whoever began the request. Owned by the loop's thread.

    `deadline_s` is how long the run waits for S3, 0 for not at all. `tell` hears of pauses. `known_to_fail` as in
    `plan.outage.Seen`.
    """

    def __init__(self, deadline_s: float, tell: Callable[[Event], None]) -> None:
        self.known_to_fail = False
        self._gave_up = ""
        self._deadline_s = deadline_s
        self._tell = tell
        self._why = ""
        self._news = False
        self._rows: dict[str, _Row] = {}
        # The kind that is not answered, since when, how often that was tried, and when it is tried next.
        self._kind = ""
        self._since = self._until = 0.0
        self._pauses = 0
        self._probing = False
        self._waiting: deque[Kept] = deque()
        self._later: list[tuple[float, int, Kept]] = []
        self._serial = count()
        self._question = ""
        self._over = False

    @property
    def paused(self) -> str:
        """Why nothing begins now; "" while the run goes on."""
        return f"paused: {self._why}" if self._why else ""

    def has_begun(self) -> bool:
        """Tells, once, that the run has begun to pause."""
        news, self._news = self._news, False
        return news

    def waiting(self) -> int:
        """Requests that will begin again."""
        return len(self._waiting) + len(self._later)

    def holds(self, ticket: PendingRequest) -> bool:
        """Keep a request that would begin now, while nothing does; False if it may."""
        if not (self._why and ticket.moves):
            return False
        self._put_later(0.0, (ticket, _not_asked()))
        return True

    def keeps(self, ticket: PendingRequest, error: S3Error | None, now: float, *, stalled: bool) -> bool:
        """Hear of an end; True if nobody else is to be told. `stalled`: nothing has moved for very long."""
        if self._over or not (ticket.moves and self._deadline_s):
            return False
        sign = sign_of(error.reason, error.code, error.status) if error is not None else Sign.ANSWERED
        if error is None or sign is Sign.ANSWERED:
            self._answered(ticket, now)
            return False
        if self._why:
            return self._keeps_paused(ticket, error, sign, now)
        if sign is Sign.NEITHER or (sign is Sign.THROTTLED and not stalled):
            return False
        return self._unanswered(ticket, error, now, throttled=sign is Sign.THROTTLED)

    def due(self, now: float, room: int) -> list[PendingRequest]:
        """What begins again now, at most `room`; in a pause one request, which finds out whether S3 is back."""
        if self._over:
            return []
        if self._why:
            if now < self._until or self._probing or not self.waiting():
                return []
            self._probing = True
            return [self._next_probe()._replace(probe=True)]
        begin: list[PendingRequest] = []
        while self._later and self._later[0][0] <= now and len(begin) < room:
            begin.append(heapq.heappop(self._later)[2][0])
        return begin

    def wait_s(self, now: float) -> float | None:
        """Seconds until something is due; None if nothing is waited for."""
        if self._why:
            return None if self._probing else max(0.0, self._until - now)
        return max(0.0, self._later[0][0] - now) if self._later else None

    def idle(self, now: float) -> list[Kept]:
        """Nothing else is under way or can begin: the requests whose errors are to be told now."""
        told: list[Kept] = []
        for kind, row in () if self._why or self._question else list(self._rows.items()):
            then = self._after(kind, row, idle=True)
            if then is Then.TELL:
                told += row.held
                row.held = []
            elif not self._why:
                self._follow(then, kind, row, now)
        return told

    @property
    def question(self) -> str:
        """The kind of request because of which both sides are to be asked whether they are there; "" if none."""
        return self._question

    def answer(self, kind: str, silent: S3Error | None, now: float) -> list[Kept]:
        """Hear it: `silent` is the error of a side that is not. The requests that failed by themselves."""
        self._question = ""
        row = self._rows.get(kind)
        if row is None:
            return []
        if silent is not None:
            row.error = silent
            self._pause(kind, row, now)
            return []
        held, row.held = row.held, []
        if self.known_to_fail:
            del self._rows[kind]
        return held

    def check(self) -> None:
        """Raises GaveUp when the run has waited for long enough."""
        if self._gave_up and not self._over:
            raise GaveUp(self._gave_up)

    def let_go(self) -> None:
        """The run ends: nothing is held any more, and every end is told at once."""
        self._why, self._over = "", True

    def give_up(self) -> list[Kept]:
        """Everything that waits, to be told: it will not begin again."""
        kept = [*self._waiting, *(one for _, _, one in sorted(self._later)), *self._take_held()]
        self._waiting.clear()
        self._later.clear()
        return kept

    def _answered(self, ticket: PendingRequest, now: float) -> None:
        """What was held of its kind failed by itself. In a pause this is the end of it, or of no matter."""
        if self._why:
            if ticket.probe or ticket.kind == self._kind:
                self._go_on(now)
            return
        row = self._rows.pop(ticket.kind, None)
        for held, error in row.held if row is not None else ():
            held.on_end(held.subject, None, error)

    def _keeps_paused(self, ticket: PendingRequest, error: S3Error, sign: Sign, now: float) -> bool:
        keeps = sign is not Sign.NEITHER
        if keeps:
            self._give_back((ticket._replace(probe=False), error))
        if ticket.probe:
            self._probing = False
            self._why = in_words(error.code, error.status)
            self._pause_again(now)
        return keeps

    def _unanswered(self, ticket: PendingRequest, error: S3Error, now: float, *, throttled: bool) -> bool:
        row = self._rows.setdefault(ticket.kind, _Row(now, error))
        row.number += 1
        row.error = error
        if not throttled and ticket.kind.startswith(PAGES):
            since = now if ticket.since is None else ticket.since
            if now - since >= self._deadline_s:
                return False
            self._put_later(now + list_pause_s(row.number), (ticket._replace(since=since), error))
        else:
            row.held.append((ticket, error))
        self._follow(Then.PAUSE if throttled else self._after(ticket.kind, row), ticket.kind, row, now)
        return True

    def _after(self, kind: str, row: _Row, *, idle: bool = False) -> Then:
        pages = kind.startswith(PAGES)
        return after_unanswered(Seen(row.number, pages=pages, idle=idle, known_to_fail=self.known_to_fail))

    def _follow(self, then: Then, kind: str, row: _Row, now: float) -> None:
        if then is Then.PAUSE:
            self._pause(kind, row, now)
        elif then is Then.ASK:
            self._question = self._question or kind

    def _pause(self, kind: str, row: _Row, now: float) -> None:
        self._why = in_words(row.error.code, row.error.status)
        self._kind, self._since, self._pauses = kind, row.since, 0
        self._news, self._question = True, ""
        for kept in self._take_held():
            self._give_back(kept)
        self._pause_again(now)

    def _pause_again(self, now: float) -> None:
        seconds = pause_s(self._pauses, now - self._since, self._deadline_s)
        if seconds is None:
            self._gave_up = ended(self._why, now - self._since)
            return
        self._pauses += 1
        self._until = now + seconds
        self._tell(Paused(self._why, seconds))

    def _go_on(self, now: float) -> None:
        self._tell(WentOn(now - self._since))
        self._why, self._probing = "", False
        for kept in self._waiting:
            self._put_later(now, kept)
        self._waiting.clear()

    def _give_back(self, kept: Kept) -> None:
        """It waits as if it had never been asked; only that it may have been applied is remembered."""
        ticket, error = kept
        if isinstance(ticket.subject, CopyJob):
            ticket.subject.outcome_unknown = ticket.subject.outcome_unknown or may_have_been_applied(
                error.call, error.reason
            )
        self._waiting.append(kept)

    def _take_held(self) -> list[Kept]:
        held = [kept for row in self._rows.values() for kept in row.held]
        self._rows.clear()
        return held

    def _put_later(self, at: float, kept: Kept) -> None:
        heapq.heappush(self._later, (at, next(self._serial), kept))

    def _next_probe(self) -> PendingRequest:
        """The one of the kind that is not answered that has waited longest: any other would prove nothing."""
        self._waiting.extend(kept for _, _, kept in sorted(self._later))
        self._later.clear()
        index = next((i for i, (ticket, _) in enumerate(self._waiting) if ticket.kind == self._kind), 0)
        ticket, _ = self._waiting[index]
        del self._waiting[index]
        return ticket


def _not_asked() -> S3Error:
    """For a request that did not begin before the run ended."""
    return S3Error(
        call="", bucket="", key="", code="NotAsked", status=0, message="S3 was away until the run ended",
        reason=Reason.TIMED_OUT,
    )  # fmt: skip
