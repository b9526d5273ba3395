"""An object of the source that probes may ask about, and what a listing tells of either side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from s3_crosscopy.access.examination import Party, Sample, Scope
from s3_crosscopy.access.probes.probe_clients import ProbeClients, ProbeResponse
from s3_crosscopy.access.rules.probe_keys import RESERVED_NAME
from s3_crosscopy.core.spec import CopySpec
from s3_crosscopy.model.outcomes import Reason

FEW_KEYS = 10
"""Enough to find a real object behind the markers of a folder; a LIST costs the same for one key and for a thousand."""


def find_sample(clients: ProbeClients, spec: CopySpec, key: str | None = None) -> Sample | None:
    """The object `key` if one is named (it was denied), the one that is copied, or the first real one of a listing.

    None where no listing tells one. Costs a LIST a side and a HEAD, which `probe` does not repeat.
    """
    chosen = key or (spec.source_prefix if spec.single else _first_listed(clients, spec))
    if chosen is None:
        return None
    size, kms_key = _head(clients, spec, chosen)
    dest_key = spec.dest_key(chosen)
    return Sample(chosen, dest_key, size, kms_key, _is_there(clients, spec, dest_key))


def list_source(clients: ProbeClients, spec: CopySpec, party: Party) -> ProbeResponse:
    """The first keys of the source."""
    return clients.ask(party, spec.source, "ListObjectsV2", Prefix=spec.source_prefix, MaxKeys=FEW_KEYS)


def list_dest(clients: ProbeClients, spec: CopySpec, party: Party) -> ProbeResponse:
    """The first keys of the destination."""
    return clients.ask(party, spec.dest, "ListObjectsV2", Prefix=spec.dest_prefix, MaxKeys=FEW_KEYS)


def is_absent(clients: ProbeClients, spec: CopySpec) -> bool:
    """True if S3 says that there is no source: no such object, or no key below the prefix. What was asked is kept."""
    for party in clients.parties(Scope.SOURCE):
        if not spec.single:
            said = list_source(clients, spec, party)
            if said.ok:
                return not _rows(said)
        elif (error := head_sample(clients, spec, party, spec.source_prefix).error) is None:
            return False
        elif error.reason is Reason.MISSING:
            return True
        elif error.reason is Reason.UNCONFIRMED and (said := list_source(clients, spec, party)).ok:
            # A HEAD's 404 that S3 itself may not have given: the key would be the first of this listing.
            return not shows(said, spec.source_prefix)
    return False


def list_below(clients: ProbeClients, spec: CopySpec, prefix: str) -> bool:
    """Tells whether the source bucket has a key below another prefix, as far as anybody may list it."""
    asked = (
        clients.ask(party, spec.source, "ListObjectsV2", Prefix=prefix, MaxKeys=1)
        for party in clients.parties(Scope.SOURCE)
    )
    return any(_rows(said) for said in asked)


def head_sample(clients: ProbeClients, spec: CopySpec, party: Party, key: str) -> ProbeResponse:
    """HEAD of a source object, in the version that is copied; without checksums, which would ask KMS as well."""
    return clients.ask(party, spec.source, "HeadObject", Key=key, **version_of(spec))


def version_of(spec: CopySpec) -> dict[str, object]:
    """The argument that names the version of the source object."""
    version = spec.options.source_version_id
    return {"VersionId": version} if version is not None else {}


def real_key(said: ProbeResponse, prefix: str) -> str | None:
    """The first listed key that stands for data, else the first one; never the key that is reserved for probes."""
    rows = [row for row in _rows(said) if row["Key"] != prefix + RESERVED_NAME]
    best = next((row for row in rows if row.get("Size")), rows[0] if rows else None)
    return str(best["Key"]) if best is not None else None


def kms_key_of(head: Mapping[str, Any]) -> str:
    """The ARN of an object's KMS key as its HEAD names it; "" for one that has none."""
    return str(head.get("SSEKMSKeyId", "")) if str(head.get("ServerSideEncryption", "")).startswith("aws:kms") else ""


def shows(said: ProbeResponse, key: str) -> bool:
    """Whether a listing shows `key`."""
    return any(row["Key"] == key for row in _rows(said))


def _rows(said: ProbeResponse) -> Sequence[Mapping[str, Any]]:
    return [row for row in said.value.get("Contents", ()) if row.get("Key")] if said.value is not None else ()


def _first_listed(clients: ProbeClients, spec: CopySpec) -> str | None:
    for party in clients.parties(Scope.SOURCE):
        said = list_source(clients, spec, party)
        if said.ok:
            return real_key(said, spec.source_prefix)
    return None


def _head(clients: ProbeClients, spec: CopySpec, key: str) -> tuple[int | None, str | None]:
    for party in clients.parties(Scope.SOURCE):
        said = head_sample(clients, spec, party, key)
        if said.value is not None:
            return said.value.get("ContentLength"), kms_key_of(said.value)
    return None, None


def _is_there(clients: ProbeClients, spec: CopySpec, dest_key: str) -> bool | None:
    """What the first page of the destination tells; None where it may not be listed, or is longer than that."""
    said = list_dest(clients, spec, Party.COPIER)
    if said.value is None:
        return None
    if shows(said, dest_key):
        return True
    return None if said.value.get("IsTruncated") else False
