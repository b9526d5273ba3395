"""When to stop early: when everything fails for one reason that would hit every object, trying the rest only costs.

One forbidden directory is no such reason, however many objects it has and wherever it sorts: what matters is in how
many places nothing arrives. A place is the highest directory on the way to a key in which nothing has arrived yet.
"""

from __future__ import annotations

from s3_crosscopy.core.unconfirmed_404 import WHOSE
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.report import allowed_failures

FIRST_ATTEMPTS = 100
LATER_ATTEMPTS = 1000
"""So many in a row, once anything has arrived."""
LEAST_PLACES = 3
"""Two directories side by side may be forbidden."""
ONE_PLACE_ATTEMPTS = 10_000
"""As long as nothing has arrived anywhere, even one directory is given up then: it may be all that there is."""
MOST_PLACES = 10_000
"""Directories that are kept in memory; without the others a run only stops later."""

STOPPING = frozenset({Reason.DENIED, Reason.CREDENTIALS, Reason.INVALID, Reason.UNKNOWN, Reason.UNCONFIRMED})
"""A grant, an option, a secret or an endpoint that is wrong is so for every object; all other reasons are an object's
own, or pass.

ARCHIVED is not even an attempt: the listing told it, and nothing was asked.
"""
_ANYWHERE = frozenset({Reason.CREDENTIALS, Reason.UNCONFIRMED})
"""A secret or an endpoint that is wrong is so in every directory."""


class EarlyStop:
    """Watches attempts. `suspicion` says in one line why to stop, `why` is the same once it is decided.

    Each is "" as long as there is nothing to say. Failures within `max_failures` (a number, or a share of what is
    listed) are no reason to stop. `root` is the prefix below which all keys lie.
    """

    def __init__(self, max_failures: int | str = 0, root: str = "") -> None:
        self.why = ""
        self.suspicion = ""
        self._max_failures = max_failures
        self._root = len(root)
        self._open: set[str] = set()
        self._last_open = ""
        # Whether nothing has happened yet but failures for `_only`; and those since anything else happened last.
        self._first = self._none_arrived = True
        self._only: Reason | None = None
        self._attempts = self._without_place = 0
        self._places: set[str] = set()

    def arrived(self, key: str) -> None:
        """A key arrived: not everything fails, nor does everything in its directories."""
        self._none_arrived = self._first = False
        self.suspicion = ""
        if self._attempts:
            self._begin(None)
        directory = key[: key.rfind("/") + 1]
        if directory != self._last_open:
            self._last_open = directory
            if len(self._open) >= MOST_PLACES:
                self._open.clear()
            self._open.update(self._directories(key))

    def failed(self, reason: Reason, key: str) -> None:
        """A key failed, for good."""
        if reason is Reason.ARCHIVED:
            return
        if reason not in STOPPING:
            self._first = False
            self._begin(None)
            return
        if reason is not self._only:
            self._first = self._first and self._only is None
            self._begin(reason)
        self._attempts += 1
        place = self._place(key)
        if place is None:
            self._without_place += 1
        elif len(self._places) < LEAST_PLACES:
            self._places.add(place)
        if not self.suspicion and self._attempts >= self._limit(reason):
            which = "first" if self._first else "last"
            self.suspicion = f"the {which} {self._attempts:,} copies all failed: {_in_words(reason)}"

    def weigh(self, failed: int, listed: int) -> None:
        """Stop if there is a reason to, and more of what is listed so far has failed than may."""
        if self.suspicion and not self.why and failed > allowed_failures(self._max_failures, listed):
            self.why = self.suspicion

    def _begin(self, reason: Reason | None) -> None:
        self._only = reason
        self._attempts = self._without_place = 0
        self._places.clear()

    def _limit(self, reason: Reason) -> float:
        """How many attempts in a row are enough. The first line that fits is the one that counts."""
        usual = FIRST_ATTEMPTS if self._first else LATER_ATTEMPTS
        everywhere = len(self._places) >= LEAST_PLACES or self._without_place >= usual
        table = (
            (reason in _ANYWHERE or everywhere, usual),
            (self._none_arrived, ONE_PLACE_ATTEMPTS),
        )
        return next((limit for fits, limit in table if fits), float("inf"))

    def _place(self, key: str) -> str | None:
        """None: it lies in a directory in which something arrived, or in none."""
        return next((each for each in self._directories(key) if each not in self._open), None)

    def _directories(self, key: str) -> list[str]:
        """Those on the way to a key below the root, the highest first."""
        found = []
        at = key.find("/", self._root)
        while at >= 0:
            found.append(key[: at + 1])
            at = key.find("/", at + 1)
        return found


def _in_words(reason: Reason) -> str:
    """The reason; of one that no word of S3 explains also what is most likely behind it."""
    return f"{reason.value}; {WHOSE}" if reason is Reason.UNCONFIRMED else reason.value
