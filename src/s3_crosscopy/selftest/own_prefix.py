"""The only way in which a self-test writes or deletes: below one new prefix, and nowhere else."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.adapters.boto.method_names import method_of
from s3_crosscopy.core.error_codes import expired
from s3_crosscopy.errors import PermanentFailure, S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason

if TYPE_CHECKING:
    from s3_crosscopy.adapters.boto.s3 import BotoS3


class Response(NamedTuple):
    """The payload of a request, or its error."""

    payload: Mapping[str, Any] | None
    error: S3Error | None = None

    @property
    def refused(self) -> bool:
        """True if S3 refused the request, and did not fail itself."""
        return self.error is not None and 400 <= self.error.status < 500

    @property
    def outcome(self) -> str:
        """Return "done", or status and error code. HEAD has no code but the status."""
        if self.error is None:
            return "done"
        error = self.error
        return str(error.status) if error.code == str(error.status) else f"{error.status} {error.code}"


class OutsidePrefix(RuntimeError):
    """A bug: a self-test was about to touch a key that is not its own. Nothing was sent."""


class CredentialsRefused(PermanentFailure):
    """S3 accepts no more requests of this principal."""


class OwnPrefix:
    """One side of a self-test: a principal's client for the bucket, and the new prefix there.

    `sent` counts the requests by API name.
    """

    def __init__(self, s3: BotoS3, bucket: str, prefix: str) -> None:
        self.s3, self.bucket, self.prefix = s3, Bucket(bucket), prefix
        self.sent: Counter[str] = Counter()

    @property
    def url(self) -> str:
        """The `s3://` URL of the prefix."""
        return f"s3://{self.bucket.name}/{self.prefix}"

    def key(self, relative: str) -> str:
        """Return the whole key."""
        return self.prefix + relative

    def send(self, call: str, **args: Any) -> Response:
        """Send a request by its API name. Raises OutsidePrefix before it would touch a key outside.

        An expired token is read again once. Raises CredentialsRefused if that does not help, and for
        other credentials that S3 does not accept.
        """
        self._check(call, args)
        response = self._sent(call, args)
        if response.error is not None and expired(response.error.code, response.error.status, call):
            response = self._renewed(call, args, response.error)
        if response.error is not None and _ends_all(response.error):
            raise CredentialsRefused(str(response.error)) from response.error
        return response

    def _renewed(self, call: str, args: Mapping[str, Any], error: S3Error) -> Response:
        """Send a request again with new credentials. Without any, its error stays."""
        try:
            self.s3.renew()
        except S3Error:
            return Response(None, error)
        return self._sent(call, args)

    def _sent(self, call: str, args: Mapping[str, Any]) -> Response:
        key = str(args.get("Key", args.get("Prefix", "")))
        self.sent[call] += 1
        try:
            with translated(call, self.bucket.name, key):
                payload = getattr(self.s3.client, method_of(call))(Bucket=self.bucket.name, **args)
        except S3Error as error:
            return Response(None, error)
        return Response(payload)

    def must(self, call: str, **args: Any) -> Mapping[str, Any]:
        """Send a request and return its payload. Raises S3Error."""
        response = self.send(call, **args)
        if response.payload is None:
            assert response.error is not None
            raise response.error
        return response.payload

    def _check(self, call: str, args: Mapping[str, Any]) -> None:
        names = [args[name] for name in ("Key", "Prefix") if name in args]
        if call.startswith(("HeadBucket", "GetBucket", "GetObjectLockConfiguration")) and not names:
            return
        if "Bucket" in args or len(names) != 1 or not str(names[0]).startswith(self.prefix):
            raise OutsidePrefix(f"{call} of {names} is not below {self.url}")


def _ends_all(error: S3Error) -> bool:
    """Return True if no further request would be accepted. A wrong signature may be due to one key."""
    return error.reason is Reason.CREDENTIALS and error.code != "SignatureDoesNotMatch"
