"""Holds the state of one multipart copy. Makes no request and decides nothing."""

from __future__ import annotations

from collections import deque
from enum import Enum

from s3_crosscopy.core.transfer.multipart_layout import Span
from s3_crosscopy.engine.transfer.job import CopyJob
from s3_crosscopy.engine.transfer.upload_calls import Prepared
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.checkpoint import OpenUpload
from s3_crosscopy.model.objects import Part
from s3_crosscopy.model.outcomes import Decision


class Stage(Enum):
    """The stage of an upload."""

    PREPARING = "preparing"
    COPYING = "copying"
    CLOSING = "closing"


class MultipartCopy:
    """One multipart copy.

    `known`: the upload of an earlier attempt that is continued, None for a new one. `missing`: the parts that have not
    open_ledger, `done` those that were copied. `stopped`: the run ends, and no more parts begin.
    `needless`: the decision that no copy is needed after all, because another writer was faster.
    """

    def __init__(self, job: CopyJob) -> None:
        self.job = job
        self.stage = Stage.PREPARING
        self.prepared: Prepared | None = None
        self.known: OpenUpload | None = None
        self.missing: deque[Span] = deque()
        self.done: list[Part] = []
        self.in_flight = 0
        self.error: S3Error | None = None
        self.needless: Decision | None = None
        self.stopped = False

    def as_open(self, dest_key: str) -> OpenUpload | None:
        """Return the upload as a later attempt can continue it; None if there is none yet."""
        if self.prepared is None:
            return self.known
        return OpenUpload(dest_key, self.prepared.upload_id, self.job.source.etag, self.prepared.part_bytes)
