"""Completes uploads whose parts are there, also if another writer was faster, or the server takes no precondition."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from s3_crosscopy.core.transfer.preconditions import TOO_OFTEN, UNKNOWN, Refusal
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.engine.transfer.multipart_state import MultipartCopy
from s3_crosscopy.engine.transfer.precondition_switch import PreconditionSwitch
from s3_crosscopy.engine.transfer.tags import explained
from s3_crosscopy.engine.transfer.upload_calls import DestChanged, UploadCalls
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.objects import Facts
from s3_crosscopy.model.operations import Copied
from s3_crosscopy.model.outcomes import Action, Decision

OnCompleted = Callable[[MultipartCopy, "Copied | Decision | None", "S3Error | None"], None]
"""`(copy, result, error)`: called at the end. The result is a `Decision` if no copy is needed after all, and None if
the upload was not completed: because of the error, or, without one, because the run stops."""


class UploadCompleter:
    """Completes each upload under the precondition of its job. `decide_again`: `RefusedWrites.decide_about_upload`."""

    decide_again: Callable[[CopyJob, Facts, Facts | None], Decision | None]

    def __init__(
        self, dispatcher: Dispatcher, uploads: UploadCalls, preconditions: PreconditionSwitch, on_end: OnCompleted
    ) -> None:
        self._dispatcher = dispatcher
        self._uploads = uploads
        self._preconditions = preconditions
        self._on_end = on_end

    def begin(self, copy: MultipartCopy) -> None:
        """Complete this upload."""
        self._send(copy, self._preconditions.expected(copy.job), self._ended)

    def _send(self, copy: MultipartCopy, expected: str, on_end: Callable[..., None]) -> None:
        assert copy.prepared is not None
        job = partial(self._uploads.complete, copy.job.source, copy.prepared, copy.done, expected)
        self._dispatcher.call(job, on_end, copy)

    def _ended(self, copy: MultipartCopy, result: Copied | DestChanged, error: S3Error | None) -> None:
        if isinstance(result, DestChanged):
            self._decide_again(copy, result)
        elif (
            error is not None
            and not copy.stopped
            and self._preconditions.refusal(copy.job, error) is Refusal.NOT_ACCEPTED
        ):
            self._send(copy, UNKNOWN, partial(self._sent_without, error))
        else:
            self._on_end(copy, result, error)

    def _sent_without(
        self, refused: S3Error, copy: MultipartCopy, copied: Copied | None, error: S3Error | None
    ) -> None:
        if error is None:
            self._preconditions.turn_off(refused)
        self._on_end(copy, copied, error)

    def _decide_again(self, copy: MultipartCopy, changed: DestChanged) -> None:
        """Complete the upload after all if the object is still to be copied: its parts need not be copied again."""
        assert copy.prepared is not None
        if copy.stopped:
            self._on_end(copy, None, None)
            return
        decision = self.decide_again(copy.job, copy.prepared.facts, changed.dest)
        if decision is None:
            self._on_end(copy, None, explained(changed.error, TOO_OFTEN))
        elif decision.action is Action.COPY:
            self.begin(copy)
        else:
            self._on_end(copy, decision, None)
