"""What follows when a request comes back because its credentials have ended: sent again, made to wait, or told.

Credentials have generations: each renewal that gave any begins the next one. A request is signed with the newest.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

QUIET_S = 60.0
"""So long nobody asks for newer credentials again: after a refusal, and while new ones have let nothing through."""
BARE_AGAIN_S = 600.0
"""So long a HEAD's bare 400 is taken for what it is, after new credentials were had for one: the shortest session that
STS gives lasts for longer."""
PATIENCE_S = 300.0
"""So long a trouble that passes is waited for: a hiccup of STS, of a pod's or an instance's credentials endpoint."""
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 30.0


class Then(Enum):
    """What becomes of the request."""

    SEND_AGAIN = "sent again"
    WAIT = "waits for new credentials"
    TELL = "told"


class Met(NamedTuple):
    """What is known when a request comes back.

    `named`: S3 said that the credentials have ended; a HEAD's bare 400 only may mean it. `older`: there are newer
    credentials by now than those that it was signed with. `sent_again`: it was that already, because of the same.
    `renewing`: new ones are being asked for; `refused`: that was refused a moment ago. `proven`: the newest ones have
    let a request through, and are `age_s` old. `bare_age_s` is how long ago new ones were asked for because of a bare
    400, None if never.
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
    """What follows. The first line that fits is the one that counts."""
    old = met.age_s >= QUIET_S
    bare = not met.named and (met.bare_age_s is None or met.bare_age_s >= BARE_AGAIN_S)
    table: tuple[tuple[bool, Then], ...] = (
        (met.older, Then.SEND_AGAIN),
        (met.refused, Then.TELL),
        (met.renewing and (met.named or not met.sent_again), Then.WAIT),
        (met.named and met.proven and old, Then.WAIT),
        (met.sent_again, Then.TELL),
        (met.named and (met.proven or old), Then.WAIT),
        (bare, Then.WAIT),
    )
    return next((then for fits, then in table if fits), Then.TELL)


def next_pause_s(pause_s: float) -> float:
    """How long to wait before the next try, after a try that came so long after the one before it."""
    return min(LONGEST_PAUSE_S, 2 * pause_s)


def goes_on(failing_s: float) -> bool:
    """Tells whether a trouble that passes, and has lasted for so long, is still waited for."""
    return failing_s < PATIENCE_S
