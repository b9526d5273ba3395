"""Builds the dispatcher of a run that pauses while S3 is away, and ends a run that waited in vain."""

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
    """Build the dispatcher over both ports of a run, which pauses while S3 is away."""
    options = spec.options
    rate_limit = options.max_concurrency, options.max_requests_per_second
    outage = Outage(options.outage_deadline, sink.emit)
    return Dispatcher(lane, clock, (source, dest), *rate_limit, outage, partial(silent_side, spec, source, dest))


@contextmanager
def until_given_up(early: EarlyStop, recorder: OutcomeRecorder) -> Iterator[None]:
    """End the block when S3 was away for too long: the run counts as stopped early, and a retry may succeed."""
    try:
        yield
    except GaveUp as end:
        early.why, recorder.failures.retryable = str(end), True
