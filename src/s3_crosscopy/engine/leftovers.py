"""Uploads that nobody works on: kept for whoever goes on with them, or aborted. Their parts are billed until then."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from functools import partial

from s3_crosscopy.engine.io import Io
from s3_crosscopy.engine.settling import Settling
from s3_crosscopy.engine.uploads import Uploads
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.checkpoint import OpenUpload

MOST_KEPT = 32
"""How many this run adds at most: each takes a few hundred bytes of a checkpoint, which holds 48 KiB."""
UNENDED = "the run had to stop before the requests for it had ended"


class Leftovers:
    """`earlier` are the uploads of the attempt that this run goes on from; `add` takes those of its own first round."""

    def __init__(self, io: Io, uploads: Uploads, settling: Settling, earlier: Iterable[OpenUpload]) -> None:
        self._io = io
        self._uploads = uploads
        self._settling = settling
        self._kept = {upload.dest_key: upload for upload in earlier}
        self._most = len(self._kept) + MOST_KEPT
        self._aborting: Counter[str] = Counter()

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
        """Those that are kept."""
        return tuple(self._kept.values())

    def abort_kept(self) -> None:
        """Nobody will go on with any of them."""
        self.abort(self.all())
        self._kept.clear()

    def abort(self, uploads: Iterable[OpenUpload]) -> None:
        """Abort these."""
        for upload in uploads:
            self._aborting[upload.dest_key] += 1
            job = partial(self._uploads.abort, upload.dest_key, upload.upload_id)
            self._io.cold(job, self._aborted, upload.dest_key)

    def tell_unended(self) -> None:
        """The run is over: what is still being aborted may stay."""
        for dest_key in self._aborting.elements():
            self._settling.orphaned(dest_key, UNENDED)

    def _aborted(self, dest_key: str, _: object, error: S3Error | None) -> None:
        self._aborting[dest_key] -= 1
        if error is not None:
            self._settling.orphaned(dest_key, error)
