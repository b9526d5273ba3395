"""Keeps whether the destination's server accepts preconditions on writes."""

from __future__ import annotations

from s3_crosscopy.core.transfer.preconditions import UNKNOWN, Refusal, refusal
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.events import Warned
from s3_crosscopy.ports import EventSink

NOT_ACCEPTED = (
    "the destination does not accept If-Match and If-None-Match on writes ({error}), and the same copy without them"
    " succeeded: this run sends them no more, and replaces without asking what another writer writes meanwhile"
)


class PreconditionSwitch:
    """On until `turn_off`. `required`: without a precondition no write is right, so that it stays on."""

    def __init__(self, sink: EventSink, *, required: bool) -> None:
        self.required = required
        self._sink = sink
        self._on = True

    def expected(self, job: CopyJob) -> str:
        """Return what the write of this job is to expect, as in `core.transfer.preconditions`."""
        return job.expected if self._on else UNKNOWN

    def refusal(self, job: CopyJob, error: S3Error) -> Refusal | None:
        """Return the reason why a write was refused, None if it had no precondition or that is not the reason."""
        why = refusal(job.expected, error.code, error.status)
        if why is Refusal.NOT_ACCEPTED:
            return None if self.required else why
        return why if self._on else None

    def turn_off(self, error: S3Error) -> None:
        """Send no more preconditions: a write that met this error succeeded without one. Warns once."""
        if self._on:
            self._on = False
            self._sink.emit(Warned(NOT_ACCEPTED.format(error=f"{error.call}: {error.status} {error.code}")))
