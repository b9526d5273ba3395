"""The two principals of a run as S3 clients, for questions that are no part of a copy: settings, probes, samples.

A question that only reads is asked once and its answer kept, so that whoever needs it too pays nothing. Errors are
answers here: nothing raises but what is wrong with the program.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from botocore import xform_name

from s3_crosscopy.access.examination import Party, Scope
from s3_crosscopy.adapters.boto.clients import FEW, S3Clients
from s3_crosscopy.adapters.boto.conversions import guards
from s3_crosscopy.adapters.boto.error_mapping import translated
from s3_crosscopy.errors import S3Error
from s3_crosscopy.model.location import Bucket
from s3_crosscopy.model.outcomes import Reason

TELLS_NOTHING = frozenset({Reason.TIMED_OUT, Reason.SERVER, Reason.THROTTLED, Reason.INVALID, Reason.UNKNOWN})
"""Errors that say nothing about access: no answer at all, or one that a proxy or another kind of server gives."""
WITHOUT_BODY = frozenset(
    {"HeadBucket", "HeadObject", "GetObject", "PutObject", "UploadPart", "AbortMultipartUpload", "DeleteObject"}
)
"""Calls whose success is in no form of S3's own: any web server may answer them so."""


class ProbeResponse(NamedTuple):
    """What a request was answered: exactly one of `value` (as boto3 shapes it) and `error` is set."""

    value: Mapping[str, Any] | None
    error: S3Error | None = None

    @property
    def ok(self) -> bool:
        """Whether it was answered with a success."""
        return self.error is None


class ProbeClients:
    """Who can be asked to ask. Without a `reader` the copier is both. One thread only."""

    def __init__(self, copier: S3Clients, reader: S3Clients | None = None) -> None:
        self._access = {Party.COPIER: copier, Party.READER: reader or copier}
        self._two = reader is not None
        self._clients: dict[tuple[Party, str], Any] = {}
        self._failed: dict[tuple[Party, str], S3Error] = {}
        self._kept: dict[tuple[Party, Bucket, str, str], ProbeResponse] = {}
        self._told: set[str] = set()
        self._untold: dict[str, S3Error] = {}

    def parties(self, place: Scope) -> tuple[Party, ...]:
        """Who may know something of a place, the likelier one first."""
        if not self._two:
            return (Party.COPIER,)
        at_source = place in (Scope.SOURCE, Scope.SOURCE_KEY, Scope.MANIFEST)
        return (Party.READER, Party.COPIER) if at_source else (Party.COPIER,)

    def ask(self, party: Party, bucket: Bucket, call: str, **args: object) -> ProbeResponse:
        """One request that only reads, by its API name (`HeadObject`); the same question is sent once."""
        same = (self._one(party), bucket, call, repr(sorted(args.items())))
        if same not in self._kept:
            self._kept[same] = self.tell(party, bucket, call, **args)
        return self._kept[same]

    def tell(self, party: Party, bucket: Bucket, call: str, **args: object) -> ProbeResponse:
        """One request, sent now, with the bucket's guards as far as the operation has them."""
        who = (self._one(party), bucket.name)
        try:
            client = self._client(*who)
            members = client.meta.service_model.operation_model(call).input_shape.members
            guarded = {name: value for name, value in guards(bucket).items() if name in members}
            # A HEAD or an upload names its key, a listing its prefix.
            key = str(args.get("Key", args.get("Prefix", "")))
            with translated(call, bucket.name, key):
                said = getattr(client, xform_name(call))(Bucket=bucket.name, **guarded, **args)
        except S3Error as error:
            self._note(bucket.name, call, error)
            return ProbeResponse(None, error)
        self._note(bucket.name, call, None)
        if "Body" in said:
            said["Body"].close()  # nobody wants the content: that it is given is the answer
        return ProbeResponse(said)

    def unreached(self, name: str) -> S3Error | None:
        """The first error about a bucket of which no answer told anything; None where one did, or nothing was asked."""
        return None if name in self._told else self._untold.get(name)

    def _note(self, name: str, call: str, error: S3Error | None) -> None:
        if error is not None and error.reason in TELLS_NOTHING:
            self._untold.setdefault(name, error)
        elif error is not None or call not in WITHOUT_BODY:
            self._told.add(name)

    def _one(self, party: Party) -> Party:
        return party if self._two else Party.COPIER

    def _client(self, party: Party, name: str) -> Any:
        """The client in the bucket's own Region; the S3Error that making it gave is given again."""
        who = (party, name)
        if who in self._failed:
            raise self._failed[who]
        if who not in self._clients:
            try:
                self._clients[who] = self._access[party].s3(Bucket(name), FEW).client
            except S3Error as error:
                self._failed[who] = error
                raise
        return self._clients[who]
