"""Tags that do not fit a header: put when the copy is there, and owed until S3 took them.

Knows nothing of uploads. A copy that lacks nothing but its tags looks like any equal one: whoever finds it there must
come here before it counts as copied. One that cannot get them is deleted again, so that a later run makes it anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from functools import partial

from s3_crosscopy.core.error_codes import retryable
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.transfer.copy_params import Subject, may_owe_tags, tags_afterwards
from s3_crosscopy.engine.dispatcher import Dispatcher
from s3_crosscopy.engine.outcome_recorder import OutcomeRecorder
from s3_crosscopy.engine.transfer.job import CopyJob, PendingTags
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.outcomes import Reason, Verified
from s3_crosscopy.ports import S3

UNTAGGED = "the object is at the destination without its tags; mend this, then overwrite='always' copies it again"


class FoundCopy(Enum):
    """A copy whose tags failed for good, looked at once more: what it was found to be, and what that means for it."""

    TAGGED = ""
    GONE = "the copy was deleted again, so that the next run makes it with its tags"
    REPLACED = "by now another object is in the copy's place"


class TagWriter:
    """Brings copies to their end whose tags did not come with them."""

    def __init__(self, spec: CopySpec, dispatcher: Dispatcher, source: S3, dest: S3, recorder: OutcomeRecorder) -> None:
        self._spec = spec
        self._dispatcher = dispatcher
        self._source = source
        self._dest = dest
        self._recorder = recorder

    def found(self, job: CopyJob, verified: Verified) -> None:
        """The copy is there, made by an earlier attempt or unheard: what it owes is not known."""
        options = self._spec.options
        if options.dry_run or not may_owe_tags(options, job.source.size):
            self._recorder.arrived(job, verified)
        else:
            self.settle(job, PendingTags(None, verified))

    def settle(self, job: CopyJob, pending_tags: PendingTags) -> None:
        """Put the tags; in another round too, if that fails in passing."""
        job.pending_tags = pending_tags
        self._dispatcher.call(
            partial(self._put, job, pending_tags), self._ended, job, requests=1 + (pending_tags.tags is None)
        )

    def _put(self, job: CopyJob, pending_tags: PendingTags) -> None:
        spec = self._spec
        later = pending_tags.tags if pending_tags.tags is not None else self._later(job)
        if later:
            self._dest.put_tags(spec.dest, spec.dest_key(job.source.key), later)

    def _later(self, job: CopyJob) -> Mapping[str, str]:
        spec = self._spec
        kept = spec.options.tags == "keep"
        tags = self._source.tags(spec.source, job.source.key, spec.options.source_version_id) if kept else {}
        return tags_afterwards(Subject(spec.options, job.source.storage_class, tags=tags))

    def _ended(self, job: CopyJob, _: object, error: S3Error | None) -> None:
        assert job.pending_tags is not None
        if error is None:
            self._recorder.arrived(job, job.pending_tags.verified)
        elif error.call == "PutObjectTagging" and error.reason is Reason.MISSING:
            job.pending_tags = None  # the copy itself is gone: the second round makes another
            self._recorder.failed(job, error)
        elif job.pending_tags.etag and (job.second or not retryable(error.reason)):
            self._take_back(job, job.pending_tags, error)
        else:
            self._recorder.failed(job, _explained(error, UNTAGGED))

    def _take_back(self, job: CopyJob, pending_tags: PendingTags, failed: S3Error) -> None:
        """The tags failed for good: a later run would find an equal object, and take it for the whole copy."""

        def looked(_: object, found: FoundCopy | None, error: S3Error | None) -> None:
            if error is not None or found is None:
                why = f" (it could not be deleted: {error.call}: {error.code})" if error is not None else ""
                self._recorder.failed(job, _explained(failed, UNTAGGED + why))
                return
            job.pending_tags = None
            if found is FoundCopy.TAGGED:
                self._recorder.arrived(job, pending_tags.verified)
            else:
                self._recorder.failed(job, _explained(failed, found.value))

        self._dispatcher.call(
            partial(self._delete, self._spec.dest_key(job.source.key), pending_tags), looked, job, requests=3
        )

    def _delete(self, dest_key: str, pending_tags: PendingTags) -> FoundCopy:
        """Delete the copy if it is still what is there, and still without its tags."""
        dest = self._spec.dest
        try:
            there = self._dest.head(dest, dest_key)
            if there.etag != pending_tags.etag:
                return FoundCopy.REPLACED
            if self._tags_there(dest_key) == pending_tags.tags:
                return FoundCopy.TAGGED  # an answer was lost, or another attempt of this run did it
            self._dest.delete_object(dest, dest_key, there.etag, there.version)
        except S3Error as error:
            if error.reason is Reason.CHANGED:
                return FoundCopy.REPLACED
            raise
        return FoundCopy.GONE

    def _tags_there(self, dest_key: str) -> Mapping[str, str] | None:
        try:
            return self._dest.tags(self._spec.dest, dest_key)
        except S3Error:  # who may not write them may often not read them either
            return None


def _explained(error: S3Error, meaning: str) -> S3Error:
    """The same error, and what it means for the object."""
    return S3Error(
        call=error.call, bucket=error.bucket, key=error.key, code=error.code, status=error.status,
        message=f"{error.message or error.code}; {meaning}", reason=error.reason, request_id=error.request_id,
    )  # fmt: skip
