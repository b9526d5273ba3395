"""Stops a run early if all copies fail for a reason that applies to every object, to save the requests for the rest.

One directory without permission is not enough, however many objects it has and wherever it sorts: failures must come
from several failing directories. The failing directory of a key is the highest one above it without any success yet.
"""

from __future__ import annotations

from s3_crosscopy.core.unconfirmed_404 import WHOSE
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.report import allowed_failures

FIRST_ATTEMPTS = 100
"""Consecutive failures that stop a run in which nothing has succeeded."""
LATER_ATTEMPTS = 1000
"""Consecutive failures that stop a run once anything has succeeded."""
LEAST_PLACES = 3
"""Failing directories required, because two neighbours may lack a permission."""
ONE_PLACE_ATTEMPTS = 10_000
"""Consecutive failures in fewer directories that stop a run without any success: there may be no other directory."""
MOST_PLACES = 10_000
"""Directories with successes kept in memory; above that a run only stops later."""

STOPPING = frozenset({Reason.DENIED, Reason.CREDENTIALS, Reason.INVALID, Reason.UNKNOWN, Reason.UNCONFIRMED})
"""Reasons that may apply to every object: a wrong permission, option, secret or endpoint.

All others are of a single object, or transient. ARCHIVED is known from the listing, and no request was made.
"""
_ANYWHERE = frozenset({Reason.CREDENTIALS, Reason.UNCONFIRMED})
"""Reasons that apply to every directory: a wrong secret or endpoint."""


class EarlyStop:
    """Watches the results of copies and decides to stop.

    max_failures: failures that are allowed, a number or a share of the listed keys. root: the prefix of all keys.

    suspicion: one line why the run should stop, or "". why: the same once the run has to stop, else "".
    """

    def __init__(self, max_failures: int | str = 0, root: str = "") -> None:
        self.why = ""
        self.suspicion = ""
        self._max_failures = max_failures
        self._root = len(root)
        self._succeeded: set[str] = set()
        self._last_succeeded = ""
        # `_first`: the run has had no other result than failures for `_only`; `_attempts` are those in a row.
        self._first = self._no_success = True
        self._only: Reason | None = None
        self._attempts = self._without_directory = 0
        self._failing: set[str] = set()

    def arrived(self, key: str) -> None:
        """Record a successful copy, which clears its directories."""
        self._no_success = self._first = False
        self.suspicion = ""
        if self._attempts:
            self._restart(None)
        directory = key[: key.rfind("/") + 1]
        if directory != self._last_succeeded:
            self._last_succeeded = directory
            if len(self._succeeded) >= MOST_PLACES:
                self._succeeded.clear()
            self._succeeded.update(self._directories(key))

    def failed(self, reason: Reason, key: str) -> None:
        """Record a key that failed permanently."""
        if reason is Reason.ARCHIVED:
            return
        if reason not in STOPPING:
            self._first = False
            self._restart(None)
            return
        if reason is not self._only:
            self._first = self._first and self._only is None
            self._restart(reason)
        self._attempts += 1
        directory = self._failing_directory(key)
        if directory is None:
            self._without_directory += 1
        elif len(self._failing) < LEAST_PLACES:
            self._failing.add(directory)
        if not self.suspicion and self._attempts >= self._limit(reason):
            which = "first" if self._first else "last"
            self.suspicion = f"the {which} {self._attempts:,} copies all failed: {_in_words(reason)}"

    def weigh(self, failed: int, listed: int) -> None:
        """Set `why` if there is a suspicion, and more of the keys listed so far have failed than allowed."""
        if self.suspicion and not self.why and failed > allowed_failures(self._max_failures, listed):
            self.why = self.suspicion

    def _restart(self, reason: Reason | None) -> None:
        self._only = reason
        self._attempts = self._without_directory = 0
        self._failing.clear()

    def _limit(self, reason: Reason) -> float:
        """Return the number of consecutive failures to stop at. The first row that applies decides."""
        usual = FIRST_ATTEMPTS if self._first else LATER_ATTEMPTS
        everywhere = len(self._failing) >= LEAST_PLACES or self._without_directory >= usual
        table = (
            (reason in _ANYWHERE or everywhere, usual),
            (self._no_success, ONE_PLACE_ATTEMPTS),
        )
        return next((limit for fits, limit in table if fits), float("inf"))

    def _failing_directory(self, key: str) -> str | None:
        """Return the failing directory of a key; None if all of its directories had a success, or it has none."""
        return next((directory for directory in self._directories(key) if directory not in self._succeeded), None)

    def _directories(self, key: str) -> list[str]:
        """Return the directories above a key and below the root, the highest first."""
        directories = []
        slash = key.find("/", self._root)
        while slash >= 0:
            directories.append(key[: slash + 1])
            slash = key.find("/", slash + 1)
        return directories


def _in_words(reason: Reason) -> str:
    """Return the reason's name, and for an unconfirmed 404 also its most likely cause."""
    return f"{reason.value}; {WHOSE}" if reason is Reason.UNCONFIRMED else reason.value
