"""When to stop early: when everything fails for one permanent reason, trying the rest only costs requests."""

from __future__ import annotations

from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.tally import Tally
from s3_crosscopy.plan.classify import retryable

FIRST_ATTEMPTS = 100
LEAST_BATCH = 10
"""A smaller batch that fails as a whole says too little about the rest."""


class EarlyStop:
    """Watches attempts and batches; `why` says in one line why to stop, or is ""."""

    def __init__(self, first_attempts: int = FIRST_ATTEMPTS) -> None:
        self.why = ""
        self._first_attempts = first_attempts
        self._attempts = 0
        self._only: Reason | None = None

    def arrived(self) -> None:
        """A key arrived: the first attempts do not all fail."""
        self._first_attempts = 0

    def failed(self, reason: Reason) -> None:
        """A key failed, for good."""
        if self._attempts >= self._first_attempts:
            return
        if retryable(reason) or self._only not in (None, reason):
            self._first_attempts = 0
            return
        self._only = reason
        self._attempts += 1
        if self._attempts == self._first_attempts:
            self.why = f"the first {self._attempts} copies all failed: {reason.value}"

    def committed(self, tally: Tally, batch_size: int) -> None:
        """A batch committed: a full one in which every key failed for one permanent reason ends the run."""
        if tally.listed < max(batch_size, LEAST_BATCH) or tally.failed < tally.listed or self.why:
            return
        reasons = [reason for reason in Reason if tally.reasons.get(reason.value)]
        if len(reasons) == 1 and not retryable(reasons[0]):
            self.why = f"all {tally.listed:,} copies of a batch failed: {reasons[0].value}"
