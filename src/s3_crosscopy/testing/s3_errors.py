"""Errors of the memory store: S3's codes with their statuses, and the request that they refer to."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import NamedTuple

from s3_crosscopy.core.error_codes import classify, is_own_head
from s3_crosscopy.errors import S3Error

STATUSES = {
    "AccessDenied": 403,
    "ObjectNotInActiveTierError": 403,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "NoSuchUpload": 404,
    "PreconditionFailed": 412,
    "NotImplemented": 501,
    "InvalidPartNumber": 416,
}
"""HTTP statuses by code; all other codes have 400."""


class Call(NamedTuple):
    """One request as errors name it: the API operation, and the bucket and key that it is about."""

    name: str
    bucket: str
    key: str
    request_id: str = ""

    def refused(self, code: str, message: str = "") -> S3Error:
        """Return S3's error. The response to a HEAD has no body with a code, only a status."""
        status = STATUSES.get(code, 400)
        if self.name.startswith("Head"):
            code, message = str(status), HTTPStatus(status).phrase
        return self._error(code, status, message)

    def never_sent(self, message: str) -> S3Error:
        """Return the error of a client library that refuses a request itself."""
        return self._error("ParamValidationError", 0, message)

    def check_args(self, args: Mapping[str, object], known: frozenset[str]) -> None:
        """Refuse a parameter that the operation does not have."""
        unknown = sorted(args.keys() - known)
        if unknown:
            raise self.never_sent(f"unknown parameters: {', '.join(unknown)}")

    def _error(self, code: str, status: int, message: str) -> S3Error:
        request_id = self.request_id if status else ""
        return S3Error(
            call=self.name,
            bucket=self.bucket,
            key=self.key,
            code=code,
            status=status,
            message=message,
            reason=classify(code, status, own_head=is_own_head(self.name, request_id)),
            request_id=request_id,
        )
