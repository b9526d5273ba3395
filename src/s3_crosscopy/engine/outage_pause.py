"""Puts the pauses of a run together: requests that wait while S3 is away, and the end of a run that waited in vain."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from s3_crosscopy.core.early_stop import EarlyStop
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.outage import GaveUp, Outage
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.transfer.source_check import silent_side
from s3_crosscopy.ports import S3, Clock, EventSink, Transport


def dispatcher_for(spec: CopySpec, lane: Transport, clock: Clock, source: S3, dest: S3, sink: EventSink) -> Dispatcher:
    """The window over both ports of a run, which pauses while S3 is away."""
    options = spec.options
    rate_limit = options.max_concurrency, options.max_requests_per_second
    outage = Outage(options.outage_deadline, sink.emit)
    return Dispatcher(lane, clock, (source, dest), *rate_limit, outage, partial(silent_side, spec, source, dest))


@contextmanager
def until_given_up(early: EarlyStop, recorder: OutcomeRecorder) -> Iterator[None]:
    """What is done within ends when S3 was away for too long: as a run that stopped early, and that a retry mends."""
    try:
        yield
    except GaveUp as end:
        early.why, recorder.retryable_failures = str(end), True
