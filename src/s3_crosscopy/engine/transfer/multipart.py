"""Copies large objects with one multipart upload each, their parts side by side in the common window.

Stages of an upload: PREPARING (HEAD, tags, layout, create) -> COPYING parts -> CLOSING (complete or abort). A failure
waits for the parts in flight, because parts that land after an abort would stay and be billed. Then the upload is kept
for the retry phase or a later attempt if the error is transient, otherwise it is aborted.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

from s3_crosscopy.core.error_codes import is_transient, needs_new_upload
from s3_crosscopy.core.transfer.copy_params import tags_afterwards
from s3_crosscopy.core.transfer.multipart_layout import Span, spans
from s3_crosscopy.core.transfer.verification import verify_multipart
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.run_config import Ports, RunConfig
from s3_crosscopy.engine.transfer.incomplete_uploads import UNENDED, IncompleteUploads
from s3_crosscopy.engine.transfer.job import CopyJob, PendingTags
from s3_crosscopy.engine.transfer.multipart_state import MultipartCopy, Stage
from s3_crosscopy.engine.transfer.precondition_switch import PreconditionSwitch
from s3_crosscopy.engine.transfer.tags import TagWriter
from s3_crosscopy.engine.transfer.upload_calls import CopyInOneRequest, Prepared, UploadCalls
from s3_crosscopy.engine.transfer.upload_completer import UploadCompleter
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.checkpoint import OpenUpload
from s3_crosscopy.model.objects import Part
from s3_crosscopy.model.operations import Copied, CopyPart
from s3_crosscopy.model.outcomes import Action, Decision, Verified


class MultipartCopier:
    """Makes all large copies of a run: a few uploads at a time, other jobs wait.

    The uploads of an earlier attempt are continued; those that it began and could not record are aborted when their
    keys come up. `copy_in_one` is called with each job that one CopyObject copies after all, and `write_refused` with
    each that needs a new upload because another write was in progress.
    """

    def __init__(self, config: RunConfig, ports: Ports, dispatcher: Dispatcher, recorder: OutcomeRecorder) -> None:
        spec, attempt = config.spec, config.attempt
        self.parts_in_flight = 0
        self.copy_in_one: Callable[[CopyJob], None]
        self.write_refused: Callable[[CopyJob, S3Error], None]
        self.preconditions = PreconditionSwitch(ports.sink, required=config.spec.options.overwrite == "never")
        self._spec = spec
        self._dispatcher = dispatcher
        self._uploads = UploadCalls(spec, ports.source, ports.dest, attempt.began)
        self.completer = UploadCompleter(dispatcher, self._uploads, self.preconditions, self._completed)
        self._recorder = recorder
        self.tagging = TagWriter(spec, dispatcher, ports.source, ports.dest, recorder)
        self.incomplete_uploads = IncompleteUploads(dispatcher, self._uploads, recorder, attempt.uploads)
        self._keep_uploads = config.keep_uploads
        self._keep = False
        self._waiting: deque[CopyJob] = deque()
        self._active: list[MultipartCopy] = []
        # Uploads of few parts mostly wait for the blocking requests before and after these.
        self._most_active = max(2, spec.options.concurrency // (2 if spec.options.preserve_etag else 8))

    def add(self, job: CopyJob) -> None:
        """Queue an object to be copied in parts."""
        self._waiting.append(job)

    def full(self) -> bool:
        """Return True if more jobs would only wait."""
        return len(self._waiting) >= self._most_active

    def uploads(self) -> tuple[OpenUpload, ...]:
        """Return the uploads that a later attempt can continue."""
        open_uploads = [copy.as_open(self._dest_key(copy)) for copy in self._active]
        return (*(upload for upload in open_uploads if upload is not None), *self.incomplete_uploads.all())

    def pump(self, room: int) -> None:
        """Begin uploads and parts, with at most `room` requests."""
        while self._waiting and len(self._active) < self._most_active and room > 0:
            copy = MultipartCopy(self._waiting.popleft())
            self._active.append(copy)
            copy.known = self.incomplete_uploads.take(self._dest_key(copy))
            job = partial(self._uploads.prepare, copy.job.source, copy.known)
            self._dispatcher.call(job, self._prepared, copy, requests=3)
            room -= 1
        for copy in self._active:
            while copy.missing and room > 0:
                self._begin_part(copy, copy.missing.popleft())
                room -= 1

    def abandon(self, *, keep: bool) -> None:
        """Begin no more parts. Uploads are kept for a later attempt, or aborted when their parts have ended."""
        self._waiting.clear()
        self._keep = keep
        for copy in self._active:
            copy.stopped = True
            copy.missing.clear()
            if not keep and copy.stage is Stage.COPYING and copy.in_flight == 0:
                self._abort(copy)
        if not keep:
            self.incomplete_uploads.abort_kept()

    def abort_unended(self) -> None:
        """Abort also the uploads whose parts have not ended; when a part ends later, its upload is aborted again."""
        for copy in self._active:
            if copy.in_flight and not self._keep:
                assert copy.prepared is not None
                job = partial(self._uploads.abort, self._dest_key(copy), copy.prepared.upload_id)
                self._dispatcher.call(job, lambda *_: None, copy)

    def warn_unended(self) -> None:
        """Warn of the uploads that may stay at the end of the run although nothing continues them."""
        self.incomplete_uploads.warn_unended()
        for copy in () if self._keep else self._active:
            upload_id = copy.prepared.upload_id if copy.prepared is not None else ""
            self._recorder.orphaned(self._dest_key(copy), UNENDED, upload_id)

    def _prepared(
        self, copy: MultipartCopy, prepared: Prepared | CopyInOneRequest | None, error: S3Error | None
    ) -> None:
        if error is not None or prepared is None:
            assert error is not None
            self._active.remove(copy)
            if copy.known is not None:
                self.incomplete_uploads.give_back(copy.known)
            self._recorder.failed(copy.job, error)
            return
        copy.job.etag_loss = prepared.etag_loss
        if isinstance(prepared, CopyInOneRequest):
            self._active.remove(copy)
            copy.job.facts = prepared.facts
            if not copy.stopped:
                self.copy_in_one(copy.job)
            return
        copy.prepared = prepared
        copy.stage = Stage.COPYING
        if copy.stopped:
            self._leave(copy)
        else:
            self._plan_parts(copy, prepared)

    def _plan_parts(self, copy: MultipartCopy, prepared: Prepared) -> None:
        copy.done.extend(prepared.done)
        done = {part.number for part in prepared.done}
        all_spans = spans(copy.job.source.size, prepared.part_bytes)
        copy.missing.extend(span for span in all_spans if span.number not in done)
        if not copy.missing:
            self._close(copy)

    def _begin_part(self, copy: MultipartCopy, span: Span) -> None:
        assert copy.prepared is not None
        spec, source = self._spec, copy.job.source
        copy.in_flight += 1
        self.parts_in_flight += 1
        op = CopyPart(
            spec.source, source.key, spec.dest, spec.dest_key(source.key), source.etag,
            copy.prepared.upload_id, span.number, span.first, span.last, spec.options.source_version_id,
        )  # fmt: skip
        self._dispatcher.send(op, self._part_ended, copy)

    def _part_ended(self, copy: MultipartCopy, part: Part, error: S3Error | None) -> None:
        copy.in_flight -= 1
        self.parts_in_flight -= 1
        if error is None:
            copy.done.append(part)
        else:
            copy.error = copy.error or error
            copy.missing.clear()
        if copy.in_flight or copy.missing:
            return
        if copy.error is not None or copy.stopped:
            self._leave(copy)
        else:
            self._close(copy)

    def _leave(self, copy: MultipartCopy) -> None:
        """Handle an upload that is not completed: in a stopped run, or because of an error."""
        error = copy.error
        if error is not None and not is_transient(error.code, error.reason):
            self._abort(copy)
        elif copy.stopped:
            if not self._keep:
                self._abort(copy)
        elif error is not None and self._leave_for_later(copy):
            self._active.remove(copy)
            self._recorder.failed(copy.job, error)
        else:
            self._abort(copy)

    def _leave_for_later(self, copy: MultipartCopy) -> bool:
        """Keep the upload if the retry phase or a later attempt will continue it. Returns True if it is kept."""
        upload = copy.as_open(self._dest_key(copy))
        return (
            upload is not None and (self._keep_uploads or not copy.job.second) and self.incomplete_uploads.add(upload)
        )

    def _dest_key(self, copy: MultipartCopy) -> str:
        return self._spec.dest_key(copy.job.source.key)

    def _close(self, copy: MultipartCopy) -> None:
        copy.stage = Stage.CLOSING
        self.completer.begin(copy)

    def _completed(self, copy: MultipartCopy, result: Copied | Decision | None, error: S3Error | None) -> None:
        if isinstance(result, Decision):
            copy.needless = result
            self._abort(copy)
        elif result is None:
            copy.error = error
            self._leave(copy)
        else:
            self._copied(copy, result)

    def _copied(self, copy: MultipartCopy, copied: Copied) -> None:
        assert copy.prepared is not None
        self._active.remove(copy)
        copy.job.copy_etag = copied.etag
        verified = verify_multipart(copy.job.source, copy.prepared.facts.checksum, copied)
        tags = tags_afterwards(copy.prepared.subject)
        if tags and verified is not None:
            self.tagging.set_tags(copy.job, PendingTags(tags, verified, copied.etag))
        else:
            self._recorder.arrived(copy.job, verified)

    def _not_needed(self, job: CopyJob, decision: Decision) -> None:
        if decision.action is Action.EARLIER:
            self.tagging.copy_found(job, Verified.CHECKSUM)
        else:
            self._recorder.entered(job.batch, job.source, decision, job.after)

    def _abort(self, copy: MultipartCopy) -> None:
        assert copy.prepared is not None
        copy.stage = Stage.CLOSING
        job = partial(self._uploads.abort, self._dest_key(copy), copy.prepared.upload_id)
        self._dispatcher.call(job, self._aborted, copy)

    def _aborted(self, copy: MultipartCopy, _: object, error: S3Error | None) -> None:
        """Record the error that led to the abort; a copy without one was stopped and has no outcome."""
        self._active.remove(copy)
        upload = copy.as_open(self._dest_key(copy))
        if error is not None and upload is not None:
            self.incomplete_uploads.not_aborted(upload, error)
        if copy.needless is not None:
            self._not_needed(copy.job, copy.needless)
        elif copy.error is None:
            return
        elif needs_new_upload(copy.error.code) and not copy.stopped:
            self.write_refused(copy.job, copy.error)
        else:
            self._recorder.failed(copy.job, copy.error)
