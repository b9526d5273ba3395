"""The calls of multipart uploads with one boto3 client."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from s3_crosscopy.adapters.boto.conversions import CHECKSUM, bucket_params, completed_of, time_in
from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.adapters.boto.strict_parser import required
from s3_crosscopy.core.timestamps import is_since
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Part
from s3_crosscopy.model.operations import Copied
from s3_crosscopy.model.outcomes import Reason


class MultipartUploads:
    """The part of `BotoS3` for multipart uploads, without UploadPartCopy. See `ports.S3`."""

    _client: Any

    def create_upload(self, bucket: Bucket, key: str, args: Mapping[str, object], since: str = "") -> str:
        with translated("CreateMultipartUpload", bucket.name, key):
            payload = self._client.create_multipart_upload(Bucket=bucket.name, Key=key, **bucket_params(bucket), **args)
            upload_id = str(required(payload, "UploadId"))
        if payload["ResponseMetadata"].get("RetryAttempts") and since:
            for other, initiated in self.uploads_of(bucket, key):
                if other != upload_id and is_since(initiated, since):
                    self.abort_upload(bucket, key, other)
        return upload_id

    def complete_upload(
        self, bucket: Bucket, key: str, upload_id: str, parts: Sequence[Part], args: Mapping[str, object]
    ) -> Copied:
        rows = [{"PartNumber": part.number, "ETag": part.etag, **part.checksums} for part in parts]
        with translated("CompleteMultipartUpload", bucket.name, key):
            payload = self._client.complete_multipart_upload(
                Bucket=bucket.name,
                Key=key,
                UploadId=upload_id,
                MultipartUpload={"Parts": rows},
                **bucket_params(bucket),
                **args,
            )
        return completed_of(bucket, key, payload)

    def abort_upload(self, bucket: Bucket, key: str, upload_id: str) -> None:
        try:
            with translated("AbortMultipartUpload", bucket.name, key):
                self._client.abort_multipart_upload(
                    Bucket=bucket.name, Key=key, UploadId=upload_id, **bucket_params(bucket)
                )
        except S3Error as error:
            if error.reason is not Reason.MISSING:
                raise

    def list_parts(self, bucket: Bucket, key: str, upload_id: str) -> Sequence[Part]:
        with translated("ListParts", bucket.name, key):
            pages = self._client.get_paginator("list_parts").paginate(
                Bucket=bucket.name, Key=key, UploadId=upload_id, **bucket_params(bucket)
            )
            return [
                Part(
                    required(row, "PartNumber", "a part"),
                    required(row, "ETag", "a part").strip('"'),
                    {name: value for name, value in row.items() if name.startswith(CHECKSUM)},
                )
                for page in pages
                for row in page.get("Parts", ())
            ]

    def uploads_of(self, bucket: Bucket, key: str) -> Sequence[tuple[str, str]]:
        with translated("ListMultipartUploads", bucket.name, key):
            pages = self._client.get_paginator("list_multipart_uploads").paginate(
                Bucket=bucket.name, Prefix=key, **bucket_params(bucket)
            )
            rows = [row for page in pages for row in page.get("Uploads", ()) if row.get("Key") == key]
            return [(required(row, "UploadId", "an upload"), time_in(row, "Initiated", "an upload")) for row in rows]
