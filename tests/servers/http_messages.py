"""What a stub's rules see and say: a request as it was on the wire, a response, or "pass it on"."""

from __future__ import annotations

from dataclasses import dataclass, field
from email.message import Message
from enum import Enum
from typing import TypeAlias
from urllib.parse import parse_qsl, unquote

# (method, discriminating query parameter or None, has a copy source) -> the S3 operation.
OPERATIONS = {
    ("PUT", "partNumber", True): "UploadPartCopy",
    ("PUT", "partNumber", False): "UploadPart",
    ("PUT", "tagging", False): "PutObjectTagging",
    ("PUT", None, True): "CopyObject",
    ("PUT", None, False): "PutObject",
    ("GET", "list-type", False): "ListObjectsV2",
    ("GET", "tagging", False): "GetObjectTagging",
    ("GET", "uploads", False): "ListMultipartUploads",
    ("GET", "uploadId", False): "ListParts",
    ("GET", "attributes", False): "GetObjectAttributes",
    ("GET", "location", False): "GetBucketLocation",
    ("GET", "versioning", False): "GetBucketVersioning",
    ("GET", "encryption", False): "GetBucketEncryption",
    ("GET", "partNumber", False): "GetObject",
    ("GET", None, False): "GetObject",
    ("HEAD", "partNumber", False): "HeadObject",
    ("HEAD", None, False): "HeadObject",
    ("POST", "uploads", False): "CreateMultipartUpload",
    ("POST", "uploadId", False): "CompleteMultipartUpload",
    ("DELETE", "uploadId", False): "AbortMultipartUpload",
    ("DELETE", None, False): "DeleteObject",
}
# Of a bucket, with a path of one segment, the same requests mean something else.
BUCKET_OPERATIONS = {
    "PutObject": "CreateBucket",
    "GetObject": "ListObjects",
    "HeadObject": "HeadBucket",
    "DeleteObject": "DeleteBucket",
}
# A part number comes with an upload id, so it is asked for first.
DISCRIMINATORS = (
    "partNumber",
    "list-type",
    "tagging",
    "uploads",
    "uploadId",
    "attributes",
    "location",
    "versioning",
    "encryption",
)


@dataclass(frozen=True)
class Request:
    """One request. `target` is the raw path and query, as sent; `headers` are case-insensitive."""

    method: str
    target: str
    headers: Message[str, str]
    body: bytes

    @property
    def path(self) -> str:
        """The raw path: still percent-encoded, `//` and `/../` kept."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> dict[str, str]:
        return dict(parse_qsl(self.target.partition("?")[2], keep_blank_values=True))

    @property
    def bucket(self) -> str:
        """The bucket of a path-style request."""
        return unquote(self.path[1:].partition("/")[0])

    @property
    def key(self) -> str:
        return unquote(self.path[1:].partition("/")[2])

    @property
    def operation(self) -> str:
        """The S3 operation's name as boto3 knows it, the action of a query API (STS, IAM), or `Unknown`."""
        if self.method == "POST" and self.path == "/":
            return dict(parse_qsl(self.body.decode("latin-1"))).get("Action", "Unknown")
        query = self.query
        discriminator = next((name for name in DISCRIMINATORS if name in query), None)
        name = OPERATIONS.get((self.method, discriminator, "x-amz-copy-source" in self.headers), "Unknown")
        return name if self.key else BUCKET_OPERATIONS.get(name, name)


@dataclass(frozen=True)
class Response:
    """An answer. `drop` closes the connection without one; `cut_at` closes it after that many body bytes."""

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    delay_s: float = 0.0
    drop: bool = False
    cut_at: int | None = None


class Pass(Enum):
    """The answer of a rule that wants the upstream's."""

    FORWARD = "forward"


FORWARD = Pass.FORWARD
DROP = Response(drop=True)
Answer: TypeAlias = Response | Pass
