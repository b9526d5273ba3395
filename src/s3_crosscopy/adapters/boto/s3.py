"""Implements the S3 ports with one boto3 client: one call a request, with botocore's own retries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

from botocore.exceptions import ClientError

from s3_crosscopy.adapters.boto.control_characters import read_every_key
from s3_crosscopy.adapters.boto.conversions import (
    bucket_params,
    copy_conditions,
    copy_members,
    copy_of,
    copy_source,
    page_of,
    part_of,
    quoted,
)
from s3_crosscopy.adapters.boto.current_credentials import credentials_of, due, refresh
from s3_crosscopy.adapters.boto.error_mapping import credential_errors_translated, from_response, translated
from s3_crosscopy.adapters.boto.head_result import facts_of
from s3_crosscopy.adapters.boto.many_headers import take_many_headers
from s3_crosscopy.adapters.boto.multipart_uploads import MultipartUploads
from s3_crosscopy.adapters.boto.object_headers import send_unchanged
from s3_crosscopy.adapters.boto.object_versions import ObjectVersions
from s3_crosscopy.adapters.boto.quick_pages import page_in, read_quickly, wanted
from s3_crosscopy.adapters.boto.redirects import ask_once
from s3_crosscopy.adapters.boto.response_limits import bound_answers
from s3_crosscopy.adapters.boto.strict_parser import required
from s3_crosscopy.core.error_codes import classify, not_found
from s3_crosscopy.core.transfer.preconditions import precondition
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.objects import Facts, Page, Part
from s3_crosscopy.model.operations import Copied, Copy, CopyPart, ListPage
from s3_crosscopy.model.outcomes import Reason

NO_TAGS = frozenset({"NoSuchTagSet", "NoSuchTagSetError"})
"""Codes by which Wasabi, versitygw and others report an object without tags; S3 returns an empty set."""


class BotoS3(MultipartUploads, ObjectVersions):
    """See `ports.BlockingS3`.

    `new_client` is called when a token has expired. It returns a client with credentials that were read again, or None
    if that is not possible, and raises a CrossCopyError if there are no credentials.
    """

    def __init__(self, client: Any, new_client: Callable[[], Any | None] = lambda: None) -> None:
        self._new_client = new_client
        self._throttled = 0
        self._lock = threading.Lock()
        self._use(client)

    @property
    def client(self) -> Any:
        """The boto3 client, for requests that are not part of the port."""
        return self._client

    def _use(self, client: Any) -> None:
        client.meta.events.register("needs-retry.s3", self._attempt_ended)
        send_unchanged(client)
        read_every_key(client)
        read_quickly(client)
        take_many_headers(client)
        bound_answers(client)
        ask_once(client)
        known = copy_members(client.meta.service_model)
        # Older botocore has no annotations to exclude; S3 then copies them (and bills each).
        self._unknown_args = {"AnnotationDirective"} - known.keys()
        # Last, when it is ready: other threads use it from now on.
        self._client = client

    def list_page(self, op: ListPage) -> Page:
        args: dict[str, Any] = {"Prefix": op.prefix, "MaxKeys": op.max_keys, **bucket_params(op.bucket)}
        args["OptionalObjectAttributes"] = ["RestoreStatus"]
        if op.token is not None:
            args["ContinuationToken"] = op.token
        elif op.start_after:
            args["StartAfter"] = op.start_after
        with translated("ListObjectsV2", op.bucket.name, op.prefix), wanted(op):
            payload = self._client.list_objects_v2(Bucket=op.bucket.name, **args)
        return page_in(payload) or page_of(op, payload)

    def copy(self, op: Copy) -> Copied:
        args = {name: value for name, value in op.all_args().items() if name not in self._unknown_args}
        with translated("CopyObject", op.source.name, op.source_key):
            payload = self._client.copy_object(
                Bucket=op.dest.name,
                Key=op.dest_key,
                CopySource=copy_source(op),
                **copy_conditions(op),
                **precondition(op.expected),
                **args,
            )
        return copy_of(op, payload.get("CopyObjectResult", {}))

    def copy_part(self, op: CopyPart) -> Part:
        with translated("UploadPartCopy", op.source.name, op.source_key):
            payload = self._client.upload_part_copy(
                Bucket=op.dest.name,
                Key=op.dest_key,
                UploadId=op.upload_id,
                PartNumber=op.number,
                CopySource=copy_source(op),
                CopySourceRange=f"bytes={op.first}-{op.last}",
                **copy_conditions(op),
            )
        return part_of(op, payload.get("CopyPartResult", {}))

    def head(
        self,
        bucket: Bucket,
        key: str,
        *,
        if_match: str | None = None,
        part: int | None = None,
        version: str | None = None,
    ) -> Facts:
        args: dict[str, Any] = {"ChecksumMode": "ENABLED", **bucket_params(bucket)}
        if if_match:
            args["IfMatch"] = quoted(if_match)
        if part is not None:
            args["PartNumber"] = part
        if version is not None:
            args["VersionId"] = version
        with translated("HeadObject", bucket.name, key):
            payload = self._client.head_object(Bucket=bucket.name, Key=key, **args)
        return facts_of(bucket.name, key, payload)

    def tags(self, bucket: Bucket, key: str, version: str | None = None) -> Mapping[str, str]:
        which = {"VersionId": version} if version is not None else {}
        try:
            with translated("GetObjectTagging", bucket.name, key):
                payload = self._client.get_object_tagging(Bucket=bucket.name, Key=key, **which, **bucket_params(bucket))
                # Ceph 16 returns 200 with an empty body for a multipart object without tags; access denied is a 403.
                return {required(tag, "Key", "a tag"): tag.get("Value", "") for tag in payload.get("TagSet", ())}
        except S3Error as error:
            if error.code not in NO_TAGS:
                raise
            return {}

    def put_tags(self, bucket: Bucket, key: str, tags: Mapping[str, str]) -> None:
        tagging = {"TagSet": [{"Key": name, "Value": value} for name, value in tags.items()]}
        with translated("PutObjectTagging", bucket.name, key):
            self._client.put_object_tagging(Bucket=bucket.name, Key=key, Tagging=tagging, **bucket_params(bucket))

    def renew(self) -> None:
        with credential_errors_translated():
            client = self._new_client()
        if client is not None:
            self._use(client)

    def refresh_due(self) -> bool:
        return due(credentials_of(self._client))

    def refresh(self) -> bool:
        return refresh(credentials_of(self._client))

    def region(self, bucket: Bucket) -> str | None:
        owner = {"ExpectedBucketOwner": bucket.owner} if bucket.owner is not None else {}
        try:
            with translated("HeadBucket", bucket.name, ""):
                try:
                    payload = self._client.head_bucket(Bucket=bucket.name, **owner)
                except ClientError as error:
                    if not_found(from_response("HeadBucket", bucket.name, "", error).reason):
                        raise
                    payload = error.response
        except S3Error as error:
            if not_found(error.reason) or error.reason in (Reason.CREDENTIALS, Reason.TIMED_OUT):
                raise
            return None
        headers = payload.get("ResponseMetadata", {}).get("HTTPHeaders", {})
        region = headers.get("x-amz-bucket-region")
        return str(region) if region else None

    def throttled(self) -> int:
        return self._throttled

    def _attempt_ended(self, response: tuple[Any, Any] | None, **_: object) -> None:
        """Count a throttled attempt: botocore calls its retry handlers after each one, also if it retries."""
        if response is None:
            return
        http, payload = response
        code = str(payload.get("Error", {}).get("Code", ""))
        if http.status_code >= 400 and classify(code, http.status_code) is Reason.THROTTLED:
            with self._lock:
                self._throttled += 1
