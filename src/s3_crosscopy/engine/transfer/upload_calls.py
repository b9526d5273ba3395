"""Makes the blocking requests of a multipart upload: before its first part and after its last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.core.error_codes import outcome_unknown, retryable
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.core.timestamps import is_since
from s3_crosscopy.core.transfer.copy_params import (
    Args,
    Subject,
    complete_args,
    create_args,
    goes_in_one,
    untold_metadata,
)
from s3_crosscopy.core.transfer.etag_preservation import encryption_loss, needs_first_part, own_layout
from s3_crosscopy.core.transfer.header_choice import make_headers_of
from s3_crosscopy.core.transfer.multipart_layout import choose_part_bytes
from s3_crosscopy.core.transfer.preconditions import Refusal, refusal
from s3_crosscopy.core.transfer.verification import multipart_etag, same_content
from s3_crosscopy.engine.transfer.untold import untold_error
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.checkpoint import OpenUpload
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Facts, Listed, Part
from s3_crosscopy.model.operations import Copied
from s3_crosscopy.model.outcomes import EtagLoss, Reason
from s3_crosscopy.ports import S3

ABORTS = 4
"""The most attempts to abort an upload that a part on its way keeps open."""


class Prepared(NamedTuple):
    """The preparation of a large copy. `done` are the parts that an earlier attempt copied.

    `since` is when the upload was created, by S3's clock, "" if an earlier attempt created it. `etag_loss` is the
    reason why the copy cannot have its source's ETag, None if it may have it.
    """

    facts: Facts
    subject: Subject
    create: Args
    part_bytes: int
    upload_id: str
    done: tuple[Part, ...]
    since: str = ""
    etag_loss: EtagLoss | None = None


class CopyInOneRequest(NamedTuple):
    """Instead of `Prepared`: one CopyObject copies the object, because an upload cannot keep what it was to keep."""

    facts: Facts
    etag_loss: EtagLoss


class DestChanged(NamedTuple):
    """Instead of `Copied`: the destination has something else than expected, `dest` (None: nothing)."""

    error: S3Error
    dest: Facts | None


class UploadCalls:
    """Prepares, completes and aborts uploads; keeps no state.

    `run_start` is the start of a resumed run by S3's clock, "" for a first attempt.
    """

    def __init__(self, spec: CopySpec, source: S3, dest: S3, run_start: str) -> None:
        self._spec = spec
        self._headers_of = make_headers_of(spec)
        self._source = source
        self._dest = dest
        self._run_start = run_start

    def prepare(self, source: Listed, known: OpenUpload | None) -> Prepared | CopyInOneRequest:
        """Prepare a copy: HEAD, tags, layout, and a new upload or the `known` one of an earlier attempt."""
        spec = self._spec
        version = spec.options.source_version_id
        facts = self._source.head(spec.source, source.key, if_match=source.etag, version=version)
        tags = self._source.tags(spec.source, source.key, version) if spec.options.tags == "keep" else {}
        subject = Subject(spec.options, source.storage_class, facts, tags, self._headers_of(source.key))
        if goes_in_one(subject, source.size):
            self._abort_earlier(spec.dest_key(source.key), known)
            return CopyInOneRequest(facts, EtagLoss.PROPERTIES)
        if untold_metadata(subject):
            raise untold_error(spec, source, facts.untold, "a copy in parts")
        done = self._done_before(source, known) if known is not None else None
        if known is not None and done is not None:
            loss = encryption_loss(spec.options, facts)
            return Prepared(
                facts, subject, create_args(subject), known.part_bytes, known.upload_id, done, etag_loss=loss
            )
        self._abort_unrecorded(spec.dest_key(source.key))
        return self._begin(source, subject, facts)

    def _begin(self, source: Listed, subject: Subject, facts: Facts) -> Prepared | CopyInOneRequest:
        """Create an upload; below the threshold only for a layout that keeps the ETag."""
        options, create = self._spec.options, create_args(subject)
        layout, loss = self._layout(source), encryption_loss(options, facts)
        if isinstance(layout, EtagLoss):
            if source.size < options.multipart_threshold:
                return CopyInOneRequest(facts, layout)
            loss, layout = layout, choose_part_bytes(source.size, options.part_size, options.concurrency)
        upload_id = self._create(self._spec.dest_key(source.key), create, facts.date)
        return Prepared(facts, subject, create, layout, upload_id, (), facts.date, loss)

    def complete(self, source: Listed, prepared: Prepared, done: Sequence[Part], expected: str) -> Copied | DestChanged:
        """Complete the upload, if the destination has what is `expected`. If the response is lost, a HEAD shows it."""
        dest, dest_key = self._spec.dest, self._spec.dest_key(source.key)
        args = complete_args(source.size, prepared.create, expected)
        parts = sorted(done)
        try:
            copied = self._dest.complete_upload(dest, dest_key, prepared.upload_id, parts, args)
        except S3Error as error:
            return self._completed_anyway(prepared, dest_key, parts, error, expected)
        if copied.etag == "":
            facts = self._dest.head(dest, dest_key)
            copied = Copied(facts.etag, facts.checksum)
        return copied

    def abort(self, dest_key: str, upload_id: str) -> None:
        """Abort exactly this upload, whose parts may still be landing."""
        try:
            abort_until_gone(self._dest, self._spec.dest, dest_key, upload_id)
        except S3Error as error:
            if error.call != "ListParts" or error.reason is not Reason.DENIED:
                raise
            # It is aborted; without the permission to list parts there is nothing more to see.

    def _completed_anyway(
        self, prepared: Prepared, dest_key: str, parts: list[Part], error: S3Error, expected: str
    ) -> Copied | DestChanged:
        """Look for the result if the upload is gone, no response came, or the destination is not as expected.

        Raises `error` if the upload was not completed for another reason than the last one.
        """
        changed = refusal(expected, error.code, error.status) is Refusal.CHANGED
        if not (changed or error.code == "NoSuchUpload" or outcome_unknown(error.reason)):
            raise error
        try:
            facts = self._dest.head(self._spec.dest, dest_key)
        except S3Error as unseen:
            if changed and unseen.reason is Reason.MISSING:
                return DestChanged(error, None)
            raise error from None
        equal = facts.etag == multipart_etag(parts) or same_content(prepared.facts, facts) is not None
        ours = equal and is_since(facts.modified, prepared.since)
        if changed and not (ours and self._is_gone(dest_key, prepared.upload_id)):
            return DestChanged(error, facts)
        if not ours:
            raise error
        return Copied(facts.etag, facts.checksum)

    def _is_gone(self, dest_key: str, upload_id: str) -> bool:
        """Return True if an upload is gone, which here means that it was completed."""
        try:
            self._dest.list_parts(self._spec.dest, dest_key, upload_id)
        except S3Error as error:
            return error.reason is Reason.MISSING
        return False

    def _done_before(self, source: Listed, known: OpenUpload) -> tuple[Part, ...] | None:
        """Return the parts of a recorded upload; None if it is gone, or is aborted because it cannot be continued."""
        if known.etag == source.etag:
            try:
                return tuple(self._dest.list_parts(self._spec.dest, known.dest_key, known.upload_id))
            except S3Error as error:
                if error.reason is Reason.MISSING:
                    return None
                if error.reason is not Reason.DENIED:
                    raise
        self.abort(known.dest_key, known.upload_id)
        return None

    def _abort_earlier(self, dest_key: str, known: OpenUpload | None) -> None:
        """Abort the uploads of an earlier attempt for this key."""
        if known is not None:
            self.abort(known.dest_key, known.upload_id)
        self._abort_unrecorded(dest_key)

    def _abort_unrecorded(self, dest_key: str) -> None:
        """Abort uploads whose id a resumed run's earlier process could not save before it died.

        Only uploads for exactly this key that were created since the run began are aborted.
        """
        if self._run_start:
            self._abort_begun_since(dest_key, self._run_start)

    def _create(self, dest_key: str, create: Args, now: str) -> str:
        """Create an upload. If the response is lost, its id is unknown: an upload that was created is aborted."""
        try:
            return self._dest.create_upload(self._spec.dest, dest_key, create, now)
        except S3Error as error:
            if outcome_unknown(error.reason) and now:
                self._abort_begun_since(dest_key, now)
            raise

    def _abort_begun_since(self, dest_key: str, began: str) -> None:
        try:
            uploads = self._dest.uploads_of(self._spec.dest, dest_key)
        except S3Error as error:
            if error.reason is Reason.DENIED:
                return
            raise
        for upload_id, initiated in uploads:
            if is_since(initiated, began):
                self.abort(dest_key, upload_id)

    def _layout(self, source: Listed) -> int | EtagLoss:
        """Return the source's uniform part size, for an equal ETag, or the reason why it is not taken."""
        options = self._spec.options
        if options.part_size is not None:
            return EtagLoss.UNKNOWN
        if not needs_first_part(source):
            return own_layout(source, None)
        try:
            first = self._source.head(self._spec.source, source.key, part=1, version=options.source_version_id)
        except S3Error as error:
            if options.preserve_etag and retryable(error.reason):
                raise
            return EtagLoss.UNKNOWN
        return own_layout(source, first)


def abort_until_gone(s3: S3, bucket: Bucket, key: str, upload_id: str) -> None:
    """Abort an upload whose parts may still be landing: S3 says to abort again until ListParts finds no upload.

    Raises S3Error also if the upload remains after `ABORTS` attempts.
    """
    for _ in range(ABORTS):
        s3.abort_upload(bucket, key, upload_id)
        try:
            s3.list_parts(bucket, key, upload_id)
        except S3Error as error:
            if error.reason is Reason.MISSING:
                return
            raise
    raise S3Error(
        call="AbortMultipartUpload", bucket=bucket.name, key=key, code="StillThere", status=200,
        message=f"upload {upload_id} is still there: parts of it are still landing; abort it again later",
        reason=Reason.SERVER,
    )  # fmt: skip
