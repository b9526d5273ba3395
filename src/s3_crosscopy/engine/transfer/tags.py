"""Sets the tags that do not fit a header, after the copy.

A copy without its tags looks like any equal object: before it counts as copied, its tags are set here. A copy
whose tags cannot be set is deleted again, so that a later run copies it again. Does not know about uploads.
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

UNTAGGED = "the object is at the destination without its tags; fix this, then overwrite='always' copies it again"


class FoundCopy(Enum):
    """The state of a copy whose tags finally failed; the value explains it in the error message."""

    TAGGED = ""
    GONE = "the copy was deleted again, so that the next run makes it with its tags"
    REPLACED = "by now another object is in the copy's place"


class TagWriter:
    """Sets the tags of copies that were made without them, and records their outcomes."""

    def __init__(self, spec: CopySpec, dispatcher: Dispatcher, source: S3, dest: S3, recorder: OutcomeRecorder) -> None:
        self._spec = spec
        self._dispatcher = dispatcher
        self._source = source
        self._dest = dest
        self._recorder = recorder

    def copy_found(self, job: CopyJob, verified: Verified) -> None:
        """Record a copy of an earlier attempt, or of a lost response; its tags are set if they may be missing."""
        options = self._spec.options
        if options.dry_run or not may_owe_tags(options, job.source.size):
            self._recorder.arrived(job, verified)
        else:
            self.set_tags(job, PendingTags(None, verified))

    def set_tags(self, job: CopyJob, pending_tags: PendingTags) -> None:
        """Set the tags; once more in the retry phase if the error is transient."""
        job.pending_tags = pending_tags
        self._dispatcher.call(
            partial(self._put, job, pending_tags), self._ended, job, requests=1 + (pending_tags.tags is None)
        )

    def _put(self, job: CopyJob, pending_tags: PendingTags) -> None:
        spec = self._spec
        tags = pending_tags.tags if pending_tags.tags is not None else self._missing_tags(job)
        if tags:
            self._dest.put_tags(spec.dest, spec.dest_key(job.source.key), tags)

    def _missing_tags(self, job: CopyJob) -> Mapping[str, str]:
        spec = self._spec
        keeps_tags = spec.options.tags == "keep"
        tags = self._source.tags(spec.source, job.source.key, spec.options.source_version_id) if keeps_tags else {}
        return tags_afterwards(Subject(spec.options, job.source.storage_class, tags=tags))

    def _ended(self, job: CopyJob, _: object, error: S3Error | None) -> None:
        assert job.pending_tags is not None
        if error is None:
            self._recorder.arrived(job, job.pending_tags.verified)
        elif error.call == "PutObjectTagging" and error.reason is Reason.MISSING:
            job.pending_tags = None  # the copy itself is gone: the retry phase makes another
            self._recorder.failed(job, error)
        elif job.pending_tags.etag and (job.second or not retryable(error.reason)):
            self._delete_untagged(job, job.pending_tags, error)
        else:
            self._recorder.failed(job, explained(error, UNTAGGED))

    def _delete_untagged(self, job: CopyJob, pending_tags: PendingTags, failed: S3Error) -> None:
        """Delete a copy whose tags finally failed: a later run would take it for a complete copy."""

        def deleted(_: object, found_copy: FoundCopy | None, error: S3Error | None) -> None:
            if error is not None or found_copy is None:
                why = f" (it could not be deleted: {error.call}: {error.code})" if error is not None else ""
                self._recorder.failed(job, explained(failed, UNTAGGED + why))
                return
            job.pending_tags = None
            if found_copy is FoundCopy.TAGGED:
                self._recorder.arrived(job, pending_tags.verified)
            else:
                self._recorder.failed(job, explained(failed, found_copy.value))

        self._dispatcher.call(
            partial(self._delete, self._spec.dest_key(job.source.key), pending_tags), deleted, job, requests=3
        )

    def _delete(self, dest_key: str, pending_tags: PendingTags) -> FoundCopy:
        """Delete the copy if nothing replaced it, and its tags are still not set."""
        dest = self._spec.dest
        try:
            facts = self._dest.head(dest, dest_key)
            if facts.etag != pending_tags.etag:
                return FoundCopy.REPLACED
            if self._dest_tags(dest_key) == pending_tags.tags:
                return FoundCopy.TAGGED  # a response was lost, or another attempt of this run did it
            self._dest.delete_object(dest, dest_key, facts.etag, facts.version)
        except S3Error as error:
            if error.reason is Reason.CHANGED:
                return FoundCopy.REPLACED
            raise
        return FoundCopy.GONE

    def _dest_tags(self, dest_key: str) -> Mapping[str, str] | None:
        try:
            return self._dest.tags(self._spec.dest, dest_key)
        except S3Error:  # without the permission to write tags, that to read them is often missing too
            return None


def explained(error: S3Error, meaning: str) -> S3Error:
    """Return the same error with its `meaning` for the object."""
    return S3Error(
        call=error.call, bucket=error.bucket, key=error.key, code=error.code, status=error.status,
        message=f"{error.message or error.code}; {meaning}", reason=error.reason, request_id=error.request_id,
    )  # fmt: skip
