"""One upload's blocking requests: what is asked before its first part and after its last. Run on the cold pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.core.error_codes import outcome_unknown
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
from s3_crosscopy.core.transfer.multipart_layout import choose_part_bytes, parts_in_etag, uniform_part_bytes
from s3_crosscopy.core.transfer.verification import multipart_etag, same_content
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Facts, Listed, Part
from s3_crosscopy.model.operations import Copied
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.ports import S3

ABORTS = 4
"""How often an upload is aborted at most that a part on its way keeps open."""


class Prepared(NamedTuple):
    """What a large copy needs before its first part. `done` are the parts that were copied before.

    `since` is when the upload was begun, by S3's clock, "" if it is an earlier one.
    """

    facts: Facts
    subject: Subject
    create: Args
    part_bytes: int
    upload_id: str
    done: tuple[Part, ...]
    since: str = ""


class CopyInOneRequest(NamedTuple):
    """In place of `Prepared`: one CopyObject copies it, because no upload can be given all that it has."""

    facts: Facts


class UploadCalls:
    """Prepares, completes and aborts uploads; keeps nothing. `resumed` is what an earlier attempt left, or None."""

    def __init__(self, spec: CopySpec, source: S3, dest: S3, resumed: CheckpointState | None) -> None:
        self._spec = spec
        self._source = source
        self._dest = dest
        self._resumed = resumed

    def prepare(self, source: Listed, known: OpenUpload | None) -> Prepared | CopyInOneRequest:
        """Everything before the first part: facts, tags, layout, and the upload, which may be a `known` one."""
        spec = self._spec
        version = spec.options.source_version_id
        facts = self._source.head(spec.source, source.key, if_match=source.etag, version=version)
        tags = self._source.tags(spec.source, source.key, version) if spec.options.tags == "keep" else {}
        subject = Subject(spec.options, source.storage_class, facts, tags)
        if goes_in_one(subject, source.size):
            self._abort_earlier(spec.dest_key(source.key), known)
            return CopyInOneRequest(facts)
        if untold_metadata(subject):
            raise self._untold(source, facts.untold)
        create = create_args(subject)
        done = self._done_before(source, known) if known is not None else None
        if known is not None and done is not None:
            return Prepared(facts, subject, create, known.part_bytes, known.upload_id, done)
        self._abort_unrecorded(spec.dest_key(source.key))
        part_bytes = self._layout(source) or choose_part_bytes(
            source.size, spec.options.part_size, spec.options.concurrency
        )
        upload_id = self._create(spec.dest_key(source.key), create, facts.date)
        return Prepared(facts, subject, create, part_bytes, upload_id, (), facts.date)

    def complete(self, source: Listed, prepared: Prepared, done: Sequence[Part]) -> Copied:
        """Complete after the last part. Where the answer is lost, a HEAD tells whether it was done."""
        dest, dest_key = self._spec.dest, self._spec.dest_key(source.key)
        args = complete_args(self._spec.options, source.size, prepared.create)
        parts = sorted(done)
        try:
            copied = self._dest.complete_upload(dest, dest_key, prepared.upload_id, parts, args)
        except S3Error as error:
            copied = self._completed_unheard(prepared, dest_key, parts, error)
        if copied.etag == "":
            facts = self._dest.head(dest, dest_key)
            copied = Copied(facts.etag, facts.checksum)
        return copied

    def abort(self, dest_key: str, upload_id: str) -> None:
        """Abort exactly this upload, of which parts may still be landing."""
        try:
            abort_until_gone(self._dest, self._spec.dest, dest_key, upload_id)
        except S3Error as error:
            if error.call != "ListParts" or error.reason is not Reason.DENIED:
                raise
            # It is aborted; who may not list parts cannot see more.

    def _completed_unheard(self, prepared: Prepared, dest_key: str, parts: list[Part], error: S3Error) -> Copied:
        """The upload is gone, or no answer came: if the object is there with these parts, it was completed."""
        if error.code != "NoSuchUpload" and error.status != 412 and not outcome_unknown(error.reason):
            raise error
        try:
            there = self._dest.head(self._spec.dest, dest_key)
        except S3Error:
            raise error from None
        if not is_since(there.modified, prepared.since) or (
            there.etag != multipart_etag(parts) and same_content(prepared.facts, there) is None
        ):
            raise error
        return Copied(there.etag, there.checksum)

    def _done_before(self, source: Listed, known: OpenUpload) -> tuple[Part, ...] | None:
        """The parts of a recorded upload; None if it is gone, or is aborted because it cannot be gone on with."""
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
        """The uploads of an earlier attempt that nobody goes on with."""
        if known is not None:
            self.abort(known.dest_key, known.upload_id)
        self._abort_unrecorded(dest_key)

    def _untold(self, source: Listed, number: int) -> S3Error:
        return S3Error(
            call="HeadObject", bucket=self._spec.source.name, key=source.key, code="MissingMetadata", status=200,
            message=f"{number} of its metadata entries cannot be told in a header (x-amz-missing-meta), and a copy in "
            "parts would lose them; say which metadata the copy shall have with metadata=, or metadata='drop'",
            reason=Reason.INVALID,
        )  # fmt: skip

    def _abort_unrecorded(self, dest_key: str) -> None:
        """Between creating an upload and saving its id a process may die: only a resumed run has to look.

        Aborted is only what was begun for exactly this key since this run began.
        """
        if self._resumed is not None and self._resumed.began:
            self._abort_begun_since(dest_key, self._resumed.began)

    def _create(self, dest_key: str, create: Args, now: str) -> str:
        """A new upload. One that was begun although no answer said so has nobody who knows its id: it is aborted."""
        try:
            return self._dest.create_upload(self._spec.dest, dest_key, create, now)
        except S3Error as error:
            if outcome_unknown(error.reason) and now:
                self._abort_begun_since(dest_key, now)
            raise

    def _abort_begun_since(self, dest_key: str, began: str) -> None:
        try:
            found = self._dest.uploads_of(self._spec.dest, dest_key)
        except S3Error as error:
            if error.reason is Reason.DENIED:
                return
            raise
        for upload_id, initiated in found:
            if is_since(initiated, began):
                self.abort(dest_key, upload_id)

    def _layout(self, source: Listed) -> int | None:
        """The source's own part size if it is uniform: then the copy has the same ETag. An explicit part_size wins."""
        parts = parts_in_etag(source.etag)
        if parts is None or self._spec.options.part_size is not None:
            return None
        try:
            version = self._spec.options.source_version_id
            first = self._source.head(self._spec.source, source.key, part=1, version=version)
        except S3Error:
            return None
        return uniform_part_bytes(source.size, parts, first.size) if first.parts == parts else None


def abort_until_gone(s3: S3, bucket: Bucket, key: str, upload_id: str) -> None:
    """Abort an upload of which parts may still be landing: S3 says to abort again until ListParts finds no upload.

    Raises S3Error also where the upload outlives that.
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
