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
    # It loses tags between accounts.
    "tags.boto3": NO_TAGS,
    "tags.fast": NO_TAGS,
    "ten-tags.boto3": NO_TAGS,
    "ten-tags.fast": NO_TAGS,
}
