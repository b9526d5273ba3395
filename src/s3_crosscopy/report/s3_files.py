"""Files below an S3 prefix, through a boto3 client. The bucket may be in either account, or in a third one."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO, cast

from s3_crosscopy.adapters.boto.conversions import bucket_params
from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.core.error_codes import classify
from s3_crosscopy.errors import InvalidInput, S3Error
from s3_crosscopy.model.input_limits import ETAG_SEGMENT, FILE
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.report.names import LIMITS

CHUNK_BYTES = 1024 * 1024
AT_ONCE = 1000

# Without ContentEncoding: clients would unpack the file and keep the name of the packed one.
_TYPES = {
    "json": "application/json",
    "gz": "application/gzip",
    "parquet": "application/vnd.apache.parquet",
    "html": "text/html; charset=utf-8",
    "etags": "application/octet-stream",
}


class BucketFiles:
    """See `files.Files`. One PutObject replaces a whole file. Errors are S3Error.

    Every request names the bucket's expected owner, and who pays.
    """

    def __init__(self, client: Any, bucket: Bucket, prefix: str) -> None:
        self._client = client
        self._bucket = bucket.name
        self._bucket_params = bucket_params(bucket)
        self._prefix = prefix if prefix == "" or prefix.endswith("/") else prefix + "/"

    def where(self, name: str = "") -> str:
        return f"s3://{self._bucket}/{self._prefix}{name}"

    def check(self) -> None:
        """Does nothing: the bucket's policies decide who can write there."""

    def prepare(self) -> None:
        """Does nothing: only a write shows if it is permitted."""

    def write(self, name: str, data: bytes) -> None:
        key = self._prefix + name
        # A bucket with Object Lock requires a checksum, and every server supports this one.
        md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        content_type = _TYPES[name.rpartition(".")[2]]
        with translated("PutObject", self._bucket, key):
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=data, ContentMD5=md5, ContentType=content_type, **self._bucket_params
            )

    def remove(self, names: Sequence[str]) -> None:
        """Remove a thousand files with each request, the most that S3 takes."""
        for index in range(0, len(names), AT_ONCE):
            keys = [self._prefix + name for name in names[index : index + AT_ONCE]]
            with translated("DeleteObjects", self._bucket, keys[0]):
                objects = {"Objects": [{"Key": key} for key in keys], "Quiet": True}
                response = self._client.delete_objects(Bucket=self._bucket, Delete=objects, **self._bucket_params)
            for error in response.get("Errors", ())[:1]:
                raise _not_deleted(self._bucket, error)

    def open(self, name: str) -> BinaryIO:
        """Fetch the whole file at once: a connection that waits for a slow reader would be closed."""
        key = self._prefix + name
        file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
        try:
            with translated("GetObject", self._bucket, key):
                body = self._client.get_object(Bucket=self._bucket, Key=key, **self._bucket_params)["Body"]
                self._fetch(body, file, name)
        except InvalidInput:
            file.close()
            raise
        except S3Error as error:
            file.close()
            if error.reason is Reason.MISSING or error.code == "NoSuchBucket":
                raise FileNotFoundError(self.where(name)) from error
            raise
        file.seek(0)
        return file

    def _fetch(self, body: Any, file: BinaryIO, name: str) -> None:
        limit = LIMITS.get(name.rpartition("/")[2], ETAG_SEGMENT if name.endswith(".etags") else FILE)
        for chunk in body.iter_chunks(CHUNK_BYTES):
            if file.tell() + len(chunk) > limit.most:
                body.close()
                raise InvalidInput(f"{self.where(name)!r} {limit.exceeded}")
            file.write(chunk)


def _not_deleted(bucket: str, error: Mapping[str, str]) -> S3Error:
    """Return the error of one file of DeleteObjects, whose own answer is a success."""
    code = error.get("Code", "")
    return S3Error(
        call="DeleteObjects", bucket=bucket, key=error.get("Key", ""), code=code, status=200,
        message=error.get("Message", ""), reason=classify(code, 200), request_id="",
    )  # fmt: skip
