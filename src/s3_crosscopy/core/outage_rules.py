"""When S3 is away: which ends of requests say so, when a run pauses, for how long, and what it tells.

One failed request is an object's own matter. When nothing of its kind is answered any more, the next ones would only
fail too: the run pauses, and what failed meanwhile is asked again afterwards, as if it had never been asked.
"""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from s3_crosscopy.model.humanize import about_seconds
from s3_crosscopy.model.outcomes import Reason

IN_A_ROW = 20
"""So many unanswered requests of one kind in a row: at a server that refuses every second one it happens once a million
requests. Each of them was repeated by the client library before."""
FEW = 5
"""Where nothing else can be asked, so many are worth the question whether S3 answers at all."""
FEW_PAGES = 3
"""Without a page of a listing there is nothing else to ask."""

FIRST_PAUSE_S, LONGEST_PAUSE_S = 30.0, 300.0
FIRST_LIST_PAUSE_S, LONGEST_LIST_PAUSE_S = 1.0, 30.0


class Sign(Enum):
    """What the end of a request tells of S3."""

    ANSWERED = "answered"
    UNANSWERED = "unanswered"
    THROTTLED = "throttled"
    NEITHER = "neither"
    """Nothing: the request was not sent, because there were no credentials for it."""


_DAMAGED = frozenset({"UnreadableAnswer", "EmptyAnswer", "TruncatedWithoutToken", "AnswerTooLarge"})
"""Our own codes for answers that came and are none: another try later gives the same, most often."""


def sign_of(reason: Reason | None, code: str, status: int) -> Sign:
    """The sign in an end: `reason` is None for a success. A refusal is an answer like any other."""
    if reason is Reason.THROTTLED:
        return Sign.THROTTLED
    # A 200 may carry an error of the server's. A 409 or a 307 is about the object or the bucket.
    away = status >= 500 or (status in (0, 200) and code not in _DAMAGED)
    if reason is Reason.TIMED_OUT or (reason is Reason.SERVER and away):
        return Sign.UNANSWERED
    if reason is Reason.CREDENTIALS and status == 0:
        return Sign.NEITHER
    return Sign.ANSWERED


class Seen(NamedTuple):
    """What is known when another request was not answered, or when nothing is left to wait for.

    `in_a_row`: so many of its kind were not answered since the last one that was. `pages`: its kind is a page of a
    listing. `idle`: nothing else is under way or can begin. `known_to_fail`: these keys failed before, while others
    arrived, so that they may fail by themselves.
    """

    in_a_row: int
    pages: bool = False
    idle: bool = False
    known_to_fail: bool = False


class Then(Enum):
    """What follows."""

    HOLD = "hold"
    """Wait for what others of its kind tell."""
    TELL = "tell"
    """It is the object's own failure."""
    ASK = "ask"
    """Ask both sides for a key that nobody has: every answer shows that S3 is there."""
    PAUSE = "pause"


def after_unanswered(seen: Seen) -> Then:
    """What follows unanswered requests. The first line that fits is the one that counts."""
    many = seen.in_a_row >= IN_A_ROW
    table: tuple[tuple[bool, Then], ...] = (
        (many and not seen.known_to_fail, Then.PAUSE),
        (seen.pages and seen.idle and seen.in_a_row >= FEW_PAGES, Then.PAUSE),
        (seen.pages, Then.HOLD),
        (many, Then.ASK),
        (seen.idle and seen.in_a_row >= FEW, Then.ASK),
        (seen.idle, Then.TELL),
    )
    return next((then for fits, then in table if fits), Then.HOLD)


def pause_s(number: int, lasted_s: float, deadline_s: float) -> float | None:
    """How long pause `number` (from 0) of an outage is that has lasted so long; None: the run ends.

    A last request is made at the deadline.
    """
    if lasted_s >= deadline_s:
        return None
    # Far above the longest pause a power of two would be of no use, and no float either.
    wished = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** min(number, 10))
    return min(wished, deadline_s - lasted_s)


def list_pause_s(in_a_row: int) -> float:
    """How long to wait until a page is asked for again that was not answered, so many times in a row."""
    return min(LONGEST_LIST_PAUSE_S, FIRST_LIST_PAUSE_S * 2.0 ** min(in_a_row - 1, 10))


def in_words(code: str, status: int) -> str:
    """How S3 is away, for a line that begins with "paused"."""
    return f"S3 answers {status}" if status >= 400 else f"S3 does not answer ({code})"


def ended(why: str, lasted_s: float) -> str:
    """Why a run ended that has waited long enough."""
    return f"{why}: paused for {about_seconds(lasted_s)} without success; a retry resumes with the remaining keys"
