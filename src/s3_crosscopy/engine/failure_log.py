"""Keeps the failures of a run that its report and its progress name, and emits an event for the first ones."""

from __future__ import annotations

from collections import deque

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.events import KeyFailed
from s3_crosscopy.model.outcomes import Failure, Reason
from s3_crosscopy.model.report import FIRST_FAILURES
from s3_crosscopy.ports import EventSink

LAST_FAILURES = 5
"""The number of last failures that the page of a running task shows."""


class FailureLog:
    """The failures of a run.

    `first` are as many as the report names, `last` the newest. `retryable`: a retry of the run may succeed where this
    one failed. `first_denied` is the error of the first denied request, None if none was denied.
    """

    def __init__(self, sink: EventSink) -> None:
        self.first: list[Failure] = []
        self.last: deque[Failure] = deque(maxlen=LAST_FAILURES)
        self.retryable = False
        self.first_denied: S3Error | None = None
        self._sink = sink

    def add(self, failure: Failure) -> None:
        """Add a failure."""
        self.last.append(failure)
        if len(self.first) < FIRST_FAILURES:
            self.first.append(failure)
            self._sink.emit(KeyFailed(failure))

    def note_denied(self, error: S3Error) -> None:
        """Keep this error of a request if it is the first denied one."""
        if error.reason is Reason.DENIED and self.first_denied is None:
            self.first_denied = error
