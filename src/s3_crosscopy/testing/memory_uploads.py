"""Multipart uploads of the memory store, with S3's limits for parts and the checks of CompleteMultipartUpload."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Part
from s3_crosscopy.model.operations import Copied, CopyPart
from s3_crosscopy.testing import write_params as writing
from s3_crosscopy.testing.content import Content, joined
from s3_crosscopy.testing.memory_store import MemoryStore
from s3_crosscopy.testing.request_checks import Gate
from s3_crosscopy.testing.s3_errors import Call
from s3_crosscopy.testing.stored_objects import OpenUpload

MIN_PART_BYTES = 5 * 2**20
MAX_PART_BYTES = 5 * 2**30
MAX_PARTS = 10_000
COMPLETE_ARGS = frozenset({"ChecksumType", "IfMatch", "IfNoneMatch", "MpuObjectSize"})


class Uploads:
    """Upload operations of one principal; a base class of `MemoryS3`."""

    def __init__(self, store: MemoryStore, gate: Gate) -> None:
        self._store = store
        self._gate = gate

    def create(self, bucket: Bucket, key: str, args: Mapping[str, object]) -> str:
        call = self._gate.call("CreateMultipartUpload", bucket.name, key)
        call.check_args(args, writing.CREATE_ARGS)
        with self._store.lock:
            stored = self._gate.writable(call, bucket, key, {})
            if args.get("ChecksumType") == "FULL_OBJECT" and str(args.get("ChecksumAlgorithm")).startswith("SHA"):
                raise call.refused("InvalidRequest", "SHA checksums of parts do not add up to one of the object")
            if args.get("Tagging"):
                self._gate.check(call, "s3:PutObjectTagging", bucket, key)
            upload_id = self._store.next_id()
            stored.uploads[upload_id] = OpenUpload(key, dict(args), self._store.now())
            return upload_id

    def copy_part(self, op: CopyPart) -> Part:
        call = self._gate.call("UploadPartCopy", op.source.name, op.source_key)
        with self._store.lock:
            upload = self._upload(call, op.dest, op.dest_key, op.upload_id, "s3:PutObject")
            source = self._gate.source(call, op.source, op.source_key, op.if_match)
            if not 1 <= op.number <= MAX_PARTS:
                raise call.refused("InvalidArgument", f"Part number must be from 1 to {MAX_PARTS}")
            if not 0 <= op.first <= op.last < source.size:
                raise call.refused("InvalidArgument", f"Range is not valid for a source of size {source.size}")
            if op.last - op.first + 1 > MAX_PART_BYTES:
                raise call.refused("InvalidRequest", "larger than the maximum allowable size for a copy source")
            part = source.content.cut(op.first, op.last)
            upload.parts[op.number] = part
            return self._as_part(op.number, part, upload)

    def complete(
        self, bucket: Bucket, key: str, upload_id: str, parts: Sequence[Part], args: Mapping[str, object]
    ) -> Copied:
        call = self._gate.call("CompleteMultipartUpload", bucket.name, key)
        call.check_args(args, COMPLETE_ARGS)
        with self._store.lock:
            upload = self._upload(call, bucket, key, upload_id, "s3:PutObject")
            stored = self._gate.writable(call, bucket, key, args)
            contents = self._checked(call, upload, parts, args)
            new = self._store.made(
                joined(contents),
                contents,
                writing.encryption(stored, upload.args),
                checksum_args=upload.args,
                modified=upload.initiated,
                storage_class=writing.storage_class(upload.args),
                headers=writing.headers(upload.args),
                metadata=writing.metadata(upload.args),
                tags=writing.tags(upload.args),
            )
            stored.keep(key, new)
            del stored.uploads[upload_id]
            return Copied(new.etag, new.checksum)

    def abort(self, bucket: Bucket, key: str, upload_id: str) -> None:
        call = self._gate.call("AbortMultipartUpload", bucket.name, key)
        with self._store.lock:
            self._gate.bucket(call, bucket, "s3:AbortMultipartUpload", key).uploads.pop(upload_id, None)

    def list_parts(self, bucket: Bucket, key: str, upload_id: str) -> Sequence[Part]:
        call = self._gate.call("ListParts", bucket.name, key)
        with self._store.lock:
            upload = self._upload(call, bucket, key, upload_id, "s3:ListMultipartUploadParts")
            return [self._as_part(number, part, upload) for number, part in sorted(upload.parts.items())]

    def of_key(self, bucket: Bucket, key: str) -> Sequence[tuple[str, str]]:
        call = self._gate.call("ListMultipartUploads", bucket.name, key)
        with self._store.lock:
            uploads = self._gate.bucket(call, bucket, "s3:ListBucketMultipartUploads").uploads
            return [(upload_id, upload.initiated) for upload_id, upload in uploads.items() if upload.key == key]

    def _upload(self, call: Call, bucket: Bucket, key: str, upload_id: str, action: str) -> OpenUpload:
        upload = self._gate.bucket(call, bucket, action, key).uploads.get(upload_id)
        if upload is None or upload.key != key:
            raise call.refused("NoSuchUpload", "The specified upload does not exist.")
        return upload

    def _as_part(self, number: int, content: Content, upload: OpenUpload) -> Part:
        algorithm = upload.args.get("ChecksumAlgorithm")
        checksums = {f"Checksum{algorithm}": content.checksum(str(algorithm))} if algorithm else {}
        return Part(number, self._store.etag(content), checksums)

    def _checked(
        self, call: Call, upload: OpenUpload, parts: Sequence[Part], args: Mapping[str, object]
    ) -> list[Content]:
        """Return the parts named in CompleteMultipartUpload, if they match the upload and S3 accepts them."""
        if not parts:
            raise call.refused("MalformedXML", "no parts were named")
        numbers = [part.number for part in parts]
        if numbers != sorted(set(numbers)):
            raise call.refused("InvalidPartOrder", "The list of parts was not in ascending order.")
        for part in parts:
            if part.number not in upload.parts or not self._same(part, upload):
                raise call.refused("InvalidPart", f"Part {part.number} could not be found, or its ETag did not match.")
        contents = [upload.parts[number] for number in numbers]
        if any(content.size < MIN_PART_BYTES for content in contents[:-1]):
            raise call.refused("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
        size = sum(content.size for content in contents)
        if args.get("MpuObjectSize", size) != size:
            raise call.refused("InvalidRequest", f"The object has {size} bytes, not {args['MpuObjectSize']}")
        if args.get("ChecksumType", upload.args.get("ChecksumType")) != upload.args.get("ChecksumType"):
            raise call.refused("InvalidRequest", "The upload was created with another checksum type")
        return contents

    def _same(self, part: Part, upload: OpenUpload) -> bool:
        held = self._as_part(part.number, upload.parts[part.number], upload)
        return part.etag == held.etag and part.checksums.items() <= held.checksums.items()
