"""Large objects: an upload each, its parts copied side by side in the common window, completed, or aborted.

An upload's life: PREPARING (HEAD, tags, layout, create) -> COPYING parts -> CLOSING (complete or abort). Any failure
waits for the parts in flight and aborts, because parts that land after an abort would stay and be billed.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from enum import Enum
from functools import partial

from s3_crosscopy.engine.io import Io
from s3_crosscopy.engine.settling import Job, Settling
from s3_crosscopy.engine.uploads import Prepared, Uploads
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.objects import Part
from s3_crosscopy.model.requests import Copied, CopyPart
from s3_crosscopy.plan.classify import uncertain
from s3_crosscopy.plan.decide import EXISTS
from s3_crosscopy.plan.parts import Span, spans
from s3_crosscopy.plan.resolve import Spec
from s3_crosscopy.plan.verify import verify_multipart
from s3_crosscopy.ports import S3


class Stage(Enum):
    """Where an upload is in its life."""

    PREPARING = "preparing"
    COPYING = "copying"
    CLOSING = "closing"


class LargeCopy:
    """One upload on its way."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.stage = Stage.PREPARING
        self.prepared: Prepared | None = None
        self.known: OpenUpload | None = None
        self.left: deque[Span] = deque()
        self.done: list[Part] = []
        self.in_flight = 0
        self.error: S3Error | None = None
        self.stopped = False


