"""Decides what to do with a request whose credentials have expired: send it again, let it wait, or report the error.

Credentials have generations: each successful renewal starts the next one. A request is signed with the newest.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

QUIET_S = 60.0
"""Seconds without another renewal after a refused one, and while no request has succeeded with new credentials."""
BARE_AGAIN_S = 600.0
"""Seconds in which a HEAD's 400 does not cause another renewal. The shortest session of STS is longer."""
PATIENCE_S = 300.0
"""Seconds in which a renewal is retried after transient errors, as of STS or of an instance's credentials endpoint."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0


class Then(Enum):
    """The next step for the request."""

    SEND_AGAIN = "sent again"
    WAIT = "waits for new credentials"
    REPORT = "reported"


class Met(NamedTuple):
    """The situation when a request fails because of its credentials.

    named: S3's error code says that they have expired; the 400 of a HEAD has no code and only may mean it.
    older: newer credentials exist than those it was signed with.
    sent_again: it was sent again for this reason before.
    renewing: a renewal is in progress. refused: a renewal was refused a moment ago.
    proven: a request has succeeded with the newest credentials. age_s: their age in seconds.
    bare_age_s: seconds since the last renewal because of a HEAD's 400; None if there was none.
    """

    named: bool
    older: bool = False
    sent_again: bool = False
    renewing: bool = False
    refused: bool = False
    proven: bool = True
    age_s: float = 0.0
    bare_age_s: float | None = None


def after_expiry(met: Met) -> Then:
    """Return the next step. The first row that applies decides."""
    old = met.age_s >= QUIET_S
    bare = not met.named and (met.bare_age_s is None or met.bare_age_s >= BARE_AGAIN_S)
    table: tuple[tuple[bool, Then], ...] = (
        (met.older, Then.SEND_AGAIN),
        (met.refused, Then.REPORT),
        (met.renewing and (met.named or not met.sent_again), Then.WAIT),
        (met.named and met.proven and old, Then.WAIT),
        (met.sent_again, Then.REPORT),
        (met.named and (met.proven or old), Then.WAIT),
        (bare, Then.WAIT),
    )
    return next((then for fits, then in table if fits), Then.REPORT)


def next_pause_s(pause_s: float) -> float:
    """Return the seconds to wait before the next attempt of a renewal; `pause_s` is the wait before the last one."""
    return min(LONGEST_PAUSE_S, 2 * pause_s)


def goes_on(failing_s: float) -> bool:
    """Return True if a renewal that has failed for so many seconds, with transient errors, is still retried."""
    return failing_s < PATIENCE_S
