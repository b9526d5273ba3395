"""Where moto and RGW differ from S3 in a self-test: what each shows instead. A test asserts these and no others."""

from __future__ import annotations

from collections.abc import Mapping

DONE = "done"
NO_TAGS = "tags nothing instead of "
"""The beginning of a text that goes on with the tags."""

MOTO: Mapping[str, str] = {
    # Its router knows no line ends in a path.
    "key-line-ends.written": "PutObject: 404 404",
    "default.encryption": "not encrypted",
    "default.checksum": "none",
    "default.rfc-2047": "as it was sent",
    # HEAD does not tell the number of parts; GET does.
    "parts-composite.written": "checksum COMPOSITE CRC32 ",
    "parts-sha256.written": "checksum COMPOSITE SHA256 ",
    # It fails over them itself.
    "request.head.no-such-part": "500",
    "request.part.aborted": "500",
    # It ignores expected owners, preconditions of copies, and sizes.
    "request.head.owner": DONE,
    "request.list.owner": DONE,
    "request.copy.owner": DONE,
    "request.copy.source-owner": DONE,
    "request.copy.source-etag": DONE,
    "request.copy.if-match-missing": DONE,
    "request.copy.if-none-match": DONE,
    "request.copy.if-match": DONE,
    "request.put.key-limit": DONE,
    "request.part.source-etag": DONE,
    "request.part.source-owner": DONE,
    "request.part.beyond": DONE,
    "request.complete.if-match": DONE,
    "request.complete.size": DONE,
    "run.expected_bucket_owner": "2 copied",
    # It says of every upload that it began in 2010, so that a resume takes it for somebody else's.
    "unrecorded-upload.requests": "a new one with parts 1, 2, 3",
    "unrecorded-upload.left": "1 upload with part 1",
    # It loses tags between accounts.
    "tags.boto3": NO_TAGS,
    "tags.fast": NO_TAGS,
    "ten-tags.boto3": NO_TAGS,
    "ten-tags.fast": NO_TAGS,
}

RGW_LEFT_OUT = ("key-not-in-xml", "key-noncharacter", "parts-awkward-key")
"""It answers a listing with such keys with 500, and dies of a percent sign in the key of a part's source."""

RGW: Mapping[str, str] = {
    # It has no storage class but STANDARD, and no encryption without a key server.
    "storage-class.written": "PutObject: 400 InvalidArgument",
    "sse-s3.written": "PutObject: 400 InvalidRequest",
    "default.encryption": "not encrypted",
    # It writes - for _ in the name of metadata.
    "metadata.written": "metadata x-y-z",
    # It has no checksums.
    "checksum-crc32.written": "checksum none",
    "checksum-crc32c.written": "checksum none",
    "checksum-crc64nvme.written": "checksum none",
    "checksum-sha1.written": "checksum none",
    "checksum-sha256.written": "checksum none",
    "parts-uneven.written": "checksum none",
    "parts-sha256.written": "checksum none",
    "parts-composite.written": "checksum none",
    "default.checksum": "none",
    # It ignores the tags of CreateMultipartUpload.
    "parts-everything.written": "tags nothing",
    # It returns the bytes of metadata as they were sent, and no Region.
    "default.rfc-2047": "as it was sent",
    "bucket.region": "nothing",
    # It ignores part numbers in HEAD, so that a copy cannot repeat the layout, and is copied again.
    "head.part": "10486760 bytes, unknown parts",
    "request.head.no-such-part": "done",
    "parts-uniform.boto3": "etag ",
    "parts-everything.boto3": "etag ",
    "parts-sha256.boto3": "etag ",
    "parts-composite.boto3": "etag ",
    "parts-uniform.fast": "etag ",
    "parts-everything.fast": "etag ",
    "parts-sha256.fast": "etag ",
    "parts-composite.fast": "etag ",
    "run.again": "5 copied 51 skipped",
    # It ignores expected owners and preconditions.
    "request.head.owner": "done",
    "request.list.owner": "done",
    "request.copy.owner": "done",
    "request.copy.source-owner": "done",
    "request.copy.source-etag": "done",
    "request.copy.if-match-missing": "done",
    "request.copy.if-none-match": "done",
    "request.copy.if-match": "done",
    "request.delete.if-match": "done",
    "request.part.source-etag": "done",
    "request.part.source-owner": "done",
    "request.complete.if-none-match": "done",
    "request.complete.if-match": "done",
    "request.complete.size": "done",
    "run.expected_bucket_owner": "2 copied",
    # Its codes are other ones.
    "request.put.key-limit": "400 InvalidObjectName",
    "request.list-parts.aborted": "404 NoSuchKey",
    # It keeps the ETag in CopyObject.
    "metadata-non-ascii.whole": "etag ",
    "parts-uniform.whole": "etag ",
    "parts-uneven.whole": "etag ",
    "parts-everything.whole": "etag ",
    "parts-sha256.whole": "etag ",
    "parts-composite.whole": "etag ",
}
