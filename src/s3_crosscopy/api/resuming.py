"""Loads the stored state of an earlier attempt, and decides whether this attempt resumes it or starts over."""

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
"""Seconds during which an unavailable store is asked again, and between two of these. Failovers take less time."""
LOOK_S = 0.1

MOST_REPORTED = 10
"""Uploads that are warned of one by one. By default a run has at most 8 at a time, an eighth of its requests."""


class Persistence(NamedTuple):
    """Storage of the state of a run, and how it is used.

    `keep_uploads`: an interrupted run leaves its multipart uploads open for a later attempt, and else aborts them.
    `resume=False`: the run starts over, whatever is stored.
    """

    checkpoint: Checkpoint
    keep_uploads: bool = False
    resume: bool = True


NO_PERSISTENCE = Persistence(NoCheckpoint())


def load(checkpoint: Checkpoint, stop: Stop, sink: EventSink) -> tuple[CheckpointState, float] | None:
    """The stored state and the time of its last save; None if nothing is stored.

    A store that is unavailable is asked again for `LOAD_S` seconds: starting over would replace the state it has.
    Raises StoreAway after that, and Interrupted.
    """
    give_up_at = time.monotonic() + LOAD_S
    warned = False
    while True:
        stop.check()
        try:
            return checkpoint.load()
        except StoreAway as error:
            if time.monotonic() >= give_up_at:
                raise
            if not warned:
                sink.emit(Warned(f"the checkpoint cannot be read now and is tried again: {error}"))
            warned = True
        retry_at = time.monotonic() + LOAD_AGAIN_S
        while time.monotonic() < retry_at:
            stop.check()
            stop.wait(LOOK_S)


def resumed_from(
    saved: tuple[CheckpointState, float] | None, mark: str, spec: CopySpec, ranges: Sequence[KeyRange], sink: EventSink
) -> CheckpointState | None:
    """The state that a run of `spec` over `ranges` resumes; None: it starts over. Emits which, and why.

    `mark` is the fingerprint that the saved state must have.
    """
    if saved is None:
        return None
    state, why_not = usable(*saved, mark, time.time())
    if state is not None and (damage := impossible(state, spec, ranges)):
        state, why_not = None, f"damaged: {damage}"
    if state is None:
        sink.emit(Warned(f"checkpoint not used ({why_not}): starting over"))
    else:
        sink.emit(Resumed(state.counts["listed"], state.seconds, state.throttled))
    return state


def incomplete_uploads_of(before: CheckpointState, spec: CopySpec, sink: EventSink) -> tuple[OpenUpload, ...]:
    """The open uploads of a run that is not resumed, as far as they are below this run's destination.

    The others may belong to anybody: they stay open, and a warning names them.
    """
    same_bucket = before.dest_bucket.name == spec.dest.name
    ours = [upload for upload in before.uploads if same_bucket and is_ours(upload, spec)]
    others = [upload for upload in before.uploads if not (same_bucket and is_ours(upload, spec))]
    for upload in others[:MOST_REPORTED]:
        location = Location(before.dest_bucket.name, upload.dest_key)
        sink.emit(
            Warned(f"the upload {upload.upload_id} of {str(location)!r}, which an earlier run began, is left open")
        )
    if (more := len(others) - MOST_REPORTED) > 0:
        sink.emit(Warned(f"{more} more uploads of that run are left open; a lifecycle rule can abort them"))
    return tuple(ours)
