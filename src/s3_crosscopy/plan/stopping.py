"""When to stop early: when everything fails for one reason that would hit every object, trying the rest only costs."""

from __future__ import annotations

from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.report import allowed_failures
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.plan.decide import TOO_LONG
from s3_crosscopy.plan.unconfirmed import WHOSE

FIRST_ATTEMPTS = 100
LEAST_BATCH = 10
"""A smaller batch that fails as a whole says too little about the rest."""

STOPPING = frozenset({Reason.DENIED, Reason.CREDENTIALS, Reason.INVALID, Reason.UNKNOWN, Reason.UNCONFIRMED})
"""A grant, an option, a secret or an endpoint that is wrong is so for every object; all other reasons are an object's
own, or pass.

ARCHIVED is not even an attempt: the listing told it, and nothing was asked. Nor is a key that would be too long.
"""

UNTRIED = (Reason.ARCHIVED.value, TOO_LONG.reason)
"""Under which names those failures are counted for which nothing was asked."""


class EarlyStop:
    """Watches attempts and batches. `suspicion` says in one line why to stop, `why` is the same once it is decided.

    Each is "" as long as there is nothing to say. Failures within `max_failures` (a number, or a share of what is
    listed) are no reason to stop.
    """

    def __init__(self, max_failures: int | str = 0, first_attempts: int = FIRST_ATTEMPTS) -> None:
        self.why = ""
        self.suspicion = ""
        self._max_failures = max_failures
        self._first_attempts = first_attempts
        self._attempts = 0
        self._only: Reason | None = None

    def arrived(self) -> None:
        """A key arrived: not everything fails."""
        self._first_attempts = 0
        self.suspicion = ""

    def failed(self, reason: Reason) -> None:
        """A key failed, for good."""
        if reason is Reason.ARCHIVED or self._attempts >= self._first_attempts:
            return
        if reason not in STOPPING or self._only not in (None, reason):
            self._first_attempts = 0
            return
        self._only = reason
        self._attempts += 1
        if self._attempts == self._first_attempts:
            self.suspicion = f"the first {self._attempts} copies all failed: {_in_words(reason)}"

    def committed(self, tally: Tally, batch_size: int) -> None:
        """A batch committed: a full one in which every attempt failed for one such reason is a reason to stop."""
        attempts = tally.failed - sum(tally.reasons[name] for name in UNTRIED)
        if tally.listed < batch_size or tally.failed < tally.listed or attempts < LEAST_BATCH:
            return
        reasons = {reason for reason in Reason if tally.reasons[reason.value]} - {Reason.ARCHIVED}
        if len(reasons) == 1 and reasons <= STOPPING:
            (only,) = reasons
            self.suspicion = f"all {attempts:,} copies of a batch failed: {_in_words(only)}"

    def weigh(self, failed: int, listed: int) -> None:
        """Stop if there is a reason to, and more of what is listed so far has failed than may."""
        if self.suspicion and not self.why and failed > allowed_failures(self._max_failures, listed):
            self.why = self.suspicion


def _in_words(reason: Reason) -> str:
    """The reason; of one that no word of S3 explains also what is most likely behind it."""
    return f"{reason.value}; {WHOSE}" if reason is Reason.UNCONFIRMED else reason.value
