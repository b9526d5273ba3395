"""A boto3 client for reports and manifests that gets new credentials when its own expire during a run."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError, CredentialRetrievalError

from s3_crosscopy.adapters.boto.s3 import BotoS3
from s3_crosscopy.core.error_codes import expired


class RenewingClient:
    """Calls operations of a BotoS3's client, and repeats one whose credentials have expired with new ones.

    All clients of the principal share the new credentials. An operation raises S3Error if there are none.
    """

    def __init__(self, s3: BotoS3) -> None:
        self._s3 = s3

    def __getattr__(self, name: str) -> Any:
        operation = getattr(self._s3.client, name)
        if not callable(operation):
            return operation

        def call(*args: Any, **kwargs: Any) -> Any:
            try:
                return getattr(self._s3.client, name)(*args, **kwargs)
            except (ClientError, CredentialRetrievalError) as error:
                if not _expired(error):
                    raise
            self._s3.renew()
            return getattr(self._s3.client, name)(*args, **kwargs)

        return call


def _expired(error: ClientError | CredentialRetrievalError) -> bool:
    if isinstance(error, ClientError):
        return expired(str(error.response.get("Error", {}).get("Code", "")))
    return True
