"""How the engine's parts begin requests and hear of their ends: one window and one pace over both ports.

Knows nothing of what a request is for: whoever begins one says who hears of its end. Some errors are not told at once:
a throttled request is queued again until nothing has moved for a deadline, one with an expired token waits for new
credentials (`engine.renewing`), and what nobody answers while S3 is away waits until it is back (`engine.outage`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from s3_crosscopy.core.concurrency_window import threads_for, window_for
from s3_crosscopy.core.error_codes import expired, skewed
from s3_crosscopy.core.rate_limit import TokenBucket
from s3_crosscopy.core.renewal_rules import Then
from s3_crosscopy.engine.credential_renewal import Renewal
from s3_crosscopy.engine.loop_delay import Stay
from s3_crosscopy.engine.outage import PAGES, Outage
from s3_crosscopy.engine.threads import ThreadPool
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.operations import Done, ListPage, Throttled, TransportOp
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import S3, Clock, Transport

OnEnd = Callable[[Any, Any, "S3Error | None"], None]
"""`(subject, value, error)`: called on the loop's thread when a request ended."""

STALL_S = 120.0
"""When nothing at all has moved for so long, a throttled request counts as one that is not answered."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0


class PendingRequest(NamedTuple):
    """One request on its way: how to begin it again, and who hears of its end.

    `moves`: its success is progress of the run; that of a save is none. `generation`: of the credentials that it was
    signed with; `renewed`: it was sent again, because those before had ended. Requests of one `kind` may fail together.
    `probe`: it finds out whether a pause is over. `since` is when it failed for the first time.
    """

    begin: Callable[[PendingRequest], None]
    on_end: OnEnd
    subject: object
    moves: bool = True
    generation: int = 0
    renewed: bool = False
    kind: str = ""
    probe: bool = False
    since: float | None = None


class Dispatcher:
    """The lane and the pool of cold jobs behind one window. Owned by the loop's thread.

    `sides` are the principals whose credentials are renewed when a token expired. `outage` keeps what nobody answers,
    `ask` asks both sides whether they are there: it returns the error of one that is not.
    """

    def __init__(
        self,
        lane: Transport,
        clock: Clock,
        sides: Iterable[S3],
        max_concurrency: int | str,
        per_second: float | None,
        outage: Outage | None = None,
        ask: Callable[[], S3Error | None] = lambda: None,
    ) -> None:
        self.outage = outage or Outage(0, lambda _: None)
        self._ask = ask
        self._asking = ""
        self.window = window_for(max_concurrency, lane.capacity)
        self._lane = lane
        self._cold = ThreadPool(threads_for(max_concurrency), "s3-cold", wake=lane.wake)
        self._clock = clock
        self.stay = Stay()
        self._renewal = Renewal(sides, clock.now(), lane.wake)
        self._rate_limit = TokenBucket(per_second)
        self._again: deque[tuple[float, PendingRequest, S3Error]] = deque()
        self._pause_s = FIRST_PAUSE_S
        self._moved_at = clock.now()

    def send(self, op: TransportOp, on_end: OnEnd, subject: object) -> None:
        """Begin a hot request."""

        def begin(ticket: PendingRequest) -> None:
            self._rate_limit.spend(1)
            self._lane.submit(op, ticket)

        kind = f"{PAGES} {op.side.value}" if isinstance(op, ListPage) else _kind(on_end)
        self._begin(PendingRequest(begin, on_end, subject, True, self._renewal.generation, kind=kind))

    def call(self, job: Callable[[], object], on_end: OnEnd, subject: object, *, requests: int = 1) -> None:
        """Run a blocking job that makes about so many requests."""

        def begin(ticket: PendingRequest) -> None:
            self._rate_limit.spend(requests)
            self._cold.submit(job, ticket)

        self._begin(PendingRequest(begin, on_end, subject, requests > 0, self._renewal.generation, kind=_kind(on_end)))

    def in_flight(self) -> int:
        """Hot requests and cold jobs that have not ended, those included that wait to be begun again."""
        return self._under_way() + len(self._again) + self.outage.waiting() + self._renewal.in_flight()

    def room(self) -> int:
        """How many requests may begin now."""
        if self.outage.paused or self._renewal.holds:
            return 0
        allowed = self._rate_limit.allowed(self._clock.now())
        room = self.window.room(self.in_flight())
        return room if allowed is None else min(room, allowed)

    def reap(self, timeout_s: float) -> None:
        """Tell whoever waits of every end. Waits up to `timeout_s` for the first, less if more may begin sooner."""
        self._renew()
        self._settle_unanswered()
        self._begin_again()
        under_way, ended = self.in_flight(), 0
        for item in self._reap_lane(self._wait_s(timeout_s)):
            if isinstance(item, Throttled):
                self.window.on_throttled(item.attempts)
            else:
                ended += 1
                self._end(item.token, item.value, item.error)
        for finished in self._cold.reap(0):
            ended += 1
            self._end(finished.token, finished.value, finished.error)
        self.outage.check()
        if ended:
            self.window.on_ended(ended, under_way, self._clock.now())

    def give_up_waiting(self) -> None:
        """Tell the errors of what is throttled or waits for credentials: there will be no other try."""
        for waiting, why in self._renewal.give_up():
            waiting.on_end(waiting.subject, None, why)
        while self._again:
            _, ticket, error = self._again.popleft()
            ticket.on_end(ticket.subject, None, error)
        for ticket, error in self.outage.give_up():
            ticket.on_end(ticket.subject, None, error)

    def close(self, grace_s: float) -> None:
        """Begin nothing more and let go of what does not end within the grace."""
        deadline = self._clock.now() + grace_s
        self._renewal.close()
        self._lane.close(grace_s)
        self._cold.close(max(0.0, deadline - self._clock.now()))

    def _reap_lane(self, wait_s: float) -> Sequence[Done | Throttled]:
        self.stay.ends(self._clock.now())
        ended = self._lane.reap(wait_s)
        self.stay.begins(self._clock.now(), wait_s)
        return ended

    def _wait_s(self, timeout_s: float) -> float:
        waits = [timeout_s]
        if self._rate_limit.wait_s() > 0:
            waits.append(self._rate_limit.wait_s())
        if self._again and not self.outage.paused:
            waits.append(max(0.0, self._again[0][0] - self._clock.now()))
        until_due = self.outage.wait_s(self._clock.now())
        if until_due is not None and (self.outage.paused or self.window.room(self._under_way())):
            waits.append(until_due)
        return min(waits)

    def _under_way(self) -> int:
        return self._lane.in_flight() + self._cold.in_flight()

    def _begin(self, ticket: PendingRequest) -> None:
        if self.outage.holds(ticket):
            return
        # What makes no request of a side, a save, waits for none of their credentials.
        if self._renewal.holds and ticket.moves:
            self._renewal.hold(ticket)
        else:
            ticket.begin(ticket)

    def _settle_unanswered(self) -> None:
        """Where nothing else is under way or may begin, nobody will tell more of what was not answered."""
        now = self._clock.now()
        if not self._under_way() and not self._renewal.holds and self._rate_limit.allowed(now) != 0:
            for ticket, error in self.outage.idle(now):
                ticket.on_end(ticket.subject, None, error)
        if self.outage.question and not self._asking:
            self._asking = self.outage.question
            self.call(self._ask, self._heard, self._asking, requests=0)

    def _heard(self, kind: str, silent: S3Error | None, _: S3Error | None) -> None:
        self._asking = ""
        for ticket, error in self.outage.answer(kind, silent, self._clock.now()):
            ticket.on_end(ticket.subject, None, error)

    def _begin_again(self) -> None:
        now = self._clock.now()
        for ticket in self.outage.due(now, self.window.room(self._under_way())):
            self._start(ticket)
        while self._again and self._again[0][0] <= now and not self.outage.paused:
            _, ticket, _ = self._again.popleft()
            self._start(ticket)

    def _end(self, token: object, value: object, error: S3Error | None) -> None:
        assert isinstance(token, PendingRequest)
        now = self._clock.now()
        if self.outage.keeps(token, error, now, stalled=now - self._moved_at >= STALL_S):
            return
        if error is None:
            if token.moves:
                self._moved_at, self._pause_s = now, FIRST_PAUSE_S
                if token.generation == self._renewal.generation:
                    self._renewal.proven = True
        elif error.reason is Reason.THROTTLED and now - self._moved_at < STALL_S:
            self._again.append((now + self._pause_s, token, error))
            self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 1.1)
            return
        elif token.moves and expired(error.code, error.status, error.call):
            then = self._renewal.after(token, error, now)
            if then is Then.SEND_AGAIN:
                self._start(token._replace(renewed=True))
            if then is not Then.TELL:
                return
            error = self._renewal.told(error)
        elif skewed(error.code) and not token.renewed:
            self._start(token._replace(renewed=True))  # It may have waited to be sent: it is signed anew.
            return
        token.on_end(token.subject, value, error)

    def _start(self, ticket: PendingRequest) -> None:
        """Begin again, with the newest credentials, as soon as there are any that are not refused."""
        if self._renewal.holds:
            self._renewal.hold(ticket)
        else:
            ticket.begin(ticket._replace(generation=self._renewal.generation))

    def _renew(self) -> None:
        """Let go what waited for new credentials. While it waits nothing can move, which is no stall."""
        self._renewal.tick(self._clock.now())
        if self._renewal.holds:
            self._moved_at = self._clock.now()
        for ticket, error in self._renewal.freed():
            if error is None:
                self._start(ticket)
            else:
                ticket.on_end(ticket.subject, None, error)


def _kind(on_end: OnEnd) -> str:
    """Requests whose ends the same function hears are of one kind."""
    return str(getattr(on_end, "__qualname__", on_end))
