"""Uploads that nobody works on: kept for whoever goes on with them, or aborted. Their parts are billed until then."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial

from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.transfer.upload_calls import UploadCalls
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.checkpoint import OpenUpload

MOST_KEPT = 32
"""How many this run adds at most: each takes a few hundred bytes of a checkpoint, which holds 48 KiB."""
UNENDED = "the run had to stop before the requests for it had ended"


class IncompleteUploads:
    """`earlier` are the uploads of the attempt that this run goes on from; `add` takes those of its own first round."""

    def __init__(
        self, dispatcher: Dispatcher, uploads: UploadCalls, recorder: OutcomeRecorder, earlier: Iterable[OpenUpload]
    ) -> None:
        self._dispatcher = dispatcher
        self._uploads = uploads
        self._recorder = recorder
        self._kept: dict[str, OpenUpload] = {}
        # Of one key only one can be gone on with.
        self._more = [one for one in earlier if self._kept.setdefault(one.dest_key, one) is not one]
        self._most = len(self._kept) + MOST_KEPT
        # By their ids: those that are being aborted, and those that could not be.
        self._aborting: dict[str, OpenUpload] = {}
        self._refused: dict[str, OpenUpload] = {}

    def add(self, upload: OpenUpload) -> bool:
        """Keep one more; False if there are too many."""
        if len(self._kept) >= self._most:
            return False
        self._kept[upload.dest_key] = upload
        return True

    def take(self, dest_key: str) -> OpenUpload | None:
        """The upload of this key, for whoever goes on with it."""
        return self._kept.pop(dest_key, None)

    def give_back(self, upload: OpenUpload) -> None:
        """Nobody could go on with it now."""
        self._kept[upload.dest_key] = upload

    def all(self) -> tuple[OpenUpload, ...]:
        """Those that are kept, and those of which nobody knows yet that they are gone: all that may be open."""
        return (*self._kept.values(), *self._more, *self._aborting.values(), *self._refused.values())

    def abort_kept(self) -> None:
        """Nobody will go on with any of them."""
        self.abort(self._kept.values())
        self._kept.clear()

    def abort(self, uploads: Iterable[OpenUpload] = ()) -> None:
        """Abort these, and those of earlier attempts that nobody can go on with."""
        for upload in (*uploads, *self._more):
            self._aborting[upload.upload_id] = upload
            job = partial(self._uploads.abort, upload.dest_key, upload.upload_id)
            self._dispatcher.call(job, self._aborted, upload)
        self._more.clear()

    def not_aborted(self, upload: OpenUpload, why: S3Error | str) -> None:
        """This one may stay: say so, and keep its id for whoever aborts it later."""
        self._refused[upload.upload_id] = upload
        self._recorder.orphaned(upload.dest_key, why, upload.upload_id)

    def tell_unended(self) -> None:
        """The run is over: what is still being aborted may stay."""
        for upload in self._aborting.values():
            self._recorder.orphaned(upload.dest_key, UNENDED, upload.upload_id)

    def _aborted(self, upload: OpenUpload, _: object, error: S3Error | None) -> None:
        self._aborting.pop(upload.upload_id, None)
        if error is not None:
            self.not_aborted(upload, error)
