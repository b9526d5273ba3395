"""Gets new credentials on threads of its own, and keeps the requests that wait for them: the loop never waits itself.

Credentials that are due are refreshed while the old ones are still good. When requests come back because the old ones
have ended, new ones are had once for all of them, and until then no other request begins. A trouble that passes is
waited for, with pauses, for some minutes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from s3_crosscopy.core.error_codes import expired, retryable
from s3_crosscopy.core.renewal_rules import FIRST_PAUSE_S, QUIET_S, Met, Then, after_expiry, goes_on, next_pause_s
from s3_crosscopy.engine.threads import Finished, ThreadPool
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import S3

if TYPE_CHECKING:
    from s3_crosscopy.engine.dispatcher import PendingRequest

LOOK_S = 1.0
"""How often the loop looks whether credentials are due: they say so minutes before they end."""
STOPPED = "the run was stopped while it waited for new credentials"


Troubles = list[tuple[S3, S3Error]]
"""The sides that got no new credentials, each with the reason."""


class Renewal:
    """`generation` counts the credentials that were had. `holds`: no request is to begin, it would be refused.

    `proven`: the newest credentials have let a request through. Owned by the loop's thread; `wake` ends its waiting.
    """

    def __init__(self, sides: Iterable[S3], now: float, wake: Callable[[], None]) -> None:
        self.generation = 0
        self.holds = False
        self.proven = True
        self._sides = tuple({id(side): side for side in sides}.values())
        # A slow refresh of one side keeps neither the other's nor a renewal waiting.
        self._pool = ThreadPool(2 * len(self._sides), "s3-credentials", wake)
        self._refused: list[tuple[PendingRequest, S3Error]] = []
        self._held: deque[PendingRequest] = deque()
        self._refreshing: set[int] = set()
        self._look_at = self._began = now
        self._bare_at: float | None = None
        self._why: S3Error | None = None
        self._refused_at: float | None = None
        self._left: tuple[S3, ...] = ()
        self._failing_since = now
        self._pause_s = FIRST_PAUSE_S
        self._again_at: float | None = None

    def in_flight(self) -> int:
        """Requests that wait for new credentials."""
        return len(self._refused) + len(self._held)

    def hold(self, ticket: PendingRequest) -> None:
        """Keep a request that has not begun until there are credentials that it can be signed with."""
        self._held.append(ticket)

    def after(self, ticket: PendingRequest, error: S3Error, now: float) -> Then:
        """What follows for a request that came back with expired credentials. One that waits is kept here."""
        named = expired(error.code)
        then = after_expiry(
            Met(
                named=named,
                older=ticket.generation < self.generation,
                sent_again=ticket.renewed,
                renewing=bool(self._left),
                refused=self._refused_at is not None and now - self._refused_at < QUIET_S,
                proven=self.proven,
                age_s=now - self._began,
                bare_age_s=None if self._bare_at is None else now - self._bare_at,
            )
        )
        if then is Then.WAIT:
            self._refused.append((ticket, error))
            self.holds = self.holds or named
            if not self._left:
                self._bare_at = self._bare_at if named else now
                self._begin(now)
        return then

    def told(self, error: S3Error) -> S3Error:
        """The error of a request, with the reason why there are no newer credentials, where one is known."""
        why = self._why
        if why is None or not expired(error.code):
            return error
        return S3Error(
            call=error.call, bucket=error.bucket, key=error.key, code=error.code, status=error.status,
            message=why.message, reason=error.reason, request_id=error.request_id,
        )  # fmt: skip

    def tick(self, now: float) -> None:
        """Hear what ended, refresh what is due, try again what failed in passing."""
        for end in self._pool.reap(0):
            self._ended(end, now)
        if self._again_at is not None and now >= self._again_at:
            self._again_at = None
            self._submit()
        if now >= self._look_at and not self._left:
            self._look_at = now + LOOK_S
            for number, side in enumerate(self._sides):
                if number not in self._refreshing and side.refresh_due():
                    self._refreshing.add(number)
                    self._pool.submit(side.refresh, number)

    def freed(self) -> Iterator[tuple[PendingRequest, S3Error | None]]:
        """The requests that wait no more, each once: with an error those that come to their end by it."""
        if not self._left:
            refused, self._refused = self._refused, []
            for ticket, error in refused:
                if self._refused_at is None:
                    yield ticket._replace(renewed=True), None
                else:
                    yield ticket, self.told(error)
        while self._held and not self.holds:
            yield self._held.popleft(), None

    def give_up(self) -> list[tuple[PendingRequest, S3Error]]:
        """Everything that waits, with an error: there will be no other try."""
        told = [(ticket, self.told(error)) for ticket, error in self._refused]
        told += [(ticket, _stopped()) for ticket in self._held]
        self._refused.clear()
        self._held.clear()
        self.holds = False
        return told

    def close(self) -> None:
        """Wait for nobody: a thread that hangs in a request dies with the process."""
        self._pool.close(0)

    def _begin(self, now: float) -> None:
        self._left, self._failing_since, self._pause_s = self._sides, now, FIRST_PAUSE_S
        self._submit()

    def _submit(self) -> None:
        self._pool.submit(partial(_renew, self._left), None)

    def _ended(self, end: Finished, now: float) -> None:
        if isinstance(end.token, int):
            self._refreshing.discard(end.token)
            if end.value and not self._left:
                self._begin_generation(now)
            return
        troubles: Troubles = end.value  # type: ignore[assignment]
        is_transient = tuple(side for side, error in troubles if retryable(error.reason))
        if is_transient and goes_on(now - self._failing_since):
            self._left, self._again_at = is_transient, now + self._pause_s
            self._pause_s = next_pause_s(self._pause_s)
            return
        self._why = troubles[0][1] if troubles else None
        if len(troubles) == len(self._left):
            self._refused_at = now
        else:
            self._begin_generation(now)
        self._left, self.holds = (), False

    def _begin_generation(self, now: float) -> None:
        self.generation += 1
        self.proven, self._began, self._refused_at = False, now, None


def _renew(sides: Iterable[S3]) -> Troubles:
    """One after the other: they may share what they get."""
    troubles: Troubles = []
    for side in sides:
        try:
            side.renew()
        except S3Error as error:
            troubles.append((side, error))
    return troubles


def _stopped() -> S3Error:
    return S3Error(
        call="GetCredentials", bucket="", key="", code="CredentialsExpired", status=0, message=STOPPED,
        reason=Reason.CREDENTIALS,
    )  # fmt: skip
