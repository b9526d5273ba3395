"""Gets new credentials on its own threads, and keeps the requests that wait for them: the loop never blocks.

Credentials are refreshed before they expire. When requests fail because the credentials have expired, new ones are
fetched once for all of them, and until then no other request begins. A transient error is retried, with pauses, for
some minutes.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from s3_crosscopy.core.error_codes import expired, retryable
from s3_crosscopy.core.renewal_rules import FIRST_PAUSE_S, QUIET_S, Met, Then, after_expiry, goes_on, next_pause_s
from s3_crosscopy.engine.pending_request import FailedRequest, PendingRequest
from s3_crosscopy.engine.threads import Finished, ThreadPool
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import S3

LOOK_S = 1.0
"""Seconds between two checks for credentials that are due: they are due minutes before they expire."""
STOPPED = "the run was stopped while it waited for new credentials"

Troubles = list[tuple[S3, S3Error]]
"""The sides that got no new credentials, each with the error."""


class CredentialRenewal:
    """Renews the credentials of a run. Used by the loop's thread only, which `wake` wakes.

    `generation` counts the renewals. `holds`: no request is to begin, because it would be refused. `proven`: a request
    with the newest credentials has succeeded.
    """

    def __init__(self, sides: Iterable[S3], now: float, wake: Callable[[], None]) -> None:
        self.generation = 0
        self.holds = False
        self.proven = True
        self._sides = tuple({id(side): side for side in sides}.values())
        # A slow refresh of one side delays neither the other's nor a renewal.
        self._pool = ThreadPool(2 * len(self._sides), "s3-credentials", wake)
        self._refused: list[tuple[PendingRequest, S3Error]] = []
        self._held: deque[PendingRequest] = deque()
        self._refreshing: set[int] = set()
        self._look_at = self._began = now
        self._unnamed_at: float | None = None
        self._error: S3Error | None = None
        self._failed_at: float | None = None
        self._renewing: tuple[S3, ...] = ()
        self._failing_since = now
        self._pause_s = FIRST_PAUSE_S
        self._again_at: float | None = None

    def in_flight(self) -> int:
        """Return the number of requests that wait for new credentials."""
        return len(self._refused) + len(self._held)

    def hold(self, request: PendingRequest) -> None:
        """Keep a request that has not begun until there are new credentials to sign it with."""
        self._held.append(request)

    def on_expired(self, request: PendingRequest, error: S3Error, now: float) -> Then:
        """Decide what follows for a request that failed with expired credentials. One that waits is kept here."""
        named = expired(error.code)
        then = after_expiry(
            Met(
                named=named,
                older=request.generation < self.generation,
                sent_again=request.renewed,
                renewing=bool(self._renewing),
                refused=self._failed_at is not None and now - self._failed_at < QUIET_S,
                proven=self.proven,
                age_s=now - self._began,
                bare_age_s=None if self._unnamed_at is None else now - self._unnamed_at,
            )
        )
        if then is Then.WAIT:
            self._refused.append((request, error))
            self.holds = self.holds or named
            if not self._renewing:
                self._unnamed_at = self._unnamed_at if named else now
                self._begin(now)
        return then

    def explained(self, error: S3Error) -> S3Error:
        """Return the error of a request, with the reason why there are no newer credentials, if one is known."""
        cause = self._error
        if cause is None or not expired(error.code):
            return error
        return S3Error(
            call=error.call, bucket=error.bucket, key=error.key, code=error.code, status=error.status,
            message=cause.message, reason=error.reason, request_id=error.request_id,
        )  # fmt: skip

    def tick(self, now: float) -> None:
        """Handle what ended, refresh credentials that are due, and retry after a transient error."""
        for end in self._pool.reap(0):
            self._ended(end, now)
        if self._again_at is not None and now >= self._again_at:
            self._again_at = None
            self._submit()
        if now >= self._look_at and not self._renewing:
            self._look_at = now + LOOK_S
            for number, side in enumerate(self._sides):
                if number not in self._refreshing and side.refresh_due():
                    self._refreshing.add(number)
                    self._pool.submit(side.refresh, number)

    def freed(self) -> Iterator[tuple[PendingRequest, S3Error | None]]:
        """Yield the requests that no longer wait, each once; one with an error ends with it."""
        if not self._renewing:
            refused, self._refused = self._refused, []
            for request, error in refused:
                if self._failed_at is None:
                    yield request._replace(renewed=True), None
                else:
                    yield request, self.explained(error)
        while self._held and not self.holds:
            yield self._held.popleft(), None

    def give_up(self) -> list[FailedRequest]:
        """Take every request that waits, with an error: there will be no other try."""
        failed = [(request, self.explained(error)) for request, error in self._refused]
        failed += [(request, _stopped()) for request in self._held]
        self._refused.clear()
        self._held.clear()
        self.holds = False
        return failed

    def close(self) -> None:
        """Close without waiting: a thread that hangs in a request ends with the process."""
        self._pool.close(0)

    def _begin(self, now: float) -> None:
        self._renewing, self._failing_since, self._pause_s = self._sides, now, FIRST_PAUSE_S
        self._submit()

    def _submit(self) -> None:
        self._pool.submit(partial(_renew, self._renewing), None)

    def _ended(self, end: Finished, now: float) -> None:
        if isinstance(end.token, int):
            self._refreshing.discard(end.token)
            if end.value and not self._renewing:
                self._begin_generation(now)
            return
        troubles: Troubles = end.value  # type: ignore[assignment]
        transient = tuple(side for side, error in troubles if retryable(error.reason))
        if transient and goes_on(now - self._failing_since):
            self._renewing, self._again_at = transient, now + self._pause_s
            self._pause_s = next_pause_s(self._pause_s)
            return
        self._error = troubles[0][1] if troubles else None
        if len(troubles) == len(self._renewing):
            self._failed_at = now
        else:
            self._begin_generation(now)
        self._renewing, self.holds = (), False

    def _begin_generation(self, now: float) -> None:
        self.generation += 1
        self.proven, self._began, self._failed_at = False, now, None


def _renew(sides: Iterable[S3]) -> Troubles:
    """Renew one side after the other: they may share their credentials."""
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
