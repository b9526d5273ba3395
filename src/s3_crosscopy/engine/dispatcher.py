"""Runs transport requests and blocking calls under one concurrency window and one rate limit.

Does not know the purpose of a request: whoever begins one names the function that handles its end. Some errors do not
end a request: a throttled one is queued again until nothing has completed for `STALL_S` seconds, one with an expired
token waits for new credentials (`engine.credential_renewal`), and one without an answer while S3 is away waits until it
is back (`engine.outage`).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence

from s3_crosscopy.core.concurrency_window import threads_for, window_for
from s3_crosscopy.core.error_codes import expired, skewed
from s3_crosscopy.core.rate_limit import TokenBucket
from s3_crosscopy.core.renewal_rules import Then
from s3_crosscopy.engine.credential_renewal import CredentialRenewal
from s3_crosscopy.engine.loop_delay import LoopDelay
from s3_crosscopy.engine.outage import PAGES, Outage
from s3_crosscopy.engine.pending_request import FailedRequest, OnEnd, PendingRequest
from s3_crosscopy.engine.threads import ThreadPool
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.operations import Done, ListPage, Throttled, TransportOp
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import S3, Clock, Transport

STALL_S = 120.0
"""Seconds without any progress after which a throttled request counts as one without an answer."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 10.0


