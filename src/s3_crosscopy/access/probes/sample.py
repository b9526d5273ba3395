"""Finds a source object to probe, and reads the listings of both sides."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from s3_crosscopy.access.examination import Party, Sample, Scope
from s3_crosscopy.access.probes.probe_clients import ProbeClients, ProbeResponse
from s3_crosscopy.access.rules.probe_keys import RESERVED_NAME
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.outcomes import Reason

FEW_KEYS = 10
"""Enough to find a real object after folder markers; a LIST costs the same for one key and for a thousand."""


def find_sample(clients: ProbeClients, spec: CopySpec, key: str | None = None) -> Sample | None:
    """The object `key` if given, the single object that is copied, or the first real one of a listing.

    None if no listing has one. Sends a LIST a side and a HEAD, which `probe` does not repeat.
    """
    chosen = key or (spec.source_prefix if spec.single else _first_listed(clients, spec))
    if chosen is None:
        return None
    size, kms_key = _head(clients, spec, chosen)
    dest_key = spec.dest_key(chosen)
    return Sample(chosen, dest_key, size, kms_key, _is_there(clients, spec, dest_key))


def list_source(clients: ProbeClients, spec: CopySpec, party: Party) -> ProbeResponse:
    """LIST the first keys of the source."""
    return clients.ask(party, spec.source, "ListObjectsV2", Prefix=spec.source_prefix, MaxKeys=FEW_KEYS)


def list_dest(clients: ProbeClients, spec: CopySpec, party: Party) -> ProbeResponse:
    """LIST the first keys of the destination."""
    return clients.ask(party, spec.dest, "ListObjectsV2", Prefix=spec.dest_prefix, MaxKeys=FEW_KEYS)


def is_absent(clients: ProbeClients, spec: CopySpec) -> bool:
    """True if S3 says that the source does not exist: no such object, or no key below the prefix."""
    for party in clients.parties(Scope.SOURCE):
        if not spec.single:
            response = list_source(clients, spec, party)
            if response.ok:
                return not _rows(response)
        elif (error := head_sample(clients, spec, party, spec.source_prefix).error) is None:
            return False
        elif error.reason is Reason.MISSING:
            return True
        elif error.reason is Reason.UNCONFIRMED and (response := list_source(clients, spec, party)).ok:
            # A 404 that may not be from S3 itself: the key would be the first of this listing.
            return not shows(response, spec.source_prefix)
    return False


def list_below(clients: ProbeClients, spec: CopySpec, prefix: str) -> bool:
    """True if the source bucket has a key below another prefix, by the listing of either party."""
    responses = (
        clients.ask(party, spec.source, "ListObjectsV2", Prefix=prefix, MaxKeys=1)
        for party in clients.parties(Scope.SOURCE)
    )
    return any(_rows(response) for response in responses)


def head_sample(clients: ProbeClients, spec: CopySpec, party: Party, key: str) -> ProbeResponse:
    """HEAD of a source object, in the version that is copied; without checksums, which would involve KMS."""
    return clients.ask(party, spec.source, "HeadObject", Key=key, **version_of(spec))


def version_of(spec: CopySpec) -> dict[str, object]:
    """The argument that names the version of the source object."""
    version = spec.options.source_version_id
    return {"VersionId": version} if version is not None else {}


def real_key(response: ProbeResponse, prefix: str) -> str | None:
    """The first listed key with data, else the first one; never the key that is reserved for probes."""
    rows = [row for row in _rows(response) if row["Key"] != prefix + RESERVED_NAME]
    first = next((row for row in rows if row.get("Size")), rows[0] if rows else None)
    return str(first["Key"]) if first is not None else None


def kms_key_of(head: Mapping[str, Any]) -> str:
    """The ARN of an object's KMS key from its HEAD; "" without KMS."""
    return str(head.get("SSEKMSKeyId", "")) if str(head.get("ServerSideEncryption", "")).startswith("aws:kms") else ""


def shows(response: ProbeResponse, key: str) -> bool:
    """True if a listing has `key`."""
    return any(row["Key"] == key for row in _rows(response))


def _rows(response: ProbeResponse) -> Sequence[Mapping[str, Any]]:
    return [row for row in response.value.get("Contents", ()) if row.get("Key")] if response.value is not None else ()


def _first_listed(clients: ProbeClients, spec: CopySpec) -> str | None:
    for party in clients.parties(Scope.SOURCE):
        response = list_source(clients, spec, party)
        if response.ok:
            return real_key(response, spec.source_prefix)
    return None


def _head(clients: ProbeClients, spec: CopySpec, key: str) -> tuple[int | None, str | None]:
    for party in clients.parties(Scope.SOURCE):
        response = head_sample(clients, spec, party, key)
        if response.value is not None:
            return response.value.get("ContentLength"), kms_key_of(response.value)
    return None, None


def _is_there(clients: ProbeClients, spec: CopySpec, dest_key: str) -> bool | None:
    """True if the first page of the destination has the key; None if it may not be listed, or has more pages."""
    response = list_dest(clients, spec, Party.COPIER)
    if response.value is None:
        return None
    if shows(response, dest_key):
        return True
    return None if response.value.get("IsTruncated") else False
