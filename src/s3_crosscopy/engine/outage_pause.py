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
from s3_crosscopy.engine.run_config import Ports
from s3_crosscopy.engine.transfer.source_check import silent_side


def dispatcher_for(spec: CopySpec, ports: Ports) -> Dispatcher:
    """Build the dispatcher over both ports of a run, which pauses while S3 is away."""
    source, dest = ports.source, ports.dest
    options = spec.options
    rate_limit = options.max_concurrency, options.max_requests_per_second
    outage = Outage(options.outage_deadline, ports.sink.emit)
    ask = partial(silent_side, spec, source, dest)
    return Dispatcher(ports.transport, ports.clock, (source, dest), *rate_limit, outage, ask)


@contextmanager
def until_given_up(early: EarlyStop, recorder: OutcomeRecorder) -> Iterator[None]:
    """End the block when S3 was away for too long: the run counts as stopped early, and a retry may succeed."""
    try:
        yield
    except GaveUp as end:
        early.why, recorder.failures.retryable = str(end), True
