"""Checks of single requests: preconditions that must refuse, owners that must be denied, and what S3 answers else.

Each row is one request that changes nothing if S3 does what its documentation says. If a server does not, it may write
a copy below the own prefix, which is removed like all others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from s3_crosscopy.selftest.bench import OBJECTS, Bench
from s3_crosscopy.selftest.object_specs import MIB
from s3_crosscopy.selftest.own_prefix import OwnPrefix, Response
from s3_crosscopy.selftest.verdicts import Check

NOBODY = "000000000000"
"""An id of no account."""
OTHER = '"00000000000000000000000000000000"'
"""An ETag of no object."""
ANY_REFUSAL = "refused"
"""For requests whose error code the documentation does not name."""
REFUSED, DENIED, ABSENT = "412 PreconditionFailed", "403 AccessDenied", "404 NoSuchKey"


class RequestContext(NamedTuple):
    """The keys and the open upload that the requests are about."""

    source: OwnPrefix
    dest: OwnPrefix
    upload: str

    @property
    def plain(self) -> dict[str, str]:
        """The small object of the source, as `CopySource`."""
        return {"Bucket": self.source.bucket.name, "Key": self.source.key(f"{OBJECTS}plain.txt")}

    @property
    def large(self) -> dict[str, str]:
        """An object of three parts of the source, as `CopySource`."""
        return {"Bucket": self.source.bucket.name, "Key": self.source.key(f"{OBJECTS}parts/uniform")}

    @property
    def existing(self) -> str:
        """A key of the destination that has an object."""
        return self.dest.key("requests/existing")

    @property
    def new(self) -> str:
        """A key of the destination that has none."""
        return self.dest.key("requests/new")

    def part(self, **args: Any) -> dict[str, Any]:
        """Return the parameters of an UploadPartCopy of the open upload."""
        return {"Key": self.existing, "UploadId": self.upload, "PartNumber": 1, "CopySource": self.large, **args}


class RequestCheck(NamedTuple):
    """One request: at the source or the destination, its parameters, and the outcome that the fact says."""

    id: str
    subject: str
    fact: str
    expected: str
    at_source: bool
    call: str
    args: Callable[[RequestContext], Mapping[str, Any]]


_Context = RequestContext

REQUEST_CHECKS: tuple[RequestCheck, ...] = (
    RequestCheck("head.missing", "HEAD of a missing key", "missing", "404", True, "HeadObject",
                 lambda keys: {"Key": keys.source.key("no-such-key")}),
    RequestCheck("head.other-etag", "HEAD with another ETag", "source-condition", "412", True, "HeadObject",
                 lambda keys: {"Key": keys.plain["Key"], "IfMatch": OTHER}),
    RequestCheck("head.no-such-part", "HEAD of part 99", "part-range", "416", True, "HeadObject",
                 lambda keys: {"Key": keys.large["Key"], "PartNumber": 99}),
    RequestCheck("head.owner", "HEAD that expects another owner", "owner", "403", True, "HeadObject",
                 lambda keys: {"Key": keys.plain["Key"], "ExpectedBucketOwner": NOBODY}),
    RequestCheck("list.owner", "LIST that expects another owner", "owner", DENIED, False, "ListObjectsV2",
                 lambda keys: {"Prefix": keys.dest.prefix, "ExpectedBucketOwner": NOBODY}),
    RequestCheck("copy.owner", "copy that expects another owner of the destination", "owner", DENIED, False,
                 "CopyObject", lambda keys: {"Key": keys.new, "CopySource": keys.plain, "ExpectedBucketOwner": NOBODY}),
    RequestCheck("copy.source-owner", "copy that expects another owner of the source", "source-owner", DENIED, False,
                 "CopyObject",
                 lambda keys: {"Key": keys.new, "CopySource": keys.plain, "ExpectedSourceBucketOwner": NOBODY}),
    RequestCheck("copy.source-etag", "copy of a source with another ETag", "source-condition", REFUSED, False,
                 "CopyObject", lambda keys: {"Key": keys.new, "CopySource": keys.plain, "CopySourceIfMatch": OTHER}),
    RequestCheck("copy.missing", "copy of a missing source", "missing-source", ABSENT, False, "CopyObject",
                 lambda keys: {"Key": keys.new, "CopySource": {**keys.plain, "Key": keys.source.key("no-such-key")}}),
    RequestCheck("copy.if-match-missing", "copy with If-Match to a missing key", "if-match-missing", ABSENT, False,
                 "CopyObject", lambda keys: {"Key": keys.new, "CopySource": keys.plain, "IfMatch": OTHER}),
    RequestCheck("copy.if-none-match", "copy with If-None-Match to an existing key", "if-none-match", REFUSED, False,
                 "CopyObject", lambda keys: {"Key": keys.existing, "CopySource": keys.plain, "IfNoneMatch": "*"}),
    RequestCheck("copy.if-match", "copy with If-Match to a key with another ETag", "if-match", REFUSED, False,
                 "CopyObject", lambda keys: {"Key": keys.existing, "CopySource": keys.plain, "IfMatch": OTHER}),
    RequestCheck("delete.if-match", "delete of a key with another ETag", "delete-condition", REFUSED, False,
                 "DeleteObject", lambda keys: {"Key": keys.existing, "IfMatch": OTHER}),
    RequestCheck("put.key-limit", "PUT of a key of 1,025 bytes", "key-limit", "400 KeyTooLongError", False, "PutObject",
                 lambda keys: {"Key": keys.dest.prefix.ljust(1025, "k"), "Body": b""}),
    RequestCheck("part.source-etag", "part of a source with another ETag", "source-condition", REFUSED, False,
                 "UploadPartCopy", lambda keys: keys.part(CopySourceIfMatch=OTHER)),
    RequestCheck("part.source-owner", "part that expects another owner of the source", "source-owner", DENIED, False,
                 "UploadPartCopy", lambda keys: keys.part(ExpectedSourceBucketOwner=NOBODY)),
    RequestCheck("part.beyond", "part beyond the source's end", "part-beyond", ANY_REFUSAL, False,
                 "UploadPartCopy", lambda keys: keys.part(CopySourceRange=f"bytes=0-{11 * MIB}")),
)  # fmt: skip


def check_requests(bench: Bench) -> None:
    """Send each request of the table, then those that end an upload."""
    _prepare(bench)
    upload = bench.dest.must("CreateMultipartUpload", Key=bench.dest.key("requests/existing"))["UploadId"]
    context = RequestContext(bench.source, bench.dest, upload)
    for row in REQUEST_CHECKS:
        check = Check(f"request.{row.id}", row.subject, row.fact, row.expected)
        if check.id in bench.skip:
            bench.leave_out([check], "left out by --skip")
            continue
        place = context.source if row.at_source else context.dest
        response = place.send(row.call, **row.args(context))
        outcome = response.outcome
        bench.judge(check, ANY_REFUSAL if row.expected == ANY_REFUSAL and response.refused else outcome)
        if outcome == "done" and not row.at_source:
            _prepare(bench)
    _check_completion(bench, context)


def _prepare(bench: Bench) -> None:
    """Make sure that one key of the destination exists, and another does not."""
    bench.dest.must("PutObject", Key=bench.dest.key("requests/existing"), Body=b"existing")
    if bench.dest.send("HeadObject", Key=bench.dest.key("requests/new")).error is None:
        bench.dest.send("DeleteObject", Key=bench.dest.key("requests/new"))


def _check_completion(bench: Bench, context: RequestContext) -> None:
    """Check what refuses the end of an upload, and that an aborted one is gone."""
    part = bench.dest.must("UploadPart", Key=context.existing, UploadId=context.upload, PartNumber=1, Body=b"part")
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
    end = {"Key": context.existing, "UploadId": context.upload, "MultipartUpload": parts}

    def judge(name: str, subject: str, fact: str, expected: str, response: Response) -> None:
        bench.judge(Check(f"request.{name}", subject, fact, expected), response.outcome)

    send = bench.dest.send
    # From the one that is known to refuse to those that some servers ignore: such a one ends the upload.
    judge(
        "complete.if-none-match",
        "end of an upload to an existing key, with If-None-Match",
        "if-none-match",
        REFUSED,
        send("CompleteMultipartUpload", **end, IfNoneMatch="*"),
    )
    judge(
        "complete.if-match",
        "end of an upload to a key with another ETag",
        "if-match",
        REFUSED,
        send("CompleteMultipartUpload", **end, IfMatch=OTHER),
    )
    judge(
        "complete.size",
        "end of an upload of another size",
        "size-condition",
        "400 InvalidRequest",
        send("CompleteMultipartUpload", **end, MpuObjectSize=5),
    )
    send("AbortMultipartUpload", Key=context.existing, UploadId=context.upload)
    judge(
        "list-parts.aborted",
        "parts of an aborted upload",
        "no-upload",
        "404 NoSuchUpload",
        send("ListParts", Key=context.existing, UploadId=context.upload),
    )
    judge(
        "part.aborted",
        "part for an aborted upload",
        "no-upload",
        "404 NoSuchUpload",
        send("UploadPartCopy", **context.part()),
    )
