"""S3 clients of both principals, for requests that are not part of a copy: settings, probes, samples.

Read-only requests are sent once, and their responses are kept. An S3Error is a response here and is never raised.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from botocore import xform_name

from s3_crosscopy.access.examination import Party, Scope
from s3_crosscopy.adapters.boto.clients import FEW, S3Clients
from s3_crosscopy.adapters.boto.conversions import bucket_params
from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason

TELLS_NOTHING = frozenset({Reason.TIMED_OUT, Reason.SERVER, Reason.THROTTLED, Reason.INVALID, Reason.UNKNOWN})
"""Errors that say nothing about access: no response, or one that a proxy or another kind of server may send."""
WITHOUT_BODY = frozenset(
    {"HeadBucket", "HeadObject", "GetObject", "PutObject", "UploadPart", "AbortMultipartUpload", "DeleteObject"}
)
"""Calls whose success has no body in S3's own format: any web server may respond like that."""


class ProbeResponse(NamedTuple):
    """The response to a request: exactly one of `value` (in boto3's form) and `error` is set."""

    value: Mapping[str, Any] | None
    error: S3Error | None = None

    @property
    def ok(self) -> bool:
        """True for a success."""
        return self.error is None


class ProbeClients:
    """The clients of copier and reader. Without a `reader` the copier is both. Not thread-safe."""

    def __init__(self, copier: S3Clients, reader: S3Clients | None = None) -> None:
        self._access = {Party.COPIER: copier, Party.READER: reader or copier}
        self._two = reader is not None
        self._clients: dict[tuple[Party, str], Any] = {}
        self._failed: dict[tuple[Party, str], S3Error] = {}
        self._responses: dict[tuple[Party, Bucket, str, str], ProbeResponse] = {}
        self._reached: set[str] = set()
        self._first_errors: dict[str, S3Error] = {}

    def parties(self, place: Scope) -> tuple[Party, ...]:
        """The parties that may have access to a scope, the likelier one first."""
        if not self._two:
            return (Party.COPIER,)
        at_source = place in (Scope.SOURCE, Scope.SOURCE_KEY, Scope.MANIFEST)
        return (Party.READER, Party.COPIER) if at_source else (Party.COPIER,)

    def ask(self, party: Party, bucket: Bucket, call: str, **args: object) -> ProbeResponse:
        """Send a read-only request by its API name (`HeadObject`), or return the response of the same earlier one."""
        request = (self._signer(party), bucket, call, repr(sorted(args.items())))
        if request not in self._responses:
            self._responses[request] = self.send(party, bucket, call, **args)
        return self._responses[request]

    def send(self, party: Party, bucket: Bucket, call: str, **args: object) -> ProbeResponse:
        """Send a request now, with the expected bucket owner and request payer if the operation takes them."""
        signer = (self._signer(party), bucket.name)
        try:
            client = self._client(*signer)
            members = client.meta.service_model.operation_model(call).input_shape.members
            bucket_args = {name: value for name, value in bucket_params(bucket).items() if name in members}
            # A HEAD or an upload has a key, a listing a prefix.
            key = str(args.get("Key", args.get("Prefix", "")))
            with translated(call, bucket.name, key):
                output = getattr(client, xform_name(call))(Bucket=bucket.name, **bucket_args, **args)
        except S3Error as error:
            self._note(bucket.name, call, error)
            return ProbeResponse(None, error)
        self._note(bucket.name, call, None)
        if "Body" in output:
            output["Body"].close()  # only the status matters, not the content
        return ProbeResponse(output)

    def unreached(self, name: str) -> S3Error | None:
        """The first error for a bucket without any useful response; None if there was one, or no request."""
        return None if name in self._reached else self._first_errors.get(name)

    def _note(self, name: str, call: str, error: S3Error | None) -> None:
        if error is not None and error.reason in TELLS_NOTHING:
            self._first_errors.setdefault(name, error)
        elif error is not None or call not in WITHOUT_BODY:
            self._reached.add(name)

    def _signer(self, party: Party) -> Party:
        return party if self._two else Party.COPIER

    def _client(self, party: Party, name: str) -> Any:
        """The client in the bucket's own Region. Raises the S3Error of an earlier attempt to make it again."""
        signer = (party, name)
        if signer in self._failed:
            raise self._failed[signer]
        if signer not in self._clients:
            try:
                self._clients[signer] = self._access[party].s3(Bucket(name), FEW).client
            except S3Error as error:
                self._failed[signer] = error
                raise
        return self._clients[signer]
