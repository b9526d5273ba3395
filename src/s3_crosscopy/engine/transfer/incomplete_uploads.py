"""Keeps incomplete uploads until something continues or aborts them. Their parts are billed until then."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.transfer.upload_calls import UploadCalls
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.checkpoint import OpenUpload

MOST_KEPT = 32
"""The most uploads that this run adds: each takes a few hundred bytes of a checkpoint, which holds 48 KiB."""
UNENDED = "the run had to stop before the requests for it had ended"


class IncompleteUploads:
    """The incomplete uploads of a run. `earlier` are those of earlier attempts; `add` takes those of this one."""

    def __init__(
        self, dispatcher: Dispatcher, uploads: UploadCalls, recorder: OutcomeRecorder, earlier: Iterable[OpenUpload]
    ) -> None:
        self._dispatcher = dispatcher
        self._uploads = uploads
        self._recorder = recorder
        self._kept: dict[str, OpenUpload] = {}
        # Only one upload of a key can be continued.
        self._superfluous = [
            upload for upload in earlier if self._kept.setdefault(upload.dest_key, upload) is not upload
        ]
        self._most = len(self._kept) + MOST_KEPT
        # By their ids: those that are being aborted, and those that could not be.
        self._aborting: dict[str, OpenUpload] = {}
        self._refused: dict[str, OpenUpload] = {}

    def add(self, upload: OpenUpload) -> bool:
        """Keep one more upload. Returns False if there are too many."""
        if len(self._kept) >= self._most:
            return False
        self._kept[upload.dest_key] = upload
        return True

    def take(self, dest_key: str) -> OpenUpload | None:
        """Take the upload of this key, to continue it; None if there is none."""
        return self._kept.pop(dest_key, None)

    def give_back(self, upload: OpenUpload) -> None:
        """Keep an upload again that could not be continued now."""
        self._kept[upload.dest_key] = upload

    def all(self) -> tuple[OpenUpload, ...]:
        """Return all uploads that may be open: the kept ones, and those that are not known to be aborted."""
        return (*self._kept.values(), *self._superfluous, *self._aborting.values(), *self._refused.values())

    def abort_kept(self) -> None:
        """Abort the kept uploads, because nothing will continue them."""
        self.abort(self._kept.values())
        self._kept.clear()

    def abort(self, uploads: Iterable[OpenUpload] = ()) -> None:
        """Abort these uploads, and those of earlier attempts that cannot be continued."""
        for upload in (*uploads, *self._superfluous):
            self._aborting[upload.upload_id] = upload
            job = partial(self._uploads.abort, upload.dest_key, upload.upload_id)
            self._dispatcher.call(job, self._aborted, upload)
        self._superfluous.clear()

    def not_aborted(self, upload: OpenUpload, why: S3Error | str) -> None:
        """Warn that this upload may stay, and keep its id, so that it can be aborted later."""
        self._refused[upload.upload_id] = upload
        self._recorder.orphaned(upload.dest_key, why, upload.upload_id)

    def warn_unended(self) -> None:
        """Warn of the uploads whose abort has not ended: they may stay."""
        for upload in self._aborting.values():
            self._recorder.orphaned(upload.dest_key, UNENDED, upload.upload_id)

    def _aborted(self, upload: OpenUpload, _: object, error: S3Error | None) -> None:
        self._aborting.pop(upload.upload_id, None)
        if error is not None:
            self.not_aborted(upload, error)
