"""Files below an S3 prefix, through a boto3 client. The bucket may be in either account, or in a third."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from typing import Any, BinaryIO, cast

from s3_crosscopy.adapters.boto.conversions import guards
from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.errors import InvalidInput, S3Error
from s3_crosscopy.model.input_limits import FILE
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason
from s3_crosscopy.report.names import LIMITS

CHUNK_BYTES = 1024 * 1024

# Nobody says ContentEncoding: clients that see it hand out the unpacked file under the packed one's name.
_TYPES = {
    "json": "application/json",
    "gz": "application/gzip",
    "parquet": "application/vnd.apache.parquet",
    "html": "text/html; charset=utf-8",
}


class BucketFiles:
    """See `files.Files`: one PutObject replaces a file whole. Errors are S3Error.

    The bucket's guards go along on every request.
    """

    def __init__(self, client: Any, bucket: Bucket, prefix: str) -> None:
        self._client = client
        self._bucket = bucket.name
        self._guards = guards(bucket)
        self._prefix = prefix if prefix == "" or prefix.endswith("/") else prefix + "/"

    def where(self, name: str = "") -> str:
        return f"s3://{self._bucket}/{self._prefix}{name}"

    def check(self) -> None:
        """Nothing: the bucket's policies say who may write there."""

    def prepare(self) -> None:
        """Nothing: only a write tells whether one may write."""

    def write(self, name: str, data: bytes) -> None:
        key = self._prefix + name
        # A bucket with Object Lock takes nothing without a checksum, and every server knows this one.
        md5 = base64.b64encode(hashlib.md5(data, usedforsecurity=False).digest()).decode()
        kind = _TYPES[name.rpartition(".")[2]]
        with translated("PutObject", self._bucket, key):
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=data, ContentMD5=md5, ContentType=kind, **self._guards
            )

    def open(self, name: str) -> BinaryIO:
        """The file is fetched at once: a connection that waits for a slow reader is cut in the middle."""
        key = self._prefix + name
        file = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
        try:
            with translated("GetObject", self._bucket, key):
                body = self._client.get_object(Bucket=self._bucket, Key=key, **self._guards)["Body"]
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
        limit = LIMITS.get(name.rpartition("/")[2], FILE)
        for chunk in body.iter_chunks(CHUNK_BYTES):
            if file.tell() + len(chunk) > limit.most:
                body.close()
                raise InvalidInput(f"{self.where(name)!r} {limit.exceeded}")
            file.write(chunk)
