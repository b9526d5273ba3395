"""One upload's blocking requests: what is asked before its first part and after its last. Run on the cold pool."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.checkpoint import CheckpointState, OpenUpload
from s3_crosscopy.model.objects import Facts, Listed, Part
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.model.requests import Copied
from s3_crosscopy.plan.classify import uncertain
from s3_crosscopy.plan.parts import choose_part_bytes, parts_in_etag, uniform_part_bytes
from s3_crosscopy.plan.properties import Args, Subject, complete_args, create_args, tags_afterwards
from s3_crosscopy.plan.resolve import Spec
from s3_crosscopy.plan.verify import multipart_etag, same_content
from s3_crosscopy.ports import S3

ABORTS = 3
"""How often an abort is repeated that a part on its way may have undone."""


class Prepared(NamedTuple):
    """What a large copy needs before its first part. `done` are the parts that an earlier attempt copied."""

    facts: Facts
    subject: Subject
    create: Args
    part_bytes: int
    upload_id: str
    done: tuple[Part, ...]


class Uploads:
    """Prepares, completes and aborts uploads; keeps nothing. `resumed` is what an earlier attempt left, or None."""

    def __init__(self, spec: Spec, source: S3, dest: S3, resumed: CheckpointState | None) -> None:
        self._spec = spec
        self._source = source
        self._dest = dest
        self._resumed = resumed

    def prepare(self, source: Listed, known: OpenUpload | None) -> Prepared:
        """Everything before the first part: facts, tags, layout, and the upload, which may be a `known` one."""
        spec = self._spec
        version = spec.options.source_version_id
        facts = self._source.head(spec.source, source.key, if_match=source.etag, version=version)
        tags = self._source.tags(spec.source, source.key, version) if spec.options.tags == "keep" else {}
        subject = Subject(spec.options, source.storage_class, facts, tags)
        create = create_args(subject)
        done = self._done_before(source, known) if known is not None else None
        if known is not None and done is not None:
            return Prepared(facts, subject, create, known.part_bytes, known.upload_id, done)
        self._abort_unrecorded(spec.dest_key(source.key))
        part_bytes = self._layout(source) or choose_part_bytes(
            source.size, spec.options.part_size, spec.options.max_concurrency
        )
        upload_id = self._create(spec.dest_key(source.key), create, facts.date)
        return Prepared(facts, subject, create, part_bytes, upload_id, ())

    def complete(self, source: Listed, prepared: Prepared, done: Sequence[Part]) -> Copied:
        """Everything after the last part. Where the answer is lost, a HEAD tells whether it was done."""
        dest, dest_key = self._spec.dest, self._spec.dest_key(source.key)
        args = complete_args(self._spec.options, source.size, prepared.create)
        parts = sorted(done)
        try:
            copied = self._dest.complete_upload(dest, dest_key, prepared.upload_id, parts, args)
        except S3Error as error:
            copied = self._completed_unheard(prepared, dest_key, parts, error)
        later = tags_afterwards(prepared.subject)
        if later:
            self._dest.put_tags(dest, dest_key, later)
        if copied.etag == "":
            facts = self._dest.head(dest, dest_key)
            copied = Copied(facts.etag, facts.checksum)
        return copied

    def abort(self, dest_key: str, upload_id: str, *, unheard: bool = False) -> None:
        """Abort exactly this upload.

        With `unheard` a part may still be landing: S3 says to abort again until ListParts finds no upload.
        """
        self._dest.abort_upload(self._spec.dest, dest_key, upload_id)
        if not unheard:
            return
        for _ in range(ABORTS):
            try:
                self._dest.list_parts(self._spec.dest, dest_key, upload_id)
            except S3Error as error:
                if error.reason is Reason.MISSING:
                    return
                raise
            self._dest.abort_upload(self._spec.dest, dest_key, upload_id)

    def _completed_unheard(self, prepared: Prepared, dest_key: str, parts: list[Part], error: S3Error) -> Copied:
        """The upload is gone, or no answer came: if the object is there with these parts, it was completed."""
        if error.code != "NoSuchUpload" and error.status != 412 and not uncertain(error.reason):
            raise error
        try:
            there = self._dest.head(self._spec.dest, dest_key)
        except S3Error:
            raise error from None
        if there.etag != multipart_etag(parts) and same_content(prepared.facts, there) is None:
            raise error
        return Copied(there.etag, there.checksum)

    def _done_before(self, source: Listed, known: OpenUpload) -> tuple[Part, ...] | None:
        """The parts of a recorded upload; None if it is gone, or was of another source and is aborted therefore."""
        if known.etag != source.etag:
            self.abort(known.dest_key, known.upload_id)
            return None
        try:
            return tuple(self._dest.list_parts(self._spec.dest, known.dest_key, known.upload_id))
        except S3Error as error:
            if error.reason is Reason.MISSING:
                return None
            raise

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
            if uncertain(error.reason) and now:
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
            if initiated[:19] >= began[:19]:
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
