"""Tags that do not fit the header of an upload: put when the copy is there, and owed until S3 took them.

Knows nothing of uploads. A copy that lacks nothing but its tags looks like any equal one: whoever finds it there must
come here before it counts as copied.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from s3_crosscopy.engine.io import Io
from s3_crosscopy.engine.job import Job, Owed
from s3_crosscopy.engine.settling import Settling
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason, Verified
from s3_crosscopy.plan.properties import Subject, tags_afterwards
from s3_crosscopy.plan.resolve import Spec
from s3_crosscopy.ports import S3

UNTAGGED = "the object is at the destination without its tags; mend this, then overwrite='always' copies it again"


class Tagging:
    """Brings copies in parts to their end; one of a size that CopyObject takes has its tags already."""

    def __init__(self, spec: Spec, io: Io, source: S3, dest: S3, settling: Settling) -> None:
        self._spec = spec
        self._io = io
        self._source = source
        self._dest = dest
        self._settling = settling

    def found(self, job: Job, verified: Verified) -> None:
        """The copy is there, made by an earlier attempt or unheard: what it owes is not known."""
        options = self._spec.options
        if job.source.size < options.multipart_threshold or options.tags == "drop" or options.dry_run:
            self._settling.arrived(job, verified)
        else:
            self.settle(job, Owed(None, verified))

    def settle(self, job: Job, owed: Owed) -> None:
        """Put the tags; in another round too, if that fails in passing."""
        job.owed = owed
        self._io.cold(partial(self._put, job, owed), self._ended, job, requests=1 + (owed.tags is None))

    def _put(self, job: Job, owed: Owed) -> None:
        spec = self._spec
        later = owed.tags if owed.tags is not None else self._later(job)
        if later:
            self._dest.put_tags(spec.dest, spec.dest_key(job.source.key), later)

    def _later(self, job: Job) -> Mapping[str, str]:
        spec = self._spec
        kept = spec.options.tags == "keep"
        tags = self._source.tags(spec.source, job.source.key, spec.options.source_version_id) if kept else {}
        return tags_afterwards(Subject(spec.options, job.source.storage_class, tags=tags))

    def _ended(self, job: Job, _: object, error: S3Error | None) -> None:
        assert job.owed is not None
        if error is None:
            self._settling.arrived(job, job.owed.verified)
            return
        if error.call == "PutObjectTagging" and error.reason is Reason.MISSING:
            job.owed = None  # the copy itself is gone: the second round makes another
        self._settling.failed(job, error if job.owed is None else _explained(error))


def _explained(error: S3Error) -> S3Error:
    """The same error, and what it means for the object."""
    return S3Error(
        call=error.call, bucket=error.bucket, key=error.key, code=error.code, status=error.status,
        message=f"{error.message or error.code}; {UNTAGGED}", reason=error.reason, request_id=error.request_id,
    )  # fmt: skip