class Dispatcher:
    """Runs the requests of a run. Not thread-safe: used by the loop's thread only.

    `sides`: the principals whose credentials are renewed when a token expired. `max_concurrency`: as in the options.
    `per_second`: the most requests per second, None for no limit. `outage`: keeps requests without an answer, None to
    keep none. `find_silent_side`: asks both sides for a key and returns the error of one that does not answer.
    """

    def __init__(
        self,
        transport: Transport,
        clock: Clock,
        sides: Iterable[S3],
        max_concurrency: int | str,
        per_second: float | None,
        outage: Outage | None = None,
        find_silent_side: Callable[[], S3Error | None] = lambda: None,
    ) -> None:
        self.outage = outage or Outage(0, lambda _: None)
        self._find_silent_side = find_silent_side
        self._asking = ""
        self.window = window_for(max_concurrency, transport.capacity)
        self._transport = transport
        self._pool = ThreadPool(threads_for(max_concurrency), "s3-blocking", wake=transport.wake)
        self._clock = clock
        self.loop_delay = LoopDelay(clock.now())
        self._renewal = CredentialRenewal(sides, clock.now(), transport.wake)
        self._rate_limit = TokenBucket(per_second)
        self._again: deque[tuple[float, PendingRequest, S3Error]] = deque()
        self._pause_s = FIRST_PAUSE_S
        self._moved_at = clock.now()

    def send(self, op: TransportOp, on_end: OnEnd, subject: object) -> None:
        """Begin a transport request."""

        def begin(request: PendingRequest) -> None:
            self._rate_limit.spend(1)
            self._transport.submit(op, request)

        kind = f"{PAGES} {op.side.value}" if isinstance(op, ListPage) else _kind(on_end)
        # As `PendingRequest(...)` in a third of the time: this is done for every object.
        values = (begin, on_end, subject, True, self._renewal.generation, False, kind, False, None)
        self._begin(tuple.__new__(PendingRequest, values))

    def call(self, job: Callable[[], object], on_end: OnEnd, subject: object, *, requests: int = 1) -> None:
        """Run a blocking job on the thread pool. `requests`: about how many it makes; 0 if it makes none of S3."""

        def begin(request: PendingRequest) -> None:
            self._rate_limit.spend(requests)
            self._pool.submit(job, request)

        self._begin(PendingRequest(begin, on_end, subject, requests > 0, self._renewal.generation, kind=_kind(on_end)))

    def in_flight(self) -> int:
        """Return the number of requests and jobs that have not ended, including those that wait to begin again."""
        return self._under_way() + len(self._again) + self.outage.waiting() + self._renewal.in_flight()

    def room(self) -> int:
        """Return the number of requests that may begin now."""
        if self.outage.paused or self._renewal.holds:
            return 0
        allowed = self._rate_limit.allowed(self._clock.now())
        room = self.window.room(self.in_flight())
        return room if allowed is None else min(room, allowed)

    def reap(self, timeout_s: float) -> None:
        """Handle every request that ended. Blocks up to `timeout_s` seconds, less if more may begin sooner."""
        self._continue_renewed()
        self._end_unanswered()
        self._begin_again()
        under_way, ended = self.in_flight(), 0
        for item in self._reap_transport(self._wait_s(timeout_s)):
            if isinstance(item, Throttled):
                self.window.on_throttled(item.attempts)
            else:
                ended += 1
                self._end(item.token, item.value, item.error)
        for finished in self._pool.reap(0):
            ended += 1
            self._end(finished.token, finished.value, finished.error)
        self.outage.check()
        if ended:
            self.window.on_ended(ended, under_way, self._clock.now())

    def give_up_waiting(self) -> None:
        """End every request that waits to begin again, with its error: there will be no other try."""
        _fail(self._renewal.give_up())
        while self._again:
            _, request, error = self._again.popleft()
            request.fail(error)
        _fail(self.outage.give_up())

    def close(self, grace_s: float) -> None:
        """Close the transport and the thread pool. Requests that do not end within `grace_s` seconds are abandoned."""
        deadline = self._clock.now() + grace_s
        self._renewal.close()
        self._transport.close(grace_s)
        self._pool.close(max(0.0, deadline - self._clock.now()))

    def _reap_transport(self, wait_s: float) -> Sequence[Done | Throttled]:
        self.loop_delay.ends(self._clock.now())
        ended = self._transport.reap(wait_s)
        self.loop_delay.begins(self._clock.now(), wait_s)
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
        return self._transport.in_flight() + self._pool.in_flight()

    def _begin(self, request: PendingRequest) -> None:
        if self.outage.holds(request):
            return
        # A job that makes no request of a side, a save, does not wait for credentials.
        if self._renewal.holds and request.moves:
            self._renewal.hold(request)
        else:
            request.begin(request)

    def _end_unanswered(self) -> None:
        """If nothing else is under way or may begin, no later end will explain the requests without an answer."""
        now = self._clock.now()
        if not self._under_way() and not self._renewal.holds and self._rate_limit.allowed(now) != 0:
            _fail(self.outage.idle(now))
        if self.outage.question and not self._asking:
            self._asking = self.outage.question
            self.call(self._find_silent_side, self._silent_side_found, self._asking, requests=0)

    def _silent_side_found(self, kind: str, silent: S3Error | None, _: S3Error | None) -> None:
        self._asking = ""
        _fail(self.outage.answer(kind, silent, self._clock.now()))

    def _begin_again(self) -> None:
        now = self._clock.now()
        for request in self.outage.due(now, self.window.room(self._under_way())):
            self._start(request)
        while self._again and self._again[0][0] <= now and not self.outage.paused:
            _, request, _ = self._again.popleft()
            self._start(request)

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
        else:
            error = self._sent_again(token, error, now)
            if error is None:
                return
        token.on_end(token.subject, value, error)

    def _sent_again(self, token: PendingRequest, error: S3Error, now: float) -> S3Error | None:
        """Send a request again, now or later, after an error that does not end it; otherwise return the error."""
        if error.reason is Reason.THROTTLED and now - self._moved_at < STALL_S:
            self._again.append((now + self._pause_s, token, error))
            self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 1.1)
            return None
        if token.moves and expired(error.code, error.status, error.call):
            then = self._renewal.on_expired(token, error, now)
            if then is Then.SEND_AGAIN:
                self._start(token._replace(renewed=True))
            return self._renewal.explained(error) if then is Then.REPORT else None
        if skewed(error.code) and not token.renewed:
            self._start(token._replace(renewed=True))  # It may have waited to be sent: it is signed again.
            return None
        if token.since is not None:
            error.repeated = True
        return error

    def _start(self, request: PendingRequest) -> None:
        """Begin a request again with the newest credentials, as soon as there are any that are not refused."""
        if self._renewal.holds:
            self._renewal.hold(request)
        else:
            request.begin(request._replace(generation=self._renewal.generation))

    def _continue_renewed(self) -> None:
        """Continue the requests that waited for new credentials. While they wait nothing can move; that is no stall."""
        self._renewal.tick(self._clock.now())
        if self._renewal.holds:
            self._moved_at = self._clock.now()
        for request, error in self._renewal.freed():
            if error is None:
                self._start(request)
            else:
                request.fail(error)


def _fail(failed: Iterable[FailedRequest]) -> None:
    for request, error in failed:
        request.fail(error)


def _kind(on_end: OnEnd) -> str:
    """Return the kind of a request: requests are of one kind if the same function handles their ends."""
    return str(getattr(on_end, "__qualname__", on_end))
