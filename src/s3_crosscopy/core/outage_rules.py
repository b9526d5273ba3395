"""Rules for an outage of S3: which results indicate one, when a run pauses and for how long, and its messages.

A single failed request concerns its object only. If no request of the same kind gets a response any more, the next ones
would fail too: the run pauses, and then repeats the requests that failed meanwhile as if they had not been made.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from s3_crosscopy.model.humanize import about_seconds
from s3_crosscopy.model.outcomes import Reason

IN_A_ROW = 20
"""Consecutive requests of one kind without a response that indicate an outage: at a server that fails every second one
it happens once in a million requests. The client library had repeated each of them already."""
FEW = 5
"""Consecutive requests without a response that cause a test request if nothing else can be sent."""
FEW_PAGES = 3
"""Consecutive pages without a response that cause a pause if nothing else can be sent."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 60.0
FIRST_LIST_PAUSE_S, LONGEST_LIST_PAUSE_S = 1.0, 30.0


class Sign(Enum):
    """The availability of S3 that the result of a request indicates."""

    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    THROTTLED = "throttled"
    NEITHER = "neither"
    """Indicates nothing: the request was not sent, because there were no credentials."""


_DAMAGED = frozenset({"UnreadableAnswer", "EmptyAnswer", "TruncatedWithoutToken", "AnswerTooLarge"})
"""Our own codes for invalid responses: a later retry gives the same in most cases."""


def sign_of(reason: Reason | None, code: str, status: int) -> Sign:
    """Return what a result indicates; `reason` is None for success. A refused request is answered too."""
    if reason is Reason.THROTTLED:
        return Sign.THROTTLED
    # A 200 may contain a server error. A 409 or a 307 concerns the object or the bucket.
    unavailable = status >= 500 or (status in (0, 200) and code not in _DAMAGED)
    if reason is Reason.TIMED_OUT or (reason is Reason.SERVER and unavailable):
        return Sign.UNANSWERED
    if reason is Reason.CREDENTIALS and status == 0:
        return Sign.NEITHER
    return Sign.ANSWERED


class Seen(NamedTuple):
    """The situation when another request got no response, or when there is nothing to wait for.

    in_a_row: requests of this kind without a response since the last response. pages: they are pages of a listing.
    idle: nothing else is in flight or can start.
    known_to_fail: these keys failed before while others succeeded, so that the cause may be the keys.
    """

    in_a_row: int
    pages: bool = False
    idle: bool = False
    known_to_fail: bool = False


class Then(Enum):
    """The next step."""

    HOLD = "hold"
    """Wait for the results of other requests of this kind."""
    REPORT = "report"
    """Report the failure of the object."""
    ASK = "ask"
    """Request a key that does not exist from both sides: any response shows that S3 is available."""
    PAUSE = "pause"


def after_unanswered(seen: Seen) -> Then:
    """Return the next step after requests without a response. The first row that applies decides."""
    many = seen.in_a_row >= IN_A_ROW
    table: tuple[tuple[bool, Then], ...] = (
        (many and not seen.known_to_fail, Then.PAUSE),
        (seen.pages and seen.idle and seen.in_a_row >= FEW_PAGES, Then.PAUSE),
        (seen.pages, Then.HOLD),
        (many, Then.ASK),
        (seen.idle and seen.in_a_row >= FEW, Then.ASK),
        (seen.idle, Then.REPORT),
    )
    return next((then for fits, then in table if fits), Then.HOLD)


def pause_s(number: int, lasted_s: float, deadline_s: float) -> float | None:
    """Return the length in seconds of pause `number` (from 0) of an outage, or None if the run has to end.

    lasted_s: duration of the outage so far. deadline_s: its longest duration; a last request is made then.
    """
    if lasted_s >= deadline_s:
        return None
    # The exponent is bounded, because a large power of two is no float.
    next_pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(number, 10))
    return min(next_pause_s, deadline_s - lasted_s)


def list_pause_s(in_a_row: int) -> float:
    """Return the seconds to wait before repeating a page that got no response `in_a_row` times."""
    return min(LONGEST_LIST_PAUSE_S, FIRST_LIST_PAUSE_S * 2.0 ** min(in_a_row - 1, 10))


def in_words(code: str, status: int) -> str:
    """Return the symptom of the outage, for a line that begins with "paused"."""
    return f"S3 answers {status}" if status >= 400 else f"S3 does not answer ({code})"


def ended(why: str, lasted_s: float) -> str:
    """Return the reason why a run ended after its last pause."""
    return f"{why}: paused for {about_seconds(lasted_s)} without success; a retry resumes with the remaining keys"
