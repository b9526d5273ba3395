"""What is kept of a run for a later attempt, and what this attempt makes of what it finds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from s3_crosscopy.adapters.checkpoint_file import NoCheckpoint
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.state.resume import impossible, is_ours, usable
from s3_crosscopy.engine.interruptible import Stop
from s3_crosscopy.errors import StoreAway
from s3_crosscopy.model.events import Resumed, Warned
from s3_crosscopy.model.location import Location
from s3_crosscopy.ports import Checkpoint

if TYPE_CHECKING:
    from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
    from s3_crosscopy.model.objects import KeyRange
    from s3_crosscopy.ports import EventSink

LOAD_S, LOAD_AGAIN_S = 600.0, 10.0
"""A store is asked for so long, and so often, before a try of the task is given up: failovers take less."""
LOOK_S = 0.1

MOST_TOLD = 10
"""Uploads that are told one by one: by default a run has no more at a time than an eighth of its requests, eight."""


class Persistence(NamedTuple):
    """Where what is left of a run is kept, and whether an interrupted run leaves its uploads to a later attempt.

    `resume=False` begins afresh, whatever is kept.
    """

    checkpoint: Checkpoint
    keep_uploads: bool = False
    resume: bool = True


NO_PERSISTENCE = Persistence(NoCheckpoint())


def load(checkpoint: Checkpoint, stop: Stop, sink: EventSink) -> tuple[CheckpointState, float] | None:
    """What is kept. A store that is away is asked again for some minutes: to begin afresh would replace what it has."""
    until = time.monotonic() + LOAD_S
    told = False
    while True:
        stop.check()
        try:
            return checkpoint.load()
        except StoreAway as error:
            if time.monotonic() >= until:
                raise
            if not told:
                sink.emit(Warned(f"the checkpoint cannot be read now, which is tried again: {error}"))
            told = True
        pause_until = time.monotonic() + LOAD_AGAIN_S
        while time.monotonic() < pause_until:
            stop.check()
            stop.wait(LOOK_S)


def resumed_from(
    before: tuple[CheckpointState, float] | None, mark: str, spec: CopySpec, ranges: Sequence[KeyRange], sink: EventSink
) -> CheckpointState | None:
    """The state that a run of `spec` over `ranges` goes on from, told to the sink; None to begin afresh."""
    if before is None:
        return None
    state, why_not = usable(*before, mark, time.time())
    if state is not None and (damage := impossible(state, spec, ranges)):
        state, why_not = None, f"damaged: {damage}"
    if state is None:
        sink.emit(Warned(f"not going on from the checkpoint ({why_not}): beginning afresh"))
    else:
        done = state.counts["listed"]
        sink.emit(Resumed(done, state.seconds, state.throttled))
    return state


def leftovers_of(before: CheckpointState, spec: CopySpec, sink: EventSink) -> tuple[OpenUpload, ...]:
    """The uploads of a run that is not gone on with, as far as they are below this run's destination.

    All others are told: nobody else will know them, and they may be anybody's.
    """
    same = before.dest_bucket.name == spec.dest.name
    ours = [upload for upload in before.uploads if same and is_ours(upload, spec)]
    others = [upload for upload in before.uploads if not (same and is_ours(upload, spec))]
    for upload in others[:MOST_TOLD]:
        where = Location(before.dest_bucket.name, upload.dest_key)
        sink.emit(Warned(f"the upload {upload.upload_id} of {str(where)!r}, which an earlier run began, is left open"))
    if (more := len(others) - MOST_TOLD) > 0:
        sink.emit(Warned(f"{more} more uploads of that run are left open; a lifecycle rule can abort them"))
    return tuple(ours)
