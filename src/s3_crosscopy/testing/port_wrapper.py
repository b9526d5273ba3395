"""Wraps a blocking S3 client: the common base of faults and request budgets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Facts, Page, Part, Version
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, ListPage
from s3_crosscopy.ports import BlockingS3

T = TypeVar("T")


class Wrapped:
    """See `ports.BlockingS3`. Every request goes through `_request`, which a subclass overrides."""

    def __init__(self, inner: BlockingS3) -> None:
        self._inner = inner

    def _request(self, call: str, bucket: str, key: str, send: Callable[[], T]) -> T:
        """Make a request by calling `send`. call: the API operation; bucket and key as in its errors."""
        return send()

    def list_page(self, op: ListPage) -> Page:
        return self._request("ListObjectsV2", op.bucket.name, op.prefix, lambda: self._inner.list_page(op))

    def copy(self, op: Copy) -> Copied:
        return self._request("CopyObject", op.source.name, op.source_key, lambda: self._inner.copy(op))

    def copy_part(self, op: CopyPart) -> Part:
        return self._request("UploadPartCopy", op.source.name, op.source_key, lambda: self._inner.copy_part(op))

    def head(
        self,
        bucket: Bucket,
        key: str,
        *,
        if_match: str | None = None,
        part: int | None = None,
        version: str | None = None,
    ) -> Facts:
        def send() -> Facts:
            return self._inner.head(bucket, key, if_match=if_match, part=part, version=version)

        return self._request("HeadObject", bucket.name, key, send)

    def tags(self, bucket: Bucket, key: str, version: str | None = None) -> Mapping[str, str]:
        return self._request("GetObjectTagging", bucket.name, key, lambda: self._inner.tags(bucket, key, version))

    def put_tags(self, bucket: Bucket, key: str, tags: Mapping[str, str]) -> None:
        self._request("PutObjectTagging", bucket.name, key, lambda: self._inner.put_tags(bucket, key, tags))

    def delete_object(self, bucket: Bucket, key: str, etag: str, version: str = "") -> str:
        def send() -> str:
            return self._inner.delete_object(bucket, key, etag, version)

        return self._request("DeleteObject", bucket.name, key, send)

    def versioning(self, bucket: Bucket) -> str:
        return self._request("GetBucketVersioning", bucket.name, "", lambda: self._inner.versioning(bucket))

    def newest_version(self, bucket: Bucket, key: str) -> Version | None:
        return self._request("ListObjectVersions", bucket.name, key, lambda: self._inner.newest_version(bucket, key))

    def create_upload(self, bucket: Bucket, key: str, args: Mapping[str, object], since: str = "") -> str:
        def send() -> str:
            return self._inner.create_upload(bucket, key, args, since)

        return self._request("CreateMultipartUpload", bucket.name, key, send)

    def complete_upload(
        self, bucket: Bucket, key: str, upload_id: str, parts: Sequence[Part], args: Mapping[str, object]
    ) -> Copied:
        def send() -> Copied:
            return self._inner.complete_upload(bucket, key, upload_id, parts, args)

        return self._request("CompleteMultipartUpload", bucket.name, key, send)

    def abort_upload(self, bucket: Bucket, key: str, upload_id: str) -> None:
        def send() -> None:
            self._inner.abort_upload(bucket, key, upload_id)

        self._request("AbortMultipartUpload", bucket.name, key, send)

    def list_parts(self, bucket: Bucket, key: str, upload_id: str) -> Sequence[Part]:
        return self._request("ListParts", bucket.name, key, lambda: self._inner.list_parts(bucket, key, upload_id))

    def uploads_of(self, bucket: Bucket, key: str) -> Sequence[tuple[str, str]]:
        return self._request("ListMultipartUploads", bucket.name, key, lambda: self._inner.uploads_of(bucket, key))

    def renew(self) -> None:
        self._inner.renew()

    def refresh_due(self) -> bool:
        return self._inner.refresh_due()

    def refresh(self) -> bool:
        return self._inner.refresh()

    def region(self, bucket: Bucket) -> str | None:
        return self._request("HeadBucket", bucket.name, "", lambda: self._inner.region(bucket))

    def throttled(self) -> int:
        return self._inner.throttled()