class LargeCopies:
    """All large copies of a run: a few uploads at a time, the rest wait as jobs.

    `resumed` is what is left of an earlier attempt, or None: its uploads are gone on with, and those that it began and
    could not record any more are aborted when their keys come up.
    """

    def __init__(
        self, spec: Spec, io: Io, source: S3, dest: S3, settling: Settling, resumed: CheckpointState | None = None
    ) -> None:
        self.parts_in_flight = 0
        self._spec = spec
        self._io = io
        self._uploads = Uploads(spec, source, dest, resumed)
        self._settling = settling
        self._known = {upload.dest_key: upload for upload in resumed.uploads} if resumed is not None else {}
        self._keep = False
        self._waiting: deque[Job] = deque()
        self._active: list[LargeCopy] = []
        self._most_active = max(2, spec.options.max_concurrency // 8)

    def add(self, job: Job) -> None:
        """Copy this object in parts."""
        self._waiting.append(job)

    def full(self) -> bool:
        """Whether more jobs would only wait here."""
        return len(self._waiting) >= self._most_active

    def uploads(self) -> tuple[OpenUpload, ...]:
        """The uploads that a later attempt could go on with."""
        mine = [
            OpenUpload(
                self._spec.dest_key(copy.job.source.key),
                copy.prepared.upload_id,
                copy.job.source.etag,
                copy.prepared.part_bytes,
            )
            for copy in self._active
            if copy.prepared is not None
        ]
        looked_up = [copy.known for copy in self._active if copy.prepared is None and copy.known is not None]
        return (*mine, *looked_up, *self._known.values())

    def pump(self, room: int) -> None:
        """Begin uploads and parts, at most `room` requests."""
        while self._waiting and len(self._active) < self._most_active and room > 0:
            copy = LargeCopy(self._waiting.popleft())
            self._active.append(copy)
            copy.known = self._known.pop(self._spec.dest_key(copy.job.source.key), None)
            job = partial(self._uploads.prepare, copy.job.source, copy.known)
            self._io.cold(job, self._prepared, copy, requests=3)
            room -= 1
        for copy in self._active:
            while copy.left and room > 0:
                self._begin_part(copy, copy.left.popleft())
                room -= 1

    def abandon(self, *, keep: bool) -> None:
        """Begin nothing more. Uploads are aborted as soon as their parts have ended, or kept for a later attempt."""
        self._waiting.clear()
        self._keep = keep
        for copy in self._active:
            copy.stopped = True
            copy.left.clear()
            if not keep and copy.stage is Stage.COPYING and copy.in_flight == 0:
                self._abort(copy)
        if not keep:
            self.abort_all(tuple(self._known.values()))
            self._known.clear()

    def abort_all(self, uploads: Sequence[OpenUpload]) -> None:
        """Abort uploads of an earlier attempt that nobody goes on with."""
        for upload in uploads:
            job = partial(self._uploads.abort, upload.dest_key, upload.upload_id)
            self._io.cold(job, self._leftover_ended, upload.dest_key)

    def _leftover_ended(self, dest_key: str, _: object, error: S3Error | None) -> None:
        if error is not None:
            self._settling.orphaned(dest_key, error)

    def _prepared(self, copy: LargeCopy, prepared: Prepared | None, error: S3Error | None) -> None:
        if error is not None or prepared is None:
            assert error is not None
            self._active.remove(copy)
            if copy.known is not None:
                self._known[copy.known.dest_key] = copy.known
            self._settling.failed(copy.job, error)
            return
        copy.prepared = prepared
        copy.stage = Stage.COPYING
        if copy.stopped:
            self._stop(copy)
        else:
            self._plan_parts(copy, prepared)

    def _plan_parts(self, copy: LargeCopy, prepared: Prepared) -> None:
        copy.done.extend(prepared.done)
        there = {part.number for part in prepared.done}
        every = spans(copy.job.source.size, prepared.part_bytes)
        copy.left.extend(span for span in every if span.number not in there)
        if not copy.left:
            self._close(copy)

    def _begin_part(self, copy: LargeCopy, span: Span) -> None:
        assert copy.prepared is not None
        spec, source = self._spec, copy.job.source
        copy.in_flight += 1
        self.parts_in_flight += 1
        op = CopyPart(
            spec.source, source.key, spec.dest, spec.dest_key(source.key), source.etag,
            copy.prepared.upload_id, span.number, span.first, span.last, spec.options.source_version_id,
        )  # fmt: skip
        self._io.hot(op, self._part_ended, copy)

    def _part_ended(self, copy: LargeCopy, part: Part, error: S3Error | None) -> None:
        copy.in_flight -= 1
        self.parts_in_flight -= 1
        if error is None:
            copy.done.append(part)
        else:
            copy.error = copy.error or error
            copy.left.clear()
        if copy.in_flight or copy.left:
            return
        if copy.error is not None:
            self._abort(copy)
        elif copy.stopped:
            self._stop(copy)
        else:
            self._close(copy)

    def _stop(self, copy: LargeCopy) -> None:
        """The run was told to stop while this upload was on its way."""
        if not self._keep:
            self._abort(copy)

    def _close(self, copy: LargeCopy) -> None:
        assert copy.prepared is not None
        copy.stage = Stage.CLOSING
        job = partial(self._uploads.complete, copy.job.source, copy.prepared, copy.done)
        self._io.cold(job, self._completed, copy)

    def _completed(self, copy: LargeCopy, copied: Copied, error: S3Error | None) -> None:
        if error is not None:
            copy.error = error
            self._abort(copy)
            return
        assert copy.prepared is not None
        self._active.remove(copy)
        self._settling.arrived(copy.job, verify_multipart(copy.job.source, copy.prepared.facts.checksum, copied))

    def _abort(self, copy: LargeCopy) -> None:
        assert copy.prepared is not None
        copy.stage = Stage.CLOSING
        upload_id = copy.prepared.upload_id
        dest_key = self._spec.dest_key(copy.job.source.key)
        unheard = copy.error is not None and uncertain(copy.error.reason)
        self._io.cold(partial(self._uploads.abort, dest_key, upload_id, unheard=unheard), self._aborted, copy)

    def _aborted(self, copy: LargeCopy, _: object, error: S3Error | None) -> None:
        """The key's own error is what counts; a stopped copy without one has no outcome and stays open."""
        self._active.remove(copy)
        if error is not None:
            self._settling.orphaned(self._spec.dest_key(copy.job.source.key), error)
        if copy.error is None:
            return
        if copy.error.call == "CompleteMultipartUpload" and copy.error.status == 412:
            # Only one condition goes with Complete: that the destination has no such key.
            self._settling.skipped(copy.job.batch, copy.job.source, EXISTS.reason)
        else:
            self._settling.failed(copy.job, copy.error)
