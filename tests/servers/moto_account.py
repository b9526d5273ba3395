"""Reads and writes what tests prepare and check in moto's memory: a hundredth of what a request by boto3 takes."""

# ruff: noqa: N803 - boto3's names

from __future__ import annotations

import base64
import hashlib
import io
import zlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from botocore.exceptions import ClientError
from moto.s3.models import FakeKey, s3_backends

METADATA = "x-amz-meta-"


@lru_cache(maxsize=8)
def _sums(body: bytes) -> tuple[str, str]:
    """MD5 and CRC-32: many tests write the same large object."""
    checksum = base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()
    return hashlib.md5(body, usedforsecurity=False).hexdigest(), checksum


class MotoAccount:
    """An account's boto3 client, some of whose operations take the short way. They know no other arguments."""

    def __init__(self, client: Any, account_id: str) -> None:
        self._client = client
        self._backend = s3_backends[account_id]["aws"]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def put_object(
        self, *, Bucket: str, Key: str, Body: bytes, Metadata: dict[str, str] | None = None, ContentType: str = ""
    ) -> None:
        etag, checksum = _sums(Body)
        stored = self._backend.put_object(Bucket, Key, Body, etag=etag)
        headers = {METADATA + name: value for name, value in (Metadata or {}).items()}
        stored.set_metadata({**headers, **({"Content-Type": ContentType} if ContentType else {})})
        # As boto3 sends it.
        stored.checksum_algorithm, stored.checksum_value = "CRC32", checksum

    def delete_object(self, *, Bucket: str, Key: str) -> None:
        self._backend.delete_object(Bucket, Key)

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        stored = self._stored("HeadObject", Bucket, Key)
        return {"ETag": stored.etag, "ContentLength": stored.contentsize}

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        stored = self._stored("GetObject", Bucket, Key)
        metadata = {k[len(METADATA) :]: v for k, v in stored.metadata.items() if k.startswith(METADATA)}
        content_type = stored.metadata["content-type"]
        return {"Body": io.BytesIO(stored.value), "ContentType": content_type, "Metadata": metadata}

    def list_multipart_uploads(self, *, Bucket: str) -> dict[str, Any]:
        uploads = self._backend.list_multipart_uploads(Bucket).items()
        rows = [{"Key": upload.key_name, "UploadId": upload_id} for upload_id, upload in uploads]
        return {"Uploads": sorted(rows, key=lambda row: row["Key"])}

    def get_paginator(self, operation: str) -> Any:
        return self if operation == "list_objects_v2" else self._client.get_paginator(operation)

    def paginate(self, *, Bucket: str, Prefix: str = "") -> Iterator[dict[str, Any]]:
        """All keys, in one page."""
        keys = self._backend.list_objects(self._backend.get_bucket(Bucket), Prefix, None, None, None)[0]
        yield {"Contents": [{"Key": key.name, "Size": key.contentsize, "ETag": key.etag} for key in keys]}

    def _stored(self, operation: str, bucket: str, key: str) -> FakeKey:
        stored = self._backend.get_object(bucket, key)
        if stored is None:
            raise ClientError({"Error": {"Code": "404", "Message": "Not Found"}}, operation)
        return stored
